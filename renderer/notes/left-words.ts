/** Words of notes whose author was signed out before the relay had them: in the memory of this window, for nobody else. */
import { signal, type Signal } from '@preact/signals'
import type { App } from '../state/app.ts'

export interface LeftWords {
  readonly by: string
  readonly area: string
  readonly note: string
  /** What was written, as it would have been sent. */
  readonly updates: readonly string[]
}

/** So many endings of a session in the middle of a sentence; the oldest goes first. */
export const MAX_LEFT = 50

const LEFT = new WeakMap<App, Signal<readonly LeftWords[]>>()

export function leftIn(app: App): Signal<readonly LeftWords[]> {
  const known = LEFT.get(app)
  if (known !== undefined) return known
  const made = signal<readonly LeftWords[]>([])
  LEFT.set(app, made)
  return made
}

export function keepLeft(app: App, words: LeftWords): void {
  const left = leftIn(app)
  left.value = [...left.value, words].slice(-MAX_LEFT)
}
