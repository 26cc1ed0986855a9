import { signal } from '@preact/signals'
import { judgePress, type LastPress, type Spot } from './press-guard.ts'
import { AFTER_TOUCH_MS, holdEnds, stepTouch, UNTOUCHED, type TouchInput } from './touch.ts'

/** What can be pressed. A label presses what it names. */
const CONTROLS = 'button, a[href], input, select, textarea, summary, label, [role="button"]'
/** Keys that press what has the focus. */
const PRESSING: ReadonlySet<string> = new Set(['Enter', ' '])
/** Keys with which a person goes to something else, and sees where. */
const GOING: ReadonlySet<string> = new Set([
  'Tab',
  'ArrowUp',
  'ArrowDown',
  'ArrowLeft',
  'ArrowRight',
  'PageUp',
  'PageDown',
  'Home',
  'End',
])

export interface PressClock {
  /** Monotonic milliseconds. */
  monotonic(): number
  /** Calls once after `ms`; the returned function cancels. */
  after(ms: number, call: () => void): () => void
}

/**
 * Every press on this window, before anything of the page hears it. It takes away those that a person did not mean
 * (`press-guard.ts`), and tells lists while a hand is on its way (`touch.ts`).
 */
export class Presses {
  readonly clock: PressClock
  /** When a press was refused because its target had just moved: the person is told why nothing happened. */
  readonly refusedAt = signal<number | null>(null)
  readonly #moved = new WeakMap<Element, number>()
  /** When a press in it counted. What was pressed may be replaced by then, so those around it are noted. */
  readonly #pressed = new WeakMap<Element, number>()
  readonly #listeners = new Set<() => void>()
  #touch = UNTOUCHED
  #last: (LastPress & { readonly control: Element }) | null = null

  constructor(clock: PressClock) {
    this.clock = clock
  }

  /** Listens to this page. Returns the release. */
  start(page: Window): () => void {
    const stop = new AbortController()
    const options = { capture: true, signal: stop.signal } as const
    const { document } = page
    document.addEventListener('pointerdown', () => this.#touched('pressed'), options)
    for (const name of ['pointerup', 'pointercancel'] as const) {
      document.addEventListener(name, () => this.#touched('released'), options)
    }
    const aimed = ({ pointerType }: PointerEvent): void => {
      if (pointerType === 'mouse') this.#touched('moved')
    }
    document.addEventListener('pointermove', aimed, { ...options, passive: true })
    document.addEventListener('keydown', (event) => this.#keyed(event), options)
    document.addEventListener('click', (event) => this.#clicked(event), options)
    return () => stop.abort()
  }

  /** The page has put this element, and what is in it, to another place, or to a place where something else was. */
  moved(element: Element): void {
    this.#moved.set(element, this.clock.monotonic())
  }

  /** Whether a press on this element, or in it, has just counted: what becomes of it is what this person did, and sees. */
  wasPressedIn(element: Element): boolean {
    const at = this.#pressed.get(element)
    return at !== undefined && this.clock.monotonic() - at < AFTER_TOUCH_MS
  }

  /** Until when nothing may move, if nothing more is done; in the past while nobody is at this window. */
  get holdEnds(): number {
    return holdEnds(this.#touch)
  }

  get isHeld(): boolean {
    return this.clock.monotonic() < this.holdEnds
  }

  /** Tells when a hand comes or goes. Returns the release. */
  listen(changed: () => void): () => void {
    this.#listeners.add(changed)
    return () => this.#listeners.delete(changed)
  }

  #touched(input: TouchInput): void {
    this.#touch = stepTouch(this.#touch, input, this.clock.monotonic())
    for (const listener of this.#listeners) listener()
  }

  #keyed(event: KeyboardEvent): void {
    if (PRESSING.has(event.key)) {
      // A key that is held down repeats its press on whatever has the focus by then.
      if (event.repeat && controlOf(event.target) instanceof HTMLButtonElement) event.preventDefault()
      return this.#touched('keyed')
    }
    this.#last = null
    if (GOING.has(event.key)) this.#touched('keyed')
  }

  #clicked(event: MouseEvent): void {
    const control = controlOf(event.target)
    // What a script clicks is meant.
    if (control === null || !event.isTrusted) return
    const spot: Spot = event.detail === 0 ? 'keyboard' : { x: event.clientX, y: event.clientY }
    const at = this.clock.monotonic()
    const verdict = judgePress(this.#last, {
      at,
      spot,
      control,
      lastStands: this.#lastStands(),
      movedAt: this.#movedAt(control),
    })
    if (verdict === 'counts') {
      this.#last = { at, spot, control }
      for (let element: Element | null = control; element !== null; element = element.parentElement) {
        this.#pressed.set(element, at)
      }
      return
    }
    event.preventDefault()
    event.stopImmediatePropagation()
    if (verdict === 'moved') this.refusedAt.value = at
  }

  #lastStands(): boolean {
    if (this.#last === null) return false
    const { spot, control } = this.#last
    if (spot === 'keyboard') return control.isConnected
    return controlOf(control.ownerDocument.elementFromPoint(spot.x, spot.y)) === control
  }

  #movedAt(control: Element): number | null {
    let latest: number | null = null
    for (let element: Element | null = control; element !== null; element = element.parentElement) {
      const at = this.#moved.get(element)
      if (at !== undefined && (latest === null || at > latest)) latest = at
    }
    return latest
  }
}

function controlOf(target: EventTarget | null): Element | null {
  const control = target instanceof Element ? target.closest(CONTROLS) : null
  return control instanceof HTMLLabelElement ? (control.control ?? control) : control
}

/** The clock of a page that has this relay. */
export function pageClock(relay: { now(): number }): PressClock {
  return {
    monotonic: () => relay.now(),
    after(ms, call) {
      const timer = setTimeout(call, ms)
      return () => clearTimeout(timer)
    },
  }
}
