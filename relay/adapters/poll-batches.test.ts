import { expect, it } from 'vitest'
import type { DownBatch } from '../protocol/way-batches.ts'
import { arrived, isUnacked, maySend, newest, NO_BATCHES, sent, type PollBatches } from './poll-batches.ts'
import type { UpBatch } from './up-frames.ts'

const up = (batch: number): UpBatch => ({ batch, frames: [], close: null })
const down = (batch: number, ack = 0): DownBatch => ({ batch, ack, frames: [{ t: `f${batch}` }] })

/** After these answers; what was taken of them, by number. */
function after(answers: readonly DownBatch[], from: PollBatches = sent(NO_BATCHES, up(1))) {
  let state = from
  const taken: number[] = []
  for (const answer of answers) {
    const arrival = arrived(state, answer)
    if (arrival.kind === 'doubt') return 'doubt'
    state = arrival.state
    taken.push(...arrival.batches.map(({ batch }) => batch))
  }
  return { taken, state }
}

it('[N7] takes batches down in their order', () => {
  expect(after([down(1), down(2), down(3)])).toMatchObject({ taken: [1, 2, 3], state: { taken: 3, early: null } })
})

it('[N7] takes one that comes again, because its answer was lost, once', () => {
  expect(after([down(1), down(1), down(2), down(1), down(2)])).toMatchObject({ taken: [1, 2] })
})

it('[N7] holds one that came early until the one before it is there', () => {
  expect(after([down(2)])).toMatchObject({ taken: [], state: { taken: 0 } })
  expect(after([down(2), down(2), down(1), down(3)])).toMatchObject({ taken: [1, 2, 3] })
})

it.each([[[down(3)]], [[down(1), down(4)]], [[down(2), down(4)]], [[down(1, 2)]]])(
  '[N7] ends the link where a batch is missing, or one is acknowledged that was never sent: %j',
  (answers) => {
    expect(after(answers)).toBe('doubt')
  },
)

it('[N4] has two batches up at most that are not acknowledged, and knows which', () => {
  const [one, two] = [up(1), up(2)]
  const both = sent(sent(NO_BATCHES, one), two)
  expect([maySend(NO_BATCHES), maySend(sent(NO_BATCHES, one)), maySend(both)]).toEqual([true, true, false])
  expect(newest(both)).toBe(two)
  const acked = after([down(1, 1)], both)
  if (acked === 'doubt') throw new Error('in doubt')
  expect([isUnacked(acked.state, one), isUnacked(acked.state, two), maySend(acked.state)]).toEqual([false, true, true])
  expect(newest(acked.state)).toBe(two)
})

it('[N7] is told what is acknowledged by a repeated answer too', () => {
  const both = sent(sent(NO_BATCHES, up(1)), up(2))
  expect(after([down(1, 0), down(1, 2)], both)).toMatchObject({ taken: [1], state: { unacked: [] } })
})
