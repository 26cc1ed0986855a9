import type Database from 'better-sqlite3'
import { URGENT_CHANNEL } from '../../../relay/protocol/channels.ts'
import type { CommandId, Epoch } from '../../../relay/protocol/ids.ts'
import { stepOf, type PassedTo, type UrgentPassage } from '../../ports/urgent-passage.ts'
import type { ChannelTable } from './channel-table.ts'
import type { Evidence } from './evidence.ts'

const KINDS = ['sent', 'received'] as const
type Kind = (typeof KINDS)[number]

/**
 * The evidence `sent` and `received` of alerts, derived from the log and from how far each device had come before (P4, E4).
 * Synchronous; runs in the store's worker.
 */
export class UrgentPassages {
  readonly #channels: ChannelTable
  readonly #evidence: Pick<Evidence, 'keep'>
  readonly #sql: ReturnType<typeof prepareAll>

  constructor(db: Database.Database, channels: ChannelTable, evidence: Pick<Evidence, 'keep'>) {
    this.#channels = channels
    this.#evidence = evidence
    this.#sql = prepareAll(db)
  }

  /** Whether taking this in writes anything; a device that passed no alert costs no commit (T14). */
  hasToLast(passage: UrgentPassage): boolean {
    const { id } = this.#channels.find(URGENT_CHANNEL)
    const before = this.#before(passage)
    if (before === null) return true
    return KINDS.some((kind) => {
      const { after, from, upTo, isCut } = stepOf(passage, before, kind)
      return upTo > after && (isCut || from > after || this.#sql.wasRaised.get(id, after, upTo) !== undefined)
    })
  }

  /** Answers how far evidence is kept now; what is left is due with the next heartbeat. */
  take(passage: UrgentPassage): PassedTo {
    const { device, at, epoch } = passage
    const channel = this.#channels.find(URGENT_CHANNEL)
    // Its rows went with a device that was forgotten; an older epoch's offsets are of another history.
    if (channel.epoch !== epoch || this.#sql.isDevice.get(device) === undefined) return passage
    // Nothing to be kept: the next one goes through these offsets again, which is bounded, and saves a write per device.
    if (!this.hasToLast(passage)) return passage
    const before = this.#before(passage)
    const reached: Record<Kind, number> = { sent: 0, received: 0 }
    for (const kind of KINDS) {
      const { after, from, upTo } = stepOf(passage, before, kind)
      reached[kind] = Math.max(after, upTo)
      if (upTo <= after) continue
      const alerts = this.#sql.passed.all(channel.id, from, upTo)
      if (from > after) alerts.push(...this.#sql.open.all({ channel: channel.id, upTo: Math.min(from, upTo) }))
      for (const alert of alerts) this.#evidence.keep({ alert, device, kind, at })
    }
    this.#sql.put.run({ device, epoch, ...reached })
    return reached
  }

  #before({ device, epoch }: UrgentPassage): PassedTo | null {
    const row = this.#sql.before.get(device)
    return row === undefined || row.epoch !== epoch ? null : row
  }
}

function prepareAll(db: Database.Database) {
  return {
    isDevice: db.prepare<[string]>('SELECT 1 FROM devices WHERE id = ?'),
    before: db.prepare<[string], PassedTo & { epoch: Epoch }>(
      'SELECT epoch, sent, received FROM urgent_passages WHERE device = ?',
    ),
    put: db.prepare<[PassedTo & { device: string; epoch: Epoch }]>(
      `INSERT INTO urgent_passages (device, epoch, sent, received) VALUES (@device, @epoch, @sent, @received)
       ON CONFLICT DO UPDATE SET epoch = excluded.epoch, sent = excluded.sent, received = excluded.received`,
    ),
    wasRaised: db.prepare<[number, number, number]>(
      `SELECT 1 FROM events WHERE channel = ? AND "offset" > ? AND "offset" <= ? AND type = 'alert.raised' LIMIT 1`,
    ),
    passed: db
      .prepare<[number, number, number], CommandId>(
        `SELECT cause FROM events
         WHERE channel = ? AND "offset" > ? AND "offset" <= ? AND type = 'alert.raised' AND cause IS NOT NULL`,
      )
      .pluck(),
    // The raising of one that is open may be longer ago than history is kept; what was raised later was not in the snapshot.
    open: db
      .prepare<[{ channel: number; upTo: number }], CommandId>(
        `SELECT records.key FROM records
         WHERE records.channel = @channel AND NOT EXISTS (SELECT 1 FROM events WHERE events.cause = records.key
         AND events.type = 'alert.raised' AND events.channel = @channel AND events."offset" > @upTo)`,
      )
      .pluck(),
  }
}
