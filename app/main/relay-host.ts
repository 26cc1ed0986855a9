import { setTimeout as pause } from 'node:timers/promises'
import { openNodeRelay, type NodeRelayOptions, type OpenRelay } from '../../relay/adapters/node.ts'
import type { SeatPort } from '../../relay/adapters/window-seat.ts'
import { WindowRoom } from '../../relay/adapters/window-room.ts'
import type { BusPort, Clock, Log, SecretPlace } from '../../relay/ports.ts'
import { refuse } from '../../relay/protocol/errors.ts'
import type { HostWord, PortMessage } from '../../relay/protocol/local.ts'
import type { Relay } from '../../relay/relay.ts'
import type { BridgedBus, BusMember } from '../../relay/shell/bridged-bus.ts'
import { Pace } from './pace.ts'
import { NO_VAULT } from './secret-file.ts'

/** Time until a disk that could not be opened is tried again, milliseconds. */
const REOPEN_MS = 5_000
/** What a window may say: far more than people press, far less than would hold the relay up. */
const WINDOW_PACE = { perSecond: 200, burst: 1_000 } as const

/** The part of Electron's `MessagePortMain` that is needed. Its `close` also comes when the page at the other end is gone. */
export interface GuestPort {
  postMessage(message: unknown): void
  on(event: 'message', heard: (event: { readonly data: unknown; readonly ports: readonly GuestPort[] }) => void): void
  on(event: 'close', heard: () => void): void
  start(): void
  close(): void
}

/** One window of the relay. */
export interface Guest {
  /** `pong` of the admission is called when the page answers. */
  ping(): void
  leave(): void
}

export interface RelayHostOptions extends Omit<
  NodeRelayOptions,
  'serverUrl' | 'observe' | 'kind' | 'secrets' | 'warnings'
> {
  /** Null while nobody has named a server; `whatToDo` then says how. */
  readonly serverUrl: string | null
  readonly whatToDo: string
  /** Asked at each opening, which is after Electron is ready; null where the system keeps no secrets safe. */
  readonly secrets: () => SecretPlace | null
  /** Where the relay posts; its messages reach `windows`. */
  readonly bus: BusPort
  readonly windows: BridgedBus
  readonly clock: Clock
  readonly log: Log
  /** A relay runs: what this device does with it beside its windows. Returns the release. */
  readonly started: (relay: Relay) => () => Promise<void>
}

/**
 * The relay of this kiosk and everything that windows hear from it: their ports, the bus by way of the bridge window, and
 * why there is no relay when there is none. A disk that cannot be opened is said to the windows and tried again.
 */
export class RelayHost {
  readonly #options: RelayHostOptions
  readonly #room: WindowRoom
  readonly #stopped = new AbortController()
  #opened: OpenRelay | null = null
  #release: () => Promise<void> = () => Promise.resolve()

  constructor(options: RelayHostOptions) {
    this.#options = options
    this.#room = new WindowRoom(undefined, options.log)
  }

  /** Resolves when a relay runs, or the host was closed. */
  async start(): Promise<void> {
    const { serverUrl, whatToDo } = this.#options
    if (serverUrl === null) return this.#room.close({ t: 'unavailable', code: 'no-server', message: whatToDo })
    while (!this.#stopped.signal.aborted && !(await this.#tryOpen(serverUrl))) {
      await pause(REOPEN_MS, undefined, { signal: this.#stopped.signal }).catch(() => undefined) // closed: no next try
    }
  }

  async close(): Promise<void> {
    this.#stopped.abort()
    this.#room.close(null)
    await this.#release()
    const opened = this.#opened
    this.#opened = null
    await opened?.close()
  }

  /** A window's port, new or after a reload. Windows that come before the relay wait for it. */
  admit(port: GuestPort, { pong }: { readonly pong: () => void }): Guest {
    const { log, clock, windows } = this.#options
    const post = (message: PortMessage | HostWord): void => port.postMessage(message)
    const member = windows.join(post)
    let toSeat: (event: MessageEvent<unknown>) => void = () => undefined
    const seatPort: SeatPort = {
      postMessage: (message) => port.postMessage(message),
      addEventListener: (_type, listener) => (toSeat = listener),
      start: () => port.start(),
    }
    const pace = new Pace({ ...WINDOW_PACE, now: clock.monotonic() })
    port.on('message', ({ data, ports: [bridge] }) => {
      const word = wordOf(data)
      if (word === 'pong') return pong()
      if (word === 'bridge') {
        if (bridge !== undefined) this.#openBridge(member, bridge)
        return
      }
      if (pace.take(clock.monotonic())) return toSeat({ data } as MessageEvent<unknown>)
      log('warn', 'window-too-fast', { word })
      const ref = refOf(data)
      if (ref !== null) post({ t: 'reply', ref, ...refuse('rate-limited') })
    })
    const leave = (): void => {
      member.leave()
      toSeat({ data: { t: 'close' } } as MessageEvent<unknown>)
    }
    port.on('close', leave)
    this.#room.admit(seatPort)
    return {
      ping: () => post({ t: 'ping' }),
      leave() {
        leave()
        post({ t: 'let-go' })
        port.close()
      },
    }
  }

  #openBridge(member: BusMember, port: GuestPort): void {
    const bridge = member.bridgeOpened({
      post: (message) => port.postMessage(message),
      close: () => port.close(),
    })
    port.on('message', ({ data }) => bridge.received(data))
    port.on('close', () => bridge.closed())
    port.start()
  }

  async #tryOpen(serverUrl: string): Promise<boolean> {
    const {
      clock: _clock,
      whatToDo: _whatToDo,
      windows: _windows,
      secrets: findSecrets,
      started,
      ...rest
    } = this.#options
    try {
      const secrets = findSecrets()
      const warnings = secrets === null ? [NO_VAULT] : []
      const opened = await openNodeRelay({ ...rest, serverUrl, kind: 'kiosk', secrets, warnings })
      if (this.#stopped.signal.aborted) {
        await opened.close()
        return true
      }
      this.#opened = opened
      await opened.relay.start()
      this.#room.open((port) => opened.relay.attach(port))
      this.#release = started(opened.relay)
      return true
    } catch (error) {
      const [code, message] = inWords(error)
      this.#options.log('error', 'relay-failed', { code, error })
      this.#room.close({ t: 'unavailable', code, message })
      await this.#opened?.close().catch(() => undefined) // it never ran; why it does not close adds nothing
      this.#opened = null
      return false
    }
  }
}

/** What an adapter says of the disk is a sentence with a code; anything else is a bug, and said as such. */
function inWords(error: unknown): readonly [code: string, message: string] {
  if (!(error instanceof Error)) return ['storage-failed', String(error)]
  const code = 'code' in error ? String(error.code) : ''
  return [code.startsWith('storage-') ? code : 'storage-failed', error.message]
}

function wordOf(message: unknown): unknown {
  return typeof message === 'object' && message !== null && 't' in message ? message.t : null
}

function refOf(message: unknown): string | null {
  const ref = typeof message === 'object' && message !== null && 'ref' in message ? message.ref : null
  return typeof ref === 'string' && ref.length <= 128 ? ref : null
}
