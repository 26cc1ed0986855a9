import { useLayoutEffect, useRef } from 'preact/hooks'
import type { RefObject } from 'preact'
import { IDLE_KEYS, leaveEnter, stepKeys, type TextEvent, type Verdict } from './text-keys.ts'

/** What a person's Enter and Escape do. Without one of them the element keeps its own. */
export interface KeyActs {
  readonly enter?: () => void
  readonly escape?: () => void
}

/**
 * Follows the keys in an element and what is in it. What belongs to an input method is kept from the element in any case: the
 * Enter that ends a syllable submits no form, the Escape that gives it up closes none.
 */
export function useTextKeys(place: RefObject<HTMLElement | null>, acts: KeyActs = {}): void {
  const current = useRef(acts)
  current.current = acts
  useLayoutEffect(() => {
    const element = place.current
    if (element === null) return undefined
    const ended = new AbortController()
    followKeys(element, ended.signal, () => current.current)
    return () => ended.abort()
  }, [place])
}

function followKeys(element: HTMLElement, signal: AbortSignal, acts: () => KeyActs): void {
  let keys = IDLE_KEYS
  const take = (event: TextEvent): Verdict => {
    const [next, verdict] = stepKeys(keys, event)
    keys = next
    return verdict
  }
  const judge = (event: Event, told: TextEvent): void => {
    const verdict = take(told)
    const { enter, escape } = acts()
    if (verdict === 'enter' && enter === undefined) keys = leaveEnter(keys)
    const act = verdict === 'enter' ? enter : verdict === 'escape' ? escape : undefined
    if (act === undefined && (verdict !== 'swallow' || (enter === undefined && keepsOwn(told, event.target)))) return
    event.preventDefault()
    act?.()
  }
  element.addEventListener('keydown', (event) => judge(event, pressOf(event)), { signal })
  element.addEventListener('keyup', (event) => take({ kind: 'keyReleased', key: keyOf(event) }), { signal })
  element.addEventListener('compositionstart', () => take({ kind: 'compositionBegan' }), { signal })
  element.addEventListener('compositionend', () => take({ kind: 'compositionEnded' }), { signal })
  element.addEventListener('focusout', () => take({ kind: 'left' }), { signal })
  element.addEventListener(
    'beforeinput',
    (event) => {
      if (event.inputType === 'insertLineBreak' || event.inputType === 'insertParagraph')
        judge(event, { kind: 'lineBroken' })
    },
    { signal },
  )
}

function pressOf(event: KeyboardEvent): TextEvent {
  const { keyCode, isComposing, shiftKey, repeat } = event
  return { kind: 'keyPressed', key: keyOf(event), keyCode, isComposing, isShifted: shiftKey, isRepeated: repeat }
}

/** An Escape in the hands of an input method is named `Process` on Windows. */
function keyOf({ key, code }: KeyboardEvent): string {
  return code === 'Escape' ? code : key
}

/** An Enter does harm only where it submits a form; elsewhere it breaks a line or presses a button. An Escape closes sheets. */
function keepsOwn(told: TextEvent, target: EventTarget | null): boolean {
  return !(told.kind === 'keyPressed' && told.key === 'Escape') && !(target instanceof HTMLInputElement)
}
