import { effect, signal, type ReadonlySignal } from '@preact/signals'
import type { PressClock } from './presses.ts'

interface PacedOptions<T> {
  /** Whether what follows from this value is dear to work out and to draw. */
  readonly isDear: (value: T) => boolean
  /** What is dear is taken over at most so often, milliseconds. */
  readonly paceMs: number
  readonly clock: PressClock
}

/**
 * Follows a source at once while that is cheap, and at a pace where it is not: sixty changes a second of a thousand rows are
 * read by nobody, and leave no time for the press in between [F6]. The last value is always taken over in the end. Returns the
 * release with it.
 */
export function paced<T>(
  source: ReadonlySignal<T>,
  { isDear, paceMs, clock }: PacedOptions<T>,
): [ReadonlySignal<T>, () => void] {
  const followed = signal(source.peek())
  let takenAt = clock.monotonic()
  let cancel: (() => void) | null = null
  const take = (): void => {
    cancel?.()
    cancel = null
    takenAt = clock.monotonic()
    followed.value = source.peek()
  }
  const release = effect(() => {
    const next = source.value
    const dueIn = takenAt + paceMs - clock.monotonic()
    if (dueIn <= 0 || !isDear(next)) take()
    else cancel ??= clock.after(dueIn, take)
  })
  return [
    followed,
    () => {
      release()
      cancel?.()
    },
  ]
}
