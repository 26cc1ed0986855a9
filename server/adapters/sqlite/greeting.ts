import type Database from 'better-sqlite3'
import type { Incarnation } from '../../../relay/protocol/ids.ts'
import { LANES, type Lane } from '../../../relay/protocol/lanes.ts'
import { sessionState, type DeviceRow, type Greeting, type GreetingRequest } from '../../ports/store.ts'
import type { People } from './people.ts'

/**
 * Registers or finds a device and settles where its outbox goes on (PROTOCOL W10). Synchronous; runs inside the open
 * transaction, so that adopting marks and recording the skipped range stand or fall together.
 */
export class Greetings {
  readonly #people: People
  readonly #incarnation: Incarnation
  readonly #marks: Database.Statement<[string, string], { lane: Lane; mark: number }>
  readonly #setMark: Database.Statement<[string, string, string, number, string]>

  constructor(db: Database.Database, people: People, incarnation: Incarnation) {
    this.#people = people
    this.#incarnation = incarnation
    this.#marks = db.prepare('SELECT lane, mark FROM marks WHERE device = ? AND epoch = ?')
    this.#setMark = db.prepare(
      'INSERT INTO marks (device, epoch, lane, mark, moved_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET mark = excluded.mark, last = NULL, moved_at = excluded.moved_at',
    )
  }

  greet(request: GreetingRequest, at: string): Greeting {
    const known = this.#people.device(request.device)
    const device: DeviceRow = {
      id: request.device,
      name: request.name,
      areas: known?.areas ?? request.defaultAreas,
      status: known?.status ?? 'active',
    }
    this.#people.putDevice(device, request.publicKey, at)
    const base = { device, incarnation: this.#incarnation, session: this.#session(request) }

    const marks: Record<Lane, number> = { urgent: 0, normal: 0 }
    const rows = this.#marks.all(request.device, request.epoch)
    for (const { lane, mark } of rows) marks[lane] = mark
    const hasHistory = LANES.some((lane) => request.oldest[lane] > 1)

    // A restored store may have lost marks it once gave: the device's own oldest pending sequence decides, and what the
    // store does not know about is written down for people, never guessed.
    if (request.incarnation !== null && request.incarnation !== this.#incarnation) {
      for (const lane of LANES) this.#adopt(request, lane, marks, at)
      return { ...base, outbox: 'adopted', marks }
    }
    // The same incarnation, and yet the device is past what this store knows: it was rolled back behind our back.
    const isBehind = rows.length > 0 && LANES.some((lane) => request.oldest[lane] > marks[lane] + 1)
    if (isBehind) {
      for (const lane of LANES) this.#adopt(request, lane, marks, at)
      return { ...base, outbox: 'adopted', marks }
    }
    if (rows.length > 0) return { ...base, outbox: 'known', marks }
    if (!hasHistory) return { ...base, outbox: known === null ? 'new' : 'known', marks }
    this.#people.addReview({
      kind: 'forgotten',
      device: request.device,
      detail: { epoch: request.epoch, oldest: request.oldest },
      at,
    })
    return { ...base, outbox: 'forgotten', marks }
  }

  #session({ session: id, device }: GreetingRequest): Greeting['session'] {
    if (id === undefined) return null
    const row = this.#people.session(id)
    return sessionState(row, row === null ? null : this.#people.operator(row.operator), device)
  }

  #adopt(request: GreetingRequest, lane: Lane, marks: Record<Lane, number>, at: string): void {
    const adopted = request.oldest[lane] - 1
    const mark = marks[lane]
    // At or below the mark nothing was skipped: what the device still holds is answered by its stored results.
    if (adopted <= mark) return
    const detail = { epoch: request.epoch, lane, from: mark + 1, to: adopted }
    this.#people.addReview({ kind: 'skipped-range', device: request.device, detail, at })
    marks[lane] = adopted
    this.#setMark.run(request.device, request.epoch, lane, adopted, at)
  }
}
