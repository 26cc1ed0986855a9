import type Database from 'better-sqlite3'
import type { DeviceId, Incarnation } from '../../../relay/protocol/ids.ts'
import { LANES, type Lane } from '../../../relay/protocol/lanes.ts'
import type { Greeting, GreetingRequest } from '../../ports/greeting.ts'
import { sessionState } from '../../ports/sessions.ts'
import type { DeviceRow } from '../../ports/site.ts'
import type { LinkNumbers } from './link-numbers.ts'
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
  readonly name: string | null
  readonly at: string
}

/**
 * Registers or finds a device and settles where its outbox goes on (PROTOCOL W10). Synchronous; runs inside the open
 * transaction, so that adopting marks and recording the skipped range stand or fall together.
 */
export class Greetings {
  readonly #people: People
  readonly #links: LinkNumbers
  readonly #incarnation: Incarnation
  readonly #marks: Database.Statement<[string, string], { lane: Lane; mark: number }>
  readonly #setMark: Database.Statement<[string, string, string, number, string]>
  /** Waits for a commit that others need. At most the devices that are known. */
  readonly #seen = new Map<DeviceId, Seen>()

  constructor(db: Database.Database, people: People, links: LinkNumbers, incarnation: Incarnation) {
    this.#people = people
    this.#links = links
    this.#incarnation = incarnation
    this.#marks = db.prepare('SELECT lane, mark FROM marks WHERE device = ? AND epoch = ?')
    this.#setMark = db.prepare(
      'INSERT INTO marks (device, epoch, lane, mark, moved_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET mark = excluded.mark, last = NULL, moved_at = excluded.moved_at',
    )
  }

  /** Whether this greeting leaves something that has to last; otherwise it only reads, and needs no room on the disk (T14). */
  hasToLast(request: GreetingRequest, at: string): boolean {
    if (this.#isRefused(request)) return false
    const { isNew, skipped, greeting } = this.#settle(request, at)
    return isNew || skipped.length > 0 || greeting.outbox === 'forgotten'
  }

  greet(request: GreetingRequest, at: string): Greeting {
    const { device, epoch, oldest, publicKey, source } = request
    const { greeting: settled, isNew, skipped } = this.#settle(request, at)
    if (!isNew) this.#seen.set(device, { name: settled.device.name, at })
    else if (!this.#people.devices.register({ device: settled.device, publicKey, source, at }))
      return { ...settled, outbox: 'refused' }
    // A device that is turned away keeps the link it has.
    const isActive = settled.device.status === 'active'
    const greeting = isActive ? { ...settled, link: this.#links.raise(device) } : settled
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
    for (const [id, { name, at }] of this.#seen) {
      if (writes === MAX_SEEN_WRITES) return
      writes += 1
      this.#seen.delete(id)
      this.#people.devices.seen(id, name, at)
    }
  }

  /** It is still here, long after its greeting; written down like that one. */
  stillHere(device: DeviceId, at: string): void {
    this.#seen.set(device, { name: this.#seen.get(device)?.name ?? null, at })
  }

  /** Whether it was here, and its row does not say so yet. */
  isHere(device: DeviceId): boolean {
    return this.#seen.has(device)
  }

  #isRefused({ device, source }: GreetingRequest): boolean {
    const { devices } = this.#people
    return devices.find(device) === null && !devices.hasRoom(source)
  }

  #settle(request: GreetingRequest, at: string): Settled {
    const { device: id, epoch, oldest } = request
    const known = this.#people.devices.find(id)
    const isNew = known === null
    const device: DeviceRow = {
      id,
      name: request.name,
      areas: known?.areas ?? request.defaultAreas,
      status: known?.status ?? 'active',
    }
    const isAlone = this.#people.devices.isAlone(id)
    const base = {
      device,
      isAlone,
      link: 0,
      incarnation: this.#incarnation,
      siteAreas: this.#people.areas(),
      session: this.#session(request, at),
    }
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

  #session({ session: id, device }: GreetingRequest, at: string): Greeting['session'] {
    if (id === undefined) return null
    const row = this.#people.session(id)
    return sessionState(row, row === null ? null : this.#people.operator(row.operator), { device, at })
  }
}
