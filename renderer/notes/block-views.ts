import type { Node } from 'prosemirror-model'
import type { EditorView, NodeView } from 'prosemirror-view'
import type { BlockAttributes, ChipAttributes } from './schema.ts'

interface BlockPlace {
  readonly view: EditorView
  readonly at: () => number | undefined
  readonly label: string
}

/** A block, and before it its box where it has one. */
export class BlockView implements NodeView {
  readonly dom = document.createElement('div')
  readonly contentDOM = document.createElement('div')
  readonly #place: BlockPlace
  #node: Node
  #check: HTMLButtonElement | null = null

  constructor(node: Node, place: BlockPlace) {
    this.#node = node
    this.#place = place
    this.dom.append(this.contentDOM)
    this.#draw()
  }

  update(node: Node): boolean {
    if (node.type !== this.#node.type) return false
    this.#node = node
    this.#draw()
    return true
  }

  /** A box that is ticked, and what this view itself changes, is no input of a person. */
  ignoreMutation(mutation: { readonly target: globalThis.Node; readonly type: string }): boolean {
    return mutation.type !== 'selection' && !this.contentDOM.contains(mutation.target)
  }

  stopEvent({ target }: Event): boolean {
    return this.#check !== null && target instanceof globalThis.Node && this.#check.contains(target)
  }

  #draw(): void {
    const { kind, done } = this.#node.attrs as BlockAttributes
    this.dom.className = `note-block note-${kind ?? 'text'}${done === true ? ' is-done' : ''}`
    this.contentDOM.className = 'note-words'
    if (kind === 'heading') {
      this.dom.setAttribute('role', 'heading')
      this.dom.setAttribute('aria-level', '2')
    } else {
      this.dom.removeAttribute('role')
      this.dom.removeAttribute('aria-level')
    }
    if (kind !== 'check') {
      this.#check?.remove()
      this.#check = null
      return
    }
    this.#check ??= this.#box()
    this.#check.setAttribute('aria-checked', String(done === true))
    this.#check.disabled = !this.#place.view.editable
  }

  #box(): HTMLButtonElement {
    const box = document.createElement('button')
    box.type = 'button'
    box.className = 'note-check'
    box.contentEditable = 'false'
    box.setAttribute('role', 'checkbox')
    box.setAttribute('aria-label', this.#place.label)
    box.addEventListener('click', () => {
      const at = this.#place.at()
      const { view } = this.#place
      if (at === undefined || !view.editable) return
      const done = this.#node.attrs['done'] === true ? null : true
      view.dispatch(view.state.tr.setNodeMarkup(at, null, { kind: 'check', done }))
    })
    this.dom.prepend(box)
    return box
  }
}

/** Draws a chip in a place, and returns its release. */
export type DrawChip = (place: HTMLElement, chip: ChipAttributes) => () => void

/** A chip, drawn by whoever knows its alert or order. */
export class ChipView implements NodeView {
  readonly dom = document.createElement('span')
  readonly #release: () => void

  constructor(node: Node, draw: DrawChip) {
    this.dom.className = 'note-chip-place'
    this.dom.contentEditable = 'false'
    this.#release = draw(this.dom, node.attrs as ChipAttributes)
  }

  ignoreMutation(): boolean {
    return true
  }

  stopEvent({ type }: Event): boolean {
    return type === 'click'
  }

  destroy(): void {
    this.#release()
  }
}
