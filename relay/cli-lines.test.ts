import { describe, expect, it } from 'vitest'
import type { ChannelName } from './protocol/channels.ts'
import type { CommandId, Epoch, EventId } from './protocol/ids.ts'
import type { ChannelView, StatusView } from './protocol/local.ts'
import { errorLine, lineOf, parseLine } from './cli-lines.ts'

const parse = (value: unknown) =>
  parseLine({ kind: 'text', text: typeof value === 'string' ? value : JSON.stringify(value) })
const CHANNEL = 'chat/line-3' as ChannelName
const EPOCH = '00000000000000aa' as Epoch
const EVENT = {
  offset: 7,
  id: '01990000-0000-7000-8000-000000000007' as EventId,
  type: 'chat.posted',
  at: '2026-11-20T10:00:00.000Z',
  by: 'kim',
  cause: '01990000-0000-7000-8000-000000000001' as CommandId,
  data: { line: 'line-3', text: 'hello' },
}

describe('a line of stdin', () => {
  it('is a command', () => {
    expect(parse({ ref: 'r1', command: 'chat.post', data: { line: 'line-3', text: 'a' } })).toEqual({
      ok: true,
      instruction: { kind: 'command', ref: 'r1', type: 'chat.post', data: { line: 'line-3', text: 'a' } },
    })
  })

  it('is a command of a type that only the relay can judge', () => {
    expect(parse({ ref: 'r1', command: 'tea.make', data: null })).toMatchObject({
      ok: true,
      instruction: { type: 'tea.make' },
    })
  })

  it('is a subscription, from its snapshot or from the start', () => {
    expect(parse({ subscribe: 'chat/line-3' })).toEqual({
      ok: true,
      instruction: { kind: 'subscribe', channel: 'chat/line-3', from: null, maxHz: null },
    })
    expect(parse({ subscribe: 'chat/line-3', from: 'start' })).toMatchObject({ instruction: { from: 'start' } })
  })

  it('is where this device is, what it says there, or at which pace it reads', () => {
    expect(parse({ track: 'presence/line-3', state: { state: 'here', looks: 'Orders' } })).toEqual({
      ok: true,
      instruction: { kind: 'track', channel: 'presence/line-3', state: { state: 'here', looks: 'Orders' } },
    })
    expect(parse({ track: 'presence/line-3', state: null })).toMatchObject({ instruction: { state: null } })
    expect(parse({ track: 'presence/line-3', state: { state: 'away' } })).toMatchObject({
      error: { channel: 'presence/line-3', code: 'bad-request' },
    })
    expect(parse({ signal: 'room/line-3/press', key: 'cursor', data: { x: 1 } })).toEqual({
      ok: true,
      instruction: { kind: 'signal', channel: 'room/line-3/press', key: 'cursor', data: { x: 1 } },
    })
    expect(parse({ subscribe: 'telemetry/line-3/press-1', maxHz: 60 })).toMatchObject({ instruction: { maxHz: 60 } })
  })

  it('is the end of a subscription, or a result that was seen', () => {
    expect(parse({ unsubscribe: 'chat/line-3' })).toEqual({
      ok: true,
      instruction: { kind: 'unsubscribe', channel: 'chat/line-3' },
    })
    expect(parse({ seen: 'r1' })).toEqual({ ok: true, instruction: { kind: 'seen', ref: 'r1' } })
  })

  it.each([
    ['{"ref":"r1"', { code: 'bad-json' }],
    ['', { code: 'bad-json' }],
    ['[]', { code: 'bad-request' }],
    ['null', { code: 'bad-request' }],
    ['"chat.post"', { code: 'bad-request' }],
    ['{}', { code: 'bad-request' }],
    [
      { ref: 'r1', comand: 'chat.post', data: {} },
      { code: 'bad-request', ref: 'r1' },
    ],
    [
      { command: 'chat.post', data: {} },
      { code: 'bad-request', message: /"ref"/ },
    ],
    [
      { ref: 7, command: 'chat.post', data: {} },
      { code: 'bad-request', message: /"ref"/ },
    ],
    [
      { ref: '', command: 'chat.post', data: {} },
      { code: 'bad-request', message: /"ref"/, ref: '' },
    ],
    [
      { ref: 'r1', command: 'chat.post' },
      { code: 'bad-request', message: /"data"/, ref: 'r1' },
    ],
    [
      { ref: 'r1', command: 'chat.post', data: {}, lane: 'urgent' },
      { code: 'bad-request', message: /"lane"/, ref: 'r1' },
    ],
    [
      { ref: 'r1', command: 'chat.post', data: {}, seen: 'r0' },
      { code: 'bad-request', message: /"seen"/, ref: 'r1' },
    ],
    [{ subscribe: 3 }, { code: 'bad-request', message: /"subscribe"/ }],
    [
      { subscribe: 'chat/line-3', from: 'end' },
      { code: 'bad-request', message: /"from"/, channel: 'chat/line-3' },
    ],
    [{ unsubscribe: null }, { code: 'bad-request' }],
    [{ seen: [] }, { code: 'bad-request' }],
  ])('is refused in words: %j', (value, expected) => {
    const parsed = parse(value)
    if (parsed.ok) throw new Error('it was taken')
    const { message, ...rest } = expected as { message?: RegExp; code: string }
    expect(parsed.error).toMatchObject({ kind: 'error', ...rest })
    expect(parsed.error.message).toMatch(message ?? /^.{8,}\.$/)
    expect('ref' in parsed.error).toBe('ref' in rest)
  })

  it('is refused when it was too long or not UTF-8', () => {
    expect(parseLine({ kind: 'too-long' })).toMatchObject({ ok: false, error: { code: 'frame-too-large' } })
    expect(parseLine({ kind: 'not-utf8' })).toMatchObject({ ok: false, error: { code: 'bad-json' } })
  })
})

describe('a line of stdout', () => {
  const status: StatusView = {
    state: 'live',
    reason: null,
    code: null,
    since: null,
    retryAt: null,
    warnings: ['w'],
    way: 'ws',
    wayReason: null,
    forSite: false,
    storage: 'working',
  }

  it('is a status with its reason, if there is one', () => {
    expect(lineOf({ kind: 'status', status })).toEqual({ kind: 'status', state: 'live', way: 'ws' })
    expect(
      lineOf({ kind: 'status', status: { ...status, state: 'waiting', reason: 'The connection was lost.' } }),
    ).toEqual({
      kind: 'status',
      state: 'waiting',
      way: 'ws',
      reason: 'The connection was lost.',
    })
  })

  it('is a status with the reason why it is not the best way', () => {
    expect(lineOf({ kind: 'status', status: { ...status, way: 'poll', wayReason: 'way-silent' } })).toEqual({
      kind: 'status',
      state: 'live',
      way: 'poll',
      wayReason: 'way-silent',
    })
  })

  it('is what became of a command', () => {
    expect(lineOf({ kind: 'saved', ref: 'r1', id: EVENT.cause })).toEqual({ kind: 'saved', ref: 'r1' })
    expect(lineOf({ kind: 'result', ref: 'r1', outcome: 'applied', code: null, message: null, data: null })).toEqual({
      kind: 'result',
      ref: 'r1',
      outcome: 'applied',
    })
    expect(
      lineOf({
        kind: 'result',
        ref: 'r1',
        outcome: 'rejected',
        code: 'order-conflict',
        message: 'No.',
        data: { a: 1 },
      }),
    ).toEqual({
      kind: 'result',
      ref: 'r1',
      outcome: 'rejected',
      code: 'order-conflict',
      message: 'No.',
      data: { a: 1 },
    })
  })

  it('is an event, flat, with channel and epoch', () => {
    expect(lineOf({ kind: 'event', channel: CHANNEL, epoch: EPOCH, event: EVENT })).toEqual({
      kind: 'event',
      channel: CHANNEL,
      epoch: EPOCH,
      ...EVENT,
    })
  })

  it('is a live value', () => {
    const value = { kind: 'live', channel: CHANNEL, key: 'temp', value: 3, at: EVENT.at } as const
    expect(lineOf(value)).toEqual(value)
  })

  it('is somebody who came to a room, or left it', () => {
    const member = { device: 'd', name: 'Press', operator: 'kim', state: 'here', since: EVENT.at } as const
    for (const kind of ['joined', 'left'] as const)
      expect(lineOf({ kind, channel: CHANNEL, member })).toEqual({ kind, channel: CHANNEL, member })
  })

  it('is a reset with the lost range', () => {
    const reset = { kind: 'reset', channel: CHANNEL, reason: 'expired', lost: { from: 3, to: 6 } } as const
    expect(lineOf(reset)).toEqual(reset)
    expect(lineOf({ ...reset, lost: null })).toMatchObject({ lost: null })
  })

  const view: ChannelView = {
    channel: CHANNEL,
    epoch: EPOCH,
    offset: 7,
    confirmedAt: 1,
    current: true,
    refused: null,
    records: null,
    events: [EVENT],
  }

  it('is the snapshot of a log', () => {
    expect(lineOf({ kind: 'snapshot', view })).toEqual({
      kind: 'snapshot',
      channel: CHANNEL,
      epoch: EPOCH,
      offset: 7,
      data: { events: [EVENT] },
    })
  })

  it('is the snapshot of a state, its records without offsets', () => {
    const records = { 'a-1': { offset: 3, record: { title: 't' } }, 'a-2': { offset: 7, record: 'dark' } }
    expect(lineOf({ kind: 'snapshot', view: { ...view, events: null, records } })).toMatchObject({
      data: { records: { 'a-1': { title: 't' }, 'a-2': 'dark' } },
    })
  })

  it('is how much waits', () => {
    expect(lineOf({ kind: 'outbox', pending: { urgent: 1, normal: 2 } })).toEqual({
      kind: 'outbox',
      pending: { urgent: 1, normal: 2 },
    })
  })

  it('is an error about a refused channel', () => {
    expect(lineOf({ kind: 'refused', channel: 'chat/line-9', code: 'forbidden', message: 'No.' })).toEqual({
      kind: 'error',
      channel: 'chat/line-9',
      code: 'forbidden',
      message: 'No.',
    })
  })

  it('is nothing for a session: that is not part of the contract', () => {
    expect(lineOf({ kind: 'session', session: null })).toBeNull()
  })

  it('says no more of a bad line than fits a screen', () => {
    const { ref = '' } = errorLine({ code: 'bad-request', message: 'No.' }, { ref: 'x'.repeat(60_000) })
    expect(ref).toHaveLength(128)
  })
})
