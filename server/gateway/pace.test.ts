import { describe, expect, it } from 'vitest'
import type { DeviceId } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { Pace, PACE_RATES, type PacedCommand, type PacedDevice, type PaceRates } from './pace.ts'

const LATHE: PacedDevice = { id: 'l'.repeat(43) as DeviceId, areas: ['line-3'], source: '10.0.0.7', isAlone: false }
const PRESS: PacedDevice = { id: 'p'.repeat(43) as DeviceId, areas: ['line-3'], source: '10.0.0.7', isAlone: false }
const ROOMY = { perSecond: 1_000, burst: 1_000 }
const ALL_ROOMY: PaceRates = {
  device: ROOMY,
  author: ROOMY,
  alone: ROOMY,
  calls: ROOMY,
  callsOfSource: ROOMY,
  callsAlone: ROOMY,
  strangersOfSource: ROOMY,
  strangers: ROOMY,
  receipts: ROOMY,
  receiptsOfSource: ROOMY,
  receiptsAlone: ROOMY,
  firstFrames: ROOMY,
  frames: ROOMY,
  framesOfSource: ROOMY,
  framesAlone: ROOMY,
  refusals: ROOMY,
  signals: ROOMY,
  tracks: ROOMY,
}

const chat = (author: string | null): PacedCommand => ({
  author,
  type: 'chat.post',
  data: { line: 'line-3', text: 'x' },
})
const call = (area: unknown, author: string | null = null): PacedCommand => ({
  author,
  type: 'alert.raise',
  data: { priority: 'P0', area, title: 'Fire' },
})

function stranger(number: number): PacedDevice {
  return { id: `${number}`.padStart(43, 's') as DeviceId, areas: [], source: '10.6.6.6', isAlone: true }
}

/** Rates, and a clock that a test sets. */
function paceOf(rates: Partial<PaceRates>) {
  const clock = { now: 0 }
  return { pace: new Pace({ ...ALL_ROOMY, ...rates }, () => clock.now), clock }
}

/** How many of them are taken before one has to wait. */
function taken(take: () => number, atMost = 5_000): number {
  for (let count = 0; count < atMost; count += 1) if (take() > 0) return count
  return atMost
}

describe('pace', () => {
  it('[V8] one person on two devices is limited together, and nobody else with them', () => {
    const { pace, clock } = paceOf({ author: { perSecond: 2, burst: 10 } })
    expect(taken(() => pace.command(LATHE, chat('kim')), 6)).toBe(6)
    expect(taken(() => pace.command(PRESS, chat('kim')))).toBe(4)
    expect(pace.command(LATHE, chat('kim'))).toBe(500)
    expect(pace.command(PRESS, chat('lee'))).toBe(0)
    expect(pace.command(PRESS, chat(null))).toBe(0)
    clock.now = 500
    expect(pace.command(LATHE, chat('kim'))).toBe(0)
  })

  it('[V8] a device is limited whoever sends from it', () => {
    const { pace } = paceOf({ device: { perSecond: 4, burst: 3 } })
    expect(['kim', 'lee', 'park'].map((author) => pace.command(LATHE, chat(author)))).toEqual([0, 0, 0])
    expect(pace.command(LATHE, chat('park'))).toBe(250)
    expect(pace.command(PRESS, chat('park'))).toBe(0)
  })

  it('[V8] a device that nobody speaks for has little, and what a person on it sends has all the same', () => {
    const pace = new Pace(PACE_RATES, () => 0)
    const few = taken(() => pace.command(LATHE, chat(null)))
    expect(few).toBe(PACE_RATES.alone.burst)
    expect(few).toBeGreaterThan(LIMITS.maxInFlight)
    expect(taken(() => pace.command(LATHE, chat('kim')))).toBe(5_000)
  })

  it('[V8] [P3] calls for help in its own areas wait for nothing else that it sends', () => {
    const pace = new Pace(PACE_RATES, () => 0)
    taken(() => pace.command(LATHE, chat(null)))
    expect(pace.command(LATHE, chat(null))).toBeGreaterThan(0)
    expect(pace.command(LATHE, call('line-3'))).toBe(0)
    expect(taken(() => pace.command(LATHE, call('line-3')))).toBe(PACE_RATES.calls.burst - 1)
  })

  it.each(['line-1', 7, null, undefined])('[V8] an alert in %s is none of its own areas', (area) => {
    const { pace } = paceOf({ alone: { perSecond: 1, burst: 1 } })
    expect(pace.command(LATHE, call(area))).toBe(0)
    expect(pace.command(LATHE, call(area))).toBe(1_000)
  })

  it('[V8] [P8] all strangers together have little, and cost nobody who has an area', () => {
    const pace = new Pace(PACE_RATES, () => 0)
    const sent = (source: string, areas: readonly string[] = []): number => {
      let count = 0
      for (let number = 0; number < 20; number += 1) {
        const key = { ...stranger(number), id: `${source} ${number}` as DeviceId, source, areas }
        count += taken(() => pace.command(key, chat(null)))
      }
      return count
    }
    expect(sent('10.6.6.6')).toBe(PACE_RATES.strangersOfSource.burst)
    // That the site gives areas to new devices makes them no less of strangers.
    expect(sent('10.6.6.7', ['line-3'])).toBe(PACE_RATES.strangers.burst - PACE_RATES.strangersOfSource.burst)
    expect(pace.command(LATHE, chat(null))).toBe(0)
    expect(pace.command(LATHE, call('line-3'))).toBe(0)
    expect(pace.command(stranger(1), chat('kim'))).toBe(0)
  })

  it('[V8] [P8] calls of keys that anybody can make are bounded per address and in sum, and cost no terminal of a person', () => {
    const pace = new Pace(PACE_RATES, () => 0)
    const callsFrom = (source: string): number => {
      let count = 0
      for (let number = 0; number < 20; number += 1) {
        const key = { ...stranger(number), areas: ['line-3'], id: `${source} ${number}` as DeviceId, source }
        count += taken(() => pace.command(key, call('line-3')))
      }
      return count
    }
    expect(callsFrom('10.6.6.1')).toBe(PACE_RATES.callsOfSource.burst)
    const others = ['10.6.6.2', '10.6.6.3', '10.6.6.4', '10.6.6.5'].map(callsFrom)
    const all = PACE_RATES.callsAlone.burst - PACE_RATES.callsOfSource.burst
    expect(others.reduce((sum, count) => sum + count)).toBe(all)
    expect(taken(() => pace.command(LATHE, call('line-3')))).toBe(PACE_RATES.calls.burst)
  })

  it('[V8] what it is refused for now is read at a small pace, however much of it is taken between', () => {
    const clock = { now: 0 }
    const pace = new Pace(PACE_RATES, () => clock.now)
    const refused = (): number => {
      pace.command(LATHE, chat(null))
      return pace.refusal(LATHE)
    }
    expect(taken(refused)).toBe(4 * LIMITS.maxInFlight)
    clock.now = 1_000
    expect(taken(refused)).toBe(PACE_RATES.refusals.perSecond)
    expect(pace.refusal(PRESS)).toBe(0)
  })

  it('[E3] receipts have a rate of their own: commands never wait for them', () => {
    const pace = new Pace(PACE_RATES, () => 0)
    expect(taken(() => pace.receipts(LATHE, LIMITS.maxReceipts))).toBe(PACE_RATES.receipts.burst / LIMITS.maxReceipts)
    expect(pace.command(LATHE, chat('kim'))).toBe(0)
    expect(pace.receipts(PRESS, 1)).toBe(0)
  })

  it('[V8] [P8] what strangers ask for is bounded per device, per address and in sum, and its first frames no flood takes', () => {
    const { firstFrames, frames, framesOfSource, framesAlone } = PACE_RATES
    const pace = new Pace(PACE_RATES, () => 0)
    expect(taken(() => pace.frame({ ...stranger(1), source: '10.6.6.5' }))).toBe(firstFrames.burst + frames.burst)
    const beyondFirst = (source: string): number => {
      let count = 0
      for (let number = 0; number < 20; number += 1) {
        const key = { ...stranger(number), id: `${source} ${number}` as DeviceId, source }
        count += taken(() => pace.frame(key)) - firstFrames.burst
      }
      return count
    }
    expect(beyondFirst('10.6.6.6')).toBe(framesOfSource.burst)
    beyondFirst('10.6.6.7')
    expect(beyondFirst('10.6.6.8')).toBe(0)
    expect(framesAlone.burst).toBeLessThan(3 * framesOfSource.burst)
    expect(taken(() => pace.frame(stranger(2)))).toBe(firstFrames.burst)
    expect(taken(() => pace.frame(LATHE))).toBe(5_000)
  })

  it('[E3] [P8] receipts of strangers are bounded per address and in sum, and cost no device of people any', () => {
    const pace = new Pace(PACE_RATES, () => 0)
    const receiptsFrom = (source: string): number => {
      let count = 0
      for (let number = 0; number < 20; number += 1) {
        const key = { ...stranger(number), id: `${source} ${number}` as DeviceId, source }
        count += taken(() => pace.receipts(key, LIMITS.maxReceipts))
      }
      return count * LIMITS.maxReceipts
    }
    expect(receiptsFrom('10.6.6.6')).toBe(PACE_RATES.receiptsOfSource.burst)
    const others = ['10.6.6.7', '10.6.6.8', '10.6.6.9'].map(receiptsFrom)
    const all = PACE_RATES.receiptsAlone.burst - PACE_RATES.receiptsOfSource.burst
    expect(others.reduce((sum, count) => sum + count)).toBe(all)
    expect(pace.receipts(LATHE, LIMITS.maxReceipts)).toBe(0)
  })
})
