import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { app, ipcMain, powerMonitor, safeStorage, screen, session, type WebContents } from 'electron'
import * as v from 'valibot'
import { systemClock } from '../../relay/adapters/system-clock.ts'
import { openWayOut } from '../../relay/adapters/node-proxy.ts'
import { systemRandom } from '../../relay/adapters/system-random.ts'
import type { Log } from '../../relay/ports.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { nameFrom } from '../../relay/protocol/plain-text.ts'
import { BridgedBus } from '../../relay/shell/bridged-bus.ts'
import { TOLD } from '../ipc/channels.ts'
import { serveQuestions } from './ipc.ts'
import { PARTITION, prepareSession } from './kiosk-session.ts'
import { KioskWindow } from './kiosk-window.ts'
import { mentionWords, noticeWords } from './notice-words.ts'
import { electronNotifier, heardBus, startKioskNotices } from './notifications.ts'
import { PageFiles } from './page-files.ts'
import { placeOf } from './places.ts'
import { powerHints } from './power-hints.ts'
import { RelayHost } from './relay-host.ts'
import { secretFile } from './secret-file.ts'
import type { KioskSettings } from './settings.ts'
import { proxyIn } from './system-proxy.ts'

/** Made by the build beside this bundle: what it built, by name. */
const BUILT = v.strictObject({
  build: v.string(),
  pages: PageFiles,
  /** By platform and architecture: what the compiled part of better-sqlite3 must hold. */
  sqlite: v.record(v.string(), v.string()),
})

export interface KioskOptions {
  readonly settings: KioskSettings
  /** Where the address of the server may be written, for the words to a person. */
  readonly configFile: string
  readonly log: Log
}

/** Relay, session and windows of one kiosk, and what they say to each other. */
export class Kiosk {
  readonly #settings: KioskSettings
  readonly #log: Log
  readonly #clock = systemClock()
  readonly #built = v.parse(BUILT, JSON.parse(readFileSync(beside('built.json'), 'utf8')))
  readonly #notifier
  readonly #host: RelayHost
  #windows: readonly KioskWindow[] = []
  #isEnding = false

  constructor({ settings, configFile, log }: KioskOptions) {
    this.#settings = settings
    this.#log = log
    this.#notifier = electronNotifier(this.#clock, log)
    this.#host = this.#makeHost(configFile)
  }

  /** After Electron is ready. The windows do not wait for the relay: they say what is missing. */
  open(): void {
    const kioskSession = session.fromPartition(PARTITION)
    prepareSession(kioskSession, { pages: beside('pages'), files: this.#built.pages, log: this.#log })
    this.#answerWindows()
    const { windows, windowed } = this.#settings
    const displays = screen.getAllDisplays()
    this.#windows = Array.from({ length: windows }, (_, index) => {
      const window = new KioskWindow({
        session: kioskSession,
        preload: beside('preload.cjs'),
        bounds: placeOf(index, displays, { isLocked: !windowed }),
        isLocked: !windowed,
        isEnding: () => this.#isEnding,
        isPackaged: app.isPackaged,
        host: this.#host,
        clock: this.#clock,
        log: this.#log,
      })
      window.open()
      return window
    })
    void this.#host.start()
  }

  /** Says goodbye to the server and closes the disk; what is saved is there at the next start. */
  close(): Promise<void> {
    this.#isEnding = true
    return this.#host.close()
  }

  /** The window that a person is at, or the first one, in front. */
  raise(): KioskWindow | null {
    const window = this.#windows.find((one) => one.window.isFocused()) ?? this.#open()[0] ?? null
    window?.raise()
    return window
  }

  #open(): readonly KioskWindow[] {
    return this.#windows.filter(({ window }) => !window.isDestroyed())
  }

  #answerWindows(): void {
    const windowOf = (contents: WebContents): KioskWindow | undefined =>
      this.#open().find(({ window }) => window.webContents === contents)
    serveQuestions<WebContents>({
      ipc: ipcMain,
      isWindow: (contents) => windowOf(contents) !== undefined,
      clock: this.#clock,
      log: this.#log,
      handlers: {
        connect: (contents) => {
          windowOf(contents)?.connect()
          return null
        },
        noticeAvailability: () => this.#notifier.availability,
        isInSight: (contents) => windowOf(contents)?.isInSight ?? false,
      },
    })
    this.#notifier.watch((availability) => {
      for (const window of this.#open()) window.tell(TOLD.noticeAvailability, availability)
    })
    this.#notifier.clicked((id) => this.raise()?.tell(TOLD.alertPressed, id))
  }

  /** As the system has it for the address of the server, by hand, by script (PAC) or found by itself. */
  async #findProxy(): Promise<string | null> {
    const { server } = this.#settings
    if (server === null) return null
    const answer = await session.fromPartition(PARTITION).resolveProxy(server)
    const way = proxyIn(answer)
    if (way.ok) return way.proxy
    this.#log('warn', 'proxy-unsupported', { answer })
    return null
  }

  #makeHost(configFile: string): RelayHost {
    const clock = this.#clock
    const log = this.#log
    const windows = new BridgedBus({ clock, log })
    const bus = heardBus(windows)
    const data = join(app.getPath('userData'), 'relay')
    const { server, name, transport } = this.#settings
    return new RelayHost({
      dataDir: data,
      serverUrl: server,
      transport,
      name: name ?? nameFrom(hostname() || 'kiosk', LIMITS.maxName),
      build: this.#built.build,
      wayOut: openWayOut(() => this.#findProxy()),
      nativeBinding: sqliteBinding(this.#built.sqlite),
      storeWorker: pathToFileURL(beside('sqlite-store-worker.js')),
      hints: powerHints(powerMonitor),
      whatToDo: `This kiosk does not know its server. Start it with --server URL, or write {"server": "http://…"} into ${configFile}.`,
      secrets: () => secretFile({ file: join(data, 'session.secret'), vault: safeStorage, log }),
      bus,
      windows,
      clock,
      log,
      started: (relay) =>
        startKioskNotices({
          relay,
          bus,
          notifier: this.#notifier,
          data,
          words: noticeWords,
          mentionWords,
          isInSight: () => this.#open().some((each) => each.isInSight),
          isSounding: () => this.#open().length > 0,
          clock,
          random: systemRandom(),
          log,
        }),
    })
  }
}

/** A file of the build, which stands beside this bundle. */
function beside(name: string): string {
  return join(import.meta.dirname, name)
}

/**
 * Where better-sqlite3's compiled part is. A package has it outside its archive, where nothing else vouches for it, so it is
 * compared with what the build packed before anything of it runs.
 */
function sqliteBinding(hashes: Readonly<Record<string, string>>): string {
  const named = process.env['ANDON_SQLITE_BINDING']
  if (named !== undefined && named !== '') return named
  const target = `${process.platform}-${process.arch}`
  const path = join(app.isPackaged ? process.resourcesPath : import.meta.dirname, 'native', `${target}.node`)
  const found = createHash('sha256').update(readFileSync(path)).digest('hex')
  if (found !== hashes[target]) throw new Error(`${path} is not the file this kiosk was built with`)
  return path
}
