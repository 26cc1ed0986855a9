import { expect, it } from 'vitest'
import type { ChannelsState } from '../channels/slice.ts'
import { newOutbox } from '../outbox/outbox.ts'
import { pendingCounts } from '../outbox/counts.ts'
import type { OutboxState } from '../outbox/slice.ts'
import type { EngineState } from '../state.ts'
import { seal, type Sealed } from './sealed.ts'
import type { Turn } from './turn.ts'

const meta = { epoch: 'a'.repeat(16) as never, incarnation: null, next: { urgent: 1, normal: 1 } }
const noPages = { urgent: { head: [], tail: [] }, normal: { head: [], tail: [] } }

it('a sealed slice is read, and handed to functions of its part', () => {
  const outbox = seal(newOutbox(meta, noPages, { head: 4, page: 4 }))
  expect(outbox.lanes.urgent.next).toBe(1)
  expect(pendingCounts(outbox)).toEqual({ urgent: 0, normal: 0 })
})

/** Never called: what it holds is held against the compiler, which reports an expected error that is none. */
export function writesOfOthers(
  state: EngineState,
  turn: Turn,
  outbox: Sealed<OutboxState>,
  channels: Sealed<ChannelsState>,
) {
  // @ts-expect-error a property
  outbox.gate = 'open'
  // @ts-expect-error a property far inside
  outbox.lanes.urgent.next = 2
  // @ts-expect-error an entry of a map
  outbox.byId.delete('id')
  for (const entry of outbox.byId.values()) {
    // @ts-expect-error what a map holds
    entry.status = 'saved'
  }
  // @ts-expect-error a set
  channels.hostWants.clear()
  // @ts-expect-error what composes the parts writes no slice either
  state.channels.dirty = true
  // @ts-expect-error nor is the ledger anybody's but the disk's
  turn.ledger.nextToken += 1
  // @ts-expect-error its list too
  turn.ledger.waiting.push()
  // @ts-expect-error nor who is signed in
  turn.people.current = null
}
