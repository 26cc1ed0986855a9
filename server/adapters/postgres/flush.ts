import type pg from 'pg'
import type { DeviceFact } from './facts.ts'
import type { WorkingSet } from './working-set.ts'

type Send = (text: string, ...values: unknown[]) => Promise<pg.QueryResult>

/**
 * Sends everything that the group changed: of each table one statement for all of its rows, in an order that its keys allow.
 * Nothing is waited for: each promise is of one statement. `sessions` is checked by who commits: a session that somebody else
 * ended in the meantime is not ended again (`isConflict`).
 */
export function flush(
  client: Pick<pg.PoolClient, 'query'>,
  set: WorkingSet,
): { readonly sent: readonly Promise<pg.QueryResult>[]; readonly sessions: number } {
  const sent: Promise<pg.QueryResult>[] = []
  const send: Send = (text, ...values) => {
    const result = client.query(text, values)
    sent.push(result)
    return result
  }
  flushDevices(send, set)
  flushLanes(send, set)
  flushChannels(send, set)
  flushRecords(send, set)
  flushOthers(send, set)
  const sessions = flushSessions(send, set)
  return { sent, sessions }
}

/** Whether a row that was to be changed is not any more what it was read as. */
export function isConflict(results: readonly pg.QueryResult[], sessions: number): boolean {
  return sessions > 0 && results.at(-1)?.rowCount !== sessions
}

function flushDevices(send: Send, set: WorkingSet): void {
  const { evicted } = set.writes
  if (evicted.length > 0) {
    for (const table of ['results', 'marks'])
      void send(`DELETE FROM andon.${table} WHERE device = ANY ($1::text[])`, evicted)
    void send('DELETE FROM andon.devices WHERE id = ANY ($1::text[])', evicted)
  }
  const rows = [...set.changes('device')].flatMap(({ before, after }) =>
    after === null ? [] : [{ ...after, isNew: before === null }],
  )
  const news = rows.filter(({ isNew }) => isNew)
  if (news.length > 0)
    void send(
      `INSERT INTO andon.devices (id, public_key, name, areas, status, first_seen, last_seen, used_at, source, link, greeting, run)
       SELECT id, public_key, name, areas, status, seen, seen, used_at, source, link, greeting, run
       FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bigint[],
       $10::text[], $11::text[]) AS d (id, public_key, name, areas, status, seen, used_at, source, link, greeting, run)`,
      news.map(({ id }) => id),
      news.map(({ publicKey }) => publicKey),
      news.map(({ name }) => name),
      news.map(({ areas }) => JSON.stringify(areas)),
      news.map(({ status }) => status),
      news.map(({ lastSeen }) => lastSeen),
      news.map(({ usedAt }) => usedAt),
      news.map(({ source }) => source),
      news.map(({ link }) => link),
      news.map(({ greeting }) => greeting),
      news.map(({ run }) => runText(run)),
    )
  const known = rows.filter(({ isNew }) => !isNew)
  if (known.length > 0)
    void send(
      `UPDATE andon.devices d SET name = n.name, last_seen = n.seen, used_at = n.used_at, link = n.link, greeting = n.greeting,
       run = n.run FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[])
       AS n (id, name, seen, used_at, link, greeting, run) WHERE d.id = n.id`,
      known.map(({ id }) => id),
      known.map(({ name }) => name),
      known.map(({ lastSeen }) => lastSeen),
      known.map(({ usedAt }) => usedAt),
      known.map(({ link }) => link),
      known.map(({ greeting }) => greeting),
      known.map(({ run }) => runText(run)),
    )
  const sums = [...set.changes('sum')]
  if (sums.length > 0)
    void send(
      `INSERT INTO andon.device_sums (kind, source, count) SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[])
       ON CONFLICT (kind, source) DO UPDATE SET count = excluded.count`,
      sums.map(({ key }) => key[0]),
      sums.map(({ key }) => key[1]),
      sums.map(({ after }) => after),
    )
}

function flushLanes(send: Send, set: WorkingSet): void {
  const { droppedOutboxes: dropped, results, confirmed } = set.writes
  if (dropped.length > 0) {
    const keys = [dropped.map(({ device }) => device), dropped.map(({ epoch }) => epoch)]
    const outboxes = 'SELECT * FROM unnest($1::text[], $2::text[])'
    void send(`DELETE FROM andon.results WHERE (device, epoch) IN (${outboxes})`, ...keys)
    const whole = dropped.filter(({ withMarks }) => withMarks)
    if (whole.length > 0)
      void send(
        `DELETE FROM andon.marks WHERE (device, epoch) IN (${outboxes})`,
        whole.map(({ device }) => device),
        whole.map(({ epoch }) => epoch),
      )
  }
  const marks = [...set.changes('marks')].flatMap(({ before, after }) => {
    const old = new Set<unknown>(before)
    return after.filter((mark) => !old.has(mark))
  })
  if (marks.length > 0)
    void send(
      `INSERT INTO andon.marks (device, epoch, lane, mark, last, held, moved_at)
       SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::bigint[], $7::text[])
       ON CONFLICT (device, epoch, lane) DO UPDATE
       SET mark = excluded.mark, last = excluded.last, held = excluded.held, moved_at = excluded.moved_at`,
      marks.map(({ device }) => device),
      marks.map(({ epoch }) => epoch),
      marks.map(({ lane }) => lane),
      marks.map(({ mark }) => mark),
      marks.map(({ last }) => last),
      marks.map(({ held }) => held),
      marks.map(({ movedAt }) => movedAt),
    )
  if (results.length > 0)
    void send(
      `INSERT INTO andon.results (device, epoch, lane, seq, id, outcome)
       SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[])`,
      results.map(({ device }) => device),
      results.map(({ epoch }) => epoch),
      results.map(({ lane }) => lane),
      results.map(({ seq }) => seq),
      results.map(({ id }) => id),
      results.map(({ outcome }) => outcome),
    )
  // Last: what is confirmed may have been answered again just before.
  if (confirmed.length > 0)
    void send(
      `WITH gone AS (
         DELETE FROM andon.results r
         USING (SELECT device, epoch, lane, MAX(up_to) AS up_to
           FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) AS c (device, epoch, lane, up_to)
           GROUP BY device, epoch, lane) c
         WHERE r.device = c.device AND r.epoch = c.epoch AND r.lane = c.lane AND r.seq <= c.up_to
         RETURNING r.device, r.epoch, r.lane)
       UPDATE andon.marks m SET held = GREATEST(0, m.held - g.count)
       FROM (SELECT device, epoch, lane, COUNT(*) AS count FROM gone GROUP BY device, epoch, lane) g
       WHERE m.device = g.device AND m.epoch = g.epoch AND m.lane = g.lane`,
      confirmed.map(({ device }) => device),
      confirmed.map(({ epoch }) => epoch),
      confirmed.map(({ lane }) => lane),
      confirmed.map(({ upTo }) => upTo),
    )
}

function flushChannels(send: Send, set: WorkingSet): void {
  const { events, rewrites } = set.writes
  if (events.length > 0)
    void send(
      `INSERT INTO andon.events (channel, "offset", id, type, at, by, cause, data)
       SELECT c.id, e."offset", e.id, e.type, e.at, e.by, e.cause, e.data
       FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
       AS e (channel, "offset", id, type, at, by, cause, data) JOIN andon.channels c ON c.name = e.channel`,
      events.map(({ channel }) => channel),
      events.map(({ event }) => event.offset),
      events.map(({ event }) => event.id),
      events.map(({ event }) => event.type),
      events.map(({ event }) => event.at),
      events.map(({ event }) => event.by ?? null),
      events.map(({ event }) => event.cause ?? null),
      events.map(({ data }) => data),
    )
  // Of one event the last counts.
  const rewritten = [...new Map(rewrites.map((each) => [`${each.channel} ${each.offset}`, each])).values()]
  if (rewritten.length > 0)
    void send(
      `UPDATE andon.events e SET data = r.data
       FROM unnest($1::text[], $2::bigint[], $3::text[]) AS r (channel, "offset", data)
       JOIN andon.channels c ON c.name = r.channel WHERE e.channel = c.id AND e."offset" = r."offset"`,
      rewritten.map(({ channel }) => channel),
      rewritten.map(({ offset }) => offset),
      rewritten.map(({ data }) => data),
    )
  const channels = [...set.changes('channel')].flatMap(({ after }) => (after === null ? [] : [after]))
  if (channels.length > 0)
    void send(
      `UPDATE andon.channels c SET top = n.top, top_id = n.top_id, records = n.records, record_bytes = n.record_bytes,
       event_bytes = n.event_bytes, changed = CASE WHEN n.top > c.top THEN pg_current_xact_id() ELSE c.changed END
       FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[])
       AS n (id, top, top_id, records, record_bytes, event_bytes) WHERE c.id = n.id`,
      channels.map(({ id }) => id),
      channels.map(({ top }) => top),
      channels.map(({ topId }) => topId),
      channels.map(({ records }) => records),
      channels.map(({ recordBytes }) => recordBytes),
      channels.map(({ eventBytes }) => eventBytes),
    )
}

function flushRecords(send: Send, set: WorkingSet): void {
  const changes = [...set.changes('record')].map(({ key: [domain, key], before, after }) => ({
    domain,
    key,
    before,
    after,
  }))
  const gone = changes.filter(({ before, after }) => before !== null && after === null)
  if (gone.length > 0)
    void send(
      'DELETE FROM andon.records WHERE (domain, key) IN (SELECT * FROM unnest($1::text[], $2::text[]))',
      gone.map(({ domain }) => domain),
      gone.map(({ key }) => key),
    )
  const rows = changes.flatMap(({ domain, key, before, after }) =>
    after === null ? [] : [{ domain, key, isNew: before === null, ...after }],
  )
  const from = `FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[])
    AS n (domain, key, channel, "offset", record, holder, raiser) JOIN andon.channels c ON c.name = n.channel`
  const values = (of: typeof rows): unknown[] => [
    of.map(({ domain }) => domain),
    of.map(({ key }) => key),
    of.map(({ channel }) => channel),
    of.map(({ offset }) => offset),
    of.map(({ record }) => record),
    of.map(({ holder }) => holder),
    of.map(({ raiser }) => raiser),
  ]
  const news = rows.filter(({ isNew }) => isNew)
  if (news.length > 0)
    void send(
      `INSERT INTO andon.records (domain, key, channel, "offset", record, holder, raiser)
       SELECT n.domain, n.key, c.id, n."offset", n.record, n.holder, n.raiser ${from}`,
      ...values(news),
    )
  const known = rows.filter(({ isNew }) => !isNew)
  if (known.length > 0)
    void send(
      `UPDATE andon.records r SET channel = c.id, "offset" = n."offset", record = n.record, holder = n.holder, raiser = n.raiser
       ${from} WHERE r.domain = n.domain AND r.key = n.key`,
      ...values(known),
    )
}

function flushOthers(send: Send, set: WorkingSet): void {
  const { greeted, idempotency, timersGone, timersSet, reviews, reviewsGone } = set.writes
  if (idempotency.length > 0)
    void send(
      `INSERT INTO andon.idempotency (api_key, key, body_hash, outcome, at)
       SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])`,
      idempotency.map(({ apiKey }) => apiKey),
      idempotency.map(({ key }) => key),
      idempotency.map(({ bodyHash }) => bodyHash),
      idempotency.map(({ outcome }) => outcome),
      idempotency.map(({ at }) => at),
    )
  if (greeted.length > 0)
    void send(
      `INSERT INTO andon.floor_news (kind, about, value) SELECT 'greeted', * FROM unnest($1::text[], $2::text[])`,
      greeted.map(({ device }) => device),
      greeted.map(({ link }) => String(link)),
    )
  if (timersGone.length > 0) void send('DELETE FROM andon.timers WHERE id = ANY ($1::text[])', timersGone)
  // What a later command of the group took back or set again is as that one left it.
  const last = new Map(timersSet.map((timer) => [timer.id, timer]))
  const timers = [...last.values()].filter(({ id, due }) => set.get('timer', id) === due)
  if (timers.length > 0)
    void send(
      `INSERT INTO andon.timers (id, due, type, data) SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
       ON CONFLICT (id) DO UPDATE SET due = excluded.due, type = excluded.type, data = excluded.data`,
      timers.map(({ id }) => id),
      timers.map(({ due }) => due),
      timers.map(({ type }) => type),
      timers.map(({ data }) => JSON.stringify(data)),
    )
  if (reviewsGone.length > 0) void send('DELETE FROM andon.reviews WHERE id = ANY ($1::bigint[])', reviewsGone)
  const gone = new Set(reviewsGone)
  const kept = reviews.filter(({ id }) => !gone.has(id))
  if (kept.length > 0)
    void send(
      `INSERT INTO andon.reviews (id, kind, device, detail, at)
       SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[])`,
      kept.map(({ id }) => id),
      kept.map(({ row }) => row.kind),
      kept.map(({ row }) => row.device),
      kept.map(({ row }) => JSON.stringify(row.detail)),
      kept.map(({ row }) => row.at),
    )
}

/** Answers how many are to be changed; they are the last statement. */
function flushSessions(send: Send, set: WorkingSet): number {
  const rows = [...set.changes('session')].flatMap(({ before, after }) =>
    before === null || after === null ? [] : [{ before, after }],
  )
  if (rows.length > 0)
    void send(
      `UPDATE andon.sessions s SET status = n.status, left_epoch = n.epoch, left_urgent = n.urgent, left_normal = n.normal
       FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[])
       AS n (id, was, status, epoch, urgent, normal) WHERE s.id = n.id AND s.status = n.was`,
      rows.map(({ after }) => after.row.id),
      rows.map(({ before }) => before.row.status),
      rows.map(({ after }) => after.row.status),
      rows.map(({ after }) => after.left?.epoch ?? null),
      rows.map(({ after }) => after.left?.urgent ?? null),
      rows.map(({ after }) => after.left?.normal ?? null),
    )
  return rows.length
}

function runText(run: DeviceFact['run']): string | null {
  return run === null ? null : JSON.stringify(run)
}
