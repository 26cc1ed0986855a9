/**
 * What an onlooker knows who hears every line of every relay and nothing else: what was promised (`saved`), how it ended
 * (`result`), what everybody read. It holds that against P1 and P2 and names each line that breaks a promise. Pure.
 */
import type { Line } from '../../support/processes.ts'
import { Log, type Reading } from './ledger-log.ts'
import { Orders } from './ledger-orders.ts'
import { textOf, type Asked, type Counts, type Excuse, type Violation } from './ledger-terms.ts'

/** How a run of a relay follows a channel. */
export interface Following {
  readonly channel: string
  /** `start`: every event from the first. `snapshot`: what it had, then events. */
  readonly from: 'start' | 'snapshot'
}

/** Violations of one kind that are kept with their evidence; more of the same are counted. */
const MAX_SHOWN = 5

export class Ledger {
  readonly #orders = new Orders((violation) => this.#violated(violation))
  readonly #log = new Log((violation) => this.#violated(violation))
  readonly #readings = new Map<number, Map<string, Reading>>()
  readonly #violations: Violation[] = []
  readonly #counts = new Map<string, number>()
  #eventsRead = 0
  #runs = 0

  /** Somebody is about to write this line to the relay's stdin; the same ref again is the same wish. */
  asked(asked: Asked): void {
    this.#orders.asked(asked)
  }

  /** From now until released the relay may refuse to save. Returns the release. */
  mayRefuse(relay: number, excuse: Excuse): () => void {
    return this.#orders.mayRefuse(relay, excuse)
  }

  /** A process of this relay begins: whatever it reads begins anew. */
  runStarted(relay: number, following: readonly Following[]): void {
    this.#runs += 1
    this.#readings.set(
      relay,
      new Map(following.map(({ channel, from }) => [channel, this.#log.read(`relay ${relay}`, channel, from)])),
    )
  }

  /** One line that the relay printed, in the order of printing. */
  printed(relay: number, line: Line): void {
    switch (line.kind ?? '') {
      case 'saved':
        return this.#orders.saved(relay, textOf(line['ref']))
      case 'result':
        return this.#orders.ended(relay, line)
      case 'error':
        return this.#orders.refused(relay, line)
      case 'event':
        this.#eventsRead += 1
        return this.#reading(relay, line)?.event(line)
      case 'snapshot':
        return this.#reading(relay, line)?.snapshot(line)
      case 'reset':
        return this.#reading(relay, line)?.reset(line)
      default:
        return undefined
    }
  }

  /** A promise broken that the lines alone do not show: an exit code, a deadline. */
  add(promise: string, evidence: readonly string[]): void {
    this.#violated({ promise, evidence })
  }

  /** Refs of this relay that have neither `saved` nor an end, in the order in which they were asked for. */
  unsaved(relay: number): readonly Asked[] {
    return this.#orders.unsaved(relay)
  }

  /** Refs that were asked for, that were not refused, and that have no end. */
  open(): readonly Asked[] {
    return this.#orders.open()
  }

  /** The highest offset that anybody has read of a channel. */
  top(channel: string): number {
    return this.#log.top(channel)
  }

  /** Readers of the present runs that stand below these offsets. */
  behind(tops: ReadonlyMap<string, number>): readonly string[] {
    const behind: string[] = []
    for (const [relay, readings] of this.#readings) {
      for (const [channel, reading] of readings) {
        const top = tops.get(channel) ?? 0
        if (reading.offset < top) behind.push(`relay ${relay} is at ${reading.offset} of ${top} in ${channel}`)
      }
    }
    return behind
  }

  /** The channels that somebody follows, with what anybody read of them. */
  tops(): ReadonlyMap<string, number> {
    return this.#log.tops()
  }

  /** When nothing is under way any more: every wish against the log, every reader against every other. */
  close(): void {
    this.#orders.close(this.#log)
    this.#log.close([...this.#readings.values()].flatMap((readings) => [...readings.values()]))
  }

  counts(): Counts {
    return { ...this.#orders.counts(), events: this.#log.size, eventsRead: this.#eventsRead }
  }

  /** Processes of relays so far. */
  get runs(): number {
    return this.#runs
  }

  get violations(): readonly Violation[] {
    return this.#violations
  }

  /** Per promise, how often it was broken. */
  get broken(): ReadonlyMap<string, number> {
    return this.#counts
  }

  #reading(relay: number, line: Line): Reading | undefined {
    return this.#readings.get(relay)?.get(textOf(line['channel']))
  }

  #violated(violation: Violation): void {
    const count = (this.#counts.get(violation.promise) ?? 0) + 1
    this.#counts.set(violation.promise, count)
    if (count <= MAX_SHOWN) this.#violations.push(violation)
  }
}
