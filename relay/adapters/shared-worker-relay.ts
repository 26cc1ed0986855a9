import { BUS_NAME, RELAY_LOCK } from '../protocol/local.ts'
import { Relay } from '../relay.ts'
import { httpSessions } from './http-sessions.ts'
import { openIdbStore } from './idb-store.ts'
import { CONTROL_NAME, keepRelayLock } from './relay-lock.ts'
import { StoreError } from './store-error.ts'
import { systemClock } from './system-clock.ts'
import { systemRandom } from './system-random.ts'
import { webHints } from './web-hints.ts'
import { openWebIdentity } from './web-identity.ts'
import { webLog } from './web-log.ts'
import { webSocket } from './web-socket.ts'
import { WindowSeat, type Attach, type SeatPort, type WorkerNotice } from './window-seat.ts'
import type { Log } from '../ports.ts'

/** Time until a storage that failed is tried again, milliseconds. */
const REOPEN_MS = 5_000
const STORE_NAME = 'andon-relay'

export interface ServeOptions {
  readonly build: string
  /** Base of the server, as a rule the worker's own origin. */
  readonly serverUrl: string
  /** What people call this device. */
  readonly name?: string
  readonly log?: Log
}

/**
 * What the SharedWorker's entry calls, once: holds the relay of this browser whenever it may (`relay-lock.ts`), and
 * serves every window that connects (`window-seat.ts`). `scope` is the worker's `self`. Runs until the worker ends.
 */
export function serveWindows(scope: EventTarget, options: ServeOptions): void {
  const log = options.log ?? webLog()
  const room = new WorkerRoom(navigator.locks, log)
  scope.addEventListener('connect', (event) => {
    const [port] = (event as MessageEvent).ports
    if (port !== undefined) room.admit(port)
  })
  if (room.locks === undefined) {
    room.close({ t: 'unavailable', code: 'no-locks', message: SAY_INSECURE })
    return
  }
  keepRelayLock({
    locks: room.locks,
    lockName: RELAY_LOCK,
    control: new BroadcastChannel(CONTROL_NAME),
    build: options.build,
    clock: systemClock(),
    log,
    hold: (over) => keepRelay(scope, room, { ...options, log }, over),
    waiting: (why) =>
      room.close({ t: 'unavailable', code: why, message: why === 'newer-build' ? SAY_NEWER : SAY_OTHER }),
  }).catch((error: unknown) => log('error', 'relay-lock-failed', { error }))
}

const SAY_INSECURE = 'Andon needs a secure address: open it by https, or on this machine by localhost.'
const SAY_OTHER = 'Another Andon page of this browser is still closing. This takes a few seconds.'
const SAY_NEWER = 'A newer Andon runs in another page of this browser. Reload this page.'

/** All windows of the worker. Open while there is a relay, else closed with the reason. */
class WorkerRoom {
  readonly locks: LockManager | undefined
  readonly #log: Log
  readonly #seats = new Set<WindowSeat>()
  #door: { readonly attach: Attach } | { readonly notice: WorkerNotice } | null = null

  constructor(locks: LockManager | undefined, log: Log) {
    this.locks = locks
    this.#log = log
  }

  admit(port: SeatPort): WindowSeat {
    return new WindowSeat(port, this)
  }

  open(attach: Attach): void {
    this.#door = { attach }
    for (const seat of this.#seats) seat.attach(attach)
  }

  close(notice: WorkerNotice | null): void {
    this.#door = notice === null ? null : { notice }
    for (const seat of this.#seats) {
      seat.detach()
      if (notice !== null) seat.tell(notice)
    }
  }

  joined(seat: WindowSeat): void {
    this.#seats.add(seat)
    if (this.#door === null) return
    if ('attach' in this.#door) seat.attach(this.#door.attach)
    else seat.tell(this.#door.notice)
  }

  left(seat: WindowSeat): void {
    this.#seats.delete(seat)
  }

  dropped(word: unknown): void {
    this.#log('warn', 'window-message-dropped', { word })
  }
}

/** Runs a relay until `over`. A storage that fails is said to the windows, and tried again. Never rejects. */
async function keepRelay(
  scope: EventTarget,
  room: WorkerRoom,
  options: ServeOptions & { readonly log: Log },
  over: AbortSignal,
): Promise<void> {
  while (!over.aborted) {
    try {
      await runRelay(scope, room, options, over)
    } catch (error) {
      const code = error instanceof StoreError ? error.code : 'storage-failed'
      const message = error instanceof Error ? error.message : String(error)
      options.log('error', 'relay-failed', { code, error })
      room.close({ t: 'unavailable', code, message })
      await pause(REOPEN_MS, over)
    }
  }
}

/** Composes the relay, lets the windows in, and takes it apart again at `over` or when the storage is lost. */
async function runRelay(
  scope: EventTarget,
  room: WorkerRoom,
  { build, serverUrl, name, log }: ServeOptions & { readonly log: Log },
  over: AbortSignal,
): Promise<void> {
  const lost = Promise.withResolvers<StoreError>()
  const releases: (() => Promise<void> | void)[] = []
  try {
    const store = await openIdbStore({ name: STORE_NAME, lost: lost.resolve })
    releases.push(() => store.close())
    const bus = new BroadcastChannel(BUS_NAME)
    releases.push(() => bus.close())
    const identity = await openWebIdentity()
    const relay = new Relay({
      serverUrl,
      // Nobody names a browser; a piece of its id tells two of them apart in "by kim on …".
      name: name ?? `Browser ${identity.device.slice(0, 4)}`,
      build,
      kind: 'web',
      store,
      socket: webSocket(),
      identity,
      sessions: httpSessions({ serverUrl, refreshToken: 'cookie' }),
      clock: systemClock(),
      random: systemRandom(),
      hints: webHints(scope),
      log,
      bus: { post: (message) => bus.postMessage(message) },
      warnings: await storageWarnings(),
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

/** A worker may only look; the page has to ask (`navigator.storage.persist()`), because a person may have to answer. */
async function storageWarnings(): Promise<string[]> {
  if (await navigator.storage.persisted()) return []
  return [
    'This browser may delete what is waiting here when its disk runs full. Install Andon, or allow it to keep data.',
  ]
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

function pause(ms: number, over: AbortSignal): Promise<void> {
  const passed = new Promise<void>((resolve) => setTimeout(resolve, ms))
  return Promise.race([passed, aborted(over)])
}
