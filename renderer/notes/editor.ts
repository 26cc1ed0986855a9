import { Fragment, Slice, type Node } from 'prosemirror-model'
import { EditorState, Plugin, PluginKey, Selection, TextSelection } from 'prosemirror-state'
import { Decoration, DecorationSet, EditorView } from 'prosemirror-view'
import {
  absolutePositionToRelativePosition,
  redoCommand,
  relativePositionToAbsolutePosition,
  undoCommand,
  ySyncPlugin,
  ySyncPluginKey,
  yUndoPlugin,
} from 'y-prosemirror'
import * as Y from 'yjs'
import { BLOCK, CHIP, ROOT, type BlockKind } from '../../relay/documents/schema.ts'
import { BlockView, ChipView, type DrawChip } from './block-views.ts'
import { editorKeys } from './editor-keys.ts'
import { schema, type ChipAttributes } from './schema.ts'

/** Where somebody else writes: positions that stay at their letters whatever comes before them. */
export interface Caret {
  readonly key: string
  readonly name: string
  readonly anchor: unknown
  readonly head: unknown
}

export interface EditorOptions {
  readonly doc: Y.Doc
  readonly label: string
  readonly placeholder: string
  readonly checkLabel: string
  readonly isReadOnly: boolean
  /** The most bytes of one paste; more is refused in words. */
  readonly maxPaste: number
  readonly tooLong: () => void
  readonly drawChip: DrawChip
  /** The caret moved, or is somewhere else because others wrote. */
  readonly moved: (caret: Pick<Caret, 'anchor' | 'head'>) => void
  /** Nothing is composed any more. */
  readonly composed: () => void
}

/** Between two lines of text on the clipboard. */
const BREAK = /\r\n|[\n\r\u2028\u2029]/
const others = new PluginKey<readonly Caret[]>('others')

/**
 * The editor of a note, on its document. Text alone comes in: what is pasted or dropped is plain, for the page takes no HTML from
 * anywhere (Trusted Types).
 */
export class NoteEditor {
  readonly #view: EditorView
  readonly #options: EditorOptions

  constructor(place: HTMLElement, options: EditorOptions) {
    this.#options = options
    const moved = (view: EditorView): void => this.#moved(view)
    this.#view = new EditorView(place, {
      state: EditorState.create({
        schema,
        plugins: [ySyncPlugin(options.doc.getXmlFragment(ROOT)), yUndoPlugin(), this.#carets(), ...editorKeys()],
      }),
      editable: () => !options.isReadOnly,
      attributes: {
        class: 'note-body',
        role: 'textbox',
        'aria-multiline': 'true',
        'aria-label': options.label,
        'aria-readonly': String(options.isReadOnly),
      },
      nodeViews: {
        [BLOCK]: (node, view, at) => new BlockView(node, { view, at, label: options.checkLabel }),
        [CHIP]: (node) => new ChipView(node, options.drawChip),
      },
      decorations: (state) => hint(state, options.placeholder),
      handleDOMEvents: {
        paste: (_view, event) => {
          event.preventDefault()
          this.insert(event.clipboardData?.getData('text/plain') ?? '')
          return true
        },
        drop: (_view, event) => {
          event.preventDefault()
          return true
        },
        // Typed before the caret was set right: the editor writes it where its own caret is.
        beforeinput: (view, event) => {
          if (event.inputType !== 'insertText' || event.data === null || !isBeside(view)) return false
          event.preventDefault()
          view.dispatch(view.state.tr.insertText(event.data).scrollIntoView())
          settle(view)
          return true
        },
        click: (view) => {
          settle(view)
          return false
        },
        keyup: (view) => {
          settle(view)
          return false
        },
        compositionend: () => {
          // The editor reads what was composed after this event.
          setTimeout(options.composed)
          return false
        },
      },
      // The view exists before this editor has it: the document is laid into it while it is made.
      dispatchTransaction(this: EditorView, transaction) {
        this.updateState(this.state.apply(transaction))
        if (transaction.selectionSet || transaction.docChanged) moved(this)
      },
    })
  }

  get isComposing(): boolean {
    return this.#view.composing
  }

  get element(): HTMLElement {
    return this.#view.dom
  }

  focus(): void {
    this.#view.focus()
  }

  destroy(): void {
    this.#view.destroy()
  }

  undo(): void {
    undoCommand(this.#view.state, this.#view.dispatch)
  }
  redo(): void {
    redoCommand(this.#view.state, this.#view.dispatch)
  }

  /** Blocks of the selection become of this kind, or text again where all of them are. */
  toggle(kind: BlockKind): void {
    const { state } = this.#view
    const { from, to } = state.selection
    const blocks: { readonly at: number; readonly node: Node }[] = []
    state.doc.nodesBetween(from, to, (node, at) => {
      if (node.type.name === BLOCK) blocks.push({ at, node })
      return node.type.name !== BLOCK
    })
    const next = blocks.every(({ node }) => node.attrs['kind'] === kind) ? null : kind
    let { tr } = state
    for (const { at } of blocks) tr = tr.setNodeMarkup(at, null, { kind: next, done: null })
    this.#view.dispatch(tr)
    this.focus()
  }

  insertChip(chip: ChipAttributes): void {
    const { state } = this.#view
    const node = schema.nodes[CHIP]?.create(chip)
    if (node !== undefined) this.#view.dispatch(state.tr.replaceSelectionWith(node).insertText(' ').scrollIntoView())
    this.focus()
  }

  /** Plain text at the caret, a block for each line. */
  insert(words: string): void {
    if (new TextEncoder().encode(words).byteLength > this.#options.maxPaste) return this.#options.tooLong()
    const lines = words.split(BREAK)
    const blocks = lines.map((line) => schema.nodes[BLOCK]?.create(null, line === '' ? null : schema.text(line)))
    const slice = new Slice(Fragment.fromArray(blocks.filter((block) => block !== undefined)), 1, 1)
    this.#view.dispatch(this.#view.state.tr.replaceSelection(slice).scrollIntoView())
  }

  /** Words of their own at the end, a block for each line. */
  append(words: string): void {
    const { state } = this.#view
    const isEmpty = state.doc.childCount === 1 && state.doc.firstChild?.content.size === 0
    const end = isEmpty ? 1 : state.doc.content.size
    const blocks = words
      .split(BREAK)
      .map((line) => schema.nodes[BLOCK]?.create(null, line === '' ? null : schema.text(line)))
    const fragment = Fragment.fromArray(blocks.filter((block) => block !== undefined))
    const tr = isEmpty ? state.tr.replaceWith(0, state.doc.content.size, fragment) : state.tr.insert(end, fragment)
    this.#view.dispatch(tr.setSelection(TextSelection.atEnd(tr.doc)).scrollIntoView())
  }

  showOthers(carets: readonly Caret[]): void {
    this.#view.dispatch(this.#view.state.tr.setMeta(others, carets))
  }

  /** What stands in the block of the caret, and where the caret is in it. */
  get place(): { readonly text: string; readonly start: number; readonly end: number } {
    const { $from, $to } = this.#view.state.selection
    const text = $from.parent.textBetween(0, $from.parent.content.size, undefined, '\ufffc')
    const isInOne = $from.parent === $to.parent
    return { text, start: $from.parentOffset, end: isInOne ? $to.parentOffset : $from.parentOffset }
  }

  /** Puts words in place of some of the block of the caret, as a key on the screen writes them. */
  put({ from, to, insert }: { readonly from: number; readonly to: number; readonly insert: string }): void {
    const { state } = this.#view
    const start = state.selection.$from.start()
    const isErasing = insert === '' && from === to && from === 0
    if (isErasing) {
      this.#press('Backspace')
      return
    }
    this.#view.dispatch(state.tr.insertText(insert, start + from, start + to).scrollIntoView())
  }

  enter(): void {
    this.#press('Enter')
  }

  #press(key: string): void {
    const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true })
    this.#view.someProp('handleKeyDown', (handle) => handle(this.#view, event))
  }

  #moved({ state }: EditorView): void {
    const sync = ySyncPluginKey.getState(state) as Sync | undefined
    if (sync === undefined) return
    const { anchor, head } = state.selection
    const relative = (at: number): unknown =>
      // Untyped in y-prosemirror.
      Y.relativePositionToJSON(
        absolutePositionToRelativePosition(at, sync.type, sync.binding.mapping) as Y.RelativePosition,
      )
    this.#options.moved({ anchor: relative(anchor), head: relative(head) })
  }

  #carets(): Plugin<readonly Caret[]> {
    return new Plugin<readonly Caret[]>({
      key: others,
      state: {
        init: () => [],
        apply: (transaction, before) => (transaction.getMeta(others) as readonly Caret[] | undefined) ?? before,
      },
      props: {
        decorations: (state) => {
          const sync = ySyncPluginKey.getState(state) as Sync | undefined
          if (sync === undefined) return null
          return DecorationSet.create(
            state.doc,
            (others.getState(state) ?? []).flatMap((caret) => caretMarks(caret, sync, state.doc)),
          )
        },
      },
    })
  }
}

/** The state of y-prosemirror's plugin, as far as it is used here. */
interface Sync {
  readonly doc: Y.Doc
  readonly type: Y.XmlFragment
  readonly binding: { readonly mapping: Map<Y.AbstractType<unknown>, Node | Node[]> }
}

function caretMarks(
  { key, name, anchor, head }: Caret,
  { doc, type, binding }: Sync,
  shown: Node,
): readonly Decoration[] {
  const absolute = (position: unknown): number | null => {
    try {
      return relativePositionToAbsolutePosition(doc, type, Y.createRelativePositionFromJSON(position), binding.mapping)
    } catch {
      // Whoever says where they are may say anything.
      return null
    }
  }
  const [from, to] = [absolute(anchor), absolute(head)]
  const { size } = shown.content
  if (from === null || to === null || from > size || to > size) return []
  // Where nothing is written yet the place is in no block, and what is typed beside a mark there would make another one.
  const place = Selection.near(shown.resolve(to), -1).head
  const mark = (): HTMLElement => {
    const element = document.createElement('span')
    element.className = 'note-caret'
    const label = document.createElement('span')
    label.className = 'note-caret-name'
    label.textContent = name
    element.append('\u2060', label, '\u2060')
    return element
  }
  return [
    Decoration.widget(place, mark, { key: `caret ${key} ${name}`, side: 10, ignoreSelection: true }),
    ...(from === to
      ? []
      : [Decoration.inline(Math.min(from, to), Math.max(from, to), { class: 'note-others' }, { inclusiveEnd: false })]),
  ]
}

/** What the note says while nothing is in it. */
function hint({ doc }: EditorState, placeholder: string): DecorationSet | null {
  const block = doc.firstChild
  if (doc.childCount > 1 || block === null || block.content.size > 0 || block.attrs['kind'] !== null) return null
  return DecorationSet.create(doc, [
    Decoration.node(0, block.nodeSize, { class: 'note-empty', 'data-placeholder': placeholder }),
  ])
}

/**
 * Beside a box that is ticked, or below the last block, the browser sets its caret where nothing can be written, while the editor
 * has the place that is meant: it is told to show that one.
 */
function settle(view: EditorView): void {
  if (!isBeside(view)) return
  const { selection, doc } = view.state
  if (!(selection instanceof TextSelection)) return
  // Two steps: of one that changes nothing for the editor the browser hears nothing.
  const start = TextSelection.atStart(doc)
  view.dispatch(view.state.tr.setSelection(start.eq(selection) ? TextSelection.atEnd(doc) : start))
  view.dispatch(
    view.state.tr.setSelection(
      TextSelection.between(view.state.doc.resolve(selection.anchor), view.state.doc.resolve(selection.head)),
    ),
  )
}

/** The browser's caret is in the editor, and in no block. */
function isBeside({ dom }: EditorView): boolean {
  const at = dom.ownerDocument.getSelection()?.anchorNode
  const element = at instanceof Element ? at : at?.parentElement
  return element !== null && element !== undefined && dom.contains(element) && element.closest('.note-words') === null
}
