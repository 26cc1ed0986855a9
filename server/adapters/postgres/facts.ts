import type pg from 'pg'
import type { ChannelName } from '../../../relay/protocol/channels.ts'
import type { CommandId, DeviceId, Epoch, EventId, OutboxEpoch, SessionId } from '../../../relay/protocol/ids.ts'
import { LIMITS } from '../../../relay/protocol/limits.ts'
import type { Lane } from '../../../relay/protocol/lanes.ts'
import type { RelayRun } from '../../ports/greeting.ts'
import type { LeftBehind } from '../../ports/rules.ts'
import type { SessionRow } from '../../ports/sessions.ts'
import type { ApiKeyRow, OperatorRow } from '../../ports/site.ts'

/** A device with what is decided on beside its row. */
export interface DeviceFact {
  readonly id: DeviceId
  readonly publicKey: string
  readonly name: string
  readonly areas: readonly string[]
  readonly status: 'active' | 'revoked'
  readonly usedAt: string | null
  readonly lastSeen: string
  readonly source: string
  readonly link: number
  /** Name of its last greeting; null of one from before names were kept. */
  readonly greeting: string | null
  /** Of its last greeting; null of one that named none. */
  readonly run: RelayRun | null
  /** Somebody signed in on it once. */
  readonly isPeoples: boolean
}

export interface MarkFact {
  readonly device: DeviceId
  readonly epoch: OutboxEpoch
  readonly lane: Lane
  readonly mark: number
  readonly last: CommandId | null
  /** Results that are kept of this lane. */
  readonly held: number
  readonly movedAt: string
}

export interface ChannelFact {
  readonly id: number
  readonly name: ChannelName
  readonly epoch: Epoch
  readonly top: number
  readonly topId: EventId | null
  readonly records: number
  readonly recordBytes: number
  readonly eventBytes: number
}

export interface RecordFact {
  readonly channel: ChannelName
  readonly offset: number
  /** JSON. */
  readonly record: string
  readonly holder: string | null
  readonly raiser: string | null
}

export interface EventFact {
  readonly channel: ChannelName
  readonly offset: number
  readonly id: EventId
  readonly at: string
  readonly by: string | null
  /** JSON. */
  readonly data: string
}

export interface SessionFact {
  readonly row: SessionRow
  readonly left: LeftBehind | null
}

/** A record of a list of rejected commands, without what it says. */
export interface ListedFact {
  readonly key: string
  readonly holder: string
  readonly offset: number
  readonly bytes: number
}

/** What can be asked about, and what the answer is: by the name of the question, in parts of its key. */
export interface Facts {
  /** By id. */
  device: DeviceFact | null
  /** Of a device, of every epoch and lane. */
  marks: readonly MarkFact[]
  /** By device, epoch, lane and sequence. */
  result: { readonly id: string; readonly outcome: string } | null
  session: SessionFact | null
  /** Of an operator, those that `revokeSessionsOf` may end. */
  openSessions: readonly { readonly id: SessionId; readonly status: string }[]
  operator: OperatorRow | null
  /** Of the site, by name; the key is empty. */
  areas: readonly string[]
  apiKey: ApiKeyRow | null
  /** By API key and key. */
  idempotency: { readonly bodyHash: string; readonly outcome: string } | null
  channel: ChannelFact | null
  /** By domain and key. */
  record: RecordFact | null
  /** By type and cause. */
  event: EventFact | null
  /** By channel, type and cause. */
  said: EventFact | null
  /** By channel and the id of what they answer: the commands that made them. */
  answers: readonly CommandId[]
  /** By name of a list: its records, in the order of holder and offset. */
  list: readonly ListedFact[]
  /** By domain: its channels that hold records. */
  lists: readonly { readonly name: ChannelName; readonly bytes: number }[]
  /** Open alerts that this device raised alone; of all devices on which nobody ever signed in where the key is empty. */
  raised: number
  /** By id: when it is due. */
  timer: string | null
  /** Commands that wait for their time, as far as they are counted; the key is empty. */
  timersHeld: number
  /** By kind and source. */
  sum: number
  /** From where most strangers came, and how many; the key is empty. */
  loudest: { readonly source: string; readonly count: number } | null
  /** By source, the strangers that were away longest. */
  longestAway: readonly DeviceId[]
  /** All of them, oldest first; the key is empty. */
  reviews: readonly ReviewFact[]
}

export interface ReviewFact {
  readonly id: number
  readonly kind: string
  readonly device: DeviceId
  readonly detail: string
  readonly isUsed: boolean
}

export type FactName = keyof Facts
type Row = Readonly<Record<string, unknown>>

interface Question<V> {
  /** Columns `k1`, `k2` … are the key that a row answers to; parameters are the keys, an array for each part. */
  readonly sql: string
  readonly parts: number
  readonly none: V
  /** The answer with this row in it. */
  readonly add: (before: V, row: Row) => V
}

function one<V>(parts: number, sql: string, read: (row: Row) => V): Question<V | null> {
  return { parts, sql, none: null, add: (_before, row) => read(row) }
}

function many<V>(parts: number, sql: string, read: (row: Row) => V): Question<readonly V[]> {
  // The list is this answer's own from its first row on.
  const add = (before: readonly V[], row: Row): readonly V[] => {
    if (before.length === 0) return [read(row)]
    ;(before as V[]).push(read(row))
    return before
  }
  return { parts, sql, none: [], add }
}

function count(parts: number, sql: string): Question<number> {
  return { parts, sql, none: 0, add: (_before, row) => row['count'] as number }
}

/** This adapter wrote it. */
function runOf(run: unknown): RelayRun | null {
  return typeof run === 'string' ? (JSON.parse(run) as RelayRun) : null
}

const KEYS_1 = 'unnest($1::text[]) AS k (k1)'
const KEYS_2 = 'unnest($1::text[], $2::text[]) AS k (k1, k2)'
const EVENT = 'c.name AS channel, e."offset", e.id, e.at, e.by, e.data'
const SESSION = `s.id, s.operator, s.device, s.status, s.created_at AS "createdAt", s.expires_at AS "expiresAt",
  s.refresh_hash AS "refreshHash", s.previous_hash AS "previousHash", s.generation,
  s.left_epoch AS "leftEpoch", s.left_urgent AS "leftUrgent", s.left_normal AS "leftNormal"`
/** Strangers that one group may take the place of. */
const MAX_EVICTED = 64

/** Each is answered through an index, however much is kept; what walks rows is bounded by the limit that it is asked for. */
const QUESTIONS: { readonly [N in FactName]: Question<Facts[N]> } = {
  device: one(
    1,
    `SELECT d.id AS k1, d.id, d.public_key AS "publicKey", d.name, d.areas, d.status, d.used_at AS "usedAt",
     d.last_seen AS "lastSeen", d.source, d.link, d.greeting, d.run,
     EXISTS (SELECT 1 FROM andon.sign_ins i WHERE i.device = d.id) AS "isPeoples"
     FROM andon.devices d WHERE d.id = ANY ($1::text[])`,
    ({ k1: _key, areas, run, ...row }) => ({ ...row, areas: areasOf(areas), run: runOf(run) }) as DeviceFact,
  ),
  marks: many(
    1,
    `SELECT device AS k1, device, epoch, lane, mark, last, held, moved_at AS "movedAt"
     FROM andon.marks WHERE device = ANY ($1::text[])`,
    ({ k1: _key, ...row }) => row as unknown as MarkFact,
  ),
  result: one(
    4,
    `SELECT r.device AS k1, r.epoch AS k2, r.lane AS k3, r.seq::text AS k4, r.id, r.outcome
     FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) AS k (device, epoch, lane, seq)
     JOIN andon.results r USING (device, epoch, lane, seq)`,
    ({ id, outcome }) => ({ id: id as string, outcome: outcome as string }),
  ),
  session: one(1, `SELECT s.id AS k1, ${SESSION} FROM andon.sessions s WHERE s.id = ANY ($1::text[])`, sessionFact),
  openSessions: many(
    1,
    `SELECT operator AS k1, id, status FROM andon.sessions WHERE operator = ANY ($1::text[]) AND status <> 'revoked'`,
    ({ id, status }) => ({ id: id as SessionId, status: status as string }),
  ),
  operator: one(
    1,
    `SELECT id AS k1, id, role, areas, pin_hash AS "pinHash", status FROM andon.operators WHERE id = ANY ($1::text[])`,
    ({ k1: _key, areas, ...row }) => ({ ...row, areas: areasOf(areas) }) as OperatorRow,
  ),
  areas: many(1, `SELECT k1, name FROM ${KEYS_1}, andon.areas ORDER BY name`, ({ name }) => name as string),
  apiKey: one(
    1,
    `SELECT id AS k1, id, name, hash, role, areas FROM andon.api_keys WHERE id = ANY ($1::text[])`,
    ({ k1: _key, areas, ...row }) => ({ ...row, areas: areasOf(areas) }) as ApiKeyRow,
  ),
  idempotency: one(
    2,
    `SELECT k1, k2, body_hash AS "bodyHash", outcome FROM ${KEYS_2}
     JOIN andon.idempotency i ON i.api_key = k1 AND i.key = k2`,
    ({ bodyHash, outcome }) => ({ bodyHash: bodyHash as string, outcome: outcome as string }),
  ),
  channel: one(
    1,
    `SELECT name AS k1, id, name, epoch, top, top_id AS "topId", records, record_bytes AS "recordBytes",
     event_bytes AS "eventBytes" FROM andon.channels WHERE name = ANY ($1::text[])`,
    ({ k1: _key, ...row }) => row as unknown as ChannelFact,
  ),
  record: one(
    2,
    `SELECT k1, k2, c.name AS channel, r."offset", r.record, r.holder, r.raiser FROM ${KEYS_2}
     JOIN andon.records r ON r.domain = k1 AND r.key = k2 JOIN andon.channels c ON c.id = r.channel`,
    ({ k1: _domain, k2: _key, ...row }) => row as unknown as RecordFact,
  ),
  // The types stand in the text, because the indexes are of these types only. An id is taken once by an alert.
  event: one(
    2,
    `SELECT k1, k2, f.* FROM ${KEYS_2} CROSS JOIN LATERAL (
       (SELECT ${EVENT} FROM andon.events e JOIN andon.channels c ON c.id = e.channel
        WHERE k1 = 'chat.posted' AND e.type = 'chat.posted' AND e.cause = k2 ORDER BY e.id LIMIT 1)
       UNION ALL
       (SELECT ${EVENT} FROM andon.events e JOIN andon.channels c ON c.id = e.channel
        WHERE k1 = 'alert.raised' AND e.type = 'alert.raised' AND e.cause = k2 LIMIT 1)) f`,
    eventFact,
  ),
  said: one(
    3,
    `SELECT k1, k2, k3, f.* FROM unnest($1::text[], $2::text[], $3::text[]) AS k (k1, k2, k3) CROSS JOIN LATERAL (
       SELECT ${EVENT} FROM andon.events e JOIN andon.channels c ON c.id = e.channel
       WHERE (e.type = 'chat.posted' OR e.type = 'chat.mentioned') AND e.cause = k3 AND e.type = k2 AND c.name = k1
       ORDER BY e.id LIMIT 1) f`,
    eventFact,
  ),
  answers: many(
    2,
    `SELECT k1, k2, e.cause FROM ${KEYS_2} JOIN andon.channels c ON c.name = k1 JOIN andon.events e ON e.channel = c.id
     WHERE e.type = 'chat.posted' AND e.data LIKE '%"reply":{"to":"%'
     AND substring(e.data from '"reply":{"to":"[a-z]+","id":"([0-9a-f-]+)"') = k2 AND e.cause IS NOT NULL`,
    ({ cause }) => cause as CommandId,
  ),
  list: many(
    1,
    `SELECT c.name AS k1, r.key, r.holder, r."offset", octet_length(r.record) AS bytes
     FROM andon.channels c JOIN andon.records r ON r.channel = c.id
     WHERE c.name = ANY ($1::text[]) AND r.holder IS NOT NULL ORDER BY r.holder, r."offset"`,
    ({ k1: _key, ...row }) => row as unknown as ListedFact,
  ),
  lists: many(
    1,
    `SELECT k1, name, record_bytes AS bytes FROM ${KEYS_1}
     JOIN andon.channels ON name >= k1 || '/' AND name < k1 || '0' AND records > 0 ORDER BY name`,
    ({ name, bytes }) => ({ name: name as ChannelName, bytes: bytes as number }),
  ),
  raised: count(
    1,
    `SELECT k1, (CASE WHEN k1 = '' THEN (SELECT COUNT(*) FROM andon.records WHERE raiser < '1')
     ELSE (SELECT COUNT(*) FROM andon.records WHERE raiser IN ('0 ' || k1, '1 ' || k1)) END) AS count FROM ${KEYS_1}`,
  ),
  timer: one(1, 'SELECT id AS k1, due FROM andon.timers WHERE id = ANY ($1::text[])', ({ due }) => due as string),
  timersHeld: count(
    1,
    `SELECT k1, (SELECT COUNT(*) FROM (SELECT 1 FROM andon.timers LIMIT ${LIMITS.maxTimers}) t) AS count FROM ${KEYS_1}`,
  ),
  sum: count(2, `SELECT k1, k2, count FROM ${KEYS_2} JOIN andon.device_sums s ON s.kind = k1 AND s.source = k2`),
  loudest: one(
    1,
    `SELECT k1, source, count FROM ${KEYS_1} CROSS JOIN LATERAL (SELECT source, count FROM andon.device_sums
     WHERE kind = 'strangers-from' ORDER BY count DESC LIMIT 1) s`,
    ({ source, count: most }) => ({ source: source as string, count: most as number }),
  ),
  longestAway: many(
    1,
    `SELECT k1, d.id FROM ${KEYS_1} CROSS JOIN LATERAL (SELECT id FROM andon.devices
     WHERE used_at IS NULL AND source = k1 ORDER BY last_seen LIMIT ${MAX_EVICTED}) d`,
    ({ id }) => id as DeviceId,
  ),
  reviews: many(
    1,
    `SELECT k1, r.id, r.kind, r.device, r.detail, d.used_at IS NOT NULL AS "isUsed" FROM ${KEYS_1}, andon.reviews r
     LEFT JOIN andon.devices d ON d.id = r.device ORDER BY r.id`,
    ({ k1: _key, ...row }) => row as unknown as ReviewFact,
  ),
}

function areasOf(text: unknown): readonly string[] {
  // Written by this adapter only.
  return JSON.parse(text as string) as readonly string[]
}

function eventFact({ k1: _first, k2: _second, k3: _third, ...row }: Row): EventFact {
  return row as unknown as EventFact
}

function sessionFact(row: Row): SessionFact {
  const { k1: _key, leftEpoch, leftUrgent, leftNormal, ...session } = row
  const isLeft = leftEpoch !== null && leftUrgent !== null && leftNormal !== null
  return {
    row: session as unknown as SessionRow,
    left: isLeft
      ? { epoch: leftEpoch as OutboxEpoch, urgent: leftUrgent as number, normal: leftNormal as number }
      : null,
  }
}

/** A question and the parts of its key, as one text. */
export function factKey(name: FactName, parts: readonly string[]): string {
  return JSON.stringify([name, ...parts])
}

/** Asks all of these at once, each kind with one statement, and answers by `factKey`: what is not there is there as `none`. */
export async function askAll(
  client: Pick<pg.PoolClient, 'query'>,
  wanted: Iterable<string>,
): Promise<ReadonlyMap<string, unknown>> {
  const byName = new Map<FactName, string[][]>()
  const answers = new Map<string, unknown>()
  for (const key of wanted) {
    const [name, ...parts] = JSON.parse(key) as [FactName, ...string[]]
    answers.set(key, QUESTIONS[name].none)
    byName.set(name, [...(byName.get(name) ?? []), parts])
  }
  const asking = [...byName].map(async ([name, keys]) => {
    // What is added to an answer is of the same question.
    const { sql, parts, add } = QUESTIONS[name] as Question<unknown>
    const values = Array.from({ length: parts }, (_, part) => keys.map((key) => key[part]))
    const { rows } = await client.query<Row>({ text: sql, values })
    for (const row of rows) {
      const at = Array.from({ length: parts }, (_, part) => row[`k${part + 1}`] as string)
      const key = factKey(name, at)
      answers.set(key, add(answers.get(key), row))
    }
  })
  await Promise.all(asking)
  return answers
}
