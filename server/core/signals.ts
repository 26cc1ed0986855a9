import type { Channel } from '../../relay/protocol/channels.ts'
import type { ErrorCode } from '../../relay/protocol/errors.ts'
import type { DeviceId } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import type { SignalValue, TypingValue } from '../../relay/protocol/presence.ts'
import type { LivePut } from './live.ts'

export interface SignalsOptions {
  /** Where they are told; the core's `LiveHub`. */
  readonly put: (channel: Channel['name'], put: LivePut, now: number) => boolean
  /** Server time, ISO 8601 UTC. */
  readonly time: () => string
}

/** What a person says from one device to whoever is in a room. */
export interface Said {
  readonly device: DeviceId
  readonly operator: string
  readonly key: string
  /** Null ends it. */
  readonly data: unknown
}

/**
 * What devices say without anybody keeping it (PROTOCOL M8): the latest of each key goes to who reads the room, for as long as it
 * is current. Bounded by the keys of a device in a room; who may say what, and how often, is the gateway's.
 */
export class Signals {
  readonly #options: SignalsOptions
  /** By room and device, its keys and until when they are current. */
  readonly #keys = new Map<string, Map<string, number>>()

  #dropped = 0

  constructor(options: SignalsOptions) {
    this.#options = options
  }

  /** Since the start: said too fast, or where there was no room. */
  get dropped(): number {
    return this.#dropped
  }

  /** One was not even looked at. */
  tooFast(): void {
    this.#dropped += 1
  }

  /** Null, or why it is not told. `now`: monotonic milliseconds. */
  say(channel: Channel, said: Said, now: number): ErrorCode | null {
    const isTyping = channel.domain === 'typing'
    const key = isTyping ? said.device : `${said.device}.${said.key}`
    const name = `${channel.name} ${said.device}`
    const keys = this.#keys.get(name) ?? new Map<string, number>()
    if (!keys.has(key) && keys.size >= LIMITS.maxSignalKeys) {
      forgetExpired(keys, now)
      if (keys.size >= LIMITS.maxSignalKeys) return this.#full()
    }
    const at = this.#options.time()
    const put: LivePut = { key, value: isTyping ? typing(said) : spoken(said), at, ttlMs: LIMITS.signalMs }
    if (!this.#options.put(channel.name, put, now)) return this.#full()
    keys.set(key, now + LIMITS.signalMs)
    this.#keys.set(name, keys)
    return null
  }

  #full(): ErrorCode {
    this.#dropped += 1
    return 'room-full'
  }

  /** Forgets what is not current any more; called now and then. */
  sweep(now: number): void {
    for (const [name, keys] of this.#keys) {
      forgetExpired(keys, now)
      if (keys.size === 0) this.#keys.delete(name)
    }
  }

  /** Devices with something current, once for each room, for metrics. */
  get size(): number {
    return this.#keys.size
  }
}

function typing({ operator, data }: Said): TypingValue | null {
  return data === null ? null : { operator }
}

function spoken({ operator, data }: Said): SignalValue | null {
  return data === null ? null : { operator, data }
}

function forgetExpired(keys: Map<string, number>, now: number): void {
  for (const [key, until] of keys) if (until <= now) keys.delete(key)
}
