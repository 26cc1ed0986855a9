import type pg from 'pg'
import { URGENT_CHANNEL } from '../../../relay/protocol/channels.ts'
import type { CommandId, Epoch, Incarnation } from '../../../relay/protocol/ids.ts'
import type { Receipt } from '../../ports/store-writer.ts'
import { stepOf, type PassedTo, type UrgentPassage } from '../../ports/urgent-passage.ts'
import { ask } from './connection.ts'
import { keep } from './evidence.ts'
import { firstEpoch } from './first-epoch.ts'
import { transact } from './transact.ts'

const KINDS = ['sent', 'received'] as const
type Kind = (typeof KINDS)[number]

/** Of the urgent channel and the device, at one moment. */
interface Standing {
  readonly epoch: Epoch
  readonly isDevice: boolean
  readonly before: PassedTo | null
}

/** The evidence `sent` and `received` of alerts, derived from the log and from how far each device had come before (P4, E4). */
export class UrgentPassages {
  readonly #pool: pg.Pool
  readonly #incarnation: Incarnation

  constructor(pool: pg.Pool, incarnation: Incarnation) {
    this.#pool = pool
    this.#incarnation = incarnation
  }

  /** Answers how far evidence is kept now; what is left is due with the next heartbeat. */
  async take(passage: UrgentPassage): Promise<PassedTo> {
    const { device, epoch } = passage
    const standing = await this.#standing(this.#pool, passage)
    // Its rows went with a device that was forgotten; an older epoch's offsets are of another history.
    if (standing.epoch !== epoch || !standing.isDevice) return passage
    // Nothing to be kept: the next one goes through these offsets again, which is bounded, and saves a write per device.
    if (!(await this.#hasToLast(passage, standing.before))) return passage
    return await transact(this.#pool, async (client) => {
      await client.query('SELECT 1 FROM andon.urgent_passages WHERE device = $1 FOR UPDATE', [device])
      const { before } = await this.#standing(client, passage)
      const reached: Record<Kind, number> = { sent: 0, received: 0 }
      const receipts: Receipt[] = []
      for (const kind of KINDS) {
        const { after, from, upTo } = stepOf(passage, before, kind)
        reached[kind] = Math.max(after, upTo)
        if (upTo <= after) continue
        for (const alert of await passed(client, { after, from, upTo }))
          receipts.push({ alert, device, kind, at: passage.at })
      }
      await keep(client, receipts)
      await client.query(
        `INSERT INTO andon.urgent_passages (device, epoch, sent, received) VALUES ($1, $2, $3, $4)
         ON CONFLICT (device) DO UPDATE SET epoch = excluded.epoch, sent = excluded.sent, received = excluded.received`,
        [device, epoch, reached.sent, reached.received],
      )
      return reached
    })
  }

  async #standing(client: Pick<pg.Pool, 'query'>, { device, epoch }: UrgentPassage): Promise<Standing> {
    const [row] = await ask<{ epoch: Epoch | null; isDevice: boolean; of: Epoch | null } & PassedTo>(
      client,
      `SELECT (SELECT epoch FROM andon.channels WHERE name = $2) AS epoch, d.id IS NOT NULL AS "isDevice",
       p.epoch AS of, p.sent, p.received
       FROM (SELECT $1::text AS device) k LEFT JOIN andon.devices d ON d.id = k.device
       LEFT JOIN andon.urgent_passages p ON p.device = k.device`,
      [device, URGENT_CHANNEL],
    )
    const { sent = 0, received = 0, isDevice = false } = row ?? {}
    return {
      epoch: row?.epoch ?? firstEpoch(this.#incarnation, URGENT_CHANNEL),
      isDevice,
      before: row?.of === epoch ? { sent, received } : null,
    }
  }

  /** Whether taking this in writes anything; a device that passed no alert costs no commit (T14). */
  async #hasToLast(passage: UrgentPassage, before: PassedTo | null): Promise<boolean> {
    if (before === null) return true
    for (const kind of KINDS) {
      const { after, from, upTo, isCut } = stepOf(passage, before, kind)
      if (upTo <= after) continue
      if (isCut || from > after) return true
      const raised = await ask(
        this.#pool,
        `SELECT 1 FROM andon.events e JOIN andon.channels c ON c.id = e.channel
         WHERE c.name = $1 AND e."offset" > $2 AND e."offset" <= $3 AND e.type = 'alert.raised' LIMIT 1`,
        [URGENT_CHANNEL, after, upTo],
      )
      if (raised.length > 0) return true
    }
    return false
  }
}

/** Every alert that was raised on the way, and what was open where it was told that and no more. */
async function passed(
  client: pg.PoolClient,
  { after, from, upTo }: { readonly after: number; readonly from: number; readonly upTo: number },
): Promise<readonly CommandId[]> {
  const rows = await ask<{ alert: CommandId }>(
    client,
    `SELECT e.cause AS alert FROM andon.events e JOIN andon.channels c ON c.id = e.channel
     WHERE c.name = $1 AND e."offset" > $2 AND e."offset" <= $3 AND e.type = 'alert.raised' AND e.cause IS NOT NULL`,
    [URGENT_CHANNEL, from, upTo],
  )
  // The raising of one that is open may be longer ago than history is kept; what was raised later was not in the snapshot.
  const open =
    from > after
      ? await ask<{ alert: CommandId }>(
          client,
          `SELECT r.key AS alert FROM andon.records r JOIN andon.channels c ON c.id = r.channel
           WHERE c.name = $1 AND NOT EXISTS (SELECT 1 FROM andon.events e WHERE e.cause = r.key
           AND e.type = 'alert.raised' AND e.channel = c.id AND e."offset" > $2)`,
          [URGENT_CHANNEL, Math.min(from, upTo)],
        )
      : []
  return [...new Set([...rows, ...open].map(({ alert }) => alert))]
}
