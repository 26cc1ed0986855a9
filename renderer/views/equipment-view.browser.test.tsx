import { beforeEach, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { channelName, URGENT_CHANNEL } from '../../relay/protocol/channels.ts'
import type { SessionId } from '../../relay/protocol/ids.ts'
import { machineKey, telemetryChannel } from '../../relay/protocol/machine-names.ts'
import type { MachineRecord, SeriesPage, SeriesQuery, TelemetryValue } from '../../relay/protocol/telemetry.ts'
import { ALERTS, SESSION, stateChannel, view } from '../../relay/domain/testing/samples.ts'
import { press } from '../testing/finger.ts'
import { EQUIPMENT_SCENES } from '../testing/equipment-scenes.ts'
import { MAX_SHOWN_MACHINES } from '../state/shown-machines.ts'
import { setStage } from '../testing/stage.ts'
import type { FakeRelay } from '../testing/fake-relay.ts'

const PRESS: MachineRecord = {
  id: 'press-1',
  area: 'line-3',
  label: 'Press 1',
  simulated: true,
  signals: [
    { name: 'oil', unit: '°C', label: 'Oil temperature', limits: { low: null, high: 65 } },
    { name: 'strokes', unit: '1/min', label: null, limits: null },
  ],
  lastSampleAt: new Date(Date.now() - 60_000).toISOString(),
}
const LIVE_PRESS = telemetryChannel('line-3', 'press-1')

const stage = setStage(EQUIPMENT_SCENES)
beforeEach(() => (stage.root.style.height = '100vh'))

async function open(
  hash: string,
  machines: readonly MachineRecord[] = [PRESS],
  past?: (query: SeriesQuery) => SeriesPage | null,
  serverNow: () => number = Date.now,
): Promise<FakeRelay> {
  const records = Object.fromEntries(machines.map((record) => [machineKey('line-3', record.id), { offset: 1, record }]))
  const equipment = { ...stateChannel(channelName('equipment', 'line-3'), 1), records }
  const channels = [stateChannel(URGENT_CHANNEL, 1), stateChannel(ALERTS, 1), equipment]
  const mounted = await stage.open({
    hash,
    view: view(0, { channels, session: { ...SESSION, areas: ['*'] } }),
    ...(past !== undefined && { past }),
    serverNow,
  })
  return mounted.relay
}

function brings(relay: FakeRelay, value: number, ttlMs = 5_000): void {
  const at = new Date().toISOString()
  const sample: TelemetryValue = { value, unit: '°C', at, label: null, limits: { low: null, high: 65 } }
  relay.live(LIVE_PRESS, [{ key: 'oil', value: sample, at, ageMs: 0, ttlMs }])
}

const tile = (): string => stage.root.querySelector('[data-signal="oil"]')?.textContent ?? ''
const shown = (relay: FakeRelay): readonly string[] => {
  const last = relay.heard.findLast((message) => message.t === 'show')
  return last?.t === 'show' ? last.channels : []
}

test('a window has live values of machines only while it shows them', async () => {
  const elsewhere = await open('#/line-3/alerts')
  expect(shown(elsewhere).filter((channel) => /^(telemetry|equipment)/.test(channel))).toEqual([])
  const relay = await open('#/line-3/equipment')
  await expect.poll(() => shown(relay)).toContain(LIVE_PRESS)
  brings(relay, 58.42)
  await expect.poll(tile).toContain('58.4')
  await page.getByRole('button', { name: 'Area: Line 3' }).click()
  await page.getByRole('button', { name: 'Line 1' }).click()
  await expect.poll(() => shown(relay)).not.toContain(LIVE_PRESS)
})

test('a tile says value, unit, limit and age, and in words and by a sign that it is beyond the limit', async () => {
  const relay = await open('#/line-3/equipment')
  await expect.poll(() => shown(relay)).toContain(LIVE_PRESS)
  expect(tile()).toContain('No value')
  brings(relay, 58.42)
  await expect.poll(tile).toContain('58.4 °C')
  expect(tile()).toContain('Limit at most 65 °C')
  expect(tile()).toContain('now')
  brings(relay, 71.9)
  await expect.poll(tile).toContain('Above 65 °C')
  expect(stage.root.querySelector('[data-signal="oil"] .tile-breach svg')).not.toBeNull()
  await expect.element(page.getByRole('button', { name: '1 value beyond the limit' })).toBeVisible()
})

test('[P5] a value that is no longer confirmed says since when it is old', async () => {
  const relay = await open('#/line-3/equipment')
  brings(relay, 58.42, 0)
  await expect.poll(tile).toMatch(/58\.4.*Old since \d\d:\d\d/)
})

test('made-up values say that they are', async () => {
  await open('#/line-3/equipment')
  await expect.element(page.getByText('Simulated', { exact: true })).toBeVisible()
})

test('an area without machines says so, and how they come', async () => {
  await open('#/line-3/equipment', [])
  await expect.poll(() => stage.root.textContent).toContain('No machine of Line 3 has reported yet.')
})

test('a tile opens its past by the keyboard, as a chart and as a table with the same values', async () => {
  const past = ({ from }: SeriesQuery): SeriesPage => {
    const at = Date.parse(from)
    return {
      points: [
        [at, 50, 51, 52],
        [at + 1_000, 53, 54, 55],
      ],
      unit: '°C',
      resolutionMs: 1_000,
      next: null,
    }
  }
  await open('#/line-3/equipment', [PRESS], past)
  const button = stage.root.querySelector<HTMLElement>('[data-signal="oil"]')
  button?.focus()
  await userEvent.keyboard('{Enter}')
  await expect.poll(() => stage.root.querySelector('.trend-chart canvas')).not.toBeNull()
  const chart = stage.root.querySelector<HTMLElement>('.trend-chart')
  chart?.focus()
  await userEvent.keyboard('{Home}')
  await expect.poll(() => stage.root.querySelector('.trend-point')?.textContent).toContain('51.0 °C')
  await userEvent.keyboard('{ArrowRight}')
  await expect.poll(() => stage.root.querySelector('.trend-point')?.textContent).toContain('54.0 °C')
  await page.getByRole('radio', { name: 'Table' }).click({ force: true })
  const cells = () => stage.all('.trend-table tbody tr').map((row) => row.textContent)
  await expect.poll(cells).toHaveLength(2)
  expect(cells()[0]).toContain('53.0 °C54.0 °C55.0 °C')
  await page.getByRole('button', { name: 'Close' }).click()
  expect(document.activeElement).toBe(button)
})

test('a chart is zoomed by keys and by buttons, which say what is left to do', async () => {
  const past = ({ from }: SeriesQuery): SeriesPage => {
    const at = Date.parse(from)
    return { points: [0, 300, 600].map((s) => [at + s * 1_000, s, s, s]), unit: '°C', resolutionMs: 1_000, next: null }
  }
  await open('#/line-3/equipment', [PRESS], past)
  await page.getByText('Oil temperature').click()
  const button = (name: string) => page.getByRole('button', { name })
  await expect.element(button('Zoom out')).toBeDisabled()
  const chart = stage.find('.trend-chart')
  await expect.poll(() => chart.querySelector('canvas')).not.toBeNull()
  chart.focus()
  await userEvent.keyboard('+')
  await expect.element(button('Zoom out')).toBeEnabled()
  await userEvent.keyboard('0')
  await expect.element(button('All of it')).toBeDisabled()
  // Fifteen minutes, half of that three times: less cannot be read.
  for (let times = 0; times < 3; times += 1) await button('Zoom in').click()
  await expect.element(button('Zoom in')).toBeDisabled()
  await button('Earlier').click()
  await button('All of it').click()
  await expect.element(button('Zoom out')).toBeDisabled()
})

test('what is zoomed into is read again as closely as the screen can tell', async () => {
  const asked: number[] = []
  const past = ({ from, to, points }: SeriesQuery): SeriesPage => {
    const [start, end] = [Date.parse(from), Date.parse(to)]
    asked.push(end - start)
    const resolutionMs = Math.ceil((end - start) / points)
    return { points: [[start + resolutionMs, 1, 2, 3]], unit: '°C', resolutionMs, next: null }
  }
  await open('#/line-3/equipment', [PRESS], past)
  await page.getByText('Oil temperature').click()
  await expect.poll(() => stage.root.querySelector('.trend-chart canvas')).not.toBeNull()
  await page.getByRole('button', { name: 'Zoom in' }).click()
  await page.getByRole('button', { name: 'Zoom in' }).click()
  // A quarter of fifteen minutes, and half of that on either side.
  await expect.poll(() => asked.map((ms) => Math.round(ms / 1_000))).toContain(2 * 225)
})

test('[P7] the past that ends now ends at the time of the server', async () => {
  const asked: SeriesQuery[] = []
  const past = (query: SeriesQuery): SeriesPage => {
    asked.push(query)
    return { points: [], unit: '°C', resolutionMs: 1_000, next: null }
  }
  const serverNow = Date.parse('2031-05-04T10:00:00.000Z')
  await open('#/line-3/equipment', [PRESS], past, () => serverNow)
  await page.getByText('Oil temperature').click()
  await expect.poll(() => asked.map(({ to }) => to.slice(0, 16))).toContain('2031-05-04T10:00')
})

test('a past that cannot be read says why, and is read again on demand', async () => {
  let isAway = true
  const past = (): SeriesPage | null => (isAway ? null : { points: [], unit: '°C', resolutionMs: 1_000, next: null })
  await open('#/line-3/equipment', [PRESS], past)
  await page.getByRole('button', { name: /Oil temperature/ }).click()
  await expect.element(page.getByText(/The stored values cannot be read now/)).toBeVisible()
  isAway = false
  await page.getByRole('button', { name: 'Read again' }).click()
  await expect.element(page.getByText('Nothing was stored in this time.')).toBeVisible()
})

test('the machine in trouble is first, and a press on the count shows its values that are beyond alone, and all again', async () => {
  const second = { ...PRESS, id: 'press-2', label: 'Press 2' }
  const relay = await open('#/line-3/equipment', [PRESS, second])
  const machines = () => stage.all('.machine h2').map(({ textContent }) => textContent)
  await expect.poll(machines).toEqual(['Press 1', 'Press 2'])
  const at = new Date().toISOString()
  const value: TelemetryValue = { value: 71, unit: '°C', at, label: null, limits: { low: null, high: 65 } }
  relay.live(telemetryChannel('line-3', 'press-2'), [{ key: 'oil', at, ageMs: 0, ttlMs: 60_000, value }])
  const beyond = page.getByRole('button', { name: '1 value beyond the limit' })
  await expect.element(beyond).toBeVisible()
  expect(machines()).toEqual(['Press 2', 'Press 1'])
  await press(beyond)
  await expect.poll(machines).toEqual(['Press 2'])
  expect(stage.all('[data-testid="tile"]').map(({ dataset }) => dataset['signal'])).toEqual(['oil'])
  await press(page.getByRole('button', { name: 'All machines' }))
  await expect.poll(machines).toEqual(['Press 2', 'Press 1'])
})

test('[P9] what one person leaves out of the machines is shown to the next', async () => {
  const second = { ...PRESS, id: 'press-2', label: 'Press 2' }
  const relay = await open('#/line-3/equipment', [PRESS, second])
  const machines = () => stage.all('.machine h2').length
  await expect.poll(machines).toBe(2)
  brings(relay, 71, 60_000)
  await press(page.getByRole('button', { name: '1 value beyond the limit' }))
  await expect.poll(machines).toBe(1)
  relay.tell({ t: 'session', session: { ...SESSION, id: 'lee-1' as SessionId, operator: 'lee' }, areas: ['line-3'] })
  await expect.poll(machines).toBe(2)
})

test('[F7] of hundreds of tiles the first are there at once, and in the end all of them', async () => {
  const hall = Array.from({ length: 30 }, (_, m): MachineRecord => {
    const signals = Array.from({ length: 8 }, (_none, s) => ({ name: `s${s}`, unit: 'bar', label: null, limits: null }))
    return { ...PRESS, id: `m-${String(m).padStart(2, '0')}`, label: `Machine ${m}`, signals }
  })
  const tiles = () => stage.root.querySelectorAll('[data-testid="tile"]').length
  const counts: number[] = []
  const observer = new MutationObserver(() => counts.push(tiles()))
  observer.observe(stage.root, { childList: true, subtree: true })
  await open('#/line-3/equipment', hall)
  await expect.poll(tiles).toBe(240)
  observer.disconnect()
  expect(counts.find((count) => count > 0)).toBe(24)
})

test('a second value, of another machine, is read over the same time, and both say what they were', async () => {
  const asked: string[] = []
  const past = ({ machine, signal, from }: SeriesQuery): SeriesPage => {
    asked.push(`${machine}/${signal}`)
    const at = Date.parse(from)
    const value = signal === 'oil' ? 51 : 24
    return {
      points: [[at, value, value, value]],
      unit: signal === 'oil' ? '°C' : '1/min',
      resolutionMs: 1_000,
      next: null,
    }
  }
  const second = { ...PRESS, id: 'press-2', label: 'Press 2' }
  await open('#/line-3/equipment', [PRESS, second], past)
  await press(page.getByRole('button', { name: /Oil temperature/ }).first())
  await press(page.getByRole('button', { name: 'Beside a second value' }))
  await page.getByLabelText('Second value: find machine or value').fill('press 2 str')
  const choices = () => stage.all('.pick').map(({ textContent }) => textContent)
  await expect.poll(choices).toEqual(['strokesPress 2 · 1/min'])
  await press(page.getByRole('button', { name: /strokes/ }).last())
  const lines = () => stage.all('.trend-named').map(({ textContent }) => textContent)
  await expect.poll(lines).toHaveLength(2)
  expect(lines()[0]).toContain('51.0 °C')
  expect(lines()[1]).toMatch(/^strokes · Press 2 .*24\.0 1\/min/)
  expect(asked).toEqual(['press-1/oil', 'press-2/strokes'])
  await press(page.getByRole('button', { name: 'Without strokes · Press 2' }))
  await expect.poll(lines).toEqual([])
})

test('[P5] of more machines than a window follows it says so, and the others are found by name and then followed', async () => {
  const many = Array.from({ length: MAX_SHOWN_MACHINES + 1 }, (_, n) => {
    const id = `press-${String(n + 1).padStart(3, '0')}`
    return { ...PRESS, id, label: `Press ${n + 1}` }
  })
  const relay = await open('#/line-3/equipment', many)
  await expect.poll(() => stage.root.textContent).toContain('Only the first 128 of 129 machines are shown')
  const last = telemetryChannel('line-3', 'press-129')
  const isFollowed = (): boolean => shown(relay).includes(last)
  expect(isFollowed()).toBe(false)
  await page.getByRole('searchbox').fill('press 129')
  await expect.poll(() => stage.all('.machine h2').map(({ textContent }) => textContent)).toEqual(['Press 129'])
  await expect.poll(isFollowed).toBe(true)
})

test('[F7] of two thousand values those are drawn that somebody scrolls to, and nothing moves for them', async () => {
  await stage.show('equipment-2000')
  const tiles = () => stage.all('[data-testid="tile"]').length
  await expect.poll(() => stage.all('.tile-room').length + tiles()).toBe(2_000)
  expect(tiles()).toBeLessThan(500)
  const before = tiles()
  const main = stage.find('main')
  const { scrollHeight } = main
  main.scrollTop = scrollHeight / 2
  await expect.poll(tiles).toBeGreaterThan(before)
  expect(main.scrollHeight).toBe(scrollHeight)
})

test('[F8] of two thousand values one is found by its machine and its name', async () => {
  await stage.show('equipment-2000')
  await page.getByRole('searchbox').fill('oven 38 vibration 47')
  await expect.poll(() => stage.all('[data-testid="tile"]').length).toBe(1)
  await page.getByRole('searchbox').fill('nothing of the kind')
  await expect.element(page.getByText('Nothing matches “nothing of the kind”.')).toBeVisible()
})
