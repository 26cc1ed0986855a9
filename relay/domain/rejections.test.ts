import { expect, test } from 'vitest'
import { checkCommand } from '../protocol/check.ts'
import type { PendingCommand } from '../protocol/local.ts'
import { MAX_DECIDED, refusals, rejectionList } from './rejections.ts'
import { command, id, inboxOf, rejected, rejection, REJECTIONS, stateChannel } from './testing/samples.ts'

const CLOSED = { by: 'park', on: 'office', at: '2026-11-20T06:00:00.000Z', how: 'discarded', reason: 'old' } as const
const POST = command(1, 'chat.post', { line: 'line-3', text: 'hello' })
const seen = (pending: readonly PendingCommand[]) => ({ pending, check: checkCommand })
const closing = (of: number) => command(90, 'rejection.close', { id: id(of), how: 'resent', reason: null })

test('the newest rejection stands first, and one that is being settled says so', () => {
  const records = [rejection(1), rejection(2, { at: '2026-11-20T07:00:00.000Z' }), rejection(3)]
  const rows = rejectionList(stateChannel(REJECTIONS, 3, records), seen([closing(3)]))
  expect(rows.map(({ record, closing: by }) => [record.id, by?.command ?? null])).toEqual([
    [id(2), null],
    [id(3), id(90)],
    [id(1), null],
  ])
})

test('what no lane table takes cannot be sent again, nor what only its author can mean', () => {
  const records = [
    rejection(1),
    rejection(2, { data: { line: 'line-3', text: ' ' } }),
    rejection(3, { type: 'press.start', data: {} }),
    rejection(4, { type: 'session.end', data: { session: '00000000-0000-4000-8000-0000000000aa' } }),
    rejection(5, { type: 'order.edit', data: null }),
  ]
  const rows = rejectionList(stateChannel(REJECTIONS, 5, records), seen([]))
  expect(rows.filter(({ again }) => again !== null).map(({ record }) => record.id)).toEqual([id(1)])
})

test('what came down and is no rejection breaks nothing', () => {
  const channel = stateChannel(REJECTIONS, 1, [{ id: 'x' }])
  expect(rejectionList(channel, seen([]))).toEqual([])
  expect(refusals([], { ...inboxOf(), events: [...(inboxOf(rejection(1)).events ?? [])] }, seen([])).open).toHaveLength(
    1,
  )
})

test('this device’s refusal counts before the inbox’s word of the same command', () => {
  const local = rejected(POST, 'order-conflict', { current: 'more' })
  const { open } = refusals([local], inboxOf(rejection(1), rejection(2)), seen([]))
  expect(open[0]).toBe(local)
  expect(open.map(({ command: { id: of, by } }) => [of, by])).toEqual([
    [id(1), 'kim'],
    [id(2), 'kim'],
  ])
})

test('what was settled elsewhere goes, also from this device’s own list; rejected once more it is open again', () => {
  const inbox = inboxOf(rejection(1), rejection(2), rejection(1, { closed: CLOSED }), rejection(2, { closed: CLOSED }))
  const local = [rejected(POST, 'forbidden')]
  expect(refusals(local, inbox, seen([]))).toMatchObject({ open: [], settledElsewhere: [id(1)] })
  const again = inboxOf(rejection(2, { closed: CLOSED }), rejection(2))
  expect(refusals([], again, seen([])).open).toHaveLength(1)
})

test('what others decided is told with who and why, the latest first and bounded; the author’s own is no news', () => {
  const own = rejection(99, { closed: { ...CLOSED, by: 'kim' } })
  const records = Array.from({ length: MAX_DECIDED + 2 }, (_, n) => rejection(n + 1, { closed: CLOSED }))
  const { decided } = refusals([], inboxOf(...records, own), seen([]))
  expect(decided.map(({ id: of }) => of)).toEqual([7, 6, 5, 4, 3].map(id))
  expect(decided[0]?.closed).toEqual(CLOSED)
})

test('what is being settled here is out of the list before the server’s word', () => {
  const { open } = refusals([rejected(POST, 'forbidden')], inboxOf(rejection(1), rejection(2)), seen([closing(1)]))
  expect(open.map(({ command: { id: of } }) => of)).toEqual([id(2)])
})

test('data that no lane table takes reaches no screen', () => {
  const inbox = inboxOf(rejection(1, { type: 'order.edit', data: { id: 7 } }))
  expect(refusals([], inbox, seen([])).open[0]?.command.data).toBeNull()
})

test('while nothing can be checked, what was rejected is told, and nothing of it can be read or sent', () => {
  const unchecked = { pending: [], check: null }
  expect(rejectionList(stateChannel(REJECTIONS, 1, [rejection(1)]), unchecked)).toMatchObject([{ again: null }])
  expect(refusals([], inboxOf(rejection(1)), unchecked).open).toMatchObject([{ command: { id: id(1), data: null } }])
})
