import { expect, test } from 'vitest'
import { channelName } from '../protocol/channels.ts'
import type { ChannelView } from '../protocol/local.ts'
import { chatLog } from './chat.ts'
import { FIRST_LOOK, mentionsOf, newsOf, NO_NEWS, readMark } from './read-marks.ts'
import { CHAT, command, event, id, INBOX, logChannel, posted, stateChannel } from './testing/samples.ts'

const at = (second: number): string => `2026-11-20T05:00:${String(second).padStart(2, '0')}.000Z`

/** Messages at offsets from 1 on, of lee unless said otherwise. */
function talk(...said: readonly { readonly by?: string; readonly mentions?: readonly string[] }[]) {
  const events = said.map(({ by = 'lee', mentions }, n) => {
    const data = { line: 'line-3', text: `${n + 1}`, ...(mentions !== undefined && { mentions }) }
    return posted(n + 1, '', { by, at: at(n + 1), cause: id(n + 1), data })
  })
  return chatLog(logChannel(CHAT, events), 'line-3', [])
}

function marked(line: string, offset: number): ChannelView {
  const records = { [`read-${line}`]: { offset: 1, record: { offset, at: at(offset) } } }
  return { ...stateChannel(channelName('prefs', 'kim'), 1), records }
}
const READER = { operator: 'kim', prefs: null, pending: [] }

test('[K4] what others said behind the mark is new, and what names the person is counted apart', () => {
  const rows = talk({}, { by: 'kim' }, {}, { mentions: ['kim', 'lee'] })
  const mark = readMark(rows, 'line-3', { ...READER, prefs: marked('line-3', 1) })
  expect(mark).toEqual({ offset: 1, at: at(1) })
  expect(newsOf(rows, 'kim', mark)).toEqual({ count: 2, mentions: 1, first: id(3) })
  expect(newsOf(rows, 'kim', { offset: 4, at: at(4) })).toEqual(NO_NEWS)
})

test('[K4] what this device has read counts before the server knows it, and never moves back', () => {
  const rows = talk({}, {}, {})
  const read = (n: number, message: number, by = 'kim') =>
    command(n, 'chat.read', { line: 'line-3', id: id(message) }, { by })
  const markWith = (...pending: readonly ReturnType<typeof read>[]) =>
    readMark(rows, 'line-3', { ...READER, prefs: marked('line-3', 2), pending })?.offset
  expect(markWith(read(50, 3))).toBe(3)
  expect(markWith(read(50, 1))).toBe(2)
  expect(markWith(read(50, 3, 'park'))).toBe(2)
  expect(markWith(command(50, 'chat.read', { line: 'line-1', id: id(3) }))).toBe(2)
})

test('[K2] what was taken back is not new', () => {
  const gone = event(2, { line: 'line-3', id: id(1), by: 'lee' }, { type: 'chat.withdrawn', by: 'lee' })
  const rows = chatLog(logChannel(CHAT, [posted(1, 'a', { cause: id(1) }), gone]), 'line-3', [])
  expect(newsOf(rows, 'kim', null)).toEqual(NO_NEWS)
})

test('who never read a line finds its last messages new, and not all that is kept', () => {
  const rows = talk(...Array.from({ length: 3 * FIRST_LOOK }, () => ({})))
  expect(newsOf(rows, 'kim', null)).toMatchObject({ count: FIRST_LOOK, first: id(2 * FIRST_LOOK + 1) })
  expect(newsOf([], 'kim', null)).toEqual(NO_NEWS)
})

test('a mark that a newer server writes in another way is none', () => {
  const prefs = { ...marked('line-3', 1), records: { 'read-line-3': { offset: 1, record: 'all' } } }
  expect(readMark(talk({}), 'line-3', { ...READER, prefs })).toBeNull()
})

test('[K3] mentions in the inbox stay until their line was read as far as they are', () => {
  const mention = (n: number, line: string, text: string | null = `Message ${n}`) =>
    event(n, { line, id: id(n), by: 'lee', text }, { type: 'chat.mentioned', at: at(n) })
  const inbox = logChannel(INBOX, [
    mention(1, 'line-3'),
    mention(2, 'line-3'),
    mention(3, 'line-1'),
    mention(4, 'line-1', null),
  ])
  const named = (prefs: ChannelView | null) => mentionsOf(inbox, { prefs }).map(({ id: message }) => message)
  expect(named(null)).toEqual([id(1), id(2), id(3)])
  expect(named(marked('line-3', 1))).toEqual([id(2), id(3)])
  expect(mentionsOf(inbox, { prefs: null })[2]).toEqual({
    id: id(3),
    line: 'line-1',
    by: 'lee',
    text: 'Message 3',
    offset: null,
    at: at(3),
  })
  expect(mentionsOf(null, { prefs: null })).toEqual([])
})

test('[K2] a mention whose message was taken back is none any more', () => {
  const mentioned = (n: number, text: string | null) =>
    event(n, { line: 'line-3', id: id(1), by: 'lee', text }, { type: 'chat.mentioned' })
  expect(mentionsOf(logChannel(INBOX, [mentioned(1, 'secret'), mentioned(2, null)]), { prefs: null })).toEqual([])
})

test('[K4] a message that comes after the server’s clock was set back is new, and what names the person in it as well', () => {
  const when = (n: number) => (n === 3 ? at(1) : at(n + 10))
  const said = [1, 2, 3].map((n) => {
    const data = { line: 'line-3', text: `${n}`, mentions: ['kim'] }
    return posted(n, '', { by: 'lee', at: when(n), cause: id(n), data })
  })
  const rows = chatLog(logChannel(CHAT, said), 'line-3', [])
  const mentions = [1, 2, 3].map((n) =>
    event(
      n,
      { line: 'line-3', id: id(n), by: 'lee', text: `${n}`, offset: n },
      { type: 'chat.mentioned', at: when(n) },
    ),
  )
  const prefs = {
    ...marked('line-3', 2),
    records: { 'read-line-3': { offset: 1, record: { offset: 2, at: when(2) } } },
  }
  const mark = readMark(rows, 'line-3', { ...READER, prefs })
  expect(newsOf(rows, 'kim', mark)).toEqual({ count: 1, mentions: 1, first: id(3) })
  expect(mentionsOf(logChannel(INBOX, mentions), { prefs }).map((mention) => mention.id)).toEqual([id(3)])
})
