/** What a note is made of: blocks in a row, text in them, and chips, which stand for an alert or a work order. */

/** The name of the note's fragment in its document. */
export const ROOT = 'note'

export const BLOCK = 'block'
export const CHIP = 'chip'

/** Elements there are. */
export const NAMES: ReadonlySet<string> = new Set([BLOCK, CHIP])

/** Kinds of a block, its attribute `kind`; `check` has the attribute `done` besides. */
export const BLOCK_KINDS = ['text', 'heading', 'item', 'check'] as const
export type BlockKind = (typeof BLOCK_KINDS)[number]

/** What a chip stands for, its attribute `of`; `id` names it, `label` is how it was called when it was put there. */
export const CHIP_KINDS = ['alert', 'order'] as const
export type ChipKind = (typeof CHIP_KINDS)[number]
