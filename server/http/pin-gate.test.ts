import { describe, expect, it } from 'vitest'
import { PIN_RULES } from '../core/pin-rules.ts'
import type { PinAttempt } from '../ports/pin-budget.ts'
import { OwnPinBudget } from './own-pin-budget.ts'
import { PinGate } from './pin-gate.ts'

const KIM: PinAttempt = { device: 'kiosk', operator: 'kim', source: '10.0.0.1', past: 'person' }
const right = () => Promise.resolve<string | null>('kim')
const wrong = () => Promise.resolve<string | null>(null)

describe('[X4] PINs at once', () => {
  it('thirty right ones on one terminal are thirty sign-ins: who cannot go on yet waits for a decision', async () => {
    const gate = new PinGate(new OwnPinBudget(() => 0))
    const verdicts = await Promise.all(Array.from({ length: 30 }, () => gate.decide(KIM, right)))
    expect(verdicts).toEqual(Array.from({ length: 30 }, () => ({ kind: 'decided', who: 'kim' })))
  })

  it('thirty wrong ones are five guesses, and a wait for the others', async () => {
    const gate = new PinGate(new OwnPinBudget(() => 0))
    const verdicts = await Promise.all(Array.from({ length: 30 }, () => gate.decide(KIM, wrong)))
    expect(verdicts.filter(({ kind }) => kind === 'decided')).toHaveLength(PIN_RULES.triesInARow)
    expect(verdicts.at(-1)).toEqual({ kind: 'locked', ms: PIN_RULES.firstDelayMs })
  })

  it('as many strangers wait as may, and take no place from a terminal [P8]', async () => {
    const gate = new PinGate(new OwnPinBudget(() => 0))
    const held = Promise.withResolvers<string | null>()
    const stranger = (index: number): PinAttempt => ({
      ...KIM,
      device: `s${index}`,
      source: `a${index}`,
      past: 'nobody',
    })
    const count = PIN_RULES.person.limit + PIN_RULES.maxWaiting
    const all = Array.from({ length: count }, (_, index) => gate.decide(stranger(index), () => held.promise))
    expect(await gate.decide(stranger(count), right)).toEqual({ kind: 'locked', ms: 1_000 })
    const first = Array.from({ length: PIN_RULES.triesInARow + 1 }, () => gate.decide(KIM, right))
    expect(await Promise.all(first)).not.toContainEqual(expect.objectContaining({ kind: 'locked' }))
    held.resolve('kim')
    expect(new Set((await Promise.all(all)).map(({ kind }) => kind))).toEqual(new Set(['decided']))
  })

  it('one that cannot be verified counts as wrong, and holds up nobody', async () => {
    const gate = new PinGate(new OwnPinBudget(() => 0))
    const broken = () => Promise.reject<string | null>(new Error('no memory'))
    const tries = Array.from({ length: 10 }, () => gate.decide(KIM, broken).catch(() => 'failed'))
    const ends = await Promise.all(tries)
    expect(ends.filter((end) => end === 'failed')).toHaveLength(PIN_RULES.triesInARow)
    expect(ends.at(-1)).toEqual({ kind: 'locked', ms: PIN_RULES.firstDelayMs })
  })
})
