import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { AlertRow } from '../../relay/domain/alerts.ts'
import type { CommandId } from '../../relay/protocol/ids.ts'
import { Button } from '../components/button.tsx'
import { NOBODY_SEATED, seatAlarms, SETTLE_MS, settleAlarms, turnAlarms, type Seating } from '../state/alarm-seats.ts'
import { useAttention } from '../state/attention.ts'
import { useApp } from '../state/use-app.ts'
import { useArrival, useSteadyParts } from '../state/use-moved.ts'
import { text } from '../text/text.ts'
import { OfflineBar } from './bars.tsx'
import { OneAlarm, SeveralAlarms } from './p0-alarms.tsx'
import { AllActions, TakeAlarm } from './p0-actions.tsx'
import { OverlaySound } from './sound-bar.tsx'

/**
 * Full screen on every window while a P0 is active and nobody has it: one as large as the screen, several together. Nothing
 * but a person's press takes it away.
 */
export function P0Overlay() {
  const { overlay } = useApp().alarms.value
  return overlay.length === 0 ? null : <Overlay rows={overlay} />
}

function Overlay({ rows }: { readonly rows: readonly AlertRow[] }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useRef<HTMLHeadingElement>(null)
  const [seating, turn] = useSeats(rows)
  const { seats, laid } = seating
  const [wanted, setWanted] = useState<CommandId | null>(null)
  // Whoever pressed a notification wants to read that one.
  const pressed = useAttention().pressed.value
  useEffect(() => setWanted((before) => rows.find(({ id }) => id === pressed)?.id ?? before), [pressed])
  const one = seats.length === 1 ? rows[0] : rows.find(({ id }) => id === wanted)
  const shown = one?.id ?? null
  // Before the next frame, also in a window in the background, whose frames are slow.
  useLayoutEffect(() => dialog.current?.showModal(), [])
  // Focus on the words, not on a button: a key on its way to the view below must not acknowledge anything.
  useLayoutEffect(() => heading.current?.focus(), [shown])
  // Whatever it came over: a finger that was on its way there silences nothing, either.
  useArrival(dialog, 'here')
  useSteadyParts(dialog, { parts: panelsAndFoot, within: 'tree' })
  useUncovered(rows)
  const hasSeveral = seats.length > 1
  return (
    <dialog
      ref={dialog}
      class="overlay"
      data-testid="p0-overlay"
      aria-labelledby="overlay-title"
      {...(one === undefined ? {} : { 'aria-describedby': 'overlay-meta' })}
      onCancel={(event) => event.preventDefault()}
      // A second Escape may close a dialog whatever `cancel` says.
      onClose={() => dialog.current?.showModal()}
    >
      <OfflineBar />
      {one === undefined ? (
        <SeveralAlarms heading={heading} count={rows.length} seating={seating} onOpen={setWanted} onTurn={turn} />
      ) : (
        <OneAlarm heading={heading} row={one} />
      )}
      <div class="overlay-foot">
        {one !== undefined && hasSeveral ? (
          <div class="overlay-steps">
            <Button kind="secondary" onPress={() => setWanted(null)}>
              {text.overlay.all(rows.length)}
            </Button>
          </div>
        ) : null}
        {one === undefined ? (
          <AllActions rows={rows} />
        ) : (
          <div class="overlay-actions">
            <TakeAlarm key={`${laid} ${one.id}`} row={one} rows={rows} place="foot" />
          </div>
        )}
        <OverlaySound />
      </div>
    </dialog>
  )
}

/** A line that comes over the alarms, or a button in the foot, moves what is below and beside it. */
function panelsAndFoot(dialog: HTMLElement): Iterable<Element> {
  return dialog.querySelectorAll('.alarm, .alarms-waiting, .overlay-foot > *, .overlay-actions > *')
}

/**
 * When it goes by itself, because somebody else has them all, a finger on its way to "I have it" must not press what was below
 * [F3]. Who has just pressed here knows that it goes.
 */
function useUncovered(rows: readonly AlertRow[]): void {
  const { alarms, presses } = useApp()
  const last = useRef(rows)
  last.current = rows
  useEffect(
    () => () => {
      const own = new Set(alarms.peek().banners.map(({ id }) => id))
      if (!last.current.some(({ id }) => own.has(id))) presses.moved(document.documentElement)
    },
    [alarms, presses],
  )
}

/**
 * The places of the moment, and what turns to those that wait for one; places of what is settled are given up when nothing has
 * come or gone for a while.
 */
function useSeats(rows: readonly AlertRow[]): readonly [Seating, () => void] {
  const held = useRef(NOBODY_SEATED)
  const [, draw] = useState(0)
  held.current = seatAlarms(held.current, rows)
  const { seats } = held.current
  const standing = seats.map(({ row, isOpen }) => `${row.id} ${isOpen}`).join()
  const isSettled = seats.every(({ isOpen }) => isOpen)
  const seat = (next: Seating): void => {
    held.current = next
    draw((times) => times + 1)
  }
  useEffect(() => {
    if (isSettled) return undefined
    const timer = setTimeout(() => seat(settleAlarms(held.current)), SETTLE_MS)
    return () => clearTimeout(timer)
  }, [standing, isSettled])
  return [held.current, () => seat(turnAlarms(held.current, rows))]
}
