import type { Channel, ChannelName } from '../../relay/protocol/channels.ts'
import type { ErrorCode } from '../../relay/protocol/errors.ts'
import type { DeviceId, SessionId } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import type { SignalValue, TypingValue } from '../../relay/protocol/presence.ts'
import type { LivePut } from './live.ts'

export interface SignalsOptions {
  /** Where they are told; the core's `LiveHub`. */
  readonly put: (channel: Channel['name'], put: LivePut, now: number) => boolean
  /** Takes a value away of which readers know by themselves when it is over. */
  readonly forget: (channel: Channel['name'], key: string) => void
  /** Told of what is said here and was told; absent where there are no other nodes. */
  readonly share?: (channel: Channel['name'], said: Said) => void
  /** Server time, ISO 8601 UTC. */
  readonly time: () => string
}

/** What a person says from one device to whoever is in a room. */
export interface Said {
  readonly device: DeviceId
  readonly operator: string
  /** Where it comes from, as limits count it. */
  readonly source: string
  /** As which they are signed in. */
  readonly session: SessionId | null
  readonly key: string
  /** Null ends it. */
  readonly data: unknown
}

/** Whose a key of a room is, and until when it is current. `isOwn`: it was said here, not at another node. */
interface Held extends Pick<Said, 'device' | 'operator' | 'source' | 'session'> {
  readonly key: string
  readonly until: number
  readonly isOwn: boolean
}

/**
 * What devices say without anybody keeping it (PROTOCOL M8): the latest of each key goes to who reads the room, for as long as it
 * is current and its person is signed in there. Bounded by the keys of a device and of a person in a room, and in sum; who may say what, and how often, is the gateway's.
 */
export class Signals {
  readonly #options: SignalsOptions
  readonly #keys = new Map<ChannelName, Map<string, Held>>()

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
    const refusal = this.#say(channel, said, { now, isOwn: true })
    if (refusal === null) this.#options.share?.(channel.name, said)
    return refusal
  }

  /** It was said at another node, and taken there. */
  heard(channel: Channel, said: Said, now: number): void {
    this.#say(channel, said, { now, isOwn: false })
  }

  #say(
    channel: Channel,
    said: Said,
    { now, isOwn }: { readonly now: number; readonly isOwn: boolean },
  ): ErrorCode | null {
    const isTyping = channel.domain === 'typing'
    const key = isTyping ? said.device : `${said.device}.${said.key}`
    const keys = this.#keys.get(channel.name) ?? new Map<string, Held>()
    if (!keys.has(key) && isFullFor(said, keys, now)) return this.#full()
    const at = this.#options.time()
    const put: LivePut = { key, value: isTyping ? typing(said) : spoken(said), at, ttlMs: LIMITS.signalMs }
    if (!this.#put(channel.name, put, { keys, said, now })) return this.#full()
    const { device, operator, source, session } = said
    keys.set(key, { device, operator, source, session, key: said.key, until: now + LIMITS.signalMs, isOwn })
    this.#keys.set(channel.name, keys)
    return null
  }

  /** Another person, or none, is signed in on this device: what others said there is over at once (P9). */
  personChanged(
    { device, operator }: { readonly device: DeviceId; readonly operator: string | null },
    now: number,
  ): void {
    this.#end((held) => held.device === device && held.operator !== operator, now)
  }

  /** These sessions are over, and with them at once what was said in them (P9). */
  sessionsEnded(sessions: readonly SessionId[], now: number): void {
    this.#end(({ session }) => session !== null && sessions.includes(session), now)
  }

  /** Sessions in which this person says something at the moment. */
  sessionsOf(operator: string): ReadonlySet<SessionId> {
    const sessions = new Set<SessionId>()
    for (const keys of this.#keys.values())
      for (const held of keys.values())
        if (held.operator === operator && held.session !== null) sessions.add(held.session)
    return sessions
  }

  #end(isOver: (held: Held) => boolean, now: number): void {
    const at = this.#options.time()
    for (const [name, keys] of this.#keys) {
      for (const [key, held] of keys) {
        if (!isOver(held)) continue
        keys.delete(key)
        this.#options.put(name, { key, value: null, at, ttlMs: LIMITS.signalMs }, now)
        if (held.isOwn) this.#options.share?.(name, endOf(held))
      }
    }
  }

  /** Where all keys of a room are taken, one of whoever has most of them makes room (P8). */
  #put(
    name: ChannelName,
    put: LivePut,
    { keys, said, now }: { readonly keys: Map<string, Held>; readonly said: Said; readonly now: number },
  ): boolean {
    if (this.#options.put(name, put, now)) return true
    const key = keyThatYields(keys, said)
    if (key === null) return false
    this.#dropped += 1
    keys.delete(key)
    this.#options.forget(name, key)
    return this.#options.put(name, put, now)
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

  /** What is current, for metrics. */
  get size(): number {
    let size = 0
    for (const keys of this.#keys.values()) size += keys.size
    return size
  }
}

function endOf({ device, operator, source, session, key }: Held): Said {
  return { device, operator, source, session, key, data: null }
}

function typing({ operator, data }: Said): TypingValue | null {
  return data === null ? null : { operator }
}

function spoken({ operator, data }: Said): SignalValue | null {
  return data === null ? null : { operator, data }
}

/** Whether the device or its person has all the keys that are theirs in a room, once what is over is forgotten. */
function isFullFor({ device, operator }: Said, keys: Map<string, Held>, now: number): boolean {
  forgetExpired(keys, now)
  let [ofDevice, ofPerson] = [0, 0]
  for (const held of keys.values()) {
    if (held.device === device) ofDevice += 1
    if (held.operator === operator) ofPerson += 1
  }
  return ofDevice >= LIMITS.maxSignalKeys || ofPerson >= LIMITS.maxSignalKeysPerPerson
}

/**
 * The key that makes room for one more: of the address that has most in the room, and there of the person who has most, the oldest.
 * Who has as many with one more as those have pushes none of them out, or they would do so by turns. Null where none makes room.
 */
function keyThatYields(keys: ReadonlyMap<string, Held>, { source, operator }: Said): string | null {
  const all = [...keys]
  const loudest = mostOf(all, { of: ([, held]) => held.source, own: source })
  const ofSource = all.filter(([, held]) => held.source === loudest)
  // Of another address whoever has most yields, however many that are.
  if (loudest !== source) return oldestOfMost(ofSource, null)
  return oldestOfMost(ofSource, operator) ?? oldestOfMost(all, operator)
}

/** The oldest key of the person who has most of these; null where that is `own` with one more. */
function oldestOfMost(keys: readonly (readonly [string, Held])[], own: string | null): string | null {
  const person = mostOf(keys, { of: ([, held]) => held.operator, own })
  return person === own ? null : (keys.find(([, held]) => held.operator === person)?.[0] ?? null)
}

/** Who has most of these, once `own` has one more; `own` where nobody has more than that. */
function mostOf<T>(
  all: readonly T[],
  { of, own }: { readonly of: (one: T) => string; readonly own: string | null },
): string | null {
  const counts = new Map<string, number>()
  for (const one of all) counts.set(of(one), (counts.get(of(one)) ?? 0) + 1)
  let most = { name: own, count: own === null ? 0 : (counts.get(own) ?? 0) + 1 }
  for (const [name, count] of counts) if (count > most.count) most = { name, count }
  return most.name
}

function forgetExpired(keys: Map<string, Held>, now: number): void {
  for (const [key, { until }] of keys) if (until <= now) keys.delete(key)
}
