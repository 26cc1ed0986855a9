/** The gallery of screens, served: every screen and sheet over a fake relay, so that nothing moves and nothing has to run. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Page } from '@playwright/test'
import { build, preview } from 'vite'
import { BOARD_SCENES } from '../../renderer/testing/board-scenes.ts'
import { CHAT_SCENES } from '../../renderer/testing/chat-scenes.ts'
import { EQUIPMENT_SCENES } from '../../renderer/testing/equipment-scenes.ts'
import { LONG_SCENES } from '../../renderer/testing/long-scenes.ts'
import { NOTE_SCENES } from '../../renderer/testing/note-scenes.ts'
import { SCENES } from '../../renderer/testing/scenes.ts'
import { SHEETS } from '../../renderer/testing/sheets.ts'

const RENDERER = resolve(import.meta.dirname, '../../renderer')

export interface Shot {
  readonly name: string
  readonly scene: string
  /** A sheet over the scene, as `SheetName`. */
  readonly sheet?: object
}

/** Everything there is to look at. */
export const SHOTS: readonly Shot[] = [
  ...Object.keys({
    ...SCENES,
    ...EQUIPMENT_SCENES,
    ...BOARD_SCENES,
    ...CHAT_SCENES,
    ...NOTE_SCENES,
    ...LONG_SCENES,
  }).map((name) => ({
    name,
    scene: name,
  })),
  ...SHEETS.map(({ name, scene, sheet }) => ({ name: `sheet-${name}`, scene, sheet })),
]

export interface Gallery {
  readonly url: string
  /** Where this is to be seen in that language. */
  readonly addressOf: (shot: Shot, language: string) => string
  /** Shows this on a page that is at some address of the gallery, without loading it again. */
  readonly show: (page: Page, shot: Shot, language: string) => Promise<void>
  close(): Promise<void>
}

/** Built, because the hundreds of files that a page otherwise asks for cost more than everything else done to it. */
export async function serveGallery(): Promise<Gallery> {
  const out = await mkdtemp(join(tmpdir(), 'andon-gallery-'))
  await build({
    configFile: join(RENDERER, 'vite.config.ts'),
    logLevel: 'error',
    publicDir: false,
    build: { outDir: out, rollupOptions: { input: join(RENDERER, 'testing/gallery.html') } },
  })
  const server = await preview({
    configFile: false,
    root: out,
    logLevel: 'error',
    build: { outDir: out },
    preview: { port: 0, host: '127.0.0.1' },
  })
  const origin = server.resolvedUrls?.local[0]
  if (origin === undefined) throw new Error('the gallery is served nowhere')
  const url = `${origin}testing/gallery.html`
  return {
    url,
    addressOf: (shot, language) => `${url}?${new URLSearchParams(wordsOf(shot, language)).toString()}`,
    async show(page, shot, language) {
      await page.waitForFunction(() => window.gallery !== undefined)
      await page.evaluate((words) => window.gallery?.show(words), wordsOf(shot, language))
    },
    async close() {
      await server.close()
      await rm(out, { recursive: true, force: true })
    },
  }
}

function wordsOf({ scene, sheet }: Shot, language: string): Record<string, string> {
  return { scene, language, ...(sheet !== undefined && { sheet: JSON.stringify(sheet) }) }
}
