import { Schema } from 'prosemirror-model'
import { BLOCK, CHIP, type BlockKind, type ChipKind } from '../../relay/documents/schema.ts'

/** Attributes of a block; null is text, and not done, so that plain words cost nothing. */
export interface BlockAttributes {
  readonly kind: BlockKind | null
  readonly done: boolean | null
}

export interface ChipAttributes {
  readonly of: ChipKind
  readonly id: string
  readonly label: string
}

/** A note as the editor has it: the same as its document (`relay/documents/schema.ts`). Nothing is ever parsed from HTML. */
export const schema = new Schema({
  nodes: {
    doc: { content: `${BLOCK}+` },
    [BLOCK]: {
      content: 'inline*',
      attrs: { kind: { default: null }, done: { default: null } },
      toDOM: () => ['p', 0],
    },
    [CHIP]: {
      inline: true,
      group: 'inline',
      atom: true,
      attrs: { of: { default: 'alert' }, id: { default: '' }, label: { default: '' } },
      toDOM: ({ attrs }) => ['span', String(attrs['label'])],
    },
    text: { group: 'inline' },
  },
})
