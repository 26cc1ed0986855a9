import { expect, it } from 'vitest'
import * as Y from 'yjs'
import { NoteCopy, type Piece } from './note-copy.ts'
import { noteText } from './note-text.ts'
import { factsOf } from './update-facts.ts'
import { bytesOf } from './base64.ts'

function write(copy: NoteCopy, words: string): void {
  const fragment = copy.doc.getXmlFragment('note')
  copy.doc.transact(() => {
    const block = new Y.XmlElement('block')
    fragment.insert(fragment.length, [block])
    const text = new Y.XmlText()
    block.insert(0, [text])
    text.insert(0, words)
  })
}

const whole = (id: string, update: string): readonly [string, Piece] => [id, { set: id, part: 0, of: 1, update }]

it('[J2] gives what was written as one update, and takes it on another copy', () => {
  let told = 0
  const one = new NoteCopy(() => (told += 1))
  write(one, 'oil is low')
  write(one, 'tool 4 changed')
  const sent = one.send(22_528)
  expect([told, sent.length, one.hasUnsent]).toEqual([2, 1, false])
  const other = new NoteCopy(() => expect.unreachable('nothing of its own'))
  other.take([whole('a', sent[0] ?? '')])
  other.take([whole('a', 'not looked at again')])
  expect(noteText(other.doc)).toBe('oil is low\ntool 4 changed')
})

it('[J6] gives more than one update where one would be too large, each building on those before', () => {
  const copy = new NoteCopy(() => undefined)
  for (let block = 0; block < 10; block += 1) write(copy, 'x'.repeat(1_000))
  const sent = copy.send(3_500)
  expect(sent.length).toBeGreaterThan(2)
  let next = 0
  for (const update of sent) {
    const { news } = factsOf(bytesOf(update))
    expect(news).toMatchObject([[copy.doc.clientID, next, expect.any(Number)]])
    next = news[0]?.[2] ?? 0
  }
})

it('[J2] waits for all parts of an update, and knows what is missing', () => {
  const one = new NoteCopy(() => undefined)
  write(one, 'first')
  const [first = ''] = one.send(22_528)
  write(one, 'second')
  const [second = ''] = one.send(22_528)
  const other = new NoteCopy(() => undefined)
  other.take([whole('b', second)])
  expect([other.isWhole, noteText(other.doc)]).toEqual([false, ''])
  const cut = Math.floor(first.length / 8) * 4
  other.take([['a-0', { set: 'a', part: 0, of: 2, update: first.slice(0, cut) }]])
  expect(other.isWhole).toBe(false)
  other.take([
    ['a-0', { set: 'a', part: 0, of: 2, update: first.slice(0, cut) }],
    ['a-1', { set: 'a', part: 1, of: 2, update: first.slice(cut) }],
  ])
  expect([other.isWhole, noteText(other.doc)]).toEqual([true, 'first\nsecond'])
})

it('[J4] gives what came back again, before what was written since', () => {
  const copy = new NoteCopy(() => undefined)
  write(copy, 'first')
  const [first = ''] = copy.send(22_528)
  write(copy, 'second')
  copy.keep(first)
  expect(copy.hasUnsent).toBe(true)
  const [both = ''] = copy.send(22_528)
  expect(factsOf(bytesOf(both)).news).toMatchObject([[copy.doc.clientID, 0, expect.any(Number)]])
  expect(copy.hasUnsent).toBe(false)
})

it('[J6] cuts one change of the text that is too large into updates that build on each other', () => {
  const copy = new NoteCopy(() => undefined)
  write(copy, 'first')
  const [before = ''] = copy.send(22_528)
  const words = Array.from({ length: 600 }, (_, line) => `${line} 누유 확인 `.repeat(3))
  const long = '금형 🙂'.repeat(8_000)
  copy.doc.transact(() => {
    const fragment = copy.doc.getXmlFragment('note')
    fragment.delete(0, 1)
    for (const said of [...words, long]) {
      const block = new Y.XmlElement('block')
      fragment.insert(fragment.length, [block])
      const text = new Y.XmlText()
      block.insert(0, [text])
      text.insert(0, said)
    }
  })
  const sent = copy.send(22_528)
  expect(sent.length).toBeGreaterThan(5)
  const others = [before, ...sent].map((update, at) => whole(String(at), update))
  const numbers = sent.map((update) => factsOf(bytesOf(update)).news[0] ?? [0, 0, 0])
  for (const [at, [client, from]] of numbers.entries()) {
    expect(bytesOf(sent[at] ?? '').byteLength).toBeLessThanOrEqual(22_528)
    expect([client, from]).toEqual([copy.doc.clientID, at === 0 ? from : numbers[at - 1]?.[2]])
  }
  const other = new NoteCopy(() => undefined)
  other.take(others)
  expect([other.isWhole, noteText(other.doc)]).toEqual([true, [...words, long].join('\n')])
})
