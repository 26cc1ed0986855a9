import type Database from 'better-sqlite3'
import type { DeviceId, Incarnation } from '../../../relay/protocol/ids.ts'
import { LANES, type Lane } from '../../../relay/protocol/lanes.ts'
import { sessionState, type DeviceRow, type Greeting, type GreetingRequest } from '../../ports/store.ts'
import type { People } from './people.ts'

/** Names and times that one commit brings up to date: after a storm of greetings it holds up nobody. */
const MAX_SEEN_WRITES = 500

/** A greeting, and what of it has to be written down. */
interface Settled {
  readonly greeting: Greeting
  readonly isNew: boolean
  /** Sequences that this store never saw and will not ask for. */
  readonly skipped: readonly { readonly lane: Lane; readonly from: number; readonly to: number }[]
}

/** When a device that was known was last here, and what it called itself. */
interface Seen {
  readonly device: DeviceRow
  readonly publicKey: string
  readonly at: string
}

/**
 * Registers or finds a device and settles where its outbox goes on (PROTOCOL W10). Synchronous; runs inside the open
 * transaction, so that adopting marks and recording the skipped range stand or fall together.
 */
export class Greetings {
  readonly #people: People
  readonly #incarnation: Incarnation
  readonly #marks: Database.Statement<[string, string], { lane: Lane; mark: number }>
  readonly #setMark: Database.Statement<[string, string, string, number, string]>
  /** Waits for a commit that others need. At most the devices that are known. */
  readonly #seen = new Map<DeviceId, Seen>()

  constructor(db: Database.Database, people: People, incarnation: Incarnation) {
    this.#people = people
    this.#incarnation = incarnation
    this.#marks = db.prepare('SELECT lane, mark FROM marks WHERE device = ? AND epoch = ?')
    this.#setMark = db.prepare(
      'INSERT INTO marks (device, epoch, lane, mark, moved_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET mark = excluded.mark, last = NULL, moved_at = excluded.moved_at',
    )
  }

  /** Whether this greeting leaves something that has to last; otherwise it only reads, and needs no room on the disk (T14). */
  hasToLast(request: GreetingRequest): boolean {
    const { isNew, skipped, greeting } = this.#settle(request)
    return isNew || skipped.length > 0 || greeting.outbox === 'forgotten'
  }

  greet(request: GreetingRequest, at: string): Greeting {
    const { device, epoch, oldest, publicKey } = request
    const { greeting, isNew, skipped } = this.#settle(request)
    if (isNew) this.#people.putDevice(greeting.device, publicKey, at)
    else this.#seen.set(device, { device: greeting.device, publicKey, at })
    for (const { lane, from, to } of skipped) {
      this.#people.addReview({ kind: 'skipped-range', device, detail: { epoch, lane, from, to }, at })
      this.#setMark.run(device, epoch, lane, to, at)
    }
    if (greeting.outbox === 'forgotten')
      this.#people.addReview({ kind: 'forgotten', device, detail: { epoch, oldest }, at })
    return greeting
  }

  /** Brings names and times up to date, in a transaction that writes anyway. If it fails, the next greetings say it again. */
  writeSeen(): void {
    let writes = 0
    for (const [id, { device, publicKey, at }] of this.#seen) {
      if (writes === MAX_SEEN_WRITES) return
      writes += 1
      this.#seen.delete(id)
      this.#people.putDevice(device, publicKey, at)
    }
  }

  #settle(request: GreetingRequest): Settled {
    const { device: id, epoch, oldest } = request
    const known = this.#people.device(id)
    const isNew = known === null
    const device: DeviceRow = {
      id,
      name: request.name,
      areas: known?.areas ?? request.defaultAreas,
      status: known?.status ?? 'active',
    }
    const base = { device, incarnation: this.#incarnation, session: this.#session(request) }
    const marks: Record<Lane, number> = { urgent: 0, normal: 0 }
    const rows = this.#marks.all(id, epoch)
    for (const { lane, mark } of rows) marks[lane] = mark

    // A restored store may have lost marks it once gave: the device's own oldest pending sequence decides, and what the
    // store does not know about is written down for people, never guessed.
    const isRestored = request.incarnation !== null && request.incarnation !== this.#incarnation
    // The same incarnation, and yet the device is past what this store knows: it was rolled back behind our back.
    const isBehind = rows.length > 0 && LANES.some((lane) => oldest[lane] > marks[lane] + 1)
    if (isRestored || isBehind) {
      // At or below the mark nothing was skipped: what the device still holds is answered by its stored results.
      const skipped = LANES.map((lane) => ({ lane, from: marks[lane] + 1, to: oldest[lane] - 1 })).filter(
        ({ from, to }) => from <= to,
      )
      for (const { lane, to } of skipped) marks[lane] = to
      return { greeting: { ...base, outbox: 'adopted', marks }, isNew, skipped }
    }
    const hasHistory = LANES.some((lane) => oldest[lane] > 1)
    const outbox = rows.length > 0 ? 'known' : hasHistory ? 'forgotten' : isNew ? 'new' : 'known'
    return { greeting: { ...base, outbox, marks }, isNew, skipped: [] }
  }

  #session({ session: id, device }: GreetingRequest): Greeting['session'] {
    if (id === undefined) return null
    const row = this.#people.session(id)
    return sessionState(row, row === null ? null : this.#people.operator(row.operator), device)
  }
}
