import { baseKeymap, chainCommands, splitBlock } from 'prosemirror-commands'
import { InputRule, inputRules } from 'prosemirror-inputrules'
import { keymap } from 'prosemirror-keymap'
import type { Node } from 'prosemirror-model'
import { TextSelection, type Command, type Plugin, type Selection } from 'prosemirror-state'
import { redoCommand, undoCommand } from 'y-prosemirror'
import { BLOCK } from '../../relay/documents/schema.ts'
import type { BlockAttributes } from './schema.ts'

/** What keys do in a note, in the order in which they are asked. */
export function editorKeys(): readonly Plugin[] {
  return [
    rules(),
    keymap({
      'Mod-z': undoCommand,
      'Mod-y': redoCommand,
      'Shift-Mod-z': redoCommand,
      // The browser's own ends are beside a box that is ticked, where nothing can be written.
      'Mod-Home': moveTo((doc) => TextSelection.atStart(doc)),
      'Mod-End': moveTo((doc) => TextSelection.atEnd(doc)),
      Enter: chainCommands(leaveKind, nextBlock),
      Backspace: plainAtStart,
    }),
    keymap(baseKeymap),
  ]
}

/** `# `, `- ` and `[] ` at the start of a block, as people know them from elsewhere. */
function rules(): Plugin {
  const kind = (pattern: RegExp, attributes: BlockAttributes): InputRule =>
    new InputRule(pattern, (state, _match, start, end) => {
      const at = state.doc.resolve(start)
      if (at.parent.type.name !== BLOCK || at.parent.attrs['kind'] !== null) return null
      return state.tr.delete(start, end).setNodeMarkup(at.before(), null, attributes)
    })
  return inputRules({
    rules: [
      kind(/^#\s$/, { kind: 'heading', done: null }),
      kind(/^[-*]\s$/, { kind: 'item', done: null }),
      kind(/^\[\s?\]\s$/, { kind: 'check', done: null }),
      kind(/^\[[xX]\]\s$/, { kind: 'check', done: true }),
    ],
  })
}

function moveTo(end: (doc: Node) => Selection): Command {
  return (state, dispatch) => {
    dispatch?.(state.tr.setSelection(end(state.doc)).scrollIntoView())
    return true
  }
}

/** Enter in an empty item ends the list. */
const leaveKind: Command = (state, dispatch) => {
  const { $from, empty } = state.selection
  if (!empty || $from.parent.type.name !== BLOCK || $from.parent.content.size > 0) return false
  if ($from.parent.attrs['kind'] === null) return false
  dispatch?.(state.tr.setNodeMarkup($from.before(), null, { kind: null, done: null }))
  return true
}

/** Enter begins another block of the same kind, not done; behind a heading, text. */
const nextBlock: Command = (state, dispatch, view) => {
  const { kind } = state.selection.$from.parent.attrs as BlockAttributes
  return splitBlock(
    state,
    dispatch &&
      ((transaction) => {
        const at = transaction.selection.$from
        const next = kind === 'heading' && at.parentOffset === 0 ? null : kind
        dispatch(transaction.setNodeMarkup(at.before(), null, { kind: next, done: null }))
      }),
    view,
  )
}

/** Backspace at the start of what is no text makes it text, and joins it with nothing. */
const plainAtStart: Command = (state, dispatch) => {
  const { $from, empty } = state.selection
  if (!empty || $from.parentOffset > 0 || $from.parent.attrs['kind'] === null) return false
  dispatch?.(state.tr.setNodeMarkup($from.before(), null, { kind: null, done: null }))
  return true
}
