import { describe, expect, it } from 'vitest'
import type { ClientFrameOf, ServerFrame } from '../../relay/protocol/frames.ts'
import type { CommandId, DeviceId, OutboxEpoch, SessionId } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import type { Submission, SubmitResult, Verdict } from '../ports/submission.ts'
import { CommandLanes, type CommandLanesOptions } from './command-lanes.ts'

function command(seq: number, over: Partial<ClientFrameOf<'command'>> = {}): ClientFrameOf<'command'> {
  const id = `00000000-0000-7000-8000-${seq.toString(16).padStart(12, '0')}` as CommandId
  return { t: 'command', lane: 'normal', seq, id, type: 'chat.post', data: {}, ...over }
}

const GREETED = { at: '2026-11-20T06:00:00.000Z', newest: null }

const NO_MARKS = { urgent: 0, normal: 0 }

function setUp(pace: CommandLanesOptions['pace'] = () => 0, { marks = NO_MARKS } = {}) {
  const sent: ServerFrame[] = []
  const crowded: boolean[] = []
  const counts = { refused: 0, stale: 0 }
  const link = { number: 7 }
  const confirms: { upTo: number; link: number | undefined; end: (stale?: 'stale-link') => void }[] = []
  const waiting: { submission: Submission; answer: (verdict: Verdict) => void; fail: (cause: Error) => void }[] = []
  const failures: unknown[] = []
  const lanes = new CommandLanes({
    device: 'd'.repeat(43) as DeviceId,
    epoch: '00000000-0000-4000-8000-000000000001' as OutboxEpoch,
    store: {
      confirm: (asked) =>
        new Promise((resolve) => confirms.push({ upTo: asked.upTo, link: asked.link, end: (stale) => resolve(stale) })),
    },
    submit: (submission) =>
      new Promise<SubmitResult>((resolve, reject) =>
        waiting.push({
          submission,
          answer: (verdict) => resolve({ verdict, events: [], endedSessions: [] }),
          fail: reject,
        }),
      ),
    used: () => {},
    pace,
    send: (frame) => sent.push(frame),
    crowded: (isCrowded) => crowded.push(isCrowded),
    marks,
    greeted: GREETED,
    link: () => link.number,
    stale: () => (counts.stale += 1),
    outdated: () => sent.push({ t: 'bye', retryAfterMs: 0 }),
    refused: () => (counts.refused += 1),
    failed: (cause) => failures.push(cause),
  })
  return { lanes, link, sent, crowded, counts, confirms, waiting, failures }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('command lanes', () => {
  it('[N11] say by which link each command comes, and end it where that is stale', async () => {
    const { lanes, waiting, sent, counts } = setUp()
    lanes.take(command(1))
    expect(waiting[0]?.submission.source).toMatchObject({ link: 7 })
    waiting[0]?.answer({ kind: 'stale-link' })
    await turn()
    expect([sent, counts.stale]).toEqual([[], 1])
  })

  it('[N11] end a link whose confirmation is stale, and confirm nothing more on it', async () => {
    const { lanes, confirms, counts } = setUp(() => 0, { marks: { urgent: 0, normal: 9 } })
    lanes.confirm({ t: 'confirm', lane: 'normal', upTo: 1 })
    lanes.confirm({ t: 'confirm', lane: 'normal', upTo: 2 })
    confirms[0]?.end('stale-link')
    await turn()
    expect([confirms.length, counts.stale]).toEqual([1, 1])
  })

  it('[N14] say a confirmation again that was under way while its device moved, and lose none', async () => {
    const { lanes, link, confirms, counts } = setUp(() => 0, { marks: { urgent: 0, normal: 9 } })
    lanes.confirm({ t: 'confirm', lane: 'normal', upTo: 1 })
    lanes.confirm({ t: 'confirm', lane: 'normal', upTo: 2 })
    link.number = 8
    confirms[0]?.end('stale-link')
    await turn()
    confirms[1]?.end()
    await turn()
    const told = confirms.map((each) => [each.upTo, each.link])
    expect([told, counts.stale]).toEqual([
      [
        [1, 7],
        [2, 8],
      ],
      0,
    ])
  })

  it('[V4] reads no more when a pipeline’s worth is with the store, and goes on when there is less', async () => {
    const { lanes, crowded, waiting } = setUp()
    for (let seq = 1; seq <= 2 * LIMITS.maxInFlight; seq += 1) lanes.take(command(seq))
    expect(crowded).toEqual([true])
    waiting[0]?.answer({ kind: 'expect', seq: 1 })
    await turn()
    expect(crowded).toEqual([true, false])
  })

  it('[W6] asks a lane that is too fast to wait, and carries nothing of it out', () => {
    let wait = 0
    const { lanes, sent, waiting } = setUp(() => wait)
    lanes.take(command(1))
    wait = 250
    lanes.take(command(2))
    expect(waiting.map(({ submission }) => submission.id)).toEqual([command(1).id])
    expect(sent).toEqual([expect.objectContaining({ t: 'retry-later', seq: 2, code: 'rate-limited', afterMs: 250 })])
  })

  it('[W2] answers a burst behind a hole once', async () => {
    const { lanes, sent, waiting } = setUp()
    for (const seq of [5, 6, 7]) lanes.take(command(seq))
    for (const { answer } of waiting) answer({ kind: 'expect', seq: 2 })
    await turn()
    expect(sent).toEqual([{ t: 'expect', lane: 'normal', seq: 2 }])
  })

  it('[W3] tells the store which command came just before in the same lane', () => {
    const { lanes, waiting } = setUp()
    for (const each of [command(4), command(5), command(5, { lane: 'urgent', type: 'alert.ack' }), command(7)])
      lanes.take(each)
    const after = waiting.map(({ submission: { source } }) => (source.kind === 'outbox' ? source.after : null))
    expect(after).toEqual([undefined, command(4).id, undefined, undefined])
  })

  it('[W3] hands nothing of either lane to the store once the outbox has forked', async () => {
    const { lanes, sent, waiting } = setUp()
    lanes.take(command(1))
    waiting[0]?.answer({ kind: 'forked', seq: 1 })
    await turn()
    lanes.take(command(2))
    lanes.take(command(1, { lane: 'urgent', type: 'alert.ack' }))
    expect(waiting).toHaveLength(1)
    expect(sent).toMatchObject([
      { t: 'outbox-forked', lane: 'normal', seq: 1 },
      { t: 'outbox-forked', lane: 'normal', seq: 2 },
      { t: 'outbox-forked', lane: 'urgent', seq: 1 },
    ])
  })

  it('is idle when everything is answered', async () => {
    const { lanes, waiting } = setUp()
    let isIdle = false
    lanes.take(command(1))
    void lanes.idle().then(() => (isIdle = true))
    await turn()
    expect(isIdle).toBe(false)
    waiting[0]?.answer({ kind: 'forked', seq: 1 })
    await turn()
    expect(isIdle).toBe(true)
  })

  it('[V9] is idle, too, when the store did not answer one', async () => {
    const { lanes, crowded, waiting, failures } = setUp()
    for (let seq = 1; seq <= 2 * LIMITS.maxInFlight; seq += 1) lanes.take(command(seq))
    const trouble = new Error('the store died')
    for (const { fail } of waiting) fail(trouble)
    await lanes.idle()
    expect(failures).toHaveLength(2 * LIMITS.maxInFlight)
    expect(failures[0]).toBe(trouble)
    expect(crowded).toEqual([true, false])
  })

  it('[V8] counts what is refused for now: too fast, or of an outbox that has forked', async () => {
    let wait = 250
    const { lanes, counts, waiting } = setUp(() => wait)
    lanes.take(command(1))
    expect(counts.refused).toBe(1)
    wait = 0
    lanes.take(command(1))
    expect(counts.refused).toBe(1)
    waiting[0]?.answer({ kind: 'forked', seq: 1 })
    await turn()
    lanes.take(command(2))
    expect([counts.refused, waiting.length]).toEqual([2, 1])
  })

  it('[V8] [W4] tells the store of results that there are, once each, whatever is confirmed', async () => {
    const { lanes, confirms, waiting } = setUp(() => 0, { marks: { urgent: 0, normal: 2 } })
    const confirm = async (upTo: number): Promise<void> => {
      lanes.confirm({ t: 'confirm', lane: 'normal', upTo })
      for (const { end } of confirms) end()
      await turn()
    }
    for (let upTo = 1; upTo <= 1_000; upTo += 1) await confirm(upTo)
    expect(confirms.map(({ upTo }) => upTo)).toEqual([1, 2])
    lanes.take(command(3))
    await confirm(Number.MAX_SAFE_INTEGER)
    expect(confirms).toHaveLength(2)
    const outcome = { outcome: 'applied', code: null, message: null, data: null, offsets: {} } as const
    waiting[0]?.answer({ kind: 'done', outcome, repeated: false })
    await turn()
    for (const upTo of [3, 3, 4]) await confirm(upTo)
    expect(confirms.map(({ upTo }) => upTo)).toEqual([1, 2, 3])
  })

  it('[W4] [W7] tells the store of one confirmation at a time, and of what came meanwhile in one', async () => {
    const { lanes, confirms } = setUp(() => 0, { marks: { urgent: 3, normal: 8 } })
    for (const upTo of [1, 2, 7, 5]) lanes.confirm({ t: 'confirm', lane: 'normal', upTo })
    lanes.confirm({ t: 'confirm', lane: 'urgent', upTo: 3 })
    expect(confirms.map(({ upTo }) => upTo)).toEqual([1, 3])
    confirms[0]?.end()
    await turn()
    expect(confirms.map(({ upTo }) => upTo)).toEqual([1, 3, 7])
    confirms[2]?.end()
    await turn()
    lanes.confirm({ t: 'confirm', lane: 'normal', upTo: 8 })
    expect(confirms.map(({ upTo }) => upTo)).toEqual([1, 3, 7, 8])
  })

  it('[V8] counts a command on the session that authored it, whoever is signed in by now', () => {
    const sessions: unknown[] = []
    const { lanes } = setUp((frame) => {
      sessions.push(frame.session ?? null)
      return 0
    })
    const session = '00000000-0000-4000-8000-0000000000aa' as SessionId
    lanes.take(command(1, { session }))
    lanes.take(command(2))
    expect(sessions).toEqual([session, null])
  })

  it('hands a command over its size to the store as a bad one, so that the lane goes on', () => {
    const { lanes, waiting } = setUp()
    lanes.take(command(1, { data: { text: 'x'.repeat(LIMITS.maxCommandBytes) } }))
    expect(waiting[0]?.submission.data).toBeNull()
  })
})
