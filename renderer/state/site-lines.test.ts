import { expect, test } from 'vitest'
import { modelOfView } from '../../relay/domain/window-model.ts'
import { alert, order, stateChannel, view } from '../../relay/domain/testing/samples.ts'
import { channelName, URGENT_CHANNEL } from '../../relay/protocol/channels.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { machineKey } from '../../relay/protocol/machine-names.ts'
import { linesOf, MAX_FOLLOWED_LINES, SITE_PLACES, siteChannels, siteValues } from './site-lines.ts'
import { VALUES_PER_LINE } from './chosen-values.ts'

const lines = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `line-${index + 1}`)

function machines(area: string, count: number) {
  const records = Array.from({ length: count }, (_, index) => ({
    id: `m-${index}`,
    area,
    label: 'Machine',
    simulated: false,
    signals: [{ name: 'force', unit: 'kN', label: null, limits: null }],
    lastSampleAt: null,
  }))
  const channel = stateChannel(channelName('equipment', area), 1)
  return {
    ...channel,
    records: Object.fromEntries(records.map((record) => [machineKey(area, record.id), { offset: 1, record }])),
  }
}

test('each line has its own alerts and orders, urgent ones too, in the order of the floor', () => {
  const model = modelOfView(
    view(1, {
      channels: [
        stateChannel(URGENT_CHANNEL, 1, [alert(1, { priority: 'P1', area: 'line-2' })]),
        stateChannel(channelName('alerts', 'line-1'), 1, [alert(2, { area: 'line-1' })]),
        stateChannel(channelName('alerts', 'line-2'), 1),
        stateChannel(channelName('orders', 'line-1'), 1, [order(3, { status: 'running' })]),
      ],
    }),
    null,
  )
  const found = linesOf(model, ['line-1', 'line-2', 'line-3'])
  expect(found.map(({ area, alerts }) => [area, alerts.map(({ title }) => title)])).toEqual([
    ['line-1', ['Alert 2']],
    ['line-2', ['Alert 1']],
    ['line-3', []],
  ])
  expect(found.map(({ orders }) => orders?.total ?? null)).toEqual([1, null, null])
  // Nothing was asked for of it yet.
  expect(found[2]?.isUrgentOnly).toBe(true)
})

test('[P8] a site of two hundred lines asks for no more than a device may, with room for its other windows', () => {
  const areas = lines(200)
  const page = areas.slice(150, 150 + SITE_PLACES)
  const model = modelOfView(view(1, { channels: page.map((area) => machines(area, 50)) }), null)
  const values = siteValues(model, page, new Map())
  expect([...values.values()].every((all) => all.length === VALUES_PER_LINE)).toBe(true)
  const shown = siteChannels({ areas, page, values: values.values(), isPerson: true })
  expect(new Set(shown).size).toBe(shown.length)
  expect(shown.length).toBeLessThanOrEqual(LIMITS.maxSubscriptions - 16)
  expect(shown.filter((name) => name.startsWith('alerts/'))).toHaveLength(MAX_FOLLOWED_LINES + SITE_PLACES)
})

test('a device alone asks for no work orders', () => {
  const shown = siteChannels({ areas: ['line-1'], page: ['line-1'], values: [], isPerson: false })
  expect(shown).toEqual(['alerts/line-1', 'equipment/line-1', 'headcount/line-1'])
})
