import { describe, expect, it } from 'vitest'
import type { DeviceId, OutboxEpoch } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { session } from '../ports/store-samples.contract.ts'
import type { OutboxSource } from '../ports/submission.ts'
import { lateAuthors } from './late-authors.ts'

const EPOCH = '00000000-0000-4000-8000-000000000001' as OutboxEpoch
const OTHER = '00000000-0000-4000-8000-000000000002' as OutboxEpoch
const BEFORE = '2026-11-20T05:59:59.999Z'
const END = '2026-11-20T06:00:00.000Z'
const AFTER = '2026-11-20T06:00:00.001Z'
const MARKS = { urgent: 3, normal: 7 }
const ranOut = { ...session(), expiresAt: END }

function source(over: Partial<OutboxSource> = {}): OutboxSource {
  const device = 'd'.repeat(43) as DeviceId
  return { kind: 'outbox', device, epoch: EPOCH, lane: 'normal', seq: 8, session: null, ...over }
}

describe('a session that ran out', () => {
  const newest = { urgent: 5, normal: 9 }
  const now = { marks: MARKS, at: '2026-11-27T06:00:00.000Z' }
  const left = (at: string, said: typeof newest | null) =>
    lateAuthors.leftBehind(ranOut, source({ greeted: { at, newest: said } }), now)

  it('[W11] leaves behind what its device had numbered at its first greeting since, however late that is', () => {
    expect([left(END, newest), left(AFTER, newest)]).toEqual([
      { epoch: EPOCH, ...newest },
      { epoch: EPOCH, ...newest },
    ])
  })

  it('[W11] leaves nothing behind before its device has greeted again', () => {
    expect([left(BEFORE, newest), lateAuthors.leftBehind(ranOut, source(), now)]).toEqual([null, null])
  })

  it('[W11] [P8] cannot have left more than an outbox holds', () => {
    expect(left(AFTER, { urgent: 1e12, normal: 1e12 })).toEqual({
      epoch: EPOCH,
      urgent: 3 + LIMITS.maxOutboxCommands,
      normal: 7 + LIMITS.maxOutboxCommands,
    })
  })

  it('[W11] left what was taken already where its relay does not say what it has', () => {
    expect(left(AFTER, null)).toEqual({ epoch: EPOCH, ...MARKS })
  })

  it('[W11] keeps nobody waiting who was marked as run out by a clock that was put back since', () => {
    const marked = { ...ranOut, status: 'expired' } as const
    const early = { marks: MARKS, at: BEFORE }
    const greeted = { at: '2026-11-20T05:00:00.000Z', newest }
    expect(lateAuthors.leftBehind(marked, source({ greeted }), early)).toEqual({ epoch: EPOCH, ...newest })
  })
})

describe('a sign-out', () => {
  it('[W11] leaves behind what was before it in its lane, and what its relay says of the other', () => {
    expect(lateAuthors.signedOut(source({ urgentUpTo: 6 }), MARKS, null)).toEqual({
      epoch: EPOCH,
      normal: 8,
      urgent: 6,
    })
  })

  it('[W11] [P8] is not believed more than an outbox holds, and gives a silent relay what it may have in flight', () => {
    const said = lateAuthors.signedOut(source({ urgentUpTo: 1e12 }), MARKS, null)
    const silent = lateAuthors.signedOut(source(), MARKS, null)
    expect([said.urgent, silent.urgent]).toEqual([3 + LIMITS.maxOutboxCommands, 3 + LIMITS.maxInFlight])
  })

  it('[W11] gives back nothing that was bounded before', () => {
    const before = { epoch: EPOCH, urgent: 4, normal: 20 }
    const left = lateAuthors.signedOut(source({ urgentUpTo: 6 }), MARKS, before)
    expect(left).toEqual({ epoch: EPOCH, urgent: 4, normal: 8 })
  })
})

it('[W11] late is what comes after the last sequence of its lane, or in another outbox', () => {
  const left = { epoch: EPOCH, urgent: 5, normal: 9 }
  const late = (over: Partial<OutboxSource>) => lateAuthors.isLate(left, source(over))
  expect([
    late({ seq: 9 }),
    late({ seq: 10 }),
    late({ lane: 'urgent', seq: 5 }),
    late({ lane: 'urgent', seq: 6 }),
  ]).toEqual([false, true, false, true])
  expect(late({ epoch: OTHER, seq: 1 })).toBe(true)
})

it('[W11] a session that is over may still take itself back, and nobody else', () => {
  const may = (type: string, data: unknown) => lateAuthors.isAlwaysTaken({ type, data }, session())
  expect([may('session.end', {}), may('session.revoke', { operator: 'kim' })]).toEqual([true, true])
  expect([may('session.revoke', { operator: 'lee' }), may('session.revoke', null), may('chat.post', {})]).toEqual([
    false,
    false,
    false,
  ])
})
