import { describe, expect, it } from 'vitest'
import type { ChannelView } from '../protocol/local.ts'
import type { MachineRecord, MachineSignal, TelemetryValue } from '../protocol/telemetry.ts'
import { telemetryChannel } from '../protocol/machine-names.ts'
import { NO_LIVE, takeLive, type LiveModel } from './live.ts'
import { breachOf, liveChannelsOf, machineOf, machinesOf, readingOf } from './telemetry.ts'
import { view } from './testing/samples.ts'
import { modelOfView } from './window-model.ts'

const AT = '2026-11-20T06:00:00.000Z'
const FORCE: MachineSignal = { name: 'force', unit: 'kN', label: null, limits: { low: null, high: 800 } }
const PRESS: MachineRecord = {
  id: 'press-1',
  area: 'line-3',
  label: 'Press 1',
  simulated: true,
  signals: [FORCE],
  lastSampleAt: AT,
}
const CHANNEL = telemetryChannel('line-3', 'press-1')

function liveWith(value: Partial<TelemetryValue>, ttlMs: number): LiveModel {
  const full = { value: 1, unit: 'kN', at: AT, label: null, limits: null, ...value }
  return takeLive(
    NO_LIVE,
    { t: 'live', channel: CHANNEL, values: [{ key: 'force', value: full, at: AT, ageMs: 500, ttlMs }] },
    1_000,
  )
}

describe('machines', () => {
  const channel: ChannelView = {
    channel: 'equipment/line-3' as ChannelView['channel'],
    epoch: null,
    offset: 3,
    confirmedAt: null,
    current: true,
    refused: null,
    records: {
      'line-3/press-2': { offset: 2, record: { ...PRESS, id: 'press-2' } },
      'line-3/press-1': { offset: 3, record: PRESS },
    },
    events: null,
  }
  const model = modelOfView(view(1, { channels: [channel] }), null)

  it('are found by area and id, and sorted', () => {
    expect(machinesOf(model, 'line-3').map(({ id }) => id)).toEqual(['press-1', 'press-2'])
    expect(machinesOf(model, 'line-1')).toEqual([])
    expect(machineOf(model, 'line-3', 'press-1')).toBe(PRESS)
    expect(machineOf(model, 'line-3', 'press-9')).toBeNull()
    expect(liveChannelsOf([PRESS])).toEqual([CHANNEL])
  })
})

describe('readings', () => {
  const force = (live: LiveModel, now: number) => readingOf(PRESS, FORCE, { live, now })

  it('[P5] are current within their time, then stale with their age, and unknown without any value', () => {
    const live = liveWith({ value: 700 }, 2_000)
    expect(force(live, 1_500)).toMatchObject({
      freshness: 'current',
      ageMs: 1_000,
      breach: null,
      value: { value: 700 },
    })
    expect(force(live, 3_000)).toMatchObject({ freshness: 'stale', ageMs: 2_500, value: { value: 700 } })
    expect(force(NO_LIVE, 0)).toMatchObject({ freshness: 'unknown', ageMs: null, value: null, breach: null })
  })

  it('are held against the limits of their value, else of their signal; the limits themselves are normal', () => {
    expect(force(liveWith({ value: 801 }, 1_000), 1_000).breach).toBe('high')
    expect(force(liveWith({ value: 801, limits: { low: null, high: 900 } }, 1_000), 1_000).breach).toBeNull()
    expect([1, 2, 5, 6].map((value) => breachOf(value, { low: 2, high: 5 }))).toEqual(['low', null, null, 'high'])
    expect(breachOf(7, null)).toBeNull()
  })
})
