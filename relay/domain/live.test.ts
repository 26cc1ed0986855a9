import { describe, expect, it } from 'vitest'
import type { ChannelName } from '../protocol/channels.ts'
import { LIMITS } from '../protocol/limits.ts'
import type { LiveView } from '../protocol/local.ts'
import { isLiveCurrent, keepLive, NO_LIVE, takeLive } from './live.ts'

const PRESS = 'telemetry/line-3/press-1' as ChannelName
const at = (second: number) => `2026-11-20T06:00:${String(second).padStart(2, '0')}.000Z`
const view = (key: string, value: number, over: Partial<LiveView> = {}): LiveView => ({
  key,
  value,
  at: at(1),
  ageMs: 0,
  ttlMs: 5_000,
  ...over,
})
const message = (...values: LiveView[]) => ({ t: 'live', channel: PRESS, values }) as const

describe('live values of a window', () => {
  it('[P5] age on this window’s clock from what the relay said of them', () => {
    const model = takeLive(NO_LIVE, message(view('force', 1, { ageMs: 200, ttlMs: 1_000 })), 10_000)
    const entry = model.get(PRESS)?.get('force')
    if (entry === undefined) throw new Error('no entry')
    expect(entry).toMatchObject({ value: 1, confirmedAt: 9_800, currentUntil: 11_000 })
    expect([isLiveCurrent(entry, 10_999), isLiveCurrent(entry, 11_000)]).toEqual([true, false])
  })

  it('are what came last, confirmed when it comes again', () => {
    let model = takeLive(NO_LIVE, message(view('force', 2, { at: at(2) })), 0)
    model = takeLive(model, message(view('force', 2, { at: at(2), ageMs: 4, ttlMs: 1 })), 4)
    expect(model.get(PRESS)?.get('force')).toMatchObject({ confirmedAt: 0, currentUntil: 5 })
  })

  it('[P7] go on where the clock of the server was set back, in force or over', () => {
    let model = takeLive(NO_LIVE, message(view('force', 1, { at: at(9) }), view('heat', 1, { at: at(9), ttlMs: 1 })), 0)
    model = takeLive(model, message(view('force', 2, { at: at(1) }), view('heat', 2, { at: at(1) })), 10)
    expect([...(model.get(PRESS) ?? [])].map(([key, { value }]) => [key, value])).toEqual([
      ['force', 2],
      ['heat', 2],
    ])
  })

  it('[M13] are all there are where the relay says so', () => {
    const before = takeLive(NO_LIVE, message(view('force', 1), view('heat', 1)), 0)
    const after = takeLive(before, { ...message(view('heat', 2)), whole: true }, 1)
    expect([...(after.get(PRESS)?.keys() ?? [])]).toEqual(['heat'])
  })

  it('share what did not change, and go with what is not shown any more', () => {
    const other = 'telemetry/line-3/press-2' as ChannelName
    const one = takeLive(NO_LIVE, { ...message(view('force', 1)), channel: other }, 0)
    const two = takeLive(one, message(view('force', 1)), 0)
    expect(two.get(other)).toBe(one.get(other))
    expect([...keepLive(two, [PRESS]).keys()]).toEqual([PRESS])
    expect(keepLive(two, [PRESS, other])).toBe(two)
  })

  it('[P8] are bounded per channel: the oldest goes', () => {
    const all = Array.from({ length: LIMITS.maxLiveKeys + 1 }, (_, index) => view(`k${index}`, index))
    const keys = takeLive(NO_LIVE, message(...all), 0).get(PRESS)
    expect([keys?.size, keys?.has('k0'), keys?.has('k1')]).toEqual([LIMITS.maxLiveKeys, false, true])
  })

  it('[P8] let go of what is over before anything that is there, however old that is', () => {
    const there = { ...view('kim', 1), value: { name: 'Press' } }
    const left = Array.from({ length: 2 * LIMITS.maxLiveKeys }, (_, index) => ({
      ...view(`k${index}`, 0),
      value: null,
    }))
    const keys = takeLive(takeLive(NO_LIVE, message(there), 0), message(...left), 1).get(PRESS)
    expect([keys?.size, keys?.has('kim')]).toEqual([LIMITS.maxLiveKeys, true])
  })
})
