import { afterEach, expect, test } from 'vitest'
import { userEvent } from 'vitest/browser'
import * as Y from 'yjs'
import { ROOT } from '../../relay/documents/schema.ts'
import { NoteEditor, type Caret } from './editor.ts'

type Place = Pick<Caret, 'anchor' | 'head'>
const open: NoteEditor[] = []
afterEach(() => {
  for (const editor of open.splice(0)) editor.destroy()
  document.body.replaceChildren()
})

function edit(doc: Y.Doc, moved: (at: Place) => void = () => undefined): NoteEditor {
  const place = document.body.appendChild(document.createElement('div'))
  const editor = new NoteEditor(place, {
    doc,
    label: 'Text',
    placeholder: 'Nothing yet',
    checkLabel: 'Done',
    isReadOnly: false,
    maxPaste: 1_000,
    tooLong: () => undefined,
    drawChip: () => () => undefined,
    moved,
    composed: () => undefined,
  })
  open.push(editor)
  return editor
}

test('what is typed into an empty note in which somebody else has their caret stands in one block', async () => {
  const places: Place[] = []
  edit(new Y.Doc(), (at) => void places.push(at))
  const [place] = places
  if (place === undefined) throw new Error('said nowhere')
  const doc = new Y.Doc()
  const editor = edit(doc)
  editor.showOthers([{ key: 'lee.caret', name: 'lee', ...place }])
  expect(editor.element.querySelector('.note-words .note-caret')?.textContent).toContain('lee')
  await userEvent.click(editor.element)
  await userEvent.keyboard('# Press 2')
  expect(doc.getXmlFragment(ROOT).toJSON()).toBe('<block kind="heading">Press 2</block>')
})
