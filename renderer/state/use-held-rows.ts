import { useEffect, useMemo, useReducer, useRef } from 'preact/hooks'
import { NOTHING_SHOWN, planOrder, type HeldOrder, type OrderLook } from './held-order.ts'
import { useApp } from './use-app.ts'

/** After which a list that did not come to rest looks once more, milliseconds. */
const AGAIN_MS = 100

export interface HeldRow<R> {
  readonly key: string
  readonly row: R
  /** It is in the list no more, and stands there only until the hand is away: nothing of it can be pressed. */
  readonly isGone: boolean
}

export interface HeldRows<R> {
  readonly rows: readonly HeldRow<R>[]
  /** Newcomers that wait until the hand is away; a list says how many. */
  readonly waiting: readonly R[]
  /** The same array while the order is the same. */
  readonly order: readonly string[]
  /** Shows the newcomers now. */
  readonly showAll: () => void
}

/**
 * A list of things that can be pressed, in an order that stands still under a finger (`held-order.ts`). What a row says is
 * always of the moment; only its place is held. `keyOf` names a row for as long as it means the same.
 */
export function useHeldRows<R>(
  rows: readonly R[],
  keyOf: (row: R) => string,
  { newcomers = 'wait' }: Pick<OrderLook, 'newcomers'> = {},
): HeldRows<R> {
  const { presses, session } = useApp()
  const { clock } = presses
  const [, look] = useReducer<number, void>((n) => n + 1, 0)
  const held = useRef<HeldOrder>(NOTHING_SHOWN)
  const isAsked = useRef(false)
  /** What gone rows said last. */
  const said = useRef<ReadonlyMap<string, R>>(new Map())

  // What another person read is not this one's, not for the moment in which a list stands still either (P9).
  const reader = session.value?.operator ?? null
  const readBy = useRef(reader)
  if (readBy.current !== reader) {
    readBy.current = reader
    held.current = NOTHING_SHOWN
    said.current = new Map()
  }

  const wanted = rows.map(keyOf)
  const current = new Map(rows.map((row, index) => [wanted[index] ?? '', row]))
  const { isHeld } = presses
  const plan = planOrder(held.current, { wanted, isHeld, isAsked: isAsked.current, newcomers, now: clock.monotonic() })
  isAsked.current = false
  held.current = plan.order
  const { shown } = plan.order
  const shownRows = shown.flatMap((key): readonly HeldRow<R>[] => {
    const row = current.get(key) ?? said.current.get(key)
    return row === undefined ? [] : [{ key, row, isGone: !current.has(key) }]
  })
  said.current = new Map(shownRows.map(({ key, row }) => [key, row]))

  const isSettled = shown.length === wanted.length && shown.every((key, index) => key === wanted[index])
  const { dueAt } = plan
  useEffect(() => {
    if (isSettled) return undefined
    let cancel = (): void => undefined
    const wait = (leastMs = 0): void => {
      cancel()
      const now = clock.monotonic()
      cancel = clock.after(Math.max(leastMs, (dueAt ?? presses.holdEnds) - now), () => {
        look()
        // A timer may be a moment early, and then nothing has changed that would set the next one.
        wait(AGAIN_MS)
      })
    }
    wait()
    const release = presses.listen(() => wait())
    return () => {
      cancel()
      release()
    }
  }, [isSettled, dueAt, presses, clock])

  const showAll = useMemo(
    () => (): void => {
      isAsked.current = true
      look()
    },
    [],
  )
  const waiting = plan.waiting.flatMap((key) => current.get(key) ?? [])
  return { rows: shownRows, waiting, order: shown, showAll }
}
