import { expect, test } from 'vitest'
import { chatLog } from './chat.ts'
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
