/** The gallery of screens, served: every screen and sheet over a fake relay, so that nothing moves and nothing has to run. */
import { join, resolve } from 'node:path'
import { createServer } from 'vite'
import { EQUIPMENT_SCENES } from '../../renderer/testing/equipment-scenes.ts'
import { LONG_SCENES } from '../../renderer/testing/long-scenes.ts'
import { SCENES } from '../../renderer/testing/scenes.ts'
import { SHEETS } from '../../renderer/testing/sheets.ts'

const ROOT = resolve(import.meta.dirname, '../..')

export interface Shot {
  readonly name: string
  readonly scene: string
  /** A sheet over the scene, as `SheetName`. */
  readonly sheet?: object
}

/** Everything there is to look at. */
export const SHOTS: readonly Shot[] = [
  ...Object.keys({ ...SCENES, ...EQUIPMENT_SCENES, ...LONG_SCENES }).map((name) => ({ name, scene: name })),
  ...SHEETS.map(({ name, scene, sheet }) => ({ name: `sheet-${name}`, scene, sheet })),
]

export interface Gallery {
  /** Where this is to be seen in that language. */
  readonly addressOf: (shot: Shot, language: string) => string
  close(): Promise<void>
}

export async function serveGallery(): Promise<Gallery> {
  const vite = await createServer({
    configFile: join(ROOT, 'renderer/vite.config.ts'),
    server: { port: 0, host: '127.0.0.1', hmr: false },
    logLevel: 'error',
  })
  await vite.listen()
  const url = vite.resolvedUrls?.local[0]
  if (url === undefined) throw new Error('the gallery is served nowhere')
  return {
    addressOf({ scene, sheet }, language) {
      const words = { scene, language, ...(sheet !== undefined && { sheet: JSON.stringify(sheet) }) }
      return `${url}testing/gallery.html?${new URLSearchParams(words).toString()}`
    },
    close: () => vite.close(),
  }
}
