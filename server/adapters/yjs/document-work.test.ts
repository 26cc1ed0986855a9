import { expect, it } from 'vitest'
import * as Y from 'yjs'
import { NoteCopy } from '../../../relay/documents/note-copy.ts'
import { noteText } from '../../../relay/documents/note-text.ts'
import { LIMITS } from '../../../relay/protocol/limits.ts'
import { MERGED_FROM, mergeable, type WholeUpdate } from '../../core/note-pieces.ts'
import { carryOut } from './document-work.ts'

it('[J8] ten thousand updates, merged as they come, are less than twice their text', () => {
  const copy = new NoteCopy(() => undefined)
  const block = new Y.XmlElement('block')
  const words = new Y.XmlText()
  copy.doc.getXmlFragment('note').push([block])
  block.insert(0, [words])
  let pieces: readonly WholeUpdate[] = []
  let fresh = 0
  for (let update = 0; update < 10_000; update += 1) {
    words.insert(words.length, `word ${update} `)
    const [sent = ''] = copy.send(LIMITS.maxUpdateBytes)
    pieces = [...pieces, { keys: [String(update)], update: sent }]
    fresh += 1
    if (fresh < MERGED_FROM) continue
    fresh = 0
    const chosen = mergeable(pieces)
    if (chosen.length === 0) continue
    const updates = chosen.map((each) => each.update)
    const isAll = chosen.length === pieces.length
    const parts = carryOut({ kind: 'merge', updates, isAll, partBytes: LIMITS.maxUpdateBytes }) as readonly string[]
    const merged = { keys: parts.map((_, part) => `${update}-${part}`), update: parts.join('') }
    pieces = [...pieces.filter((each) => !chosen.includes(each)), merged]
  }
  const text = carryOut({ kind: 'words', updates: pieces.map((each) => each.update) }) as string
  expect(text).toBe(noteText(copy.doc))
  const bytes = pieces.reduce((sum, { update }) => sum + Buffer.byteLength(update, 'base64'), 0)
  expect(bytes).toBeLessThan(2 * Buffer.byteLength(text))
})
