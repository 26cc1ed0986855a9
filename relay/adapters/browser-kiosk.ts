import { v7 } from 'uuid'
import {
  BRIDGE_LOCK,
  BUS_NAME,
  type BridgeReceipt,
  type BusMessage,
  type GuestWord,
  type HostWord,
  type LetGo,
  type PortMessage,
} from '../protocol/local.ts'
import { WindowClient, type RelayPort } from '../window.ts'
import { busHere } from './browser-bus.ts'
import { beforeNextFrame } from './browser-frames.ts'
import { systemClock } from './system-clock.ts'
import type { WorkerNotice } from './window-seat.ts'

export interface KioskWindowOptions {
  /** This window's port to the relay in the main process. */
  readonly port: MessagePort
  /** There is no relay for now; why, by code and in words. A later view says that it is back. */
  readonly unavailable: (code: string, message: string) => void
}

/**
 * Connects this window with the relay of the kiosk and returns its client, not started. The window also stands for the
 * bridge: while it holds the lock, it puts on the bus what the relay hands it.
 */
export function openKioskWindow({ port, unavailable }: KioskWindowOptions): WindowClient {
  const bridge = new BridgeKeeper(port)
  const client = new WindowClient({
    port: relayPort(port, (word) => {
      if (word.t === 'unavailable') unavailable(word.code, word.message)
      else if (word.t === 'ping') port.postMessage({ t: 'pong' } satisfies GuestWord)
      else if (word.t === 'take-bridge') bridge.claim({ steal: true })
      // It must not keep the bridge from a window that main still hears.
      else bridge.stop()
    }),
    bus: busHere(BUS_NAME),
    clock: systemClock(),
    random: { uuid: () => v7() },
    later: beforeNextFrame,
  })
  window.addEventListener('pagehide', () => client.close())
  bridge.claim({ steal: false })
  return client
}

/**
 * Waits for the lock `andon-bridge`, and carries while it holds it. Stolen or given up by the relay, it waits again: a
 * window that hung for a while is a successor like any other.
 */
class BridgeKeeper {
  readonly #port: MessagePort
  readonly #stopped = new AbortController()
  /** Ends the request that waits for the lock. */
  #waiting = new AbortController()

  constructor(port: MessagePort) {
    this.#port = port
  }

  /** For good: waits no more, and lets go of the lock. */
  stop(): void {
    this.#stopped.abort()
    this.#waiting.abort()
  }

  claim({ steal }: { readonly steal: boolean }): void {
    this.#waiting.abort()
    if (this.#stopped.signal.aborted) return
    const waiting = new AbortController()
    this.#waiting = waiting
    // A theft takes no signal; it is granted at once.
    void this.#hold(steal ? { steal } : { signal: waiting.signal }, waiting.signal)
  }

  async #hold(request: LockOptions, replaced: AbortSignal): Promise<void> {
    const carrying = new AbortController()
    try {
      await navigator.locks.request(BRIDGE_LOCK, request, () => this.#carry(carrying.signal))
    } catch (error) {
      carrying.abort()
      // Stolen from us, or our own next claim took this one's place while it waited. Anything else would come again at once.
      if (!(error instanceof DOMException && error.name === 'AbortError')) return this.stop()
    }
    if (!replaced.aborted) this.claim({ steal: false })
  }

  /** Until the relay gives this bridge up, or the lock is lost. */
  #carry(over: AbortSignal): Promise<void> {
    const bus = new BroadcastChannel(BUS_NAME)
    const { port1, port2 } = new MessageChannel()
    const ended = new Promise<void>((resolve) => {
      port1.addEventListener('message', ({ data }: MessageEvent<BusMessage | LetGo>) => {
        if ('t' in data) return resolve()
        bus.postMessage(data)
        port1.postMessage({ t: 'carried', bus: data.bus } satisfies BridgeReceipt)
      })
      for (const signal of [over, this.#stopped.signal]) signal.addEventListener('abort', () => resolve())
    })
    port1.start()
    this.#port.postMessage({ t: 'bridge' } satisfies GuestWord, [port2])
    return ended.finally(() => {
      port1.close()
      bus.close()
    })
  }
}

type MainWord = HostWord | WorkerNotice

function relayPort(port: MessagePort, heardWord: (word: MainWord) => void): RelayPort {
  return {
    post: (message) => port.postMessage(message),
    listen(heard) {
      // Main's relay of this kiosk is the only one at the other end.
      const received = ({ data }: MessageEvent<PortMessage | MainWord>): void => {
        if (isMainWord(data)) heardWord(data)
        else heard(data)
      }
      port.addEventListener('message', received)
      port.start()
      return () => port.removeEventListener('message', received)
    },
    close: () => port.close(),
  }
}

function isMainWord(word: PortMessage | MainWord): word is MainWord {
  return word.t === 'unavailable' || word.t === 'ping' || word.t === 'take-bridge' || word.t === 'let-go'
}
