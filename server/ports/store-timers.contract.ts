import { v5 as uuidv5 } from 'uuid'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { URGENT_CHANNEL } from '../../relay/protocol/channels.ts'
import type { CommandId } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { createRules } from '../core/rules.ts'
import { commandOf } from '../core/timers.ts'
import { domains } from '../domains.ts'
import type { Handlers } from '../domain/handler.ts'
import type { CommandRules } from './rules.ts'
import { commandId } from './store-samples.contract.ts'
import type { Store } from './store.ts'
import type { Timer, TimerChange } from './timers.ts'

export type TimerStore = Pick<Store, 'submit' | 'timers' | 'timersWaiting' | 'addArea' | 'close'>

export interface TimerHarness {
  open(rules: CommandRules): Promise<TimerStore>
  reopen(rules: CommandRules): Promise<TimerStore>
  dispose(): Promise<void>
}

export const NOON = '2026-11-20T12:00:00.000Z'
const LATER = '2026-11-20T13:00:00.000Z'
const BEFORE_NOON = '2026-11-20T11:59:59.999Z'

export function evacuate(due = NOON): Timer {
  const data = { priority: 'P0', area: 'line-3', title: 'Evacuate line 3' }
  return { id: 'drill/line-3', due, type: 'alert.raise', data }
}

/** A toy domain: whoever posts in the chat sets or takes back what stands in `next`. */
export function toyRules(next: { changes: readonly TimerChange[] }): CommandRules {
  const toy: Handlers = {
    'chat.post': {
      reads: () => [],
      decide: () => ({ ok: true, events: [], timers: next.changes }),
    },
  }
  return createRules({ ...domains, ...toy })
}

export function idOf(name: string): CommandId {
  return uuidv5(name, uuidv5.URL) as CommandId
}

/** Commands that wait for their time, and are given once. */
export function timersContract(name: string, createHarness: () => TimerHarness): void {
  describe(`timers: ${name}`, () => {
    const next: { changes: readonly TimerChange[] } = { changes: [] }
    const rules = toyRules(next)
    let harness: TimerHarness
    let store: TimerStore
    let commands = 0
    const decide = (...changes: readonly TimerChange[]) => {
      next.changes = changes
      const data = { line: 'line-3', text: 'x' }
      const source = { kind: 'system', timer: null } as const
      return store.submit({ source, id: commandId((commands += 1)), type: 'chat.post', data })
    }
    const set = (timer: Timer): Promise<unknown> => decide({ kind: 'set', timer })
    const give = async (timer: Timer) => store.submit(commandOf(timer, idOf))

    beforeEach(async () => {
      commands = 0
      harness = createHarness()
      store = await harness.open(rules)
      await store.addArea('line-3')
    })
    afterEach(async () => {
      await store.close()
      await harness.dispose()
    })

    it('[T20] is due at its time and not before, over a restart, the one due first first', async () => {
      await set(evacuate(LATER))
      await set({ ...evacuate(), id: 'drill/earlier' })
      expect(await store.timers(BEFORE_NOON, 9)).toEqual([])
      expect(await store.timersWaiting()).toBe(2)
      await store.close()
      store = await harness.reopen(rules)
      expect(await store.timers(NOON, 9)).toEqual([{ ...evacuate(), id: 'drill/earlier' }])
      expect((await store.timers(LATER, 9)).map(({ id }) => id)).toEqual(['drill/earlier', 'drill/line-3'])
      expect(await store.timers(LATER, 1)).toHaveLength(1)
    })

    it('[T20] is given once, by whichever node comes first, in the name of the system', async () => {
      await set(evacuate())
      const [one, other] = await Promise.all([give(evacuate()), give(evacuate())])
      expect([one, other].map(({ verdict }) => verdict.kind).toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
        'done',
        'spent',
      ])
      const [event] = [...one.events, ...other.events]
      expect(event).toMatchObject({
        channel: URGENT_CHANNEL,
        event: { type: 'alert.raised', by: 'system', cause: idOf(`drill/line-3 ${NOON}`) },
      })
      expect(await store.timers(LATER, 9)).toEqual([])
      await store.close()
      store = await harness.reopen(rules)
      expect((await give(evacuate())).verdict).toEqual({ kind: 'spent' })
    })

    it('[T20] is not given at a time from which it was moved, nor when it was taken back', async () => {
      await set(evacuate())
      await set(evacuate(LATER))
      expect((await give(evacuate())).verdict).toEqual({ kind: 'spent' })
      expect([await store.timers(LATER, 9), await store.timersWaiting()]).toEqual([[evacuate(LATER)], 1])
      await decide({ kind: 'take-back', id: evacuate().id }, { kind: 'take-back', id: 'never there' })
      expect((await give(evacuate(LATER))).verdict).toEqual({ kind: 'spent' })
    })

    it('[T20] may be set again by its own command', async () => {
      const again: Timer = { ...evacuate(), type: 'chat.post', data: { line: 'line-3', text: 'again' } }
      await set(again)
      next.changes = [{ kind: 'set', timer: { ...again, due: LATER } }]
      expect((await give(again)).verdict).toMatchObject({ kind: 'done' })
      expect(await store.timers(LATER, 9)).toEqual([{ ...again, due: LATER }])
    })

    it('[T20] is given, too, where its command is rejected', async () => {
      const nowhere = { ...evacuate(), data: { priority: 'P0', area: 'line-9', title: 'Fire' } }
      await set(nowhere)
      expect((await give(nowhere)).verdict).toMatchObject({ outcome: { outcome: 'rejected', code: 'unknown-area' } })
      expect(await store.timers(LATER, 9)).toEqual([])
    })

    it('[T20] [P8] a decision that sets more than may wait does nothing', async () => {
      const many = Array.from({ length: LIMITS.maxTimers + 1 }, (_, index): TimerChange => {
        return { kind: 'set', timer: { ...evacuate(), id: `drill/${index}` } }
      })
      expect((await decide(...many)).verdict).toMatchObject({ outcome: { code: 'too-many-timers' } })
      expect(await store.timers(LATER, 9)).toEqual([])
    })
  })
}
