import { describe, expect, it } from 'vitest'
import { PIN_RULES, PinLimiter } from './pin-limiter.ts'

const KIM = { device: 'd1', operator: 'kim', address: '10.0.0.1' }
const { triesPerPerson, triesPerAddress, firstDelayMs, maxDelayMs, forgetMs, maxSources } = PIN_RULES

/** Times until the next attempt is allowed, of `count` wrong PINs at this moment. */
function wrong(limiter: PinLimiter, attempt: typeof KIM, count: number, now: number): number[] {
  return Array.from({ length: count }, () => limiter.begin(attempt, now))
}

describe('wrong PINs', () => {
  it('five are allowed, then the person waits on that device', () => {
    const limiter = new PinLimiter()
    expect(wrong(limiter, KIM, triesPerPerson + 1, 0)).toEqual([0, 0, 0, 0, 0, firstDelayMs])
  })

  it('lock neither another person nor another device', () => {
    const limiter = new PinLimiter()
    wrong(limiter, KIM, triesPerPerson, 0)
    expect(limiter.begin({ ...KIM, operator: 'lee' }, 0)).toBe(0)
    expect(limiter.begin({ ...KIM, device: 'd2' }, 0)).toBe(0)
  })

  it('cost more each time, up to a quarter of an hour', () => {
    const limiter = new PinLimiter()
    wrong(limiter, KIM, triesPerPerson, 0)
    let now = 0
    const delays: number[] = []
    for (let round = 0; round < 8; round += 1) {
      const wait = limiter.begin(KIM, now)
      delays.push(wait)
      now += wait
      expect(limiter.begin(KIM, now)).toBe(0)
    }
    expect(delays).toEqual([30_000, 60_000, 120_000, 240_000, 480_000, maxDelayMs, maxDelayMs, maxDelayMs])
  })

  it('that are refused while locked do not prolong the delay', () => {
    const limiter = new PinLimiter()
    wrong(limiter, KIM, triesPerPerson + 20, 0)
    expect(limiter.begin(KIM, firstDelayMs - 1)).toBe(1)
    expect(limiter.begin(KIM, firstDelayMs)).toBe(0)
  })

  it('of many names from one address lock the address', () => {
    const limiter = new PinLimiter()
    for (let count = 0; count < triesPerAddress; count += 1) {
      expect(limiter.begin({ device: `d${count}`, operator: `o${count}`, address: 'a' }, 0)).toBe(0)
    }
    expect(limiter.begin({ ...KIM, address: 'a' }, 0)).toBe(firstDelayMs)
    expect(limiter.begin({ ...KIM, address: 'b' }, 0)).toBe(0)
  })

  it('are forgotten after an hour of quiet', () => {
    const limiter = new PinLimiter()
    wrong(limiter, KIM, triesPerPerson - 1, 0)
    expect(wrong(limiter, KIM, triesPerPerson, forgetMs + 1)).toEqual([0, 0, 0, 0, 0])
  })
})

describe('the right PIN', () => {
  it('clears the person on that device', () => {
    const limiter = new PinLimiter()
    wrong(limiter, KIM, triesPerPerson - 1, 0)
    limiter.succeed(KIM, 0)
    expect(wrong(limiter, KIM, triesPerPerson, 0)).toEqual([0, 0, 0, 0, 0])
  })

  it('on the last try does not leave the person locked', () => {
    const limiter = new PinLimiter()
    wrong(limiter, KIM, triesPerPerson, 0)
    limiter.succeed(KIM, 0)
    expect(limiter.begin(KIM, 0)).toBe(0)
  })

  it('does not pay for guesses at others’ from the same address', () => {
    const limiter = new PinLimiter()
    for (let count = 0; count < triesPerAddress - 1; count += 1) {
      limiter.begin({ device: `d${count}`, operator: 'lee', address: KIM.address }, 0)
      limiter.begin(KIM, 0)
      limiter.succeed(KIM, 0)
    }
    expect(limiter.begin({ device: 'x', operator: 'lee', address: KIM.address }, 0)).toBe(0)
    expect(limiter.begin(KIM, 0)).toBe(firstDelayMs)
  })

  it('among many at once is one guess of as many, not of one', () => {
    const limiter = new PinLimiter()
    expect(wrong(limiter, KIM, 100, 0).filter((wait) => wait === 0)).toHaveLength(triesPerPerson)
  })
})

it('the memory is bounded, and forgets who was quiet longest [P8]', () => {
  const limiter = new PinLimiter()
  wrong(limiter, { ...KIM, address: 'quiet' }, 1, 0)
  for (let count = 0; count < maxSources + 10; count += 1) {
    limiter.begin({ device: `d${count}`, operator: 'kim', address: `a${count}` }, 0)
  }
  expect(limiter.size).toBe(maxSources)
})
