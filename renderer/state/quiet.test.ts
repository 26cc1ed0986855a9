import { signal } from '@preact/signals'
import { expect, test } from 'vitest'
import { URGENT_CHANNEL } from '../../relay/protocol/channels.ts'
import { alert, ALERTS, stateChannel } from '../../relay/domain/testing/samples.ts'
import {
  allQuietSince,
  leaveQuiet,
  NEVER_QUIET,
  quietLook,
  quietSince,
  stepQuiet,
  type Quiet,
  type QuietLook,
} from './quiet.ts'

const look = (over: Partial<QuietLook> = {}): QuietLook => ({
  area: 'line-3',
  hasAlerts: false,
  isCurrent: true,
  position: 'a 1',
  ...over,
})
/** What is known after these looks, one a second. */
const after = (...looks: readonly Partial<QuietLook>[]): Quiet =>
  looks.reduce<Quiet>((quiet, over, index) => stepQuiet(quiet, [look(over)], index * 1_000), NEVER_QUIET)
const sinceOf = (quiet: Quiet): number | null => quietSince(quiet, 'line-3', { now: 1_000_000, monotonic: 10_000 })
const second = (n: number): number => 1_000_000 - 10_000 + n * 1_000

test('a line is quiet from the first look on, and from the moment in which its last alert went', () => {
  expect(sinceOf(after({}, {}, {}))).toBe(second(0))
  expect(sinceOf(after({}, { hasAlerts: true }))).toBeNull()
  expect(sinceOf(after({}, { hasAlerts: true }, {}, {}))).toBe(second(2))
})

test('what happens on other lines meanwhile changes nothing', () => {
  expect(sinceOf(after({}, { position: 'a 2' }, { position: 'a 9' }))).toBe(second(0))
})

test('[P5] after a time in which nothing was seen it is as quiet as before only where nothing has come', () => {
  const away = { isCurrent: false }
  expect(sinceOf(after({}, away, away, {}))).toBe(second(0))
  expect(sinceOf(after({}, away, { position: 'a 2' }))).toBe(second(2))
  expect(sinceOf(after(away))).toBeNull()
  expect(sinceOf(after(away, {}))).toBe(second(1))
})

test('a line that nobody looked at for a while is the same', () => {
  const quiet = signal(after({}))
  leaveQuiet(quiet, ['line-3', 'line-9'])
  expect(sinceOf(stepQuiet(quiet.value, [look()], 5_000))).toBe(second(0))
  expect(sinceOf(stepQuiet(quiet.value, [look({ position: 'a 2' })], 5_000))).toBe(second(5))
})

test('a clock that is set does not move it, whichever way', () => {
  const quiet = after({})
  for (const now of [0, 5_000_000_000])
    expect(quietSince(quiet, 'line-3', { now, monotonic: 60_000 })).toBe(now - 60_000)
})

test('all are quiet since the last of them is; one that is not, or is not known, ends it', () => {
  const clocks = { now: 100_000, monotonic: 100_000 }
  let quiet = stepQuiet(NEVER_QUIET, [look({ area: 'line-1' })], 1_000)
  quiet = stepQuiet(quiet, [look({ area: 'line-2' })], 4_000)
  expect(allQuietSince(quiet, ['line-1', 'line-2'], clocks)).toBe(4_000)
  expect(allQuietSince(quiet, ['line-1', 'line-3'], clocks)).toBeNull()
  expect(allQuietSince(quiet, [], clocks)).toBeNull()
})

test('the same look is no news', () => {
  const quiet = after({})
  expect(stepQuiet(quiet, [look()], 9_000)).toBe(quiet)
})

test('what is looked at: both channels of the line, or the urgent one where the other is not shown here', () => {
  const urgent = stateChannel(URGENT_CHANNEL, 3)
  const alerts = stateChannel(ALERTS, 4)
  const rows = [alert(1, { area: 'line-1' })]
  const seen = quietLook('line-3', { rows, channels: { urgent, alerts }, isLive: true })
  expect(seen).toMatchObject({ area: 'line-3', hasAlerts: false, isCurrent: true })
  const later = quietLook('line-3', { rows, channels: { urgent, alerts: { ...alerts, offset: 5 } }, isLive: true })
  expect(later.position).not.toBe(seen.position)
  expect(quietLook('line-1', { rows, channels: { urgent, alerts: null }, isLive: true })).toMatchObject({
    hasAlerts: true,
    isCurrent: false,
  })
  const refused = { ...alerts, current: false, refused: 'sign-in-needed' }
  expect(quietLook('line-3', { rows, channels: { urgent, alerts: refused }, isLive: true }).isCurrent).toBe(true)
  expect(quietLook('line-3', { rows, channels: { urgent, alerts }, isLive: false }).isCurrent).toBe(false)
})
