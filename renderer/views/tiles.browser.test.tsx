import { beforeEach, describe, expect, test } from 'vitest'
import { page } from 'vitest/browser'
import { channelName, URGENT_CHANNEL } from '../../relay/protocol/channels.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { machineKey, telemetryChannel } from '../../relay/protocol/machine-names.ts'
import type { MachineRecord, MachineSignal } from '../../relay/protocol/telemetry.ts'
import { ALERTS, SESSION, stateChannel, view } from '../../relay/domain/testing/samples.ts'
import type { Language } from '../../relay/protocol/records.ts'
import { exact, MAX_SHORT_DIGITS, quantity, shortened } from '../text/quantity.ts'
import { setStage } from '../testing/stage.ts'

/** A wall, a kiosk, phones. */
const WIDTHS = [1920, 1280, 390, 320]
const UNITS = ['', '%', 'kWh', '°C', '1/min', 'm³/h', 'Nm³/h (0 °C)', 'W'.repeat(LIMITS.maxUnit), '개/분']
/** Values of the reviews, and those at the ends of what may be measured. */
const NAMED = [1_234_567, 1e12, -0.001, 0.0009, 0, 9e-7, -1_234_567_890.5, 1e15, -1e15, 639.999_871, 1_234_567.891]

/** 64 tiles are drawn in three frames, which on a busy machine take their time. */
const PATIENT = { timeout: 15_000 }

const SEED = Date.now() % 1e9

/** mulberry32: the same seed, the same tiles. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

interface Case {
  readonly value: number
  readonly signal: MachineSignal
}

function casesOf(seed: number): readonly Case[] {
  const random = randomFrom(seed)
  const anyNumber = (): number => {
    const size = 10 ** (random() * 22 - 7)
    const value = (random() < 0.3 ? -1 : 1) * size
    return random() < 0.4 ? Math.round(value) : value
  }
  return Array.from({ length: LIMITS.maxSignalsPerMachine }, (_, index) => {
    const value = NAMED[index] ?? anyNumber()
    const high = index === 3 ? 0.0005 : random() < 0.5 ? value - Math.abs(value) * random() * 1e-3 : anyNumber()
    const low = random() < 0.5 ? null : Math.min(high, anyNumber())
    const limits = random() < 0.3 ? null : { low, high }
    const signal = {
      name: `s${index}`,
      unit: (index === 0 ? 'kWh' : UNITS[Math.floor(random() * UNITS.length)]) ?? '',
      label: null,
      limits,
    }
    return { value, signal: index === 3 ? { ...signal, limits: { low: null, high } } : signal }
  })
}

const stage = setStage()
beforeEach(() => (stage.root.style.height = '100vh'))

async function show(cases: readonly Case[], language: Language) {
  const machine: MachineRecord = {
    id: 'press-1',
    area: 'line-3',
    label: 'Press 1',
    simulated: false,
    signals: cases.map(({ signal }) => signal),
    lastSampleAt: null,
  }
  const records = { [machineKey('line-3', machine.id)]: { offset: 1, record: machine } }
  const equipment = { ...stateChannel(channelName('equipment', 'line-3'), 1), records }
  const prefs = {
    ...stateChannel(channelName('prefs', SESSION.operator), 1),
    records: { language: { offset: 1, record: language } },
  }
  const channels = [stateChannel(URGENT_CHANNEL, 1), stateChannel(ALERTS, 1), equipment, prefs]
  const mounted = await stage.open({
    hash: '#/line-3/equipment',
    view: view(0, { channels, session: { ...SESSION, areas: ['*'] } }),
  })
  await expect.poll(() => mounted.app.language.value).toBe(language)
  const at = new Date().toISOString()
  mounted.relay.live(
    telemetryChannel('line-3', machine.id),
    cases.map(({ value, signal: { name, unit, limits } }) => ({
      key: name,
      value: { value, unit, at, label: null, limits },
      at,
      ageMs: 0,
      ttlMs: 60_000,
    })),
  )
  await expect
    .poll(() => tiles().filter((one) => one.querySelector('.tile-number')?.textContent === '–').length, PATIENT)
    .toBe(0)
  return mounted
}

const tiles = (): readonly HTMLElement[] => stage.all('[data-testid="tile"]')

function caseAt(cases: readonly Case[], index: number): Case {
  const found = cases[index]
  if (found === undefined) throw new Error(`no case ${index}`)
  return found
}

/** What is wrong with how a tile looks; nothing where every digit and letter of it is in sight. */
function faults(tile: HTMLElement, { value, signal }: Case): readonly string[] {
  const box = tile.getBoundingClientRect()
  const part = (selector: string): HTMLElement => {
    const found = tile.querySelector<HTMLElement>(selector)
    if (found === null) throw new Error(`no ${selector}`)
    return found
  }
  const [number, unit, limit] = [part('.tile-number'), part('.tile-unit'), part('.tile-limit')]
  const found: string[] = []
  for (const words of [number, unit]) {
    const range = document.createRange()
    range.selectNodeContents(words)
    for (const { left, right, top, bottom, width } of range.getClientRects()) {
      if (width === 0) continue
      if (left < box.left || right > box.right || top < box.top) found.push(`"${words.textContent}" is cut off`)
      if (bottom > limit.getBoundingClientRect().top + 1) found.push(`"${words.textContent}" reaches into the limit`)
    }
  }
  const words = number.textContent ?? ''
  // A short number without a sign is exact; `>` and `<` name the limit that the value is so near to.
  const isAll = words === quantity(value, signal.limits)
  if (!isAll && !/^[≈<>]/.test(words) && !isExact(words, value)) found.push(`"${words}" is neither all nor about`)
  if (unit.textContent !== signal.unit) found.push(`unit "${unit.textContent}"`)
  const said = part('.tile-limit > span')
  if (said.scrollWidth > said.clientWidth + 1) found.push(`"${said.textContent}" is cut off`)
  return found.map((fault) => `${value} ${signal.unit}: ${fault}`)
}

/** Whether a number written short is all of the value: written with every digit it may have, it is the same words. */
function isExact(words: string, value: number): boolean {
  return shortened(value, MAX_SHORT_DIGITS) === words
}

describe.each(WIDTHS)('at %i pixels', (width) => {
  test.each<Language>(['en', 'ko'])('no digit of a value, a unit or a limit is ever cut off (%s)', async (language) => {
    await page.viewport(width, 900)
    const cases = casesOf(SEED + width)
    await show(cases, language)
    const all = (): readonly string[] => tiles().flatMap((tile, index) => faults(tile, caseAt(cases, index)))
    // Letters of a font that is just being loaded are measured again when it is there.
    await expect.poll(all, { ...PATIENT, message: `seed ${SEED + width}` }).toEqual([])
  })
})

test('tiles that get another width show what fits then', async () => {
  await page.viewport(1280, 900)
  const cases = [{ value: -1_234_567_890.5, signal: { name: 's0', unit: 'kWh', label: null, limits: null } }]
  await show(cases, 'en')
  const words = (): string => tiles()[0]?.querySelector('.tile-number')?.textContent ?? ''
  await expect.poll(words, PATIENT).toBe('-1,234,567,891')
  await page.viewport(240, 900)
  await expect.poll(words, PATIENT).toMatch(/^≈-1\.2/)
  await page.viewport(1280, 900)
  await expect.poll(words, PATIENT).toBe('-1,234,567,891')
})

test('what a tile shortened stands in its sheet with every digit before the point, and follows the value', async () => {
  await page.viewport(320, 900)
  const cases = [{ value: -1_234_567_890.5, signal: { name: 's0', unit: 'kWh', label: null, limits: null } }]
  const { app, relay } = await show(cases, 'en')
  app.sheet.value = { kind: 'trend', machine: 'press-1', signal: 's0' }
  await expect.element(page.getByTestId('present')).toHaveTextContent('Now -1,234,567,891 kWh')
  const at = new Date().toISOString()
  const value = { value: 1e15, unit: 'kWh', at, label: null, limits: null }
  relay.live(telemetryChannel('line-3', 'press-1'), [{ key: 's0', value, at, ageMs: 0, ttlMs: 60_000 }])
  await expect.element(page.getByTestId('present')).toHaveTextContent(`Now ${exact(1e15, 'kWh')}`)
})

test('the sheet says what tile and chart say, and below it every digit that was measured', async () => {
  const limits = { low: 150, high: 200 }
  const cases = [{ value: 413.6701748942037, signal: { name: 's0', unit: '°C', label: null, limits } }]
  const { app } = await show(cases, 'en')
  app.sheet.value = { kind: 'trend', machine: 'press-1', signal: 's0' }
  await expect.element(page.getByTestId('present')).toHaveTextContent('Now 414 °C')
  await expect.element(page.getByTestId('exact')).toHaveTextContent('As measured: 413.6701748942037 °C')
  await expect.element(page.getByText('Limit 150 to 200 °C', { exact: true })).toBeVisible()
})

test('a value that is said whole is not said twice', async () => {
  const cases = [{ value: 413, signal: { name: 's0', unit: '°C', label: null, limits: null } }]
  const { app } = await show(cases, 'en')
  app.sheet.value = { kind: 'trend', machine: 'press-1', signal: 's0' }
  await expect.element(page.getByTestId('present')).toHaveTextContent('Now 413 °C')
  await expect.element(page.getByTestId('exact')).not.toBeInTheDocument()
})
