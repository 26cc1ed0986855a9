import { expect, it } from 'vitest'
import * as Y from 'yjs'
import { base64Of } from './base64.ts'
import { wordsOf } from './update-text.ts'

it('gives the words of an update, a line for each block', () => {
  const doc = new Y.Doc()
  for (const words of ['oil is low', 'tool 4 changed']) {
    const block = new Y.XmlElement('block')
    doc.getXmlFragment('note').push([block])
    const text = new Y.XmlText()
    block.insert(0, [text])
    text.insert(0, words)
  }
  expect(wordsOf(base64Of(Y.encodeStateAsUpdate(doc)))).toBe('oil is low\ntool 4 changed')
})

it.each(['', 'AAAA', 'not base64', 'Z2FyYmFnZSBnYXJiYWdl'])('gives nothing for %j', (update) => {
  expect(wordsOf(update)).toBe('')
})
