import * as Y from 'yjs'
import { BLOCK, BLOCK_KINDS, CHIP, ROOT, type BlockKind } from './schema.ts'

/** How a block begins in plain text. */
const SIGNS: Readonly<Record<BlockKind, (done: boolean) => string>> = {
  text: () => '',
  heading: () => '# ',
  item: () => '- ',
  check: (done) => (done ? '[x] ' : '[ ] '),
}

/** The note as plain text, a line for each block: what is signed, exported and printed. The same document is the same text everywhere. */
export function noteText(doc: Y.Doc): string {
  const lines: string[] = []
  for (const block of doc.getXmlFragment(ROOT).toArray()) {
    if (!(block instanceof Y.XmlElement) || block.nodeName !== BLOCK) continue
    const kind = BLOCK_KINDS.find((each) => each === block.getAttribute('kind')) ?? 'text'
    lines.push(SIGNS[kind](isDone(block)) + inline(block))
  }
  return lines.join('\n').trimEnd()
}

/** Whether there is anything to read in it. */
export function isBlank(doc: Y.Doc): boolean {
  const blocks = doc.getXmlFragment(ROOT).toArray()
  return blocks.every((block) => !(block instanceof Y.XmlElement) || inline(block).trim() === '')
}

function isDone(block: Y.XmlElement): boolean {
  const done: unknown = block.getAttribute('done')
  return done === true
}

function inline(block: Y.XmlElement): string {
  let text = ''
  for (const child of block.toArray()) {
    if (child instanceof Y.XmlText) text += plain(child)
    else if (child instanceof Y.XmlElement && child.nodeName === CHIP) text += `[${child.getAttribute('label') ?? ''}]`
  }
  return text
}

/** Without marks: `toString` would write them as tags. */
function plain(text: Y.XmlText): string {
  const parts = text.toDelta() as readonly { readonly insert: unknown }[]
  return parts.map(({ insert }) => (typeof insert === 'string' ? insert : '')).join('')
}
