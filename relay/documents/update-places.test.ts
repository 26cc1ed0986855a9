import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { factsOf } from './update-facts.ts'
import { fits } from './update-places.ts'

/** A note of two blocks with text, a chip in the second. */
function note(): Y.Doc {
  const doc = new Y.Doc()
  for (const words of ['oil is low', 'see ']) {
    const block = new Y.XmlElement('block')
    doc.getXmlFragment('note').push([block])
    const text = new Y.XmlText()
    block.insert(0, [text])
    text.insert(0, words)
  }
  blockOf(doc, 1).insert(1, [new Y.XmlElement('chip')])
  return doc
}

function blockOf(doc: Y.Doc, at: number): Y.XmlElement {
  const block = doc.getXmlFragment('note').get(at)
  if (!(block instanceof Y.XmlElement)) throw new Error('no block')
  return block
}

/** Whether a note takes this change, made on a copy of it: the update alone, and with the rest of the note. */
function isTaken(change: (doc: Y.Doc) => void, before = note()): boolean {
  const copy = new Y.Doc()
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(before))
  const state = Y.encodeStateVector(copy)
  change(copy)
  const { places } = factsOf(Y.encodeStateAsUpdate(copy, state))
  return fits(Y.decodeUpdate(Y.encodeStateAsUpdate(before)).structs, places)
}

const element = (name: string): Y.XmlElement => new Y.XmlElement(name)

function written(words: string): Y.XmlElement {
  const block = element('block')
  const text = new Y.XmlText()
  text.insert(0, words)
  block.insert(0, [text])
  return block
}

describe('[J2] takes what an editor makes', () => {
  it.each<[string, (doc: Y.Doc) => void]>([
    ['a block before all', (doc) => doc.getXmlFragment('note').insert(0, [written('first')])],
    ['a block between two', (doc) => doc.getXmlFragment('note').insert(1, [written('between')])],
    [
      'blocks behind all, one after the other',
      (doc) => ['one', 'two'].forEach((words) => doc.getXmlFragment('note').push([written(words)])),
    ],
    ['a chip behind a text', (doc) => blockOf(doc, 0).insert(1, [element('chip')])],
    ['a chip before a text', (doc) => blockOf(doc, 0).insert(0, [element('chip')])],
    ['a text behind a chip', (doc) => blockOf(doc, 1).insert(2, [new Y.XmlText()])],
    [
      'a block in the place of one that is deleted',
      (doc) => {
        doc.getXmlFragment('note').delete(0, 1)
        doc.getXmlFragment('note').insert(0, [written('again')])
      },
    ],
  ])('%s', (_what, change) => {
    expect(isTaken(change)).toBe(true)
  })

  it('a text in a block that had none', () => {
    const before = note()
    before.getXmlFragment('note').push([element('block')])
    expect(isTaken((doc) => blockOf(doc, 2).insert(0, [new Y.XmlText()]), before)).toBe(true)
  })

  it('what stands beside what nobody sees any more', () => {
    const before = note()
    before.getXmlFragment('note').delete(0, 2)
    expect(isTaken((doc) => doc.getXmlFragment('note').push([written('new')]), before)).toBe(true)
  })
})

describe('[J2] takes no element where no editor puts one', () => {
  it.each<[string, (doc: Y.Doc) => void]>([
    ['a block behind the text of a block', (doc) => blockOf(doc, 0).insert(1, [element('block')])],
    ['a block before the text of a block', (doc) => blockOf(doc, 0).insert(0, [element('block')])],
    ['a block behind a chip', (doc) => blockOf(doc, 1).insert(2, [written('x')])],
    ['a chip at the root', (doc) => doc.getXmlFragment('note').insert(1, [element('chip')])],
    ['a text at the root', (doc) => doc.getXmlFragment('note').insert(2, [new Y.XmlText('x')])],
    ['a text in a chip', (doc) => (blockOf(doc, 1).get(1) as Y.XmlElement).insert(0, [new Y.XmlText('x')])],
    ['a text as an attribute', (doc) => blockOf(doc, 0).setAttribute('kind', new Y.XmlText('x') as never)],
    [
      'a block behind the text that comes with it',
      (doc) => {
        const block = written('x')
        doc.getXmlFragment('note').push([block])
        block.insert(1, [element('block')])
      },
    ],
  ])('%s', (_what, change) => {
    const taken = (): boolean => {
      try {
        return isTaken(change)
      } catch {
        return false
      }
    }
    expect(taken()).toBe(false)
  })
})
