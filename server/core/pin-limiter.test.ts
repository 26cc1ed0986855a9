import { describe, expect, it } from 'vitest'
import type { PinAttempt } from '../ports/pin-budget.ts'
import type { PastSignIns } from '../ports/sessions.ts'
import { PinLimiter } from './pin-limiter.ts'
import { PIN_RULES } from './pin-rules.ts'

const { triesInARow, firstDelayMs, maxDelayMs, person, floor, address, terminal } = PIN_RULES
const KIM: PinAttempt = { device: 'kiosk', operator: 'kim', source: '10.0.0.1', past: 'person' }
const HOUR = 3_600_000

/** Tries a wrong PIN at this moment; true when it was a guess. */
function guess(limiter: PinLimiter, attempt: PinAttempt, now: number): boolean {
  if (limiter.begin(attempt, now).kind !== 'go') return false
  limiter.end(attempt, { isRight: false, now })
  return true
}
function guesses(limiter: PinLimiter, attempts: readonly PinAttempt[], now = 0): number {
  return attempts.filter((attempt) => guess(limiter, attempt, now)).length
}
const stranger = (index: number, over: Partial<PinAttempt> = {}): PinAttempt => ({
  device: `stranger-${index}`,
  operator: 'kim',
  source: `10.1.${index % 250}.${Math.floor(index / 250)}`,
  past: 'nobody',
  ...over,
})
const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index))

describe('[X4] a person on a terminal where they signed in before', () => {
  it('has five tries in a row, then waits half a minute and each time longer, up to a quarter of an hour', () => {
    const limiter = new PinLimiter()
    expect(
      guesses(
        limiter,
        times(20, () => KIM),
      ),
    ).toBe(triesInARow)
    const waits: number[] = []
    for (let now = 0; waits.length < 9;) {
      const begun = limiter.begin(KIM, now)
      const ms = begun.kind === 'wait' ? begun.ms : 0
      waits.push(ms)
      now += ms
      expect(guess(limiter, KIM, now)).toBe(true)
    }
    expect(waits[0]).toBe(firstDelayMs)
    expect(waits.toSorted((a, b) => a - b)).toEqual(waits)
    expect(waits.slice(-2)).toEqual([maxDelayMs, maxDelayMs])
  })

  it('is forgiven by the right PIN, which a wrong one before it does not outlive', () => {
    const limiter = new PinLimiter()
    for (let round = 0; round < 50; round += 1) {
      expect(
        guesses(
          limiter,
          times(triesInARow - 1, () => KIM),
        ),
      ).toBe(triesInARow - 1)
      expect(limiter.begin(KIM, 0)).toEqual({ kind: 'go' })
      limiter.end(KIM, { isRight: true, now: 0 })
    }
    expect(limiter.size).toBe(0)
  })

  it('is refused the right PIN, too, while it waits, and waits no longer for asking', () => {
    const limiter = new PinLimiter()
    guesses(
      limiter,
      times(50, () => KIM),
    )
    expect(limiter.begin(KIM, firstDelayMs - 1)).toEqual({ kind: 'wait', ms: 1 })
    expect(limiter.begin(KIM, firstDelayMs)).toEqual({ kind: 'go' })
  })

  it('is delayed by no stranger, however many they are and whomever they try', () => {
    const limiter = new PinLimiter()
    guesses(
      limiter,
      times(5_000, (index) => stranger(index, { operator: index % 2 === 0 ? 'kim' : 'lee' })),
    )
    expect(limiter.begin(stranger(1), 0).kind).toBe('wait')
    expect(limiter.begin(KIM, 0)).toEqual({ kind: 'go' })
    expect(limiter.begin({ ...KIM, operator: 'lee' }, 0)).toEqual({ kind: 'go' })
  })

  it('is delayed by nobody who has a PIN and makes terminals of it', () => {
    const limiter = new PinLimiter()
    guesses(
      limiter,
      times(5_000, (index) => stranger(index, { past: 'others' })),
    )
    expect(limiter.begin(stranger(1, { past: 'others' }), 0).kind).toBe('wait')
    expect(limiter.begin(KIM, 0)).toEqual({ kind: 'go' })
  })
})

describe('[X4] everybody at once', () => {
  it.each<PastSignIns>(['person', 'others', 'nobody'])(
    'thirty right PINs from one address are all right: %s',
    (past) => {
      for (const operator of [() => 'kim', (index: number) => `person-${index}`]) {
        const limiter = new PinLimiter()
        const waiting = times(30, (index) => stranger(index, { past, operator: operator(index), source: '10.0.0.1' }))
        let rounds = 0
        while (waiting.length > 0) {
          rounds += 1
          const going = waiting.filter((attempt) => limiter.begin(attempt, 0).kind === 'go')
          expect(going.length).toBeGreaterThan(0)
          for (const attempt of going) {
            limiter.end(attempt, { isRight: true, now: 0 })
            waiting.splice(waiting.indexOf(attempt), 1)
          }
        }
        expect(rounds).toBeLessThanOrEqual(2)
        expect(limiter.size).toBe(0)
      }
    },
  )

  it('twenty wrong PINs over six new devices behind one proxy lock out nobody else, there or elsewhere', () => {
    const limiter = new PinLimiter()
    const source = '10.0.0.1'
    guesses(
      limiter,
      times(20, (index) => stranger(index % 6, { source })),
    )
    expect(limiter.begin(stranger(0, { source, operator: 'lee' }), 0)).toEqual({ kind: 'go' })
    expect(limiter.begin({ ...KIM, source }, 0)).toEqual({ kind: 'go' })
    // Nor the same person, on a seventh.
    expect(limiter.begin(stranger(7, { source }), 0)).toEqual({ kind: 'go' })
  })

  it('a hundred wrong ones of one person on one terminal are five guesses, not a hundred', () => {
    const limiter = new PinLimiter()
    const begun = times(100, () => limiter.begin(KIM, 0).kind)
    expect(begun.filter((kind) => kind === 'go')).toHaveLength(triesInARow)
    expect(begun.filter((kind) => kind === 'queue')).toHaveLength(100 - triesInARow)
    for (let count = 0; count < triesInARow; count += 1) limiter.end(KIM, { isRight: false, now: 0 })
    expect(limiter.begin(KIM, 0)).toEqual({ kind: 'wait', ms: firstDelayMs })
  })
})

describe('[X4] a right PIN pays for nothing but its own person’s wrong ones', () => {
  it('on a terminal', () => {
    const limiter = new PinLimiter()
    for (let count = 0; count < terminal.limit; count += 1) {
      guess(limiter, { ...KIM, operator: `name-${count}`, past: 'others' }, 0)
      limiter.begin(KIM, 0)
      limiter.end(KIM, { isRight: true, now: 0 })
    }
    expect(limiter.begin({ ...KIM, operator: 'lee', past: 'others' }, 0).kind).toBe('wait')
  })

  it('among strangers', () => {
    const limiter = new PinLimiter()
    for (let count = 0; count < person.limit; count += 1) {
      guess(limiter, stranger(count), 0)
      const own = stranger(9_999, { operator: 'lee' })
      limiter.begin(own, 0)
      limiter.end(own, { isRight: true, now: 0 })
    }
    expect(limiter.begin(stranger(1), 0).kind).toBe('wait')
  })

  it('and gives back to strangers what the new terminal’s person got wrong on it', () => {
    const limiter = new PinLimiter()
    for (let day = 0; day < 100; day += 1) {
      const own = stranger(day)
      expect(guess(limiter, own, 0)).toBe(true)
      expect(limiter.begin(own, 0)).toEqual({ kind: 'go' })
      limiter.end(own, { isRight: true, now: 0 })
    }
    expect(limiter.size).toBe(0)
  })
})

describe('[X4] an attacker', () => {
  /** The most guesses within any hour of a day in which somebody tries all the time. */
  function mostPerHour(attempt: (index: number) => PinAttempt): number {
    const limiter = new PinLimiter()
    const at: number[] = []
    for (let second = 0, index = 0; second < 24 * 3_600; second += 4)
      for (let burst = 0; burst < (second === 0 ? 2_000 : 4); burst += 1, index += 1)
        if (guess(limiter, attempt(index), second * 1_000)) at.push(second * 1_000)
    return Math.max(...at.map((from) => at.filter((time) => time >= from && time < from + HOUR).length))
  }

  it('with 1,000 addresses and a new device for each guess makes fewer than 100 guesses an hour at one person', () => {
    const most = mostPerHour((index) => stranger(index, { source: `10.0.${index % 4}.${index % 250}` }))
    expect(most).toBeGreaterThan(0)
    expect(most).toBeLessThan(100)
  })

  it('with a PIN of their own, who makes a thousand terminals of it, neither', () => {
    const most = mostPerHour((index) => stranger(index % 1_000, { past: 'others' }))
    expect(most).toBeGreaterThan(0)
    expect(most).toBeLessThan(100)
  })

  it('who tries one PIN on every name gets on no faster than the floor lets all of them', () => {
    const most = mostPerHour((index) => stranger(index, { operator: `name-${index % 500}` }))
    expect(most).toBeLessThanOrEqual(floor.limit + 60)
  })

  it('at one address leaves room for other strangers, of IPv4 and of a whole IPv6 network alike', () => {
    const limiter = new PinLimiter()
    const spray = times(1_000, (index) => stranger(index, { source: '2001:db8:0:1::/64', operator: `name-${index}` }))
    expect(guesses(limiter, spray)).toBe(address.limit)
    expect(limiter.begin(stranger(1, { operator: 'lee' }), 0)).toEqual({ kind: 'go' })
  })

  it('of any kind makes it remember a bounded number of them [P8]', () => {
    const limiter = new PinLimiter()
    const pasts: readonly PastSignIns[] = ['nobody', 'others']
    for (let second = 0; second < 20_000; second += 1) {
      const past = pasts[second % 2] ?? 'nobody'
      guess(limiter, stranger(second, { past, operator: `name-${second}`, source: `s-${second}` }), second * 1_000)
    }
    expect(limiter.size).toBeLessThan(5_000)
  })
})
