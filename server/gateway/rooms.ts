import { isOfSite, parseChannel, type Channel, type ChannelName } from '../../relay/protocol/channels.ts'
import type { ErrorCode } from '../../relay/protocol/errors.ts'
import type { ClientFrameOf } from '../../relay/protocol/frames.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { canRead, mayBeIn, type Reader } from '../../relay/protocol/rights.ts'
import { isWithinDepth } from '../../relay/protocol/json-depth.ts'
import type { Presence } from '../core/presence.ts'
import type { Leaving, PresentDevice } from '../core/presence-seats.ts'
import type { Signals } from '../core/signals.ts'

export interface RoomsOptions {
  readonly presence: Pick<Presence, 'track' | 'heard' | 'personChanged' | 'left'>
  readonly signals: Pick<Signals, 'say' | 'tooFast' | 'personChanged'>
  /** The device of this connection, without its person. */
  readonly who: () => Omit<PresentDevice, 'operator'>
  /** For how long from its last sign of life it may be silent, milliseconds. */
  readonly leaseMs: () => number
  /** With the rights of this moment. */
  readonly reader: () => Reader
  /** Whether the site has an area of this name. */
  readonly isArea: (name: string) => boolean
  readonly monotonic: () => number
  /** 0 takes what comes; otherwise it comes too fast. */
  readonly pace: (what: 'track' | 'signal') => number
  readonly refuse: (code: ErrorCode, about: 'track' | 'signal', channel: string) => void
  /** It was told that it is too fast. */
  readonly refused: () => void
}

/** What one connection says of itself and to others in rooms, held to what its device and its person may (PROTOCOL M8, M9). */
export class Rooms {
  readonly #options: RoomsOptions

  constructor(options: RoomsOptions) {
    this.#options = options
  }

  track({ channel: name, state }: ClientFrameOf<'track'>): void {
    const { pace, presence, monotonic } = this.#options
    const channel = this.#roomOf(name, ['presence'])
    if (channel === null) return this.#refuse('not-a-room', 'track', name)
    // Leaving takes nothing of anybody, and is never too early.
    if (state === null) return void presence.track(this.#who(), channel, null, monotonic())
    if (pace('track') > 0) return this.#tooFast('track', name)
    if (bytesOf(state) > LIMITS.maxTrackBytes) return this.#refuse('signal-too-large', 'track', name)
    const refusal = this.#refusal(channel) ?? presence.track(this.#who(), channel, state, monotonic())
    return refusal === null ? this.heard() : this.#refuse(refusal, 'track', name)
  }

  signal({ channel: name, key = 'own', data }: ClientFrameOf<'signal'>): void {
    const { pace, signals, monotonic } = this.#options
    if (pace('signal') > 0) {
      signals.tooFast()
      return this.#tooFast('signal', name)
    }
    const channel = this.#roomOf(name, ['room', 'typing'])
    if (channel === null) return this.#refuse('not-a-room', 'signal', name)
    if (!isWithinDepth(data, LIMITS.maxSignalDepth) || bytesOf(data) > LIMITS.maxSignalBytes)
      return this.#refuse('signal-too-large', 'signal', name)
    const refusal = this.#refusal(channel)
    const { device, source, operator, session } = this.#who()
    if (refusal !== null || operator === null) return this.#refuse(refusal ?? 'sign-in-needed', 'signal', name)
    const told = signals.say(
      channel,
      { device, operator, source, session: session?.id ?? null, key, data },
      monotonic(),
    )
    return told === null ? undefined : this.#refuse(told, 'signal', name)
  }

  /** Another person is signed in, or none: at once somebody else is where this device is, and it is no more where it may not be. */
  personChanged(): void {
    const isAllowedIn = (name: ChannelName): boolean => {
      const channel = parseChannel(name)
      return channel !== null && this.#refusal(channel) === null
    }
    const { presence, signals, monotonic } = this.#options
    const who = this.#who()
    presence.personChanged(who, isAllowedIn, monotonic())
    signals.personChanged(who, monotonic())
  }

  /** A heartbeat of it. */
  heard(): void {
    const { presence, who, leaseMs, monotonic } = this.#options
    presence.heard(who(), leaseMs(), monotonic())
  }

  /** Its connection is over, or it said that it will be. */
  left(how: Leaving, heardAt: number): void {
    const { presence, who, leaseMs, monotonic } = this.#options
    presence.left(who(), how, { heardAt, leaseMs: leaseMs(), now: monotonic() })
  }

  #who(): PresentDevice {
    return { ...this.#options.who(), operator: this.#options.reader().author?.operator ?? null }
  }

  #roomOf(name: string, domains: readonly Channel['domain'][]): Channel | null {
    const channel = parseChannel(name)
    if (channel === null || !domains.includes(channel.domain)) return null
    return isOfSite(channel) || this.#options.isArea(channel.area) ? channel : null
  }

  #refusal(channel: Channel): 'sign-in-needed' | 'forbidden' | null {
    const reader = this.#options.reader()
    if (channel.domain === 'presence' ? mayBeIn(reader, channel) : canRead(reader, channel)) return null
    return reader.author === null ? 'sign-in-needed' : 'forbidden'
  }

  #tooFast(about: 'track' | 'signal', name: string): void {
    this.#refuse('rate-limited', about, name)
    this.#options.refused()
  }

  #refuse(code: ErrorCode, about: 'track' | 'signal', name: string): void {
    this.#options.refuse(code, about, name)
  }
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value ?? null))
}
