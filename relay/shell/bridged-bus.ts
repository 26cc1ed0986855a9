/**
 * The bus of a kiosk: messages reach windows by way of a bridge window, or by every port (`core/bridge.ts` decides which).
 * Outlives relays: whatever relay runs posts here.
 */
import { bridgeDeadline, newBridge, stepBridge, type BridgeEffect, type BridgeInput } from '../core/tell/bridge.ts'
import type { BridgeReceipt, BusMessage, HostWord, LetGo, PortMessage } from '../protocol/local.ts'
import { unreachable } from '../protocol/rights.ts'
import type { BusPort, Clock, Log } from '../ports.ts'

/** The relay's end of the port to a bridge window. */
export interface BridgePort {
  post(message: BusMessage | LetGo): void
  close(): void
}

/** A window on the bus. `leave` when it is gone. */
export interface BusMember {
  /** This window holds the lock and has sent the port of its bridge. */
  bridgeOpened(port: BridgePort): { received(message: unknown): void; closed(): void }
  leave(): void
}

export interface BridgedBusOptions {
  readonly clock: Pick<Clock, 'monotonic' | 'after'>
  readonly log: Log
}

export class BridgedBus implements BusPort {
  readonly #options: BridgedBusOptions
  readonly #state = newBridge()
  readonly #members = new Map<number, (message: PortMessage | HostWord) => void>()
  readonly #bridges = new Map<number, BridgePort>()
  #lastNumber = 0
  #timer: { readonly at: number; readonly cancel: () => void } | null = null

  constructor(options: BridgedBusOptions) {
    this.#options = options
  }

  post(message: unknown): void {
    // The engine posts nothing else; `BusPort` is wider because a BroadcastChannel takes anything.
    this.#take({ kind: 'posted', message: message as BusMessage })
  }

  /** `post` reaches one window over its own port. */
  join(post: (message: PortMessage | HostWord) => void): BusMember {
    const window = ++this.#lastNumber
    this.#members.set(window, post)
    this.#take({ kind: 'windowJoined', window })
    return {
      bridgeOpened: (port) => this.#open(window, port),
      leave: () => {
        if (this.#members.delete(window)) this.#take({ kind: 'windowLeft', window })
      },
    }
  }

  #open(window: number, port: BridgePort) {
    const bridge = ++this.#lastNumber
    this.#bridges.set(bridge, port)
    this.#options.log('info', 'bridge-opened', { bridge })
    this.#take({ kind: 'bridgeOpened', bridge, window })
    return {
      received: (message: unknown) => {
        if (isReceipt(message)) this.#take({ kind: 'receiptHeard', bridge, bus: message.bus })
        else this.#options.log('warn', 'bridge-message-ignored')
      },
      closed: () => {
        if (this.#bridges.delete(bridge)) this.#take({ kind: 'bridgeClosed', bridge })
      },
    }
  }

  #take(input: BridgeInput): void {
    const effects = stepBridge(this.#state, input, this.#options.clock.monotonic())
    for (const effect of effects) this.#carryOut(effect)
    this.#plan()
  }

  #carryOut(effect: BridgeEffect): void {
    const { log } = this.#options
    switch (effect.kind) {
      case 'handOver':
        return this.#bridges.get(effect.bridge)?.post(effect.message)
      case 'copyToEveryPort':
        for (const post of this.#members.values()) post({ t: 'copy', message: effect.message })
        return
      case 'giveUp':
        if (effect.why !== 'succeeded') log('warn', 'bridge-given-up', { why: effect.why })
        return this.#letGo(effect.bridge)
      case 'askToSteal':
        log('info', 'bridge-wanted')
        return this.#members.get(effect.window)?.({ t: 'take-bridge' })
      default:
        return unreachable(effect)
    }
  }

  /** Its window may then stand for the bridge again, if only behind the others. */
  #letGo(bridge: number): void {
    const port = this.#bridges.get(bridge)
    this.#bridges.delete(bridge)
    port?.post({ t: 'let-go' })
    port?.close()
  }

  #plan(): void {
    const at = bridgeDeadline(this.#state)
    if (this.#timer?.at === at) return
    this.#timer?.cancel()
    this.#timer = null
    if (at === null) return
    const { clock } = this.#options
    const cancel = clock.after(Math.max(0, at - clock.monotonic()), () => {
      this.#timer = null
      this.#take({ kind: 'timeReached' })
    })
    this.#timer = { at, cancel }
  }
}

/** A window is an edge: what it says on its bridge is checked like everything else. */
function isReceipt(message: unknown): message is BridgeReceipt {
  if (typeof message !== 'object' || message === null || !('t' in message) || !('bus' in message)) return false
  const { t, bus } = message
  if (t !== 'carried' || typeof bus !== 'object' || bus === null || !('epoch' in bus) || !('seq' in bus)) return false
  return typeof bus.epoch === 'string' && Number.isSafeInteger(bus.seq)
}
