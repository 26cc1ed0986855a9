/** What comes, goes or is moved by itself, while a finger is on its way [F3]. */
import { signal } from '@preact/signals'
import { beforeEach, describe, expect, test } from 'vitest'
import { page } from 'vitest/browser'
import { channelName, URGENT_CHANNEL } from '../../relay/protocol/channels.ts'
import type { RelayView } from '../../relay/protocol/local.ts'
import type { AlertRecord } from '../../relay/protocol/records.ts'
import { machineKey, telemetryChannel } from '../../relay/protocol/machine-names.ts'
import type { MachineRecord } from '../../relay/protocol/telemetry.ts'
import {
  alert,
  ALERTS,
  command,
  EPOCH,
  event,
  id,
  LIVE,
  order,
  ORDERS,
  rejected,
  setting,
  stateChannel,
  view,
} from '../../relay/domain/testing/samples.ts'
import { CALM, type Attention } from '../state/attention.ts'
import { PACE_MS } from '../state/held-order.ts'
import { STEADY_MS } from '../state/press-guard.ts'
import { NO_SOUND } from '../state/sound.ts'
import { AFTER_TOUCH_MS } from '../state/touch.ts'
import type { FakeRelay } from '../testing/fake-relay.ts'
import { centre, tap } from '../testing/finger.ts'
import { HandClock } from '../testing/hand-clock.ts'
import { LONG_SCENES } from '../testing/long-scenes.ts'
import { painted, setStage } from '../testing/stage.ts'

const FIRE = alert(9, { priority: 'P0', title: 'Fire' })
const AWAY = { ...LIVE, state: 'waiting', since: 0 } as const

const stage = setStage(LONG_SCENES)
let clock: HandClock

beforeEach(async () => {
  await page.viewport(1_280, 800)
  clock = new HandClock()
})

async function open(hash: string, over: Partial<RelayView>, attention: Attention = CALM) {
  const mounted = await stage.open({ hash, view: view(0, over), clock, attention })
  await painted()
  // What came with the page has stood for long when somebody presses it.
  clock.pass(60_000)
  await painted()
  return mounted
}

const alerts = (urgent: readonly AlertRecord[], area: readonly AlertRecord[] = []) => [
  stateChannel(URGENT_CHANNEL, 1, urgent),
  stateChannel(ALERTS, 1, area),
  stateChannel(ORDERS, 1, [order(1)]),
]

function says(relay: FakeRelay, offset: number, record: AlertRecord): void {
  const isUrgent = record.priority === 'P0' || record.priority === 'P1'
  const raised = event(offset, setting(record), { type: 'alert.raised' })
  relay.tell({ t: 'event', channel: isUrgent ? URGENT_CHANNEL : ALERTS, epoch: EPOCH, event: raised })
}

const taken = (record: AlertRecord): AlertRecord => ({
  ...record,
  acknowledged: { by: 'lee', on: null, at: record.raised.at },
})
const sent = (relay: FakeRelay, type: string) =>
  relay.heard.flatMap((one) => (one.t === 'command' && one.type === type ? [one.data] : []))
const labelled = (label: string): Element | null => stage.root.querySelector(`[aria-label="${label}"]`)
const named = (selector: string, words: string): Element | null =>
  stage.all(selector).find(({ textContent }) => textContent.includes(words)) ?? null

describe('over everything', () => {
  test('[F3] "I have it" that takes the place of "Sign in" takes no press at first', async () => {
    const { app, relay } = await open('#/line-3/alerts', { channels: alerts([FIRE]), session: null })
    const spot = centre(named('.overlay-foot .button', 'Sign in'))
    await app.relay.signIn('kim', '1111')
    await expect.poll(() => named('.overlay-foot .button', 'I have it')).not.toBeNull()
    await tap(spot)
    expect(sent(relay, 'alert.ack')).toEqual([])
    clock.pass(STEADY_MS)
    await painted()
    await tap(spot)
    expect(sent(relay, 'alert.ack')).toEqual([{ id: FIRE.id }])
  })

  test('[F3] nor does "Keep as a banner" that takes the place of "Sign in", and back', async () => {
    const { app, relay } = await open('#/line-3/alerts', { channels: alerts([FIRE]), session: null })
    relay.tell({ t: 'status', status: AWAY })
    await expect.poll(() => named('.overlay-foot .button', 'Keep as a banner')).not.toBeNull()
    await tap(centre(named('.overlay-foot .button', 'Keep as a banner')))
    expect(app.aside.value.size).toBe(0)
    clock.pass(STEADY_MS)
    relay.tell({ t: 'status', status: LIVE })
    await expect.poll(() => named('.overlay-foot .button', 'Sign in')).not.toBeNull()
    await tap(centre(named('.overlay-foot .button', 'Sign in')))
    expect(app.aside.value.size).toBe(0)
    clock.pass(STEADY_MS)
    await painted()
    await tap(centre(named('.overlay-foot .button', 'Sign in')))
    expect(app.aside.value.size).toBe(1)
  })

  test('[F3] a finger that was on its way when a P0 came does not silence it', async () => {
    let hushed = 0
    const sound = { ...NO_SOUND, isAlarming: signal(true), hush: () => (hushed += 1) }
    const { relay } = await open('#/line-3/alerts', { channels: alerts([]) }, { ...CALM, sound })
    says(relay, 2, FIRE)
    await expect.poll(() => stage.all('[data-testid="silence"]')).toHaveLength(1)
    await painted()
    await tap(centre(stage.find('[data-testid="silence"]')))
    expect(hushed).toBe(0)
    clock.pass(STEADY_MS)
    await tap(centre(stage.find('[data-testid="silence"]')))
    expect(hushed).toBe(1)
  })

  test('[F3] when somebody else has it, what was below takes no press at first', async () => {
    const { relay } = await open('#/line-3/alerts', { channels: alerts([FIRE], [alert(1)]) })
    says(relay, 2, taken(FIRE))
    await expect.poll(() => stage.all('.overlay')).toHaveLength(0)
    await painted()
    const spot = centre(labelled('I have it: Alert 1'))
    await tap(spot)
    expect(sent(relay, 'alert.ack')).toEqual([])
    clock.pass(STEADY_MS)
    await tap(spot)
    expect(sent(relay, 'alert.ack')).toEqual([{ id: id(1) }])
  })

  test('[F3] a line that comes above several P0 moves their buttons, which take no press at first', async () => {
    const three = [3, 2, 1].map((n) => alert(n, { priority: 'P0' }))
    const { relay } = await open('#/line-3/alerts', { channels: alerts(three) })
    relay.tell({ t: 'status', status: AWAY })
    await expect.poll(() => stage.all('.overlay .bar-stale')).toHaveLength(1)
    await painted()
    await tap(centre(stage.find('.overlay [aria-label="I have it: Alert 2"]')))
    expect(sent(relay, 'alert.ack')).toEqual([])
    clock.pass(STEADY_MS)
    await tap(centre(stage.find('.overlay [aria-label="I have it: Alert 2"]')))
    expect(sent(relay, 'alert.ack')).toEqual([{ id: id(2) }])
  })

  test('[F3] paging on brings no "I have it" under the finger that pages', async () => {
    await page.viewport(390, 500)
    const ten = Array.from({ length: 12 }, (_, n) => alert(n + 1, { priority: 'P0' }))
    const { relay } = await open('#/line-3/alerts', { channels: alerts(ten) })
    const more = stage.find('.scroller-more .button')
    await tap(centre(more))
    await expect.poll(() => stage.find('.scroller-view').scrollTop).toBeGreaterThan(100)
    for (const button of stage.all('.overlay-acknowledge').slice(-4)) {
      button.scrollIntoView({ block: 'center', behavior: 'instant' })
      await tap(centre(button))
    }
    expect(sent(relay, 'alert.ack')).toEqual([])
  })
})

describe('over a list', () => {
  test('[F3] "2 new" takes no press at first, nor does what it covered when it goes', async () => {
    const many = Array.from({ length: 12 }, (_, n) => alert(n + 1))
    const { relay } = await open('#/line-3/alerts', { channels: alerts([], many) })
    await tap(centre(stage.find('[data-testid="alert-row"] h2')))
    says(relay, 2, alert(21))
    await expect.poll(() => named('.newcomers .button', '1 new')).not.toBeNull()
    await tap(centre(stage.find('.newcomers .button')))
    expect(stage.all('.newcomers .button')).toHaveLength(1)
    clock.pass(STEADY_MS)
    await painted()
    const { x, y } = centre(stage.find('.newcomers .button'))
    const gone = event(3, { key: id(21), record: null }, { type: 'alert.cleared' })
    relay.tell({ t: 'event', channel: ALERTS, epoch: EPOCH, event: gone })
    await expect.poll(() => stage.all('.newcomers .button')).toHaveLength(0)
    // Where it stood is a row again, whose button is anywhere on it on a narrow screen.
    const row = document.elementFromPoint(x, y)?.closest('[data-row]') ?? null
    await tap(centre(row?.querySelector('.alert-action .button') ?? null))
    expect(sent(relay, 'alert.ack')).toEqual([])
  })

  test('[F3] a line that takes the place of another hands its press to neither', async () => {
    const refused = rejected(command(1, 'chat.post', { line: 'line-3', text: 'Said' }), 'forbidden')
    const { app } = await open('#/line-3/orders', { channels: alerts([]), rejected: [refused] })
    const spot = centre(named('.bar .button', 'Show'))
    app.notice.value = 'This terminal cannot write to its disk.'
    await expect.poll(() => stage.all('.bar-needs-you')).toHaveLength(2)
    await painted()
    await tap(spot)
    expect(app.notice.value).not.toBeNull()
    expect(app.sheet.value).toBeNull()
  })

  test('[F3] the words of somebody else in a form move its choices, which take no press at first', async () => {
    const { app, relay } = await open('#/line-3/orders', { channels: alerts([]) })
    app.sheet.value = { kind: 'order', id: id(1), draft: { quantity: 7 } }
    await expect.poll(() => stage.all('.sheet .choice-face').length).toBeGreaterThan(2)
    clock.pass(60_000)
    const changed = order(1, { quantity: 9 }, 2)
    relay.tell({
      t: 'event',
      channel: ORDERS,
      epoch: EPOCH,
      event: event(2, setting(changed), { type: 'order.edited' }),
    })
    await expect.poll(() => stage.all('.sheet .versus')).toHaveLength(1)
    await painted()
    await tap(centre(stage.find('.versus .choice-face')))
    expect(stage.all('.sheet .versus')).toHaveLength(1)
    clock.pass(STEADY_MS)
    await tap(centre(stage.find('.versus .choice-face')))
    await expect.poll(() => stage.all('.sheet .versus')).toHaveLength(0)
  })
})

test('[F2] a machine that is taken away stands there as gone while a hand is at the window', async () => {
  const machine = (n: number): MachineRecord => ({
    id: `press-${n}`,
    area: 'line-3',
    label: `Press ${n}`,
    simulated: false,
    signals: [{ name: 'oil', unit: '°C', label: null, limits: null }],
    lastSampleAt: null,
  })
  const equipment = channelName('equipment', 'line-3')
  const records = Object.fromEntries(
    [1, 2].map((n) => [machineKey('line-3', `press-${n}`), { offset: 1, record: machine(n) }]),
  )
  const { relay } = await open('#/line-3/equipment', {
    channels: [...alerts([]), { ...stateChannel(equipment, 1), records }],
  })
  const heads = () => stage.all('.machine-head').map(({ textContent }) => textContent)
  await expect.poll(() => heads().length).toBe(2)
  await tap(centre(stage.find('h1')))
  const gone = event(2, { key: machineKey('line-3', 'press-1'), record: null }, { type: 'machine.removed' })
  relay.tell({ t: 'event', channel: equipment, epoch: EPOCH, event: gone })
  await expect.poll(() => heads()[0]).toContain('No longer here')
  expect(heads()[1]).toContain('Press 2')
  expect(stage.all('[data-testid="tile"]').map((tile) => tile.matches(':disabled'))).toEqual([true, false])
  await painted()
  clock.pass(AFTER_TOUCH_MS + PACE_MS)
  await expect.poll(heads).toEqual(['Press 2'])
})

test('[F2] a machine that was away for a moment while a hand was at the window goes on showing its values', async () => {
  const press: MachineRecord = {
    id: 'press-1',
    area: 'line-3',
    label: 'Press 1',
    simulated: false,
    signals: [{ name: 'oil', unit: '°C', label: null, limits: null }],
    lastSampleAt: null,
  }
  const equipment = channelName('equipment', 'line-3')
  const key = machineKey('line-3', 'press-1')
  const { relay } = await open('#/line-3/equipment', {
    channels: [...alerts([]), { ...stateChannel(equipment, 1), records: { [key]: { offset: 1, record: press } } }],
  })
  await tap(centre(stage.find('h1')))
  const tell = (offset: number, record: MachineRecord | null): void => {
    const of = event(offset, { key, record }, { type: record === null ? 'machine.removed' : 'machine.changed' })
    relay.tell({ t: 'event', channel: equipment, epoch: EPOCH, event: of })
  }
  // Only what a window shows is brought to it, and it says so after it has drawn.
  const live = telemetryChannel('line-3', 'press-1')
  const isFollowed = (): boolean => {
    const last = relay.heard.findLast((message) => message.t === 'show')
    return last?.t === 'show' && last.channels.includes(live)
  }
  tell(2, null)
  await expect.poll(() => stage.find('.machine-head').textContent).toContain('No longer here')
  await expect.poll(isFollowed).toBe(false)
  tell(3, press)
  await expect.poll(() => stage.find('.machine-head').textContent).toBe('Press 1')
  await expect.poll(isFollowed).toBe(true)
  const at = new Date().toISOString()
  const value = { value: 58.4, unit: '°C', at, label: null, limits: null }
  relay.live(live, [{ key: 'oil', value, at, ageMs: 0, ttlMs: 60_000 }])
  await expect.poll(() => stage.find('.tile').textContent).toContain('58.4')
})

describe('[F3] a machine that measures something new', () => {
  const equipment = channelName('equipment', 'line-3')
  const measuring = (n: number, names: readonly string[]): MachineRecord => ({
    id: `press-${n}`,
    area: 'line-3',
    label: `Press ${n}`,
    simulated: false,
    signals: names.map((name) => ({ name, unit: '°C', label: null, limits: null })),
    lastSampleAt: null,
  })
  const openTwo = async (): Promise<FakeRelay> => {
    const machines = [measuring(1, ['oil']), measuring(2, ['gas'])]
    const records = Object.fromEntries(
      machines.map((record) => [machineKey('line-3', record.id), { offset: 1, record }]),
    )
    const { relay } = await open('#/line-3/equipment', {
      channels: [...alerts([]), { ...stateChannel(equipment, 1), records }],
    })
    await expect.poll(() => stage.all('[data-testid="tile"]').length).toBe(2)
    return relay
  }
  /** Signals stand in the order of their names. */
  const measures = async (relay: FakeRelay, names: readonly string[]): Promise<void> => {
    const data = { key: machineKey('line-3', 'press-1'), record: measuring(1, names) }
    relay.tell({ t: 'event', channel: equipment, epoch: EPOCH, event: event(2, data, { type: 'machine.changed' }) })
    await expect.poll(() => stage.all('[data-testid="tile"]').length).toBe(names.length + 1)
    await painted()
  }
  const tile = (name: string): HTMLElement => stage.find(`[data-signal="${name}"]`)
  const sheets = (): number => stage.all('dialog.sheet').length

  test('puts no other value under the finger, beside those it had', async () => {
    const relay = await openTwo()
    const spot = centre(tile('oil'))
    await measures(relay, ['air', 'oil'])
    await tap(spot)
    await tap(centre(tile('oil')))
    expect(sheets()).toBe(0)
    clock.pass(STEADY_MS)
    await tap(centre(tile('oil')))
    await expect.poll(sheets).toBe(1)
  })

  test('moves the machines below it, which take no press for a moment', async () => {
    const relay = await openTwo()
    const before = centre(tile('gas'))
    await measures(relay, ['a', 'b', 'c', 'd', 'e', 'f', 'oil'])
    expect(centre(tile('gas'))).not.toEqual(before)
    await tap(centre(tile('gas')))
    expect(sheets()).toBe(0)
    clock.pass(STEADY_MS)
    await tap(centre(tile('gas')))
    await expect.poll(sheets).toBe(1)
  })
})
