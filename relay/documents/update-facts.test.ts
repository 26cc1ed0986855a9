import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { factsOf } from './update-facts.ts'

/** What a copy says of everything it holds, after this was done to it. */
function updateOf(change: (doc: Y.Doc) => void): Uint8Array {
  const doc = new Y.Doc()
  change(doc)
  return Y.encodeStateAsUpdate(doc)
}

const noteOf = (doc: Y.Doc): Y.XmlFragment => doc.getXmlFragment('note')

function typed(note: Y.XmlFragment, words: string): Y.XmlText {
  const block = new Y.XmlElement('block')
  note.insert(note.length, [block])
  const text = new Y.XmlText()
  block.insert(0, [text])
  text.insert(0, words)
  return text
}

it('[J4] says which changes an update brings, and what it builds on', () => {
  const doc = new Y.Doc()
  const text = typed(doc.getXmlFragment('note'), 'oil')
  const before = Y.encodeStateVector(doc)
  text.insert(3, ' is low')
  expect(factsOf(Y.encodeStateAsUpdate(doc, before))).toMatchObject({
    news: [[doc.clientID, 5, 12]],
    needs: [[doc.clientID, 5]],
  })
})

it('[J4] counts what is deleted among what it builds on', () => {
  const doc = new Y.Doc()
  const text = typed(doc.getXmlFragment('note'), 'oil is low')
  const updates: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => updates.push(update))
  text.delete(8, 2)
  expect(factsOf(updates[0] ?? new Uint8Array())).toMatchObject({ news: [], needs: [[doc.clientID, 12]] })
})

describe('[J2] refuses what no note is made of', () => {
  it.each([
    ['text at the root', updateOf((doc) => noteOf(doc).insert(0, [new Y.XmlText('x')]))],
    ['a chip at the root', updateOf((doc) => noteOf(doc).insert(0, [new Y.XmlElement('chip')]))],
    ['another root', updateOf((doc) => doc.getText('other').insert(0, 'x'))],
    ['a map', updateOf((doc) => doc.getMap('note').set('a', new Y.Map()))],
    ['a document in it', updateOf((doc) => doc.getMap('note').set('a', new Y.Doc()))],
    ['bytes', updateOf((doc) => doc.getMap('note').set('a', new Uint8Array(3)))],
    ['an element of another name', updateOf((doc) => noteOf(doc).insert(0, [new Y.XmlElement('script')]))],
    [
      'an attribute of any length',
      updateOf((doc) => {
        const block = new Y.XmlElement('block')
        noteOf(doc).insert(0, [block])
        block.setAttribute('kind', 'x'.repeat(257))
      }),
    ],
    [
      'a block in the empty block of somebody else',
      (() => {
        const doc = new Y.Doc()
        const block = new Y.XmlElement('block')
        noteOf(doc).insert(0, [block])
        const before = Y.encodeStateVector(doc)
        block.insert(0, [new Y.XmlElement('block')])
        return Y.encodeStateAsUpdate(doc, before)
      })(),
    ],
    ['formats', updateOf((doc) => typed(noteOf(doc), 'bold').format(0, 4, { bold: true }))],
  ])('%s', (_what, update) => {
    expect(() => factsOf(update)).toThrow()
  })
})

it('[J7] gives facts or an error for any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      try {
        factsOf(bytes)
      } catch (cause) {
        expect(cause).toBeInstanceOf(Error)
      }
    }),
  )
})

it('[J7] gives facts or an error for an update with a byte changed', () => {
  const update = updateOf((doc) => typed(noteOf(doc), 'oil is low at press 2'))
  fc.assert(
    fc.property(fc.nat(update.length - 1), fc.nat(255), (at, byte) => {
      const changed = update.slice()
      changed[at] = byte
      try {
        factsOf(changed)
      } catch (cause) {
        expect(cause).toBeInstanceOf(Error)
      }
    }),
  )
})
