import { COMMANDS, isCommandType } from '../../relay/protocol/commands.ts'
import type { DeviceId } from '../../relay/protocol/ids.ts'
import { coversArea } from '../../relay/protocol/rights.ts'
import { TokenBuckets, type BucketRate } from '../core/token-bucket.ts'

/** Devices and authors whose pace is counted at once. */
const MAX_COUNTED = 50_000

export interface PaceRates {
  /** Of people on one device: an outbox that drains after a shift is as fast as the disk; a program that runs wild is not. */
  readonly device: BucketRate
  /** Of one person on all their devices together. */
  readonly author: BucketRate
  /** Of one device that nobody speaks for: what it reports of its own outbox, and what is going to be rejected. */
  readonly alone: BucketRate
  /** Calls for help of such a device in its own areas, which wait for nothing else that it sends. */
  readonly calls: BucketRate
  /** Such calls from one address, and of all devices together, on which nobody ever signed in: anybody can make more of them. */
  readonly callsOfSource: BucketRate
  readonly callsAlone: BucketRate
  /** What devices send that nobody speaks for and that have no area, or on which nobody ever signed in, per address and in sum. */
  readonly strangersOfSource: BucketRate
  readonly strangers: BucketRate
  /** Receipts of one device, whoever is signed in. */
  readonly receipts: BucketRate
  /** Those of one address, and of all devices together, on which nobody ever signed in. */
  readonly receiptsOfSource: BucketRate
  readonly receiptsAlone: BucketRate
  /** The first frames of a device on which nobody ever signed in that ask the server to look something up; no flood takes these. */
  readonly firstFrames: BucketRate
  /** More of them, per device, per address and in sum. */
  readonly frames: BucketRate
  readonly framesOfSource: BucketRate
  readonly framesAlone: BucketRate
  /** Commands of one device that are only told to wait, or that its outbox has forked: each costs its reading. */
  readonly refusals: BucketRate
  /** What one device says to others in rooms, and of itself. */
  readonly signals: BucketRate
  readonly tracks: BucketRate
}

/**
 * A burst is more than one lane may have in flight (64), so that nothing that was sent in one go is sent twice. 20 a second
 * settle the outbox of a copied disk in minutes, and ten calls a second are more than anybody reads; a hundred of all
 * strangers together take a hundredth of a core, and so do a hundred calls, of which one address has a third: with a burst for
 * every gateway of a floor at the moment its power comes back. Receipts: of an outage of hours a device hands over 10,000 in 16 s. 500 a second of all
 * strangers are a hundredth of a core as well, with a burst for a site of boards on which nobody signs in that show a few P0s.
 * Frames: a terminal subscribes to what its windows show, some dozens; they are in the price of its greeting, which has a bound
 * of its own (V7), and 200 a second more of all strangers are a few hundredths of a core.
 */
export const PACE_RATES: PaceRates = {
  device: { perSecond: 5_000, burst: 20_000 },
  author: { perSecond: 5_000, burst: 50_000 },
  alone: { perSecond: 20, burst: 128 },
  calls: { perSecond: 10, burst: 128 },
  callsOfSource: { perSecond: 30, burst: 512 },
  callsAlone: { perSecond: 100, burst: 2_000 },
  strangersOfSource: { perSecond: 50, burst: 512 },
  strangers: { perSecond: 100, burst: 1_000 },
  receipts: { perSecond: 500, burst: 2_000 },
  receiptsOfSource: { perSecond: 250, burst: 4_000 },
  receiptsAlone: { perSecond: 500, burst: 10_000 },
  firstFrames: { perSecond: 1, burst: 32 },
  frames: { perSecond: 20, burst: 128 },
  framesOfSource: { perSecond: 100, burst: 1_000 },
  framesAlone: { perSecond: 200, burst: 2_000 },
  // What a relay can have had on its way in both lanes, twice; after that it waits, and sends one command of a lane alone.
  refusals: { perSecond: 20, burst: 256 },
  // Typing, a cursor, the moves of a game; and all rooms of a device at once when it comes back, then one a second of some.
  signals: { perSecond: 20, burst: 20 },
  tracks: { perSecond: 4, burst: 32 },
}

/** The device of a connection. */
export interface PacedDevice {
  readonly id: DeviceId
  readonly areas: readonly string[]
  /** Where it comes from, as limits count it. */
  readonly source: string
  /** Nobody ever signed in on it. */
  readonly isAlone: boolean
}

/** A command that comes; `author`: whose it is, null where the store knows no session of this device behind it. */
export interface PacedCommand {
  readonly author: string | null
  readonly type: string
  readonly data: unknown
}

/** How fast commands and receipts may come (V8). 0 takes them; otherwise how long they have to wait, milliseconds. */
export class Pace {
  readonly #buckets: Readonly<Record<keyof PaceRates, TokenBuckets>>
  readonly #now: () => number

  /** `now`: milliseconds of a clock that does not go back. */
  constructor(rates: PaceRates, now: () => number) {
    const of = (rate: BucketRate): TokenBuckets => new TokenBuckets(rate, MAX_COUNTED)
    this.#now = now
    this.#buckets = {
      device: of(rates.device),
      author: of(rates.author),
      alone: of(rates.alone),
      calls: of(rates.calls),
      callsOfSource: of(rates.callsOfSource),
      callsAlone: of(rates.callsAlone),
      strangersOfSource: of(rates.strangersOfSource),
      strangers: of(rates.strangers),
      receipts: of(rates.receipts),
      receiptsOfSource: of(rates.receiptsOfSource),
      receiptsAlone: of(rates.receiptsAlone),
      firstFrames: of(rates.firstFrames),
      frames: of(rates.frames),
      framesOfSource: of(rates.framesOfSource),
      framesAlone: of(rates.framesAlone),
      refusals: of(rates.refusals),
      signals: of(rates.signals),
      tracks: of(rates.tracks),
    }
  }

  command(device: PacedDevice, command: PacedCommand): number {
    const { id, areas } = device
    if (command.author !== null) return this.#take('device', id) || this.#take('author', command.author)
    if (isOwnCall(areas, command)) return this.#take('calls', id) || this.#callAlone(device)
    return this.#take('alone', id) || (areas.length > 0 && !device.isAlone ? 0 : this.#strangers(device))
  }

  /** What devices of people call for waits for no others: keys that anybody can make share what they may call for. */
  #callAlone({ source, isAlone }: PacedDevice): number {
    return isAlone ? this.#take('callsOfSource', source) || this.#take('callsAlone', '') : 0
  }

  #strangers({ source }: PacedDevice): number {
    return this.#take('strangersOfSource', source) || this.#take('strangers', '')
  }

  receipts(device: PacedDevice, count: number): number {
    const { id, source, isAlone } = device
    const ownMs = this.#take('receipts', id, count)
    if (ownMs > 0 || !isAlone) return ownMs
    return this.#take('receiptsOfSource', source, count) || this.#take('receiptsAlone', '', count)
  }

  /** An `auth` or a `subscribe`, each of which costs a proof or a read. Of a device of people they are as many as it likes. */
  frame({ id, source, isAlone }: PacedDevice): number {
    if (!isAlone || this.#take('firstFrames', id) === 0) return 0
    return this.#take('frames', id) || this.#take('framesOfSource', source) || this.#take('framesAlone', '')
  }

  signal({ id }: PacedDevice): number {
    return this.#take('signals', id)
  }

  /** What strangers say of themselves is bounded with all else that they ask for. */
  track(device: PacedDevice): number {
    return this.#take('tracks', device.id) || this.frame(device)
  }

  /** One more command was refused for now. Above 0 more come than of any relay: for so long nothing of it need be read. */
  refusal(device: PacedDevice): number {
    return this.#take('refusals', device.id)
  }

  #take(rate: keyof PaceRates, key: string, count = 1): number {
    return this.#buckets[rate].take(key, this.#now(), count)
  }
}

/** What a device may do by itself at once where it stands: an alert of its own areas. */
function isOwnCall(areas: readonly string[], { type, data }: PacedCommand): boolean {
  if (!isCommandType(type) || COMMANDS[type].lane !== 'urgent' || COMMANDS[type].author !== 'device') return false
  const area = typeof data === 'object' && data !== null && 'area' in data ? data.area : null
  return typeof area === 'string' && coversArea(areas, area)
}
