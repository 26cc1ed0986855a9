import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../relay/protocol/limits.ts'
import type { MachineRecord, TelemetrySample } from '../../relay/protocol/telemetry.ts'
import { Machines } from './machines.ts'
import { examine, type Examined, type SampleContext } from './samples.ts'

const NOW = Date.UTC(2026, 10, 20, 6)
const iso = (ms: number) => new Date(ms).toISOString()
const PRESS: MachineRecord = {
  id: 'press-1',
  area: 'line-3',
  label: 'Press 1',
  simulated: false,
  signals: [{ name: 'force', unit: 'kN', label: 'Force', limits: { low: null, high: 800 } }],
  lastSampleAt: null,
}
const SAMPLE: TelemetrySample = { area: 'line-3', machine: 'press-1', signal: 'force', value: 7, unit: 'kN' }

function look(samples: readonly unknown[], over: Partial<SampleContext> = {}): Examined {
  return examine(samples, {
    machines: new Machines([PRESS]),
    areas: ['line-1', 'line-3'],
    mayWrite: ['line-3'],
    isServer: false,
    nowMs: NOW,
    now: iso(NOW),
    ...over,
  })
}

const codes = ({ refused }: Examined) => refused.map(({ index, code }) => [index, code])

describe('samples', () => {
  it('[Y1] of a known signal are taken as they are, measured when they came unless they say when', () => {
    const { taken, refused, descriptions } = look([SAMPLE, { ...SAMPLE, at: iso(NOW - 60_000) }])
    expect(taken).toMatchObject([
      { index: 0, atMs: NOW, isNew: false, signal: PRESS.signals[0] },
      { index: 1, atMs: NOW - 60_000 },
    ])
    expect([refused.length, descriptions.size]).toEqual([0, 0])
  })

  it.each<[string, object, string]>([
    ['NaN as text', { value: 'NaN' }, 'bad-sample'],
    ['no number at all', { value: null }, 'bad-sample'],
    ['Infinity, which JSON writes as 1e999', { value: JSON.parse('1e999') as unknown }, 'bad-sample'],
    ['a value beyond the largest', { value: -2 * LIMITS.maxSampleValue }, 'bad-sample'],
    ['a field nobody knows', { colour: 'red' }, 'bad-sample'],
    ['a signal that is no name', { signal: 'Öl' }, 'bad-sample'],
    ['limits the wrong way round', { limits: { low: 2, high: 1 } }, 'bad-sample'],
    ['a unit longer than a unit', { unit: 'x'.repeat(LIMITS.maxUnit + 1) }, 'bad-sample'],
    ['a unit that turns the direction of text', { unit: '\u202ekN' }, 'bad-sample'],
    ['a unit of two lines', { unit: 'k\nN' }, 'bad-sample'],
    ['another unit than the known one', { unit: 'N' }, 'unit-mismatch'],
    ['a time an hour ago', { at: iso(NOW - 3_600_000) }, 'timestamp-out-of-range'],
    ['a time in an hour', { at: iso(NOW + 3_600_000) }, 'timestamp-out-of-range'],
    ['a day that does not exist', { at: '2026-13-45T06:00:00.000Z' }, 'bad-sample'],
    ['an area the site does not have', { area: 'line-9' }, 'unknown-area'],
    ['an area the key may not write to', { area: 'line-1' }, 'forbidden'],
  ])('[Y1] with %s are refused by index, and harm no other', (_name, over, code) => {
    const examined = look([SAMPLE, { ...SAMPLE, ...over }, SAMPLE])
    expect(codes(examined)).toEqual([[1, code]])
    expect(examined.taken.map(({ index }) => index)).toEqual([0, 2])
    expect(examined.refused[0]?.message).toMatch(/\.$/)
  })

  it('[Y2] may be measured fifteen minutes before and a minute after the server’s clock, and no further', () => {
    const at = (ms: number) => ({ ...SAMPLE, at: iso(NOW + ms) })
    const { maxSampleAgeMs, maxSampleAheadMs } = LIMITS
    expect(codes(look([at(-maxSampleAgeMs), at(maxSampleAheadMs)]))).toEqual([])
    expect(codes(look([at(-maxSampleAgeMs - 1), at(maxSampleAheadMs + 1)]))).toEqual([
      [0, 'timestamp-out-of-range'],
      [1, 'timestamp-out-of-range'],
    ])
  })

  it('[Y3] of a new signal describe it once; label and limits that changed describe it again', () => {
    const fresh = { ...SAMPLE, signal: 'oil', unit: '°C', label: 'Oil', limits: { low: 10, high: 60 } }
    const { taken, descriptions } = look([fresh, fresh, { ...SAMPLE, label: 'Press force' }])
    expect(taken.map(({ isNew }) => isNew)).toEqual([true, true, false])
    expect(descriptions.get('line-3/press-1')?.signals).toEqual([
      { name: 'oil', unit: '°C', label: 'Oil', limits: { low: 10, high: 60 } },
      { name: 'force', unit: 'kN', label: 'Press force', limits: { low: null, high: 800 } },
    ])
    expect(codes(look([fresh, { ...fresh, unit: 'K' }]))).toEqual([[1, 'unit-mismatch']])
  })

  it('[Y2] of a hundred thousand signals are taken up to the limit of a machine, and refused beyond it', () => {
    const samples = Array.from({ length: 100_000 }, (_, index) => ({ ...SAMPLE, machine: 'new', signal: `s${index}` }))
    const { taken, refused, descriptions } = look(samples)
    expect([taken.length, refused.length]).toEqual([LIMITS.maxSignalsPerMachine, 100_000 - LIMITS.maxSignalsPerMachine])
    expect(new Set(refused.map(({ code }) => code))).toEqual(new Set(['too-many-signals']))
    expect(descriptions.get('line-3/new')?.signals).toHaveLength(LIMITS.maxSignalsPerMachine)
  })

  it('[Y2] of too many machines, or too many signals of all machines together, are refused', () => {
    const machines = Array.from({ length: LIMITS.maxMachines + 1 }, (_, index) => ({ ...SAMPLE, machine: `m${index}` }))
    expect(codes(look(machines, { machines: new Machines() }))).toEqual([[LIMITS.maxMachines, 'too-many-signals']])
    const per = LIMITS.maxSignalsPerMachine
    const signals = Array.from({ length: LIMITS.maxSignals + 1 }, (_, index) => ({
      ...SAMPLE,
      machine: `m${Math.floor(index / per)}`,
      signal: `s${index % per}`,
    }))
    expect(codes(look(signals, { machines: new Machines() }))).toEqual([[LIMITS.maxSignals, 'too-many-signals']])
  })
})

describe('machines', () => {
  it('[Y7] that are removed leave the places of their signals free, and whoever keeps something of them is told', () => {
    const machines = new Machines([PRESS])
    const gone: MachineRecord[] = []
    machines.whenRemoved((record) => gone.push(record))
    const event = { offset: 2, id: '', type: 'machine.removed', at: '', data: { key: 'line-3/press-1', record: null } }
    const committed = [{ channel: 'equipment/line-3', epoch: '', event } as never]
    machines.committed(committed)
    machines.committed(committed)
    expect([machines.get('line-3', 'press-1'), gone]).toEqual([null, [PRESS]])
    expect(machines.room).toEqual({ machines: LIMITS.maxMachines, signals: LIMITS.maxSignals })
  })

  it('[Y7] that the server itself reports of are written by nobody else', () => {
    const machines = new Machines([PRESS])
    machines.reserve(['line-3/press-1'])
    expect(codes(look([SAMPLE, { ...SAMPLE, machine: 'press-9' }], { machines }))).toEqual([[0, 'machine-reserved']])
    expect(codes(look([SAMPLE], { machines, isServer: true }))).toEqual([])
  })

  it('[Y3] follow what is committed, and count their signals', () => {
    const machines = new Machines([PRESS])
    const record = { ...PRESS, signals: [...PRESS.signals, { name: 'oil', unit: '°C', label: null, limits: null }] }
    const event = { offset: 1, id: '', type: 'machine.changed', at: '', data: { key: 'line-3/press-1', record } }
    machines.committed([{ channel: 'equipment/line-3', epoch: '', event } as never])
    expect(machines.get('line-3', 'press-1')).toBe(record)
    expect([machines.machines, machines.signals]).toEqual([1, 2])
    expect(machines.room).toEqual({ machines: LIMITS.maxMachines - 1, signals: LIMITS.maxSignals - 2 })
  })
})
