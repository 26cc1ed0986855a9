import { describe, expect, test } from 'vitest'
import { quotesOf } from './chat-quotes.ts'
import { chatLog, silenced } from './chat.ts'
import { CHAT, command, event, id, logChannel, posted } from './testing/samples.ts'

const post = (n: number, text: string, line = 'line-3') => command(n, 'chat.post', { line, text })

test('what waits stands after what the server knows, in the order it will be sent', () => {
  const rows = chatLog(logChannel(CHAT, [posted(1, 'a'), posted(2, 'b')]), 'line-3', [post(50, 'c'), post(51, 'd')])
  expect(rows.map((row) => row.text)).toEqual(['a', 'b', 'c', 'd'])
  expect(rows.map((row) => row.waiting !== null)).toEqual([false, false, true, true])
  expect(rows[0]).toMatchObject({ author: 'lee', at: '2026-11-20T05:00:00.000Z' })
})

test('the word of the server takes the place of what waited, under the same key', () => {
  const waiting = chatLog(null, 'line-3', [post(50, 'c')])
  const settled = chatLog(logChannel(CHAT, [posted(1, 'c', { cause: id(50) })]), 'line-3', [post(50, 'c')])
  expect(settled).toHaveLength(1)
  expect(settled[0]?.key).toBe(waiting[0]?.key)
  expect(settled[0]?.waiting).toBeNull()
})

test('posts to another line are not shown here', () => {
  expect(chatLog(null, 'line-3', [post(50, 'c', 'line-1')])).toEqual([])
})

test('event types this version does not know are passed over', () => {
  expect(chatLog(logChannel(CHAT, [event(1, { mood: 'fine' }, { type: 'chat.reacted' })]), 'line-3', [])).toEqual([])
})

test('markup in a message is text and stays as it was typed', () => {
  const [row] = chatLog(logChannel(CHAT, [posted(1, '<img src=x onerror=alert(1)>')]), 'line-3', [])
  expect(row?.text).toBe('<img src=x onerror=alert(1)>')
})

describe('[K1] what a message answers', () => {
  const reply = { to: 'message', id: id(1), by: 'lee', text: 'Oil' }

  test('is what the server quoted, and in a message that waits what is at hand', () => {
    const answer = posted(2, 'Where?', { cause: id(2), data: { line: 'line-3', text: 'Where?', reply } })
    const waiting = command(50, 'chat.say', {
      line: 'line-3',
      text: 'Here',
      reply: { to: 'message', id: id(2) },
      mentions: ['lee'],
    })
    const rows = chatLog(logChannel(CHAT, [answer]), 'line-3', [waiting])
    expect(rows[1]).toMatchObject({ text: 'Here', mentions: ['lee'] })
    const quote = { to: 'message', id: id(2), by: 'lee', text: 'Where?', isWithdrawn: false }
    expect([...quotesOf(rows)]).toEqual([
      [id(2), { ...reply, isWithdrawn: false }],
      [id(50), quote],
    ])
  })

  test('that this window does not know, or that is no answer it can show, breaks nothing', () => {
    const waiting = command(50, 'chat.say', {
      line: 'line-3',
      text: 'a',
      reply: { to: 'alert', id: id(9) },
      mentions: [],
    })
    expect(chatLog(null, 'line-3', [waiting])[0]?.reply).toMatchObject({ to: 'alert', by: null, text: null })
    const odd = { line: 'line-3', text: 'b', reply: { to: 'note', id: 'x', by: 'lee', text: 'y' }, mentions: 'kim' }
    expect(chatLog(logChannel(CHAT, [posted(1, '', { data: odd })]), 'line-3', [])[0]).toMatchObject({
      text: 'b',
      reply: null,
      mentions: [],
    })
  })
})

describe('[K2] a message that was taken back', () => {
  const said = posted(1, 'secret', { cause: id(1) })
  const gone = event(3, { line: 'line-3', id: id(1), by: 'park' }, { type: 'chat.withdrawn', by: 'park' })

  test('stays in its place without its words, also where it is quoted', () => {
    const data = { line: 'line-3', text: 'And?', reply: { to: 'message', id: id(1), by: 'lee', text: 'secret' } }
    const rows = chatLog(logChannel(CHAT, [said, posted(2, '', { data }), gone]), 'line-3', [])
    expect(rows.map(({ text }) => text)).toEqual(['', 'And?'])
    expect(rows[0]).toMatchObject({ withdrawn: { by: 'park', at: gone.at }, author: 'lee' })
    const quotes = quotesOf(rows)
    expect([...quotes.values()]).toMatchObject([{ by: 'lee', text: null, isWithdrawn: true }])
    expect(JSON.stringify([...quotes])).not.toContain('secret')
  })

  test('is quoted without its words also where itself is not here any more', () => {
    const data = { line: 'line-3', text: 'And?', reply: { to: 'message', id: id(1), by: 'lee', text: 'secret' } }
    const rows = chatLog(logChannel(CHAT, [posted(2, '', { data }), gone]), 'line-3', [])
    expect(JSON.stringify(rows)).not.toContain('secret')
    expect([...quotesOf(rows).values()]).toMatchObject([{ by: 'lee', text: null, isWithdrawn: true }])
  })

  test('says by whom and when also where only its place is left', () => {
    const withdrawn = { by: 'park', at: '2026-11-20T06:00:00.000Z' }
    const silent = silenced(said, withdrawn)
    expect(silent).toEqual({ ...said, data: { line: 'line-3', withdrawn } })
    expect(chatLog(logChannel(CHAT, [silent]), 'line-3', [])[0]).toMatchObject({ withdrawn, text: '' })
  })

  test('says that it waits for the server while it does', () => {
    const waiting = command(60, 'chat.withdraw', { line: 'line-3', id: id(1) })
    const [row] = chatLog(logChannel(CHAT, [said]), 'line-3', [waiting])
    expect(row).toMatchObject({ text: 'secret', withdrawn: null, withdrawing: { command: id(60) } })
  })
})

describe('[O2] photos and files of a message', () => {
  const photo = { hash: 'ab'.repeat(32), type: 'image/jpeg', size: 900, name: 'die.jpg' } as const
  const shared = (n: number) =>
    posted(n, '', { cause: id(n), data: { line: 'line-3', text: '', files: [{ ...photo, end: null }] } })

  test('are on their way while the message waits, and until the server says what became of them', () => {
    const waiting = command(50, 'chat.share', { line: 'line-3', text: '', reply: null, mentions: [], files: [photo] })
    expect(chatLog(null, 'line-3', [waiting])[0]).toMatchObject({ files: [{ ...photo, end: null }], text: '' })
    expect(chatLog(logChannel(CHAT, [shared(1)]), 'line-3', [])[0]?.files).toEqual([{ ...photo, end: null }])
    const filed = event(2, { line: 'line-3', id: id(1), ends: ['stored'] }, { type: 'chat.filed' })
    const rows = chatLog(logChannel(CHAT, [shared(1), filed]), 'line-3', [])
    expect(rows.map(({ files }) => files)).toEqual([[{ ...photo, end: { how: 'stored' } }]])
    const odd = event(3, { line: 'line-3', id: id(1), ends: ['?'] }, { type: 'chat.filed' })
    expect(chatLog(logChannel(CHAT, [shared(1), odd]), 'line-3', [])[0]?.files).toEqual([{ ...photo, end: null }])
  })

  test('of a message that was taken back are not shown, and what is no file breaks nothing', () => {
    const withdrawal = event(2, { line: 'line-3', id: id(1) }, { type: 'chat.withdrawn', by: 'lee' })
    expect(chatLog(logChannel(CHAT, [shared(1), withdrawal]), 'line-3', [])[0]?.files).toEqual([])
    const odd = posted(3, 'a', { data: { line: 'line-3', text: 'a', files: [{ hash: 1 }, null, 'x'] } })
    expect(chatLog(logChannel(CHAT, [odd]), 'line-3', [])[0]).toMatchObject({ text: 'a', files: [] })
  })

  test('name a message that says nothing, where it is quoted', () => {
    const waiting = command(50, 'chat.say', {
      line: 'line-3',
      text: 'Whose?',
      reply: { to: 'message', id: id(1) },
      mentions: [],
    })
    const rows = chatLog(logChannel(CHAT, [shared(1)]), 'line-3', [waiting])
    expect(quotesOf(rows).get(id(50))).toMatchObject({ text: 'die.jpg', isWithdrawn: false })
  })
})
