/**
 * The kiosk's main process: composes relay, windows and what guards them. Everything that must precede Electron's own
 * `ready` is here, in order; what it composes is in `kiosk.ts`.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import tls from 'node:tls'
import { app, crashReporter, Menu, protocol } from 'electron'
import { isLogLevel, jsonLog } from '../../relay/adapters/json-log.ts'
import { trustNamed } from '../../relay/adapters/node-trust.ts'
import { systemClock } from '../../relay/adapters/system-clock.ts'
import { whyUnusable } from './data-folder.ts'
import { guardContents } from './guards.ts'
import { Kiosk } from './kiosk.ts'
import { SCHEME } from './page-files.ts'
import { ownArguments, readSettings, type KioskSettings } from './settings.ts'

const level = process.env['ANDON_LOG'] ?? 'info'
const log = jsonLog(isLogLevel(level) ? level : 'info')

function start(): void {
  const configFile = join(app.getPath('userData'), 'kiosk.json')
  const read = readSettings({
    args: ownArguments(process.argv, app.isPackaged ? null : app.getAppPath()),
    env: process.env,
    readFile: (path) => (existsSync(path) ? readFileSync(path, 'utf8') : null),
    configFile,
  })
  if (read.kind === 'help') return leave(0, read.text)
  if (read.kind === 'bad') return leave(2, `andon kiosk: ${read.sentence}\n`)
  if (process.getuid?.() === 0) {
    return leave(
      1,
      'andon kiosk: a kiosk does not run as root: its pages would not be confined. Use an account of its own.\n',
    )
  }
  run(read.settings, configFile)
}

function run(settings: KioskSettings, configFile: string): void {
  const folder = settings.data === null ? app.getPath('userData') : resolve(settings.data)
  const unusable = whyUnusable(folder)
  if (unusable !== null) return leave(1, `andon kiosk: ${unusable}\n`)
  app.setPath('userData', folder)
  // One kiosk per folder: a second one says so by coming to the front.
  if (!app.requestSingleInstanceLock())
    return leave(0, 'andon kiosk: it is already running; its window comes to the front.\n')
  app.enableSandbox()
  Menu.setApplicationMenu(null)
  crashReporter.start({ uploadToServer: false })
  const privileges = { standard: true, secure: true, supportFetchAPI: true, codeCache: true, stream: true }
  protocol.registerSchemesAsPrivileged([{ scheme: SCHEME, privileges }])
  guardContents(app, { clock: systemClock(), log })
  for (const name of ['no-sandbox', 'remote-debugging-port', 'inspect'] as const) {
    if (app.commandLine.hasSwitch(name)) log('warn', 'switch-weakens-kiosk', { switch: name })
  }
  // No dialog may ever stand on a kiosk; whoever supervises this process starts it again.
  process.on('uncaughtException', (cause) => {
    log('error', 'main-failed', { cause })
    app.exit(1)
  })
  const untrusted = trustNamed(tls, log, settings.ca === null ? null : resolve(settings.ca))
  if (untrusted !== null) return leave(2, `andon kiosk: ${untrusted}\n`)
  const kiosk = new Kiosk({ settings, configFile, log })
  app.on('second-instance', () => kiosk.raise())
  app.on('window-all-closed', () => app.quit())
  app.on('child-process-gone', (_event, { type, reason, exitCode }) => {
    if (reason !== 'clean-exit') log('warn', 'child-gone', { type, reason, exitCode })
  })
  let isClosed = false
  app.on('before-quit', (event) => {
    if (isClosed) return
    event.preventDefault()
    void kiosk.close().finally(() => {
      isClosed = true
      app.quit()
    })
  })
  // Not awaited: `ready` waits for this module to end.
  void app.whenReady().then(() => kiosk.open())
}

function leave(code: number, words: string): void {
  ;(code === 0 ? process.stdout : process.stderr).write(words)
  app.exit(code)
}

start()
