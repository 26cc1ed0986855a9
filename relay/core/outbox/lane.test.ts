import { describe, expect, it } from 'vitest'
import type { CommandId } from '../../protocol/ids.ts'
import { LIMITS } from '../../protocol/limits.ts'
import {
  answered,
  connectedMs,
  findSent,
  isAhead,
  laneConnected,
  laneDeadline,
  laneDisconnected,
  newLane,
  obeyExpect,
  oldest,
  pendingCount,
  STALL_MS,
  takeSendable,
  waitLater,
} from './lane.ts'
import type { LaneState } from './slice.ts'

const id = (seq: number) => `id-${seq}` as CommandId

/** A lane with commands 1 … `saved` on disk and `saving` more on their way there. */
function laneOf(saved: number, saving = 0): LaneState {
  const lane = newLane('normal', 1)
  for (let seq = 1; seq <= saved + saving; seq += 1) {
    const row = {
      id: id(seq),
      ref: `r${seq}`,
      lane: 'normal',
      seq,
      type: 't',
      data: null,
      session: null,
      by: null,
      madeAt: 0,
    } as const
    lane.entries.set(seq, {
      row,
      volume: 0,
      status: seq <= saved ? 'saved' : 'saving',
      settled: null,
      notice: null,
      from: 'host',
      origins: [],
    })
  }
  lane.next = saved + saving + 1
  lane.savedUpTo = saved
  lane.loadedUpTo = saved
  lane.held = saved + saving
  return lane
}

function takeAll(lane: LaneState, now = 0): number[] {
  const taken: number[] = []
  for (let next = takeSendable(lane, now); next !== null; next = takeSendable(lane, now)) taken.push(next.entry.row.seq)
  return taken
}

function settle(lane: LaneState, seq: number, now = 0): void {
  const entry = lane.entries.get(seq)
  if (entry === undefined) throw new Error(`no ${seq}`)
  entry.status = 'settling'
  answered(lane, seq, now)
}

describe('[R4] what is not on disk', () => {
  it('is not sent', () => {
    expect(takeAll(laneOf(2, 3))).toEqual([1, 2])
  })

  it('does not count as pending', () => {
    expect(pendingCount(laneOf(2, 3))).toBe(2)
  })
})

describe('[R9] what has durably ended in the middle', () => {
  it('is passed over when the lane sends again: what is behind it does not wait for an answer', () => {
    const lane = laneOf(4)
    takeAll(lane)
    // The answer to 1 was lost with its connection, that to 2 was not, and is on disk.
    settle(lane, 2)
    lane.entries.delete(2)
    laneConnected(lane, 0)
    expect(takeAll(lane)).toEqual([1, 3, 4])
  })
})

describe('[R8] the window', () => {
  it('lets as many go as are unanswered at most, and one more with each answer', () => {
    const lane = laneOf(LIMITS.maxInFlight + 5)
    expect(takeAll(lane)).toHaveLength(LIMITS.maxInFlight)
    settle(lane, 1)
    expect(takeAll(lane)).toEqual([LIMITS.maxInFlight + 1])
  })

  it('is one command wide behind a retry-later, and no command goes before its time', () => {
    const lane = laneOf(5)
    takeAll(lane)
    waitLater(lane, 1, { now: 100, afterMs: 1_000, code: 'handler-failed' })
    expect(takeAll(lane, 1_099)).toEqual([])
    expect(laneDeadline(lane)).toBe(1_100)
    expect(takeAll(lane, 1_100)).toEqual([1])
    settle(lane, 1, 1_200)
    expect(takeAll(lane, 1_200)).toEqual([2, 3, 4, 5])
  })

  it('keeps the time of a retry-later over a new connection, and is one command wide on it as well', () => {
    const lane = laneOf(3)
    takeAll(lane)
    waitLater(lane, 1, { now: 0, afterMs: 60_000, code: 'rate-limited' })
    laneDisconnected(lane, 1_000)
    laneConnected(lane, 2_000)
    expect(takeAll(lane, 59_999)).toEqual([])
    expect(takeAll(lane, 60_000)).toEqual([1])
    laneDisconnected(lane, 61_000)
    laneConnected(lane, 62_000)
    expect(takeAll(lane, 62_000)).toEqual([1])
  })

  it('says giveUp once ten connected minutes have passed, and waits no longer than that', () => {
    const lane = laneOf(1)
    takeAll(lane)
    waitLater(lane, 1, { now: 0, afterMs: 1_000, code: 'handler-failed' })
    laneDisconnected(lane, 60_000)
    laneConnected(lane, 3_600_000)
    waitLater(lane, 1, { now: 3_600_000, afterMs: 1_000, code: 'handler-failed' })
    const due = 3_600_000 + LIMITS.giveUpMs - 60_000
    expect(takeSendable(lane, due - 2)).toMatchObject({ giveUp: false })
    waitLater(lane, 1, { now: due - 1, afterMs: 60_000, code: 'handler-failed' })
    expect(laneDeadline(lane)).toBe(due - 1 + LIMITS.backoffMs)
    expect(takeSendable(lane, due + LIMITS.backoffMs)).toMatchObject({ giveUp: true })
  })

  it.each(['rate-limited', 'unavailable'])(
    '[W6] waits for what passes by itself (%s), and counts none of it',
    (code) => {
      const lane = laneOf(1)
      takeAll(lane)
      const day = 24 * 3_600_000
      for (let now = 0; now < day; now += 60_000) {
        waitLater(lane, 1, { now, afterMs: 60_000, code })
        expect(takeSendable(lane, now + 60_000)).toMatchObject({ giveUp: false })
      }
      // What does count begins here, and stops where the server is busy again.
      waitLater(lane, 1, { now: day, afterMs: 1_000, code: 'handler-failed' })
      waitLater(lane, 1, { now: day + LIMITS.giveUpMs - 1, afterMs: 1_000, code })
      expect(connectedMs(lane, 2 * day)).toBe(LIMITS.giveUpMs - 1)
      expect(takeSendable(lane, 2 * day)).toMatchObject({ giveUp: false })
      waitLater(lane, 1, { now: 2 * day, afterMs: 1_000, code: 'not-known-here' })
      expect(takeSendable(lane, 2 * day + 1_000)).toMatchObject({ giveUp: true })
    },
  )
})

describe('[R9] going back', () => {
  it('sends everything unanswered again on a new connection', () => {
    const lane = laneOf(4)
    takeAll(lane)
    settle(lane, 1)
    settle(lane, 2)
    laneConnected(lane, 0)
    expect(takeAll(lane)).toEqual([3, 4])
  })

  it('obeys an expect once, however often the same one comes', () => {
    const lane = laneOf(4)
    takeAll(lane)
    expect(obeyExpect(lane, 2, 0)).toBe('rewound')
    expect(takeAll(lane)).toEqual([1, 2, 3, 4])
    expect(obeyExpect(lane, 2, 0)).toBe('known')
    expect(takeAll(lane)).toEqual([])
    settle(lane, 1)
    settle(lane, 2)
    expect(obeyExpect(lane, 3, 0)).toBe('rewound')
  })

  it('takes the expects behind a retry-later for what they are', () => {
    const lane = laneOf(4)
    takeAll(lane)
    waitLater(lane, 1, { now: 0, afterMs: 1_000, code: 'unavailable' })
    expect(obeyExpect(lane, 1, 0)).toBe('known')
    expect(takeAll(lane, 999)).toEqual([])
  })

  it('knows what it cannot send any more, and what it never sent', () => {
    const lane = laneOf(4)
    takeAll(lane)
    settle(lane, 1)
    settle(lane, 2)
    expect(obeyExpect(lane, 2, 0)).toBe('ended')
    expect(obeyExpect(lane, 6, 0)).toBe('impossible')
    expect(obeyExpect(lane, 5, 0)).toBe('rewound')
  })

  it('has a deadline of its own while something is in flight', () => {
    const lane = laneOf(2)
    expect(laneDeadline(lane)).toBeNull()
    takeAll(lane, 500)
    expect(laneDeadline(lane)).toBe(500 + STALL_MS)
    settle(lane, 1, 700)
    expect(laneDeadline(lane)).toBe(700 + STALL_MS)
    settle(lane, 2, 800)
    expect(laneDeadline(lane)).toBeNull()
  })
})

describe('[R81] what the server says it has taken', () => {
  it('falls behind what has durably ended in the middle only when all before that has ended', () => {
    const lane = laneOf(4)
    takeAll(lane)
    for (const seq of [2, 3]) {
      settle(lane, seq)
      lane.entries.delete(seq)
    }
    // Restored to before all of them.
    lane.mark = 0
    laneConnected(lane, 0)
    expect(isAhead(lane)).toBe(false)
    lane.mark = 1
    settle(lane, 1)
    expect(isAhead(lane)).toBe(false)
    lane.entries.delete(1)
    expect(isAhead(lane)).toBe(true)
  })

  it('is one below what it expects', () => {
    const lane = laneOf(4)
    takeAll(lane)
    obeyExpect(lane, 3, 0)
    expect(lane.mark).toBe(2)
  })
})

it('[R5] finds an answer by sequence and id, and not for what is settled', () => {
  const lane = laneOf(2)
  takeAll(lane)
  expect(findSent(lane, 1, id(2))).toBeNull()
  expect(findSent(lane, 1, id(1))).not.toBeNull()
  settle(lane, 1)
  expect(findSent(lane, 1, id(1))).toBeNull()
})

it('[R5] names the oldest sequence it may still send', () => {
  const lane = laneOf(3)
  expect(oldest(lane)).toBe(1)
  lane.entries.delete(1)
  lane.entries.delete(2)
  expect(oldest(lane)).toBe(3)
  lane.entries.delete(3)
  expect(oldest(lane)).toBe(4)
})
