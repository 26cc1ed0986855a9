import { describe, expect, it } from 'vitest'
import type { CommandId, DeviceId, Epoch } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import type { MachineRecord } from '../../relay/protocol/telemetry.ts'
import { createRules } from '../core/rules.ts'
import { domains } from '../domains.ts'
import { foundName, type Actor, type Decision } from '../ports/rules.ts'

const rules = createRules(domains)
const noEpoch = (): Epoch => '0'.repeat(16) as Epoch
const KEY: Actor = {
  by: 'scada',
  on: null,
  source: 'key:k1',
  operator: null,
  session: null,
  device: null,
  role: 'operator',
  areas: ['line-3'],
  deviceAreas: [],
}
const AT = '2026-11-20T08:00:00.000Z'
const PRESS: MachineRecord = {
  id: 'press-1',
  area: 'line-3',
  label: 'Press 1',
  simulated: true,
  signals: [{ name: 'force', unit: 'kN', label: 'Force', limits: null }],
  lastSampleAt: '2026-11-20T06:00:00.000Z',
}

function describeMachine(over: object, before: MachineRecord | null = PRESS, actor = KEY, at = AT): Decision {
  const checked = rules.check('machine.describe', { area: 'line-3', machine: 'press-1', ...over })
  if (!checked.ok) return checked
  const [key] = rules.reads(checked.value, '' as CommandId, null)
  expect(key).toMatchObject({ domain: 'equipment' })
  const found =
    before === null ? [] : [[key === undefined ? '' : foundName(key), { channel: 'equipment/line-3', record: before }]]
  const now = {
    at,
    areas: ['line-1', 'line-3'],
    actor,
    id: '' as CommandId,
    people: new Map(),
    epochOf: noEpoch,
    nextOffset: () => 1,
  }
  return rules.decide(new Map(found as never), checked.value, now)
}

function removeMachine(over: object = {}, actor: Partial<Actor> = {}, before: MachineRecord | null = PRESS): Decision {
  const checked = rules.check('machine.remove', { area: 'line-3', machine: 'press-1', ...over })
  if (!checked.ok) return checked
  const found = before === null ? [] : [['equipment/line-3/press-1', { channel: 'equipment/line-3', record: before }]]
  const now = { at: '', areas: ['line-1', 'line-3'], actor: { ...KEY, role: 'supervisor' as const, ...actor } }
  return rules.decide(new Map(found as never), checked.value, {
    ...now,
    id: '' as CommandId,
    people: new Map(),
    epochOf: noEpoch,
    nextOffset: () => 1,
  })
}

function recordIn(decision: Decision): MachineRecord {
  if (!decision.ok) throw new Error(decision.code)
  expect(decision.events).toMatchObject([{ channel: 'equipment/line-3', type: 'machine.changed' }])
  const [event] = decision.events
  if (event === undefined) throw new Error('no event')
  const { key, record } = event.data as { key: string; record: MachineRecord }
  expect(key).toBe(`${record.area}/${record.id}`)
  return record
}

describe('[Y3] a machine', () => {
  it('is known by its id until somebody says what it is called', () => {
    expect(recordIn(describeMachine({}, null))).toEqual({
      id: 'press-1',
      area: 'line-3',
      label: 'press-1',
      simulated: false,
      signals: [],
      lastSampleAt: null,
    })
  })

  it('keeps what a description does not name, and its signals by name', () => {
    const oil = { name: 'a-oil', unit: '°C', label: null, limits: { low: 10, high: 60 } }
    expect(recordIn(describeMachine({ signals: [oil] }))).toEqual({ ...PRESS, signals: [oil, PRESS.signals[0]] })
    const renamed = { ...PRESS.signals[0], label: 'Press force' }
    expect(recordIn(describeMachine({ signals: [renamed], label: 'Big press' }))).toEqual({
      ...PRESS,
      label: 'Big press',
      signals: [renamed],
    })
  })

  it('that is described as it is, is no event', () => {
    expect(describeMachine({ label: 'Press 1' })).toMatchObject({
      ok: true,
      events: [],
      data: { id: 'line-3/press-1' },
    })
  })

  it('was never sampled earlier than it was', () => {
    expect(describeMachine({ lastSampleAt: '2026-11-20T05:00:00.000Z' })).toMatchObject({ ok: true, events: [] })
    const later = '2026-11-20T07:00:00.000Z'
    expect(recordIn(describeMachine({ lastSampleAt: later })).lastSampleAt).toBe(later)
  })

  it('[P7] whose last sample is said to be ahead of a clock that was set back is sampled when the next one comes', () => {
    const ahead: MachineRecord = { ...PRESS, lastSampleAt: '2026-11-20T13:00:00.000Z' }
    const lastSampleAt = '2026-11-20T07:59:00.000Z'
    expect(recordIn(describeMachine({ lastSampleAt }, ahead)).lastSampleAt).toBe(lastSampleAt)
    expect(describeMachine({ label: 'Press 1' }, ahead)).toMatchObject({ ok: true, events: [] })
    expect(describeMachine({ lastSampleAt }, ahead, KEY, '2026-11-20T13:00:00.000Z')).toMatchObject({ events: [] })
  })

  it.each<[string, object, string, Partial<Actor>?]>([
    [
      'a signal in another unit',
      { signals: [{ name: 'force', unit: 'N', label: null, limits: null }] },
      'unit-mismatch',
    ],
    ['an area that does not exist', { area: 'line-9' }, 'unknown-area'],
    ['an area of others', { area: 'line-1' }, 'forbidden'],
    ['a field nobody knows', { colour: 'red' }, 'bad-command'],
    ['a device, whoever is signed in', {}, 'forbidden', { device: 'd'.repeat(43) as DeviceId }],
  ])('is not described with %s', (_name, over, code, actor = {}) => {
    expect(describeMachine(over, PRESS, { ...KEY, ...actor })).toMatchObject({ ok: false, code })
  })

  it('[Y7] is not brought back by what was on its way when it was removed: that it fell silent', () => {
    expect(describeMachine({ lastSampleAt: '2026-11-20T07:00:00.000Z' }, null)).toMatchObject({ ok: true, events: [] })
  })

  it('[M7] is removed by a key that supervises its area', () => {
    expect(removeMachine()).toMatchObject({
      ok: true,
      data: { id: 'line-3/press-1' },
      events: [
        {
          channel: 'equipment/line-3',
          type: 'machine.removed',
          data: { key: 'line-3/press-1', record: null },
        },
      ],
    })
  })

  it.each<[string, Decision, string]>([
    ['that is not there', removeMachine({}, {}, null), 'machine-not-found'],
    ['of an area that does not exist', removeMachine({ area: 'line-9' }), 'unknown-area'],
    ['of others', removeMachine({ area: 'line-1' }), 'forbidden'],
    ['by what gateways report with', removeMachine({}, { role: 'operator' }), 'forbidden'],
    ['by a device, whoever is signed in', removeMachine({}, { device: 'd'.repeat(43) as DeviceId }), 'forbidden'],
    ['with a field nobody knows', removeMachine({ why: 'old' }), 'bad-command'],
  ])('[M7] %s is not removed', (_name, decision, code) => {
    expect(decision).toMatchObject({ ok: false, code })
  })

  it('[Y2] has a bounded number of signals', () => {
    const signals = Array.from({ length: LIMITS.maxSignalsPerMachine }, (_, index) => ({
      name: `s${index}`,
      unit: '',
      label: null,
      limits: null,
    }))
    expect(describeMachine({ signals }, null).ok).toBe(true)
    expect(describeMachine({ signals })).toMatchObject({ ok: false, code: 'too-many-signals' })
  })
})
