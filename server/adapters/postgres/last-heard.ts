import type pg from 'pg'
import { aheadOf, type Heard, type LastHeard, type LastHeardStore } from '../../ports/last-heard.ts'
import type { DeviceRow } from '../../ports/site.ts'
import { ask } from './connection.ts'
import { transact } from './transact.ts'

/** When devices were last heard in areas, by any node. */
export class LastHeards implements LastHeardStore {
  readonly #pool: pg.Pool

  constructor(pool: pg.Pool) {
    this.#pool = pool
  }

  async heard(rows: readonly Heard[]): Promise<void> {
    // Of two rows of a device and an area the last one counts, and every node takes the rows in the same order.
    const last = new Map(rows.map((row) => [`${row.device} ${row.area}`, row]))
    const all = [...last].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, row]) => row)
    const kept = all.filter(({ isOver }) => !isOver)
    const over = all.filter(({ isOver }) => isOver)
    await transact(this.#pool, async (client) => {
      await client.query(
        `INSERT INTO andon.last_heard AS l (device, area, alone, at)
         SELECT h.device, h.area, h.alone, h.at FROM unnest($1::text[], $2::text[], $3::boolean[], $4::text[])
         AS h (device, area, alone, at) JOIN andon.devices d ON d.id = h.device
         ON CONFLICT (device, area) DO UPDATE SET alone = excluded.alone, at = GREATEST(l.at, excluded.at)`,
        [
          kept.map(({ device }) => device),
          kept.map(({ area }) => area),
          kept.map(({ isAlone }) => isAlone),
          kept.map(({ at }) => at),
        ],
      )
      await client.query(
        `DELETE FROM andon.last_heard l USING unnest($1::text[], $2::text[], $3::text[], $4::text[])
         AS o (device, area, at, ahead) WHERE l.device = o.device AND l.area = o.area AND (l.at <= o.at OR l.at > o.ahead)`,
        [
          over.map(({ device }) => device),
          over.map(({ area }) => area),
          over.map(({ at }) => at),
          over.map(({ at }) => aheadOf(at)),
        ],
      )
    })
  }

  async lastHeard(area: string, since: string, max: number): Promise<readonly LastHeard[]> {
    const kinds = await Promise.all([false, true].map((isAlone) => this.#ofKind([area, isAlone, since, max])))
    return kinds.flat()
  }

  async #ofKind(values: readonly [area: string, isAlone: boolean, since: string, max: number]) {
    const rows = await ask<Omit<DeviceRow, 'areas'> & { areas: string; isAlone: boolean; at: string }>(
      this.#pool,
      `SELECT d.id, d.name, d.areas, d.status, l.alone AS "isAlone", l.at FROM andon.last_heard l
       JOIN andon.devices d ON d.id = l.device AND d.status = 'active'
       WHERE l.area = $1 AND l.alone = $2 AND l.at >= $3 ORDER BY l.at DESC LIMIT $4`,
      values,
    )
    return rows.map(({ isAlone, at, areas, ...row }): LastHeard => ({
      // Written by `register` only.
      device: { ...row, areas: JSON.parse(areas) as readonly string[] },
      isAlone,
      at,
    }))
  }
}
