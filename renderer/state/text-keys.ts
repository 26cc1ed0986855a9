import { unreachable } from '../../relay/protocol/rights.ts'

/**
 * Enter and Escape in a field where words may be composed (Korean, Japanese, Chinese): which presses are a person's, and which
 * belong to the input method. Platforms tell one press in different orders:
 *
 *   Chrome, Windows   keydown Process 229 composing · compositionend · keydown Enter 13 (Korean only)
 *   Chrome, macOS     keydown Enter 229 composing · compositionend · line break, or keydown Enter 13
 *   Safari            compositionend · keydown Enter 229, not composing
 *   Firefox           keydown Process 229 composing · compositionend
 *   Android           keydown Unidentified 229 · (compositionend) · line break
 *
 * 1. A press during a composition, or with key code 229, is the input method's: it neither sends nor breaks the line.
 * 2. What the platform tells anew after the composition, with key code 13, is an Enter of its own: the words are whole by then.
 * 3. A line break is taken for Enter only where a key was pressed that the platform did not name (Android).
 * 4. An Escape that the input method takes gives up its syllable and nothing else: what the platform tells anew of the same
 *    press, before the key is released, throws away no search and closes no form.
 */
export type TextEvent =
  | {
      readonly kind: 'keyPressed'
      readonly key: string
      readonly keyCode: number
      readonly isComposing: boolean
      readonly isShifted: boolean
      readonly isRepeated: boolean
    }
  | { readonly kind: 'keyReleased'; readonly key: string }
  | { readonly kind: 'compositionBegan' | 'compositionEnded' | 'left' }
  /** The field is about to get a line break that was typed. */
  | { readonly kind: 'lineBroken' }

/**
 * `method`: the input method took it. `cancelled`: it was an Escape, and the input method took it. `unnamed`: the platform did not say which key. `acted`: it was acted upon. `left`: the
 * field does with it what it does (Shift, or a field that keeps its own Enter), and the line break behind it is a part of that.
 */
type Press = 'none' | 'method' | 'cancelled' | 'unnamed' | 'acted' | 'left'

export interface TextKeys {
  readonly isComposing: boolean
  readonly press: Press
}

/**
 * `pass`: the field does what it does. `swallow`: it must not. `enter`, `escape`: a person has pressed that; where somebody acts
 * on it, the field must not.
 */
export type Verdict = 'pass' | 'swallow' | 'enter' | 'escape'

export const IDLE_KEYS: TextKeys = { isComposing: false, press: 'none' }

/** Key code of every key that an input method handles (UI Events, 7.3.1). */
const IN_METHOD = 229

export function stepKeys(keys: TextKeys, event: TextEvent): readonly [TextKeys, Verdict] {
  switch (event.kind) {
    case 'compositionBegan':
      return [{ ...keys, isComposing: true }, 'pass']
    case 'compositionEnded':
      return [{ ...keys, isComposing: false }, 'pass']
    case 'left':
      return [IDLE_KEYS, 'pass']
    case 'keyReleased':
      return [event.key === 'Enter' || event.key === 'Escape' ? { ...keys, press: 'none' } : keys, 'pass']
    case 'keyPressed':
      return pressed(keys, event)
    case 'lineBroken':
      if (keys.isComposing || keys.press === 'method' || keys.press === 'acted') return [keys, 'swallow']
      return keys.press === 'unnamed' ? [{ ...keys, press: 'acted' }, 'enter'] : [keys, 'pass']
    default:
      return unreachable(event)
  }
}

/** The Enter was not acted upon after all: the field keeps its own, which in Chrome comes as a line break and submits the form. */
export function leaveEnter(keys: TextKeys): TextKeys {
  return keys.press === 'acted' ? { ...keys, press: 'left' } : keys
}

function pressed(keys: TextKeys, event: TextEvent & { kind: 'keyPressed' }): readonly [TextKeys, Verdict] {
  const { key, keyCode, isShifted, isRepeated } = event
  const isComposing = keys.isComposing || event.isComposing
  const isEnter = key === 'Enter'
  if (key === 'Escape') return escaped(keys, { isMethods: isComposing || keyCode === IN_METHOD, isRepeated })
  if (isComposing || keyCode === IN_METHOD) {
    const press = isComposing || isEnter ? 'method' : 'unnamed'
    return [{ ...keys, press }, isEnter ? 'swallow' : 'pass']
  }
  if (!isEnter) return [{ ...keys, press: 'none' }, 'pass']
  if (isShifted) return [{ ...keys, press: 'left' }, 'pass']
  // Held down, it goes on saying so: what it did once is done.
  if (isRepeated) return [keys, 'swallow']
  return [{ ...keys, press: 'acted' }, 'enter']
}

function escaped(
  keys: TextKeys,
  { isMethods, isRepeated }: { readonly isMethods: boolean; readonly isRepeated: boolean },
): readonly [TextKeys, Verdict] {
  if (isMethods) return [{ ...keys, press: 'cancelled' }, 'swallow']
  // Held down, it goes on saying so: what it did once is done.
  if (isRepeated) return [keys, 'swallow']
  // Told anew once, should the platform not tell that the key was released.
  return [{ ...keys, press: 'none' }, keys.press === 'cancelled' ? 'swallow' : 'escape']
}
