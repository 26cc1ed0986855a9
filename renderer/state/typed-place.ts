/**
 * Where words are typed: fields of the browser, and editors that are none. Keys on the screen write into either without knowing
 * which.
 */
import type { Edit } from './screen-keys.ts'

/** What stands around the caret, and what is selected of it: of an editor, the block in which the caret is. */
export interface TypedText {
  readonly text: string
  readonly start: number
  readonly end: number
}

/** An editor that is no field. */
export interface TypedEditor {
  readonly place: TypedText
  put(edit: Pick<Edit, 'from' | 'to' | 'insert'>): void
  enter(): void
  focus(): void
}

export type TypedField = HTMLInputElement | HTMLTextAreaElement
/** Fields that are typed into; the others have keys of their own (PIN pad, choices, dates). */
const FIELDS = 'textarea, input:not([type]), input[type="text"], input[type="search"], input[type="password"]'

const editors = new WeakMap<Element, TypedEditor>()

/** This element is written in by this editor from now on. Returns the release. */
export function writesIn(element: HTMLElement, editor: TypedEditor): () => void {
  editors.set(element, editor)
  return () => editors.delete(element)
}

/** The place that this is, or is in, where something can be written. */
export function typedAt(target: EventTarget | null): HTMLElement | null {
  for (let element = target instanceof Element ? target : null; element !== null; element = element.parentElement) {
    if (editors.has(element) && element instanceof HTMLElement) return element
  }
  const field = target instanceof Element ? target.closest<TypedField>(FIELDS) : null
  return field === null || field.readOnly || field.disabled ? null : field
}

export function textAt(element: HTMLElement): TypedText {
  const editor = editors.get(element)
  if (editor !== undefined) return editor.place
  if (!isField(element)) return { text: '', start: 0, end: 0 }
  const { value, selectionStart, selectionEnd } = element
  return { text: value, start: selectionStart ?? value.length, end: selectionEnd ?? value.length }
}

/** As if it was typed: the page hears of it, and what the browser takes back it takes back. */
export function putAt(element: HTMLElement, edit: Edit): void {
  const editor = editors.get(element)
  if (editor !== undefined) {
    editor.focus()
    editor.put(edit)
    return
  }
  if (!isField(element)) return
  element.focus()
  element.setSelectionRange(edit.from, edit.to)
  // Beside it there is no way by which a page types: `value` alone is no input, and leaves no trace for Ctrl+Z.
  if (edit.insert === '') document.execCommand('delete')
  else document.execCommand('insertText', false, edit.insert)
}

/** Enter, as whoever listens for it expects it; what nobody takes breaks a line, or sends the form. */
export function enterAt(element: HTMLElement): void {
  const editor = editors.get(element)
  if (editor !== undefined) return editor.enter()
  const event = new KeyboardEvent('keydown', { key: 'Enter', code: 'Enter', bubbles: true, cancelable: true })
  if (!element.dispatchEvent(event)) return
  if (element instanceof HTMLTextAreaElement) document.execCommand('insertText', false, '\n')
  else if (element instanceof HTMLInputElement) element.form?.requestSubmit()
}

function isField(element: HTMLElement): element is TypedField {
  return element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement
}
