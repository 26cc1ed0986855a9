import { describe, expect, it } from 'vitest'
import type { CommandType } from '../../relay/protocol/commands.ts'
import type { CommandId, DeviceId, Epoch, SessionId } from '../../relay/protocol/ids.ts'
import type { AlertRecord, OrderRecord, RejectionRecord } from '../../relay/protocol/records.ts'
import { createRules } from '../core/rules.ts'
import { foundName, type Actor, type Decision, type FoundRecord, type NewEvent, type Now } from '../ports/rules.ts'
import { domains } from '../domains.ts'

const rules = createRules(domains)
const ID = '00000000-0000-7000-8000-000000000001' as CommandId
const OTHER = '00000000-0000-7000-8000-000000000002' as CommandId

const kim: Actor = {
  by: 'kim',
  on: 'Press 2',
  source: 'device-1',
  operator: 'kim',
  session: '00000000-0000-4000-8000-0000000000aa' as SessionId,
  device: 'd'.repeat(43) as DeviceId,
  role: 'operator',
  areas: ['line-3'],
  deviceAreas: ['line-3'],
}
const lee: Actor = { ...kim, by: 'lee', operator: 'lee', source: 'device-2' }

function now(actor: Actor, at = '2026-11-20T03:00:00.000Z'): Now {
  return {
    at,
    areas: ['line-1', 'line-3'],
    actor,
    id: ID,
    people: new Map(),
    epochOf: () => '0'.repeat(16) as Epoch,
    nextOffset: () => 1,
  }
}

/** Runs a command on records as the store would, and gives the decision. */
function run(
  type: CommandType,
  data: unknown,
  context: { actor?: Actor; records?: Record<string, FoundRecord>; at?: string } = {},
): Decision {
  const checked = rules.check(type, data)
  if (!checked.ok) return checked
  const records = new Map(
    Object.entries(context.records ?? {}).filter(([key]) =>
      rules.reads(checked.value, ID, kim.operator).some((read) => foundName(read) === key),
    ),
  )
  return rules.decide(records, checked.value, now(context.actor ?? kim, context.at))
}

function onlyEvent(decision: Decision): NewEvent {
  if (!decision.ok || decision.events.length !== 1) throw new Error(JSON.stringify(decision))
  const [event] = decision.events
  if (event === undefined) throw new Error('no event')
  return event
}

describe('alerts', () => {
  const raise = (priority: string, actor = kim) =>
    run('alert.raise', { priority, area: 'line-3', title: 'Oil leak' }, { actor })
  const active = (over: Partial<AlertRecord> = {}): Record<string, FoundRecord> => ({
    [`alerts/${OTHER}`]: {
      channel: 'alerts/urgent' as FoundRecord['channel'],
      record: {
        id: OTHER,
        priority: 'P0',
        area: 'line-3',
        title: 'Oil leak',
        body: null,
        raised: { by: 'lee', on: null, at: '' },
        acknowledged: null,
        cleared: null,
        ...over,
      },
    },
  })

  it.each([
    ['P0', 'alerts/urgent'],
    ['P1', 'alerts/urgent'],
    ['P2', 'alerts/line-3'],
    ['P3', 'alerts/line-3'],
  ])('%s lives in %s', (priority, channel) => {
    expect(onlyEvent(raise(priority))).toMatchObject({
      channel,
      type: 'alert.raised',
      data: { key: ID, record: { priority, raised: { by: 'kim', on: 'Press 2' } } },
    })
  })

  it('[W9] [P9] one is never raised over another: who takes its id changes nothing', () => {
    const taken = { [`alerts/${ID}`]: active({ id: ID })[`alerts/${OTHER}`] as FoundRecord }
    const data = { priority: 'P3', area: 'line-3', title: 'Nothing to see' }
    expect(run('alert.raise', data, { records: taken })).toMatchObject({ ok: false, code: 'bad-command' })
  })

  it('may be raised wherever the terminal stands, whoever is signed in', () => {
    expect(raise('P0', { ...kim, areas: ['line-1'] }).ok).toBe(true)
    expect(raise('P0', { ...kim, areas: ['line-1'], deviceAreas: [] })).toMatchObject({ ok: false, code: 'forbidden' })
  })

  it('acknowledging keeps the name, and a second acknowledgement changes nothing', () => {
    expect(onlyEvent(run('alert.ack', { id: OTHER }, { records: active() }))).toMatchObject({
      type: 'alert.acknowledged',
      data: { record: { acknowledged: { by: 'kim' } } },
    })
    const first = { by: 'lee', on: null, at: '2026-11-20T02:00:00.000Z' }
    expect(run('alert.ack', { id: OTHER }, { records: active({ acknowledged: first }) })).toMatchObject({
      ok: true,
      events: [],
      data: { acknowledged: first },
    })
  })

  it('resolving before the acknowledgement leaves it to be confirmed; after it, it is gone', () => {
    expect(onlyEvent(run('alert.resolve', { id: OTHER }, { records: active() }))).toMatchObject({
      type: 'alert.cleared',
      data: { record: { cleared: { by: 'kim' } } },
    })
    const done = { by: 'lee', on: null, at: '' }
    expect(onlyEvent(run('alert.resolve', { id: OTHER }, { records: active({ acknowledged: done }) })).data).toEqual({
      key: OTHER,
      record: null,
    })
    expect(onlyEvent(run('alert.ack', { id: OTHER }, { records: active({ cleared: done }) })).data).toEqual({
      key: OTHER,
      record: null,
    })
  })

  it('refuses to touch another area’s alert, and one that is gone', () => {
    expect(run('alert.ack', { id: OTHER }, { records: active({ area: 'line-1' }) })).toMatchObject({
      code: 'forbidden',
    })
    expect(run('alert.ack', { id: OTHER })).toMatchObject({ code: 'alert-not-found' })
    expect(run('alert.resolve', { id: OTHER })).toMatchObject({ code: 'alert-not-found' })
  })
})

describe('orders', () => {
  const created = onlyEvent(run('order.create', { area: 'line-3', number: 'WO-1', title: 'Bracket', quantity: 500 }))
    .data as { record: OrderRecord }
  const at = (record: OrderRecord): Record<string, FoundRecord> => ({
    [`orders/${ID}`]: { channel: 'orders/line-3' as FoundRecord['channel'], record },
  })
  const edit = (record: OrderRecord, fields: object, baseVersion: number, actor = kim) =>
    run('order.edit', { id: ID, fields, baseVersion }, { records: at(record), actor })
  const edited = (decision: Decision): OrderRecord => (onlyEvent(decision).data as { record: OrderRecord }).record

  it('starts open at version 1', () => {
    expect(created.record).toMatchObject({
      id: ID,
      version: 1,
      fields: { status: 'open', quantity: 500, assignee: null, note: '' },
    })
  })

  it('merges edits of different fields made on the same version', () => {
    const first = edited(edit(created.record, { quantity: 600 }, 1, lee))
    expect(edited(edit(first, { status: 'running' }, 1, kim))).toMatchObject({
      version: 3,
      fields: { quantity: 600, status: 'running' },
    })
  })

  it('refuses an edit of a field somebody else changed since, with both values and who', () => {
    const first = edited(edit(created.record, { quantity: 600 }, 1, lee))
    expect(edit(first, { quantity: 700, status: 'running' }, 1, kim)).toMatchObject({
      ok: false,
      code: 'order-conflict',
      message: 'Somebody else changed this work order first: quantity (by lee).',
      data: { current: { version: 2 }, fields: { quantity: { yours: 700, theirs: 600, by: 'lee' } } },
    })
  })

  it('lets a device’s own waiting edits build on each other', () => {
    const first = edited(edit(created.record, { quantity: 600 }, 1, kim))
    expect(edited(edit(first, { quantity: 700 }, 1, kim)).fields.quantity).toBe(700)
  })

  it('an edit to the value it already has is no conflict and no event', () => {
    const first = edited(edit(created.record, { quantity: 600 }, 1, lee))
    expect(edit(first, { quantity: 600 }, 1, kim)).toMatchObject({ ok: true, events: [], data: { version: 2 } })
  })

  it('refuses a version that does not exist yet, and an order that does not exist', () => {
    expect(edit(created.record, { quantity: 1 }, 9)).toMatchObject({ code: 'bad-command' })
    expect(run('order.edit', { id: ID, fields: { quantity: 1 }, baseVersion: 1 })).toMatchObject({
      code: 'order-not-found',
    })
  })

  it('can unassign', () => {
    const first = edited(edit(created.record, { assignee: 'kim' }, 1))
    expect(edited(edit(first, { assignee: null }, 2)).fields.assignee).toBeNull()
  })

  it('has a time when it is due, if somebody said one', () => {
    const due = '2026-11-20T09:00:00.000Z'
    const plan = (data: object) => run('order.plan', { area: 'line-3', number: 'WO-2', title: 'Bracket', ...data })
    const planned = (onlyEvent(plan({ due })).data as { record: OrderRecord }).record
    expect(planned.fields).toMatchObject({ due, status: 'open', quantity: 0 })
    expect((onlyEvent(plan({})).data as { record: OrderRecord }).record.fields.due).toBeNull()
    expect(created.record.fields.due).toBeNull()
    const change = (fields: object, actor = kim) =>
      run('order.change', { id: ID, fields, baseVersion: 1 }, { records: at(planned), actor })
    expect(edited(change({ due: null })).fields.due).toBeNull()
    expect(edited(change({ note: 'x' })).fields.due).toBe(due)
  })

  it('a time of two people is a conflict, also of a record from before there were times', () => {
    const { due: _due, ...fields } = created.record.fields
    const { due: _stamp, ...stamps } = created.record.stamps
    const old: OrderRecord = { ...created.record, fields, stamps }
    const change = (record: OrderRecord, due: string, actor = kim) =>
      run('order.change', { id: ID, fields: { due }, baseVersion: 1 }, { records: at(record), actor })
    const first = edited(change(old, '2026-11-20T09:00:00.000Z', lee))
    expect(change(first, '2026-11-20T10:00:00.000Z')).toMatchObject({
      code: 'order-conflict',
      data: { fields: { due: { theirs: '2026-11-20T09:00:00.000Z', by: 'lee' } } },
    })
  })

  it('has a number of pieces that are made, by a type of its own, also of a record from before there was one', () => {
    const { produced: _produced, ...fields } = created.record.fields
    const { produced: _stamp, ...stamps } = created.record.stamps
    const old: OrderRecord = { ...created.record, fields, stamps }
    const update = (record: OrderRecord, produced: number, actor = kim) =>
      run('order.update', { id: ID, fields: { produced }, baseVersion: 1 }, { records: at(record), actor })
    expect(created.record.fields.produced).toBe(0)
    const first = edited(update(old, 40, lee))
    expect(first.fields).toMatchObject({ produced: 40, quantity: created.record.fields.quantity })
    expect(update(first, 41)).toMatchObject({
      code: 'order-conflict',
      data: { fields: { produced: { yours: 41, theirs: 40, by: 'lee' } } },
    })
    // Of two fields each keeps its own.
    const noted = edited(run('order.change', { id: ID, fields: { note: 'x' }, baseVersion: 1 }, { records: at(first) }))
    expect(noted.fields).toMatchObject({ produced: 40, note: 'x' })
  })

  it('is planned by people of its area alone', () => {
    const data = { area: 'line-1', number: 'WO-2', title: 'Bracket' }
    expect(run('order.plan', data)).toMatchObject({ code: 'forbidden' })
    expect(run('order.plan', { ...data, area: 'line-9' })).toMatchObject({ code: 'unknown-area' })
  })
})

describe('sessions', () => {
  it('a session ends itself only, and tells its person’s inbox', () => {
    expect(run('session.end', { session: kim.session })).toMatchObject({
      ok: true,
      endSession: kim.session,
      events: [{ channel: 'inbox/kim', type: 'session.ended' }],
    })
    expect(run('session.end', { session: '00000000-0000-4000-8000-0000000000bb' })).toMatchObject({ code: 'forbidden' })
  })

  it('[A7] are all revoked by their person or an administrator of every area, and by nobody else', () => {
    const revoke = (actor: Actor) => run('session.revoke', { operator: 'kim' }, { actor })
    const admin: Actor = { ...lee, by: 'admin', operator: 'admin', role: 'admin', areas: ['*'] }
    const told = { channel: 'inbox/kim', type: 'session.revoked', data: { operator: 'kim' } }
    expect(revoke(kim)).toEqual({ ok: true, events: [told], data: { operator: 'kim' }, revokeSessionsOf: 'kim' })
    expect(revoke({ ...admin, operator: null, session: null, device: null })).toMatchObject({ ok: true })
    expect(revoke(admin)).toMatchObject({ ok: true })
    expect(revoke({ ...admin, areas: ['line-3'] })).toMatchObject({ code: 'forbidden' })
    expect(revoke(lee)).toMatchObject({ code: 'forbidden' })
  })
})

describe('preferences', () => {
  it('are records of the person who sets them, one event each', () => {
    const decision = run('prefs.set', { theme: 'dark', language: 'ko' })
    expect(decision).toMatchObject({
      ok: true,
      events: [
        { channel: 'prefs/kim', type: 'theme.changed', data: { key: 'theme', record: 'dark' } },
        { channel: 'prefs/kim', type: 'language.changed', data: { key: 'language', record: 'ko' } },
      ],
    })
  })

  it('are refused where they name none, one that does not exist, or belong to nobody', () => {
    expect(run('prefs.set', {})).toMatchObject({ code: 'bad-command' })
    expect(run('prefs.set', { theme: 'sepia' })).toMatchObject({ code: 'bad-command' })
    expect(run('prefs.set', { theme: 'dark' }, { actor: { ...kim, operator: null } })).toMatchObject({
      code: 'sign-in-needed',
    })
  })
})

describe('rejected commands', () => {
  const record: RejectionRecord = {
    id: OTHER,
    type: 'chat.post',
    data: { line: 'line-3', text: '' },
    by: 'kim',
    on: 'Press 2',
    device: kim.device as DeviceId,
    area: 'line-3',
    code: 'bad-command',
    message: '"text" must not be empty.',
    at: '2026-11-20T02:00:00.000Z',
    closed: null,
  }
  const close = (actor: Actor, over: Partial<RejectionRecord> = {}, data: object = { how: 'discarded', reason: 'x' }) =>
    run(
      'rejection.close',
      { id: OTHER, ...data },
      {
        actor,
        records: {
          [`rejections/${OTHER}`]: {
            channel: 'rejections/line-3' as FoundRecord['channel'],
            record: { ...record, ...over },
          },
        },
      },
    )
  const park: Actor = { ...lee, by: 'park', operator: 'park', role: 'supervisor', device: 'e'.repeat(43) as DeviceId }

  it('[D4] are settled by their author and by those who supervise the area', () => {
    expect(close(kim)).toMatchObject({ ok: true, events: [{ type: 'rejection.closed' }, { channel: 'inbox/kim' }] })
    expect(close(park)).toMatchObject({ ok: true })
    expect(close({ ...park, areas: ['*'], role: 'admin' })).toMatchObject({ ok: true })
    expect(close({ ...park, areas: ['line-1'] })).toMatchObject({ code: 'forbidden' })
    expect(close(lee)).toMatchObject({ code: 'forbidden' })
  })

  it('[D4] of a device alone are settled by whoever is signed in there, and are in nobody’s inbox', () => {
    const alone = { by: 'device:Press 2' }
    expect(close(lee, alone)).toMatchObject({ ok: true, events: [{ channel: 'rejections/line-3' }] })
    expect(close({ ...lee, device: 'e'.repeat(43) as DeviceId }, alone)).toMatchObject({ code: 'forbidden' })
    const key: Actor = { ...kim, by: 'kim', operator: null, device: null }
    expect(close(key)).toMatchObject({ code: 'forbidden' })
  })

  it('[D4] are discarded for a reason only', () => {
    expect(close(kim, {}, { how: 'discarded' })).toMatchObject({ code: 'bad-command' })
    expect(close(kim, {}, { how: 'discarded', reason: '  ' })).toMatchObject({ code: 'bad-command' })
    expect(close(kim, {}, { how: 'resent' })).toMatchObject({
      ok: true,
      events: [{ data: { record: null, rejection: { closed: { by: 'kim', how: 'resent', reason: null } } } }, {}],
    })
  })
})
