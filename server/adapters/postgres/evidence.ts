import type pg from 'pg'
import type { CommandId, DeviceId } from '../../../relay/protocol/ids.ts'
import { LIMITS } from '../../../relay/protocol/limits.ts'
import type { LinkOf, Receipt } from '../../ports/store-writer.ts'
import { ask } from './connection.ts'
import { transact } from './transact.ts'

/** Locks of alerts in whose places for devices of nobody somebody looks for one. */
const PLACES = 0x45_56_49_44

/** Evidence of alerts (P4): what became of each on which device. */
export class Evidence {
  readonly #pool: pg.Pool

  constructor(pool: pg.Pool) {
    this.#pool = pool
  }

  /** How many of them were dropped: their alert is not known, or has no place for them (PROTOCOL E3). */
  async record(receipts: readonly Receipt[], from?: LinkOf): Promise<number | 'stale-link'> {
    if (receipts.length === 0) return 0
    return await transact(this.#pool, async (client) => {
      if (from !== undefined) {
        const [row] = await ask<{ link: number }>(client, 'SELECT link FROM andon.devices WHERE id = $1 FOR SHARE', [
          from.device,
        ])
        if (from.link < (row?.link ?? 0)) return 'stale-link'
      }
      const known = await knownAlerts(client, receipts)
      const kept = receipts.filter(({ alert }) => known.has(alert))
      return receipts.length - (await keep(client, kept))
    })
  }
}

/** An alert is known while it is there, while its past is, and while somebody's evidence of it is. */
async function knownAlerts(client: pg.PoolClient, receipts: readonly Receipt[]): Promise<ReadonlySet<string>> {
  const rows = await ask<{ alert: string }>(
    client,
    `SELECT alert FROM unnest($1::text[]) AS a (alert)
     WHERE EXISTS (SELECT 1 FROM andon.records r WHERE r.domain = 'alerts' AND r.key = alert)
     OR EXISTS (SELECT 1 FROM andon.events e WHERE e.type = 'alert.raised' AND e.cause = alert)
     OR EXISTS (SELECT 1 FROM andon.receipts r WHERE r.alert = a.alert)`,
    [[...new Set(receipts.map(({ alert }) => alert))]],
  )
  return new Set(rows.map(({ alert }) => alert))
}

/**
 * Of alerts that are known. The first of an alert, a device and a kind counts; answers how many have a place.
 *
 * Devices on which nobody ever signed in share the places that an alert has for them: a device keeps the one it has, and a new
 * one comes behind the last, so that nothing is counted.
 */
export async function keep(client: pg.PoolClient, receipts: readonly Receipt[]): Promise<number> {
  if (receipts.length === 0) return 0
  const peoples = await ask<{ device: DeviceId }>(
    client,
    'SELECT DISTINCT device FROM andon.sign_ins WHERE device = ANY ($1::text[])',
    [[...new Set(receipts.map(({ device }) => device))]],
  )
  const ofPeople = new Set(peoples.map(({ device }) => device))
  const alone = receipts.filter(({ device }) => !ofPeople.has(device))
  const places = await placesOf(client, alone)
  const kept = receipts.flatMap((receipt): (Receipt & { readonly place: number | null })[] => {
    if (ofPeople.has(receipt.device)) return [{ ...receipt, place: null }]
    const place = places.get(nameOf(receipt))
    return place === undefined ? [] : [{ ...receipt, place }]
  })
  await client.query(
    `INSERT INTO andon.receipts (alert, device, kind, at, place)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[])
     ORDER BY 1, 2, 3 ON CONFLICT DO NOTHING`,
    [
      kept.map(({ alert }) => alert),
      kept.map(({ device }) => device),
      kept.map(({ kind }) => kind),
      kept.map(({ at }) => at),
      kept.map(({ place }) => place),
    ],
  )
  return kept.length
}

/** By alert and device its place; absent where the alert has none for it. */
async function placesOf(client: pg.PoolClient, receipts: readonly Receipt[]): Promise<ReadonlyMap<string, number>> {
  const alerts = [...new Set(receipts.map(({ alert }) => alert))].toSorted((a, b) => (a < b ? -1 : 1))
  const places = new Map<string, number>()
  if (alerts.length === 0) return places
  await client.query(
    'SELECT pg_advisory_xact_lock($1, hash) FROM (SELECT DISTINCT hashtext(alert) AS hash FROM unnest($2::text[]) AS a (alert) ORDER BY hash) h',
    [PLACES, alerts],
  )
  const had = await ask<{ alert: CommandId; device: DeviceId; place: number }>(
    client,
    `SELECT DISTINCT r.alert, r.device, r.place FROM unnest($1::text[], $2::text[]) AS k (alert, device)
     JOIN andon.receipts r USING (alert, device) WHERE r.place IS NOT NULL`,
    [receipts.map(({ alert }) => alert), receipts.map(({ device }) => device)],
  )
  for (const row of had) places.set(nameOf(row), row.place)
  const last = await ask<{ alert: string; place: number }>(
    client,
    `SELECT k.alert, (SELECT place FROM andon.receipts r WHERE r.alert = k.alert AND place IS NOT NULL
     ORDER BY place DESC LIMIT 1) AS place FROM unnest($1::text[]) AS k (alert)`,
    [alerts],
  )
  const lastOf = new Map(last.map(({ alert, place }) => [alert, place ?? 0]))
  for (const receipt of receipts) {
    const next = (lastOf.get(receipt.alert) ?? 0) + 1
    if (places.has(nameOf(receipt)) || next > LIMITS.maxEvidenceAlone) continue
    places.set(nameOf(receipt), next)
    lastOf.set(receipt.alert, next)
  }
  return places
}

function nameOf({ alert, device }: Pick<Receipt, 'alert' | 'device'>): string {
  return `${alert} ${device}`
}
