import { signal, type Signal } from '@preact/signals'
import { render } from 'preact'
import { useEffect } from 'preact/hooks'
import { Sign } from '../components/sign.tsx'
import { enterAt, putAt, textAt, typedAt } from '../state/typed-place.ts'
import { erase, ROWS, write, type Edit, type Layout } from '../state/screen-keys.ts'
import { text } from '../text/text.ts'

/** Whoever has just touched a field may touch it again: where a key came under the finger, it takes nothing for so long. */
const GUARD_MS = 500
/** A key that is held repeats after so long, so often, milliseconds. */
const HOLD_MS = 450
const REPEAT_MS = 60

type Letters = Exclude<Layout, 'signs'>
/** What the keys to letters show, in every language alike. */
const LETTERS: Readonly<Record<Letters, string>> = { latin: 'ABC', hangul: '한글' }

/** Whether people want it; it is never shown before a finger or a pen has touched a field. */
export interface KeyboardWish {
  readonly isWanted: () => boolean
}

/**
 * The keyboard on the screen of a terminal whose system has none: it comes when a finger touches a field, and goes when the field
 * is left, when it is closed, and when a real key is pressed, which a badge reader presses, too. It stands in the sheet that is
 * open, because everything else is out of reach then, and what it covers moves up (`--keyboard`). Returns the release.
 */
export function openScreenKeyboard({ isWanted }: KeyboardWish): () => void {
  const ended = new AbortController()
  const { signal: until } = ended
  const place = document.createElement('div')
  place.className = 'keyboard-place'
  const field = signal<HTMLElement | null>(null)
  let lastPointer = 'mouse'
  let isPressed = false

  const show = (next: HTMLElement | null): void => {
    if (field.peek() === next) return
    field.value = next
    if (next !== null) (next.closest('dialog') ?? document.body).append(place)
    else place.remove()
    if (next === null) cover(0)
  }
  const cover = (height: number): void => {
    document.documentElement.style.setProperty('--keyboard', `${height}px`)
    field.peek()?.scrollIntoView({ block: 'nearest' })
  }
  const sized = new ResizeObserver(() => cover(place.offsetHeight))
  sized.observe(place)
  const hide = (): void => show(null)

  const listening = { signal: until, capture: true }
  document.addEventListener(
    'pointerdown',
    ({ pointerType }) => {
      lastPointer = pointerType
      isPressed = true
    },
    listening,
  )
  for (const name of ['pointerup', 'pointercancel'] as const) {
    document.addEventListener(
      name,
      () => {
        isPressed = false
        followSoon()
      },
      listening,
    )
  }
  document.addEventListener(
    'click',
    ({ target }) => {
      const touched = typedAt(target)
      if (touched !== null && lastPointer !== 'mouse' && isWanted()) show(touched)
    },
    { signal: until },
  )
  // A press takes the focus away before it is over, and what it is meant for must not move until then.
  const follow = (): void => {
    if (!isPressed && field.peek() !== null) show(typedAt(document.activeElement))
  }
  const followSoon = (): void => void setTimeout(follow)
  document.addEventListener('focusout', followSoon, { signal: until })
  document.addEventListener('keydown', (event) => (event.isTrusted ? hide() : undefined), {
    signal: until,
    capture: true,
  })
  render(<Keyboard field={field} close={hide} />, place)
  return () => {
    ended.abort()
    sized.disconnect()
    hide()
    render(null, place)
  }
}

function Keyboard({ field, close }: { readonly field: Signal<HTMLElement | null>; readonly close: () => void }) {
  const { current: keys } = useKeys(field)
  const element = field.value
  if (element === null) return null
  const { layout, letters, isShifted } = keys
  const words = text.keyboard
  const rows = ROWS[layout.value]
  const other = letters.value === 'hangul' ? 'latin' : 'hangul'
  const press = (act: () => void) => keys.press(act)
  return (
    <div class="keyboard" role="group" aria-label={words.label} data-testid="keyboard">
      {rows.map((row, at) => (
        <div key={at} class="keyboard-row">
          {at === 3 ? (
            <Key
              wide
              label={words.shift}
              pressed={isShifted.value}
              onPress={press(() => (isShifted.value = !isShifted.value))}
            >
              ⇧
            </Key>
          ) : null}
          {row.map(([plain, shifted]) => {
            const char = isShifted.value ? shifted : plain
            return (
              <Key key={plain} label={char} onPress={press(() => keys.write(char))}>
                {char}
              </Key>
            )
          })}
          {at === 3 ? (
            <Key wide repeats label={words.erase} onPress={press(() => keys.erase())}>
              ⌫
            </Key>
          ) : null}
        </div>
      ))}
      <div class="keyboard-row">
        {layout.value === 'signs' ? (
          <Key wide label={LETTERS[letters.value]} onPress={press(() => keys.show(letters.value))}>
            {LETTERS[letters.value]}
          </Key>
        ) : (
          <Key wide label={words.signs} onPress={press(() => keys.show('signs'))}>
            ?#%
          </Key>
        )}
        <Key wide label={LETTERS[other]} onPress={press(() => keys.show(other))}>
          {LETTERS[other]}
        </Key>
        <Key space label={words.space} onPress={press(() => keys.write(' '))}>
          {words.space}
        </Key>
        <Key label="," onPress={press(() => keys.write(','))}>
          ,
        </Key>
        <Key label="." onPress={press(() => keys.write('.'))}>
          .
        </Key>
        <Key wide lifts label={words.enter} onPress={press(() => keys.enter())}>
          ⏎
        </Key>
        <Key lifts label={words.close} onPress={close}>
          <Sign name="close" />
        </Key>
      </div>
    </div>
  )
}

interface KeyProps {
  readonly label: string
  readonly onPress: () => void
  readonly children: preact.ComponentChildren
  readonly wide?: true
  readonly space?: true
  readonly repeats?: true
  /** It acts when the finger leaves: what it takes off the screen would let the rest of the press through to what is below. */
  readonly lifts?: true
  readonly pressed?: boolean
}

/** It writes when a finger comes down, and leaves the focus where it is: in the field. */
function Key({ label, onPress, children, wide, space, repeats, lifts, pressed }: KeyProps) {
  const down = (event: PointerEvent): void => {
    event.preventDefault()
    if (lifts === true) return
    onPress()
    if (repeats !== true) return
    let timer = setTimeout(function again() {
      onPress()
      timer = setTimeout(again, REPEAT_MS)
    }, HOLD_MS)
    const stop = (): void => clearTimeout(timer)
    for (const name of ['pointerup', 'pointercancel'] as const) document.addEventListener(name, stop, { once: true })
  }
  return (
    <button
      type="button"
      class={`key ${wide === true ? 'key-wide' : ''} ${space === true ? 'key-space' : ''}`}
      aria-label={label}
      aria-pressed={pressed}
      tabIndex={-1}
      onPointerDown={down}
      onClick={lifts === true ? onPress : undefined}
    >
      {children}
    </button>
  )
}

interface Keys {
  readonly layout: Signal<Layout>
  /** The letters that are shown, or were before the signs. */
  readonly letters: Signal<Letters>
  readonly isShifted: Signal<boolean>
  /** The act of a key, which takes nothing while the keyboard has just come. */
  press(act: () => void): () => void
  write(char: string): void
  erase(): void
  enter(): void
  show(layout: Layout): void
}

const layout = signal<Layout>('latin')
const letters = signal<Letters>('latin')
const isShifted = signal(false)
let shownAt = Number.NEGATIVE_INFINITY
let composing: { readonly field: HTMLElement; readonly caret: number } | null = null

function useKeys(field: Signal<HTMLElement | null>): { readonly current: Keys } {
  const isShown = field.value !== null
  useEffect(() => {
    shownAt = performance.now()
    composing = null
    isShifted.value = false
    if (isShown) layout.value = letters.value = document.documentElement.lang === 'ko' ? 'hangul' : 'latin'
  }, [isShown])
  const edit = (make: (isComposing: boolean, element: HTMLElement) => Edit): void => {
    const element = field.peek()
    if (element === null) return
    const caret = textAt(element).start
    const next = make(composing?.field === element && composing.caret === caret, element)
    putAt(element, next)
    composing = next.composing ? { field: element, caret: next.from + next.insert.length } : null
    isShifted.value = false
  }
  const keys: Keys = {
    layout,
    letters,
    isShifted,
    press: (act) => () => {
      if (performance.now() - shownAt >= GUARD_MS) act()
    },
    write: (char) => edit((isComposing, element) => write(textAt(element), char, isComposing)),
    erase: () => edit((isComposing, element) => erase(textAt(element), isComposing)),
    enter() {
      const element = field.peek()
      composing = null
      if (element !== null) enterAt(element)
    },
    show(next) {
      layout.value = next
      if (next !== 'signs') letters.value = next
    },
  }
  return { current: keys }
}
