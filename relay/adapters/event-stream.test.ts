import { expect, it } from 'vitest'
import { EventStream } from './event-stream.ts'

const TEXT = ': padding\n\ndata: {"t":"a"}\n\nevent: close\ndata: {"code":1000}\n\n'
const EVENTS = [
  { name: 'message', data: '{"t":"a"}' },
  { name: 'close', data: '{"code":1000}' },
]

it('[N8] reads events, and no comments', () => {
  expect(new EventStream().push(TEXT)).toEqual(EVENTS)
})

it('[N8] reads the same however the text is cut, and with either end of a line', () => {
  for (const text of [TEXT, TEXT.replaceAll('\n', '\r\n')]) {
    for (let at = 0; at <= text.length; at += 1) {
      const stream = new EventStream()
      expect([...stream.push(text.slice(0, at)), ...stream.push(text.slice(at))]).toEqual(EVENTS)
      expect(stream.pending).toBe(0)
    }
  }
})

it('[N8] has fields without a space, data of several lines, and nothing of fields that it does not know', () => {
  expect(new EventStream().push('id: 7\nretry\ndata:a\ndata:  b\n\nevent: x\n\ndata: c\n\n')).toEqual([
    { name: 'message', data: 'a\n b' },
    { name: 'message', data: 'c' },
  ])
})

it('[N8] says how much of an event waits that has no end', () => {
  const stream = new EventStream()
  stream.push('data: 0123456789\ndata: 01234')
  expect(stream.pending).toBe(10 + 'data: 01234'.length)
})
