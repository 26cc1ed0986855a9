import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { chmod, copyFile, mkdir } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { chromium, expect, type Browser } from '@playwright/test'
import { unpackedElectron } from '../../build/electron.mjs'
import { Tab } from './device.ts'
import { test } from './floor.ts'
import { KIOSK_SHOTS, type KioskArguments } from './kiosk-device.ts'

const ROOT = join(import.meta.dirname, '../..')
const isRoot = process.getuid?.() === 0
/** Nobody: whom root becomes, since a kiosk refuses to run as root. */
const NOBODY = '65534'

const electron = unpackedElectron()

test.skip('missing' in electron, 'missing' in electron ? electron.missing : '')

test('[P1] the packaged program starts, signs in, shows a P0, and survives SIGKILL', async ({ floor, folder }) => {
  const program = pack(join(folder, 'package'))
  const first = await Packaged.start(program, { url: floor.url, folder })
  const { tab } = first
  await tab.signIn('kim', '1111')
  await expect(tab.connection).toContainText('Live')
  await floor.raise('P0', 'Hydraulic pressure low')
  await expect(tab.overlay).toContainText('Hydraulic pressure low')
  await tab.page.screenshot({ path: `${KIOSK_SHOTS}/packaged.png` })
  // Saved, sent, and not answered.
  floor.signal('SIGSTOP')
  await tab.press(tab.overlay.getByRole('button', { name: 'I have it' }))
  await expect(tab.outbox).toContainText('1 waiting')
  await first.kill()
  floor.signal('SIGCONT')

  const second = await Packaged.start(program, { url: floor.url, folder })
  await expect(second.tab.connection).toContainText('Live')
  await expect(second.tab.outbox).toContainText('0 waiting')
  // Nobody is signed in, and which line this terminal is at may not have been on the disk yet.
  await second.tab.show('Alerts')
  await expect(second.tab.alert('Hydraulic pressure low')).toContainText('✓ kim')
  await second.kill()
})

/** Packs what the checkout has built, with the Electron that is here and without a network. Returns the program. */
function pack(output: string): string {
  if ('missing' in electron) throw new Error(electron.missing)
  const words = ['--dir', '--electron-dist', electron.folder, `-c.directories.output=${output}`]
  const packed = spawnSync(process.execPath, [join(ROOT, 'build/run.mjs'), 'dist', ...words], {
    cwd: ROOT,
    encoding: 'utf8',
    // Whatever would be downloaded is refused at once.
    env: {
      ...process.env,
      ELECTRON_MIRROR: 'http://127.0.0.1:9/',
      ELECTRON_BUILDER_BINARIES_MIRROR: 'http://127.0.0.1:9/',
    },
  })
  const program = join(output, 'linux-unpacked', 'andon-kiosk')
  if (packed.status !== 0 || !existsSync(program)) throw new Error(`not packed:\n${packed.stdout}${packed.stderr}`)
  return program
}

/** The packaged program: no debugger of Node attaches to it, so it is driven over Chromium's own protocol. */
class Packaged {
  readonly tab: Tab
  readonly #process: ChildProcess
  readonly #browser: Browser

  private constructor(process: ChildProcess, browser: Browser, tab: Tab) {
    this.#process = process
    this.#browser = browser
    this.tab = tab
  }

  static async start(program: string, { url, folder }: KioskArguments): Promise<Packaged> {
    const home = join(folder, 'home')
    await mkdir(home, { recursive: true })
    await chmod(home, 0o777)
    const args = ['--server', url, '--data', join(folder, 'device'), '--windowed', '--remote-debugging-port=0']
    const child = isRoot
      ? spawn(
          'setpriv',
          [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', program, '--no-sandbox', ...args],
          { env: { ...process.env, HOME: home, XDG_RUNTIME_DIR: home, ...(await screenOf(home)) } },
        )
      : spawn(program, args, { env: { ...process.env, HOME: home } })
    const address = await listening(child)
    const browser = await chromium.connectOverCDP(address)
    const context = browser.contexts()[0]
    if (context === undefined) throw new Error('the program has no pages')
    const page = context.pages()[0] ?? (await context.waitForEvent('page'))
    return new Packaged(child, browser, new Tab(page))
  }

  async kill(): Promise<void> {
    const gone = new Promise((resolve) => this.#process.once('exit', resolve))
    this.#process.kill('SIGKILL')
    await gone
    await this.#browser.close()
  }
}

/** The screen's key belongs to root alone. */
async function screenOf(home: string): Promise<Record<string, string>> {
  const key = process.env['XAUTHORITY']
  if (key === undefined || !existsSync(key)) return {}
  const copy = join(home, 'xauthority')
  await copyFile(key, copy)
  await chmod(copy, 0o644)
  return { XAUTHORITY: copy }
}

/** Where Chromium says that it listens. Rejects with what it said when it ends instead. */
function listening(child: ChildProcess): Promise<string> {
  const said: string[] = []
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the program ended with ${code}:\n${said.join('\n')}`)))
    if (child.stderr === null) throw new Error('started without a pipe')
    createInterface({ input: child.stderr }).on('line', (line) => {
      said.push(line)
      const address = /DevTools listening on (ws:\S+)/.exec(line)?.[1]
      if (address !== undefined) resolve(address)
    })
  })
}
