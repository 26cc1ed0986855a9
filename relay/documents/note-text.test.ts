import { expect, it } from 'vitest'
import * as Y from 'yjs'
import { isBlank, noteText } from './note-text.ts'

function block(kind: string, words: string, done?: boolean) {
  const element = new Y.XmlElement<Record<string, string | boolean>>('block')
  element.setAttribute('kind', kind)
  if (done !== undefined) element.setAttribute('done', done)
  const text = new Y.XmlText()
  text.insert(0, words)
  element.insert(0, [text])
  return element as unknown as Y.XmlElement
}

it('[J9] writes a line for each block', () => {
  const doc = new Y.Doc()
  const chip = new Y.XmlElement('chip')
  const order = block('text', 'see ')
  doc
    .getXmlFragment('note')
    .insert(0, [
      block('heading', 'Late shift'),
      block('item', 'oil is low'),
      block('check', 'tool 4 changed', true),
      block('check', 'call maintenance', false),
      order,
    ])
  order.insert(1, [chip])
  chip.setAttribute('label', 'A-1042')
  expect(noteText(doc)).toBe('# Late shift\n- oil is low\n[x] tool 4 changed\n[ ] call maintenance\nsee [A-1042]')
  expect(isBlank(doc)).toBe(false)
})

it('[J9] takes a kind that it does not know for text, and an unknown element for nothing', () => {
  const doc = new Y.Doc()
  doc.getXmlFragment('note').insert(0, [block('poem', 'words'), new Y.XmlElement('other')])
  expect(noteText(doc)).toBe('words')
})

it('[J9] says of a note without words that there is nothing in it', () => {
  const doc = new Y.Doc()
  expect(isBlank(doc)).toBe(true)
  doc.getXmlFragment('note').insert(0, [block('check', '   ', true)])
  expect(isBlank(doc)).toBe(true)
})
