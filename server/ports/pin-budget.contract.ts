import { beforeEach, describe, expect, it } from 'vitest'
import { PIN_RULES } from '../core/pin-rules.ts'
import type { Begun, PinAttempt, PinBudget } from './pin-budget.ts'

/**
 * The suite of every budget of PINs. `open`: budgets that are one, as those of several nodes are; what is tried is tried at
 * each of them in turn. Time goes on by itself, so the cases are of what fades in minutes.
 */
export function pinBudgetContract(name: string, open: () => Promise<readonly PinBudget[]>): void {
  const { triesInARow, firstDelayMs, person } = PIN_RULES
  const KIM: PinAttempt = { device: 'kiosk', operator: 'kim', source: '10.0.0.1', past: 'person' }
  const stranger = (index: number): PinAttempt => ({
    device: `stranger-${index}`,
    operator: 'kim',
    source: `10.1.0.${index}`,
    past: 'nobody',
  })

  describe(`[X4] budget of PINs: ${name}`, () => {
    let budgets: readonly PinBudget[]
    let turn: number
    beforeEach(async () => {
      budgets = await open()
      turn = 0
    })
    const next = (): PinBudget => {
      const budget = budgets[turn++ % budgets.length]
      if (budget === undefined) throw new Error('no budget')
      return budget
    }
    const guess = async (attempt: PinAttempt): Promise<Begun> => {
      const begun = await next().begin(attempt)
      if (begun.kind === 'go') await next().end(attempt, { isRight: false })
      return begun
    }
    const isLocked = ({ kind }: Begun): boolean => kind === 'wait'

    it('lets one person be guessed at so often on their terminal, and then for nobody else', async () => {
      for (let tries = 0; tries < triesInARow; tries += 1) expect(await guess(KIM)).toEqual({ kind: 'go' })
      for (const budget of budgets) {
        const begun = await budget.begin(KIM)
        expect(begun.kind === 'wait' && begun.ms > 0 && begun.ms <= firstDelayMs).toBe(true)
      }
      expect(await guess({ ...KIM, operator: 'lee' })).toEqual({ kind: 'go' })
      expect(await guess({ ...KIM, device: 'another' })).toEqual({ kind: 'go' })
    })

    it('lets strangers together guess so often at one person, from however many devices', async () => {
      const begun: Begun[] = []
      for (let index = 0; index < person.limit + 10; index += 1) begun.push(await guess(stranger(index)))
      expect(begun.filter(isLocked)).toHaveLength(10)
      expect(await guess({ ...stranger(1), operator: 'lee' })).toEqual({ kind: 'go' })
      expect(await guess(KIM)).toEqual({ kind: 'go' })
    })

    it('counts what is under way, and lets who has to wait for it go on when it is decided', async () => {
      const begun = await Promise.all(Array.from({ length: 20 }, () => next().begin(KIM)))
      expect(begun.filter(({ kind }) => kind === 'go')).toHaveLength(triesInARow)
      expect(begun.filter(({ kind }) => kind === 'queue')).toHaveLength(20 - triesInARow)
      const waiting = next()
      const decided = waiting.decided()
      for (let count = 0; count < triesInARow; count += 1) await next().end(KIM, { isRight: true })
      await waiting.end(stranger(1), { isRight: true })
      await decided
      expect(await waiting.begin(KIM)).toEqual({ kind: 'go' })
    })

    it('forgives with the right PIN what the same person got wrong there', async () => {
      for (let round = 0; round < 3; round += 1) {
        for (let tries = 0; tries < triesInARow - 1; tries += 1) expect(await guess(KIM)).toEqual({ kind: 'go' })
        expect(await next().begin(KIM)).toEqual({ kind: 'go' })
        await next().end(KIM, { isRight: true })
      }
    })
  })
}
