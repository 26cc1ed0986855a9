import { v4 } from 'uuid'
import { browserName } from '../protocol/browser-name.ts'
import type { DeviceId } from '../protocol/ids.ts'
import { BUS_NAME, nameAt, RELAY_LOCK } from '../protocol/local.ts'
import { WAYS } from '../protocol/ways.ts'
import { Relay } from '../relay.ts'
import { askingWhy } from './asking-why.ts'
import { inWords, openIdbStore } from './idb-store.ts'
import { lazyAttachments, lazyFiles, lazySearch, lazySeries, lazySessions } from './lazy-ports.ts'
import { lazyWay } from './lazy-way.ts'
import { holdForLife } from './life-lock.ts'
import { wasEmptied } from './lost-storage.ts'
import { CONTROL_NAME, RelayLock, type Waiting } from './relay-lock.ts'
import { StoreError } from './store-error.ts'
import { systemClock } from './system-clock.ts'
import { systemRandom } from './system-random.ts'
import { WebHints, type NetworkKind } from './web-hints.ts'
import { openWebIdentity } from './web-identity.ts'
import { webLog } from './web-log.ts'
import { waysSocket } from './ways-socket.ts'
import { webSocket } from './web-socket.ts'
import { WindowRoom } from './window-room.ts'
import { WORKER_LOCK_PREFIX, type WorkerAlive } from './window-seat.ts'
import type { Log } from '../ports.ts'

/** Time until a storage that failed is tried again, milliseconds. */
const REOPEN_MS = 5_000
const STORE_NAME = 'andon-relay'
const FILES_NAME = 'andon-files'
/** The cache beside the databases: who this device is, in case they are thrown away. */
const DEVICE_CACHE = 'andon-device'
const IDENTITY_NAME = 'andon-identity'

export interface ServeOptions {
  readonly build: string
  /** Where the pages of this floor stand, with the last slash: all that this worker shares with its pages is named by its path. */
  readonly serverUrl: string
  /** What people call this device. */
  readonly name?: string
  readonly log?: Log
}

/**
 * What the worker's entry calls, once: holds the relay of this browser whenever it may (`relay-lock.ts`), and serves every
 * window that connects (`window-seat.ts`). `scope` is the worker's `self`. Runs until the worker ends.
 *
 * Windows of a SharedWorker come by `connect`. Where there is none, each window has a worker of its own and hands it one
 * port by `message`; of those workers the one that holds the lock is the relay, and the others say `in-use`.
 */
export function serveWindows(scope: EventTarget, options: ServeOptions): void {
  const log = options.log ?? webLog()
  const path = pathOf(options)
  const hints = new WebHints(scope, systemClock(), networkKind())
  const lock = new RelayLock({
    locks: navigator.locks,
    lockName: nameAt(path, RELAY_LOCK),
    control: new BroadcastChannel(nameAt(path, CONTROL_NAME)),
    build: options.build,
    clock: systemClock(),
    log,
    hold: (over) => keepRelay({ room, hints, options: { ...options, log } }, over),
    waiting: (why) => room.close({ t: 'unavailable', code: why, message: SAY_WAITING[why] }),
  })
  const room = new WindowRoom(navigator.locks, log, {
    said: (page, word) => hints.said(page, word),
    gone: (page) => hints.gone(page),
    taken: () => lock.takeOver(),
  })
  const alive: WorkerAlive = { t: 'alive', lock: nameAt(path, `${WORKER_LOCK_PREFIX}${v4()}`) }
  const living = room.locks === undefined ? null : holdForLife(room.locks, alive.lock)
  living?.catch((error: unknown) => log('error', 'worker-lock-failed', { error }))
  for (const way of ['connect', 'message']) {
    scope.addEventListener(way, (event) => {
      const [port] = (event as MessageEvent).ports
      if (port === undefined) return
      room.admit(port)
      living?.then(
        () => port.postMessage(alive),
        () => undefined, // logged above: its windows only do not hear of its end
      )
    })
  }
  if (room.locks === undefined) {
    room.close({ t: 'unavailable', code: 'no-locks', message: SAY_INSECURE })
    return
  }
  lock.run().catch((error: unknown) => {
    log('error', 'relay-lock-failed', { error })
    const { code, message } = asStoreError(error)
    room.close({ t: 'unavailable', code, message })
  })
}

/** An exception's own words are for whoever reads the console, not for a person at a terminal. */
function asStoreError(error: unknown): StoreError {
  const known = inWords(error)
  return known instanceof StoreError ? known : new StoreError('storage-failed', SAY_FAILED, error)
}

const SAY_FAILED = 'The relay of this page could not start. Reload this page; the console of the browser has the cause.'

const SAY_INSECURE = 'Andon needs a secure address: open it by https, or on this machine by localhost.'
const SAY_WAITING: Readonly<Record<Waiting, string>> = {
  'other-page': 'Another Andon page of this browser is still closing. This takes a few seconds.',
  'newer-build': 'A newer Andon runs in another page of this browser. Reload this page.',
  'in-use': 'Andon is in use in another tab of this browser, which can keep only one connected.',
}

/** What every relay of this worker finds there, one after the other. */
interface Host {
  readonly room: WindowRoom
  readonly hints: WebHints
  readonly options: ServeOptions & { readonly log: Log }
}

/** Runs a relay until `over`. A storage that fails is said to the windows, and tried again. Never rejects. */
async function keepRelay(host: Host, over: AbortSignal): Promise<void> {
  const { room, options } = host
  while (!over.aborted) {
    try {
      await runRelay(host, over)
    } catch (error) {
      const { code, message } = asStoreError(error)
      options.log('error', 'relay-failed', { code, error })
      room.close({ t: 'unavailable', code, message })
      await pause(REOPEN_MS, over)
    }
  }
}

/** Composes the relay, lets the windows in, and takes it apart again at `over` or when the storage is lost. */
async function runRelay({ room, hints, options }: Host, over: AbortSignal): Promise<void> {
  const { build, serverUrl, name, log } = options
  const path = pathOf(options)
  const lost = Promise.withResolvers<StoreError>()
  const releases: (() => Promise<void> | void)[] = []
  try {
    const store = await openIdbStore({ name: nameAt(path, STORE_NAME), lost: lost.resolve })
    releases.push(() => store.close())
    const bus = new BroadcastChannel(nameAt(path, BUS_NAME))
    releases.push(() => bus.close())
    const attachments = lazyAttachments(async () =>
      (await import('./idb-attachments.ts')).idbAttachments(nameAt(path, FILES_NAME)),
    )
    releases.push(() => attachments.close())
    const identity = await openWebIdentity(nameAt(path, IDENTITY_NAME))
    const relay = new Relay({
      serverUrl,
      name: name ?? browserName(identity.device),
      build,
      kind: 'web',
      store,
      socket: waysSocket({
        ws: askingWhy(webSocket(), async (base) =>
          (await import('./uplink-probe.ts')).whyNotOpen(base, location.origin),
        ),
        stream: askingWhy(
          lazyWay(async () => (await import('./stream-socket.ts')).streamSocket()),
          async (base) => (await import('./uplink-probe.ts')).whyNoStream(base, location.origin),
        ),
        poll: lazyWay(async () => (await import('./poll-socket.ts')).pollSocket()),
      }),
      ways: WAYS,
      identity,
      series: lazySeries(async () => (await import('./http-series.ts')).httpSeries({ serverUrl })),
      search: lazySearch(async () => (await import('./http-search.ts')).httpSearch({ serverUrl })),
      attachments,
      files: lazyFiles(async () => (await import('./http-attachments.ts')).httpAttachments({ serverUrl })),
      sessions: lazySessions(async () =>
        (await import('./http-sessions.ts')).httpSessions({ serverUrl, refreshToken: 'cookie' }),
      ),
      clock: systemClock(),
      random: systemRandom(),
      hints,
      log,
      bus: { post: (message) => bus.postMessage(message) },
      warnings: await storageWarnings(identity.device, nameAt(path, DEVICE_CACHE), log),
    })
    releases.push(() => relay.stop())
    await relay.start()
    releases.push(() => room.close(null))
    room.open((port) => relay.attach(port))
    const failure = await Promise.race([aborted(over), lost.promise])
    if (failure !== undefined) throw failure
  } finally {
    for (const release of releases.toReversed()) await release()
  }
}

/** Phones say of which kind their network is; other browsers do not know, or do not tell. */
function networkKind(): NetworkKind | null {
  return 'connection' in navigator ? (navigator.connection as NetworkKind) : null
}

function pathOf({ serverUrl }: Pick<ServeOptions, 'serverUrl'>): string {
  return new URL(serverUrl).pathname
}

/** A worker may only look; the page has to ask (`navigator.storage.persist()`), because a person may have to answer. */
async function storageWarnings(device: DeviceId, name: string, log: Log): Promise<string[]> {
  const warnings: string[] = []
  if (await wasEmptied(device, { caches, name, now: systemClock().wall() })) {
    log('warn', 'storage-emptied', { device })
    warnings.push(SAY_EMPTIED)
  }
  if (!(await navigator.storage.persisted())) warnings.push(SAY_UNSAFE)
  return warnings
}

const SAY_EMPTIED =
  'This browser has thrown away what this terminal had stored, perhaps because its disk was full. What was waiting here is lost.'
const SAY_UNSAFE =
  'This browser may delete what is waiting here when its disk runs full. Install Andon, or allow it to keep data.'

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

function pause(ms: number, over: AbortSignal): Promise<void> {
  const passed = new Promise<void>((resolve) => setTimeout(resolve, ms))
  return Promise.race([passed, aborted(over)])
}
