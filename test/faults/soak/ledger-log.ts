import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { Line } from '../../support/processes.ts'
import { textOf, type Violation } from './ledger-terms.ts'

/** Where an event stands. `stream` is a channel in one of its epochs: there offsets can be compared. */
export interface Place {
  readonly stream: string
  readonly offset: number
  toString(): string
}

interface Known {
  readonly id: string
  /** Of its text: a chat of hours does not fit into memory. */
  readonly digest: string
  readonly beginning: string
}

/** Of an event, so much is kept for evidence. */
const MAX_BEGINNING = 300

/** The log as everybody together has read it: the promises of reading (P2). */
export class Log {
  readonly #violated: (violation: Violation) => void
  readonly #streams = new Map<string, Map<number, Known>>()
  readonly #tops = new Map<string, number>()
  readonly #effects = new Map<string, Place[]>()
  readonly #idPlaces = new Map<string, string>()

  constructor(violated: (violation: Violation) => void) {
    this.#violated = violated
  }

  get size(): number {
    let size = 0
    for (const stream of this.#streams.values()) size += stream.size
    return size
  }

  read(reader: string, channel: string, from: 'start' | 'snapshot'): Reading {
    return new Reading({ reader, channel, from, log: this, violated: this.#violated })
  }

  /** An event that somebody read, live, in a page or in a snapshot: for everybody the same. */
  take(reader: string, stream: { readonly channel: string; readonly epoch: string }, line: Line): void {
    const name = `${stream.channel} ${stream.epoch}`
    const events = this.#streams.get(name) ?? new Map<number, Known>()
    this.#streams.set(name, events)
    const offset = Number(line['offset'])
    const { kind: _kind, channel: _channel, epoch: _epoch, ...event } = line
    const text = canonical(event)
    const read = { id: textOf(line['id']), digest: digestOf(text), beginning: text.slice(0, MAX_BEGINNING) }
    const known = events.get(offset)
    if (known === undefined) {
      events.set(offset, read)
      this.#place(read, { stream: name, offset }, effectOf(line))
    } else if (known.digest !== read.digest) {
      const evidence = [`${name}: ${known.beginning}`, `${reader} read ${read.beginning}`]
      this.#violated({ promise: 'everybody reads the same log', evidence })
    }
    this.#tops.set(stream.channel, Math.max(this.top(stream.channel), offset))
  }

  placesOf(effect: string): readonly Place[] {
    return this.#effects.get(effect) ?? []
  }

  top(channel: string): number {
    return this.#tops.get(channel) ?? 0
  }

  tops(): ReadonlyMap<string, number> {
    return new Map(this.#tops)
  }

  /** At the end: no hole in what was read, and every reader holds the same records. */
  close(readings: readonly Reading[]): void {
    for (const [name, events] of this.#streams) {
      const offsets = [...events.keys()].toSorted((a, b) => a - b)
      const hole = offsets.findIndex((offset, index) => index > 0 && offset !== (offsets[index - 1] ?? 0) + 1)
      if (hole > 0) {
        const evidence = [`${name}: ${offsets[hole - 1]}, then ${offsets[hole]}`]
        this.#violated({ promise: 'offsets have no gap', evidence })
      }
    }
    for (const channel of new Set(readings.map((reading) => reading.channel))) {
      const [first, ...others] = readings.filter((reading) => reading.channel === channel && reading.records !== null)
      for (const other of others) {
        if (first === undefined || isDeepStrictEqual(first.records, other.records)) continue
        const evidence = [first, other].map(({ reader, records }) =>
          `${reader}: ${JSON.stringify(records)}`.slice(0, 2000),
        )
        this.#violated({ promise: 'everybody ends with the same records', evidence: [channel, ...evidence] })
      }
    }
  }

  #place({ id, beginning }: Known, at: { readonly stream: string; readonly offset: number }, effect: string | null) {
    const place: Place = { ...at, toString: () => `${at.stream} ${at.offset}` }
    const elsewhere = this.#idPlaces.get(id)
    if (elsewhere !== undefined) {
      const evidence = [`${id} at ${elsewhere} and at ${place.toString()}`]
      this.#violated({ promise: 'an event has one place', evidence })
    }
    this.#idPlaces.set(id, place.toString())
    if (effect === null) return
    const places = this.#effects.get(effect) ?? []
    this.#effects.set(effect, [...places, place])
    if (places.length > 0) {
      const evidence = [`${effect} at ${[...places, place].join(' and ')}`, beginning]
      this.#violated({ promise: 'a command takes effect once', evidence })
    }
  }
}

interface ReadingOptions {
  readonly reader: string
  readonly channel: string
  readonly from: 'start' | 'snapshot'
  readonly log: Log
  readonly violated: (violation: Violation) => void
}

/** One channel as one process of a relay prints it: a snapshot or the beginning, then every event once and in order. */
export class Reading {
  readonly #options: ReadingOptions
  /** Null until the first line, and after a reset. */
  #at: { readonly epoch: string; readonly offset: number } | null = null
  #records: Record<string, unknown> | null = null
  #hasBegun = false
  #resets = 0

  constructor(options: ReadingOptions) {
    this.#options = options
  }

  get reader(): string {
    return this.#options.reader
  }
  get channel(): string {
    return this.#options.channel
  }
  /** The last offset printed; below the first it is -1, so that nobody is taken for a reader who has heard nothing. */
  get offset(): number {
    return this.#at?.offset ?? -1
  }
  /** Of a state channel, as the lines so far make them; null on a log and before the snapshot. */
  get records(): Readonly<Record<string, unknown>> | null {
    return this.#records
  }

  event(line: Line): void {
    const { from, log, channel } = this.#options
    const [epoch, offset] = [textOf(line['epoch']), Number(line['offset'])]
    if (this.#at === null) {
      if (from === 'snapshot' || this.#resets > 0) this.#broken('a snapshot comes before events', line)
      else if (offset !== 1) this.#broken('from start begins at the first event', line)
    } else if (epoch !== this.#at.epoch) this.#broken('an epoch changes by a reset only', line)
    else if (offset !== this.#at.offset + 1) {
      const promise = offset <= this.#at.offset ? 'no event comes twice' : 'no event is left out'
      this.#broken(promise, line)
    }
    this.#at = { epoch, offset: Math.max(offset, this.#at?.epoch === epoch ? this.#at.offset : 0) }
    this.#hasBegun = true
    log.take(this.reader, { channel, epoch }, line)
    this.#apply(line)
  }

  snapshot(line: Line): void {
    const { from, log, channel } = this.#options
    if (this.#at !== null) this.#broken('a snapshot comes at the start and after a reset only', line)
    if (from === 'start' && this.#resets === 0) this.#broken('from start gives events, no snapshot', line)
    const [epoch, offset] = [textOf(line['epoch']), Number(line['offset'])]
    const data = line['data'] as { readonly events?: readonly Line[]; readonly records?: Record<string, unknown> }
    let before: number | null = null
    for (const event of data.events ?? []) {
      const at = Number(event['offset'])
      if (before !== null && at !== before + 1) this.#broken('the events of a snapshot have no gap', event)
      before = at
      log.take(this.reader, { channel, epoch }, event)
    }
    if (before !== null && before !== offset) this.#broken('a snapshot ends at its cursor', line)
    this.#records = data.records === undefined ? null : { ...data.records }
    this.#at = { epoch, offset }
    this.#hasBegun = true
  }

  /** None of our faults loses anything that was committed: nobody has a reason to start over. */
  reset(line: Line): void {
    this.#broken('nothing is lost, so nothing is reset', line)
    this.#resets += 1
    this.#at = null
  }

  #apply(line: Line): void {
    if (this.#records === null) return
    const { key, record } = line['data'] as { readonly key: string; readonly record: unknown }
    if (record === null) delete this.#records[key]
    else this.#records[key] = record
  }

  #broken(promise: string, line: Line): void {
    const { reader, channel, violated } = this.#options
    const stood = this.#at === null ? (this.#hasBegun ? 'after a reset' : 'at the start') : `at ${this.#at.offset}`
    violated({ promise, evidence: [`${reader}, ${channel}, ${stood}: ${JSON.stringify(line).slice(0, 500)}`] })
  }
}

/**
 * What an event shows to have been done, in words that the one who asked for it can say beforehand: the first word of a
 * chat message, the title of an alert raised, the id of one acknowledged or cleared.
 */
export function effectOf(line: Line): string | null {
  const data = line['data'] as
    | { readonly text?: unknown; readonly key?: unknown; readonly record?: unknown }
    | undefined
  switch (line['type']) {
    case 'chat.posted':
      return `said ${textOf(data?.text).split(' ')[0]}`
    case 'alert.raised':
      return `raised ${textOf((data?.record as { readonly title?: unknown } | null)?.title)}`
    case 'alert.acknowledged':
      return `acknowledged ${textOf(data?.key)}`
    case 'alert.cleared':
      return `cleared ${textOf(data?.key)}`
    default:
      return null
  }
}

/** The same text for the same value: JSON does not promise the order of fields, so it is no difference. */
function canonical(value: unknown): string {
  return JSON.stringify(value, [...new Set(keysBelow(value))].toSorted())
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64')
}

function keysBelow(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => [key, ...keysBelow(inner)])
}
