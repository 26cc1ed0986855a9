import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { AlertRow } from '../../relay/domain/alerts.ts'
import type { CommandId } from '../../relay/protocol/ids.ts'
import { Button } from '../components/button.tsx'
import { NotSentMark } from '../components/pending-mark.tsx'
import { PriorityMark } from '../components/priority-mark.tsx'
import { Scroller } from '../components/scroller.tsx'
import { Time } from '../components/time.tsx'
import { acknowledge, setAside } from '../state/actions.ts'
import { useAttention } from '../state/attention.ts'
import { rightTo } from '../state/rights.ts'
import { useApp } from '../state/use-app.ts'
import { useDisplayed } from '../state/use-displayed.ts'
import { text } from '../text/text.ts'
import { raisedBy } from './alert-item.tsx'
import { OfflineBar } from './bars.tsx'
import { OverlaySound } from './sound-bar.tsx'

/** A hand that was about to press something else must not acknowledge what jumps under it. */
const ARMING_MS = 600

/** Characters; the pattern asks for 40 (client-anchors §3.7). A longer one is set smaller, so that the first step is in sight. */
const LONG_TITLE = 60

/** Full screen on every window while a P0 is active and nobody has it. Nothing but a person's press takes it away. */
export function P0Overlay() {
  const { overlay } = useApp().alarms.value
  return overlay.length === 0 ? null : <Overlay rows={overlay} />
}

function Overlay({ rows }: { readonly rows: readonly AlertRow[] }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useRef<HTMLHeadingElement>(null)
  const [wanted, setWanted] = useState<CommandId | null>(null)
  // The one a person looks at stays, also when a newer one comes; the count says that there are more.
  const [first] = rows
  const row = rows.find(({ id }) => id === wanted) ?? first
  const shown = row?.id ?? null
  useEffect(() => setWanted(shown), [shown])
  // Whoever pressed a notification wants to read that one.
  const pressed = useAttention().pressed.value
  useEffect(() => setWanted((before) => rows.find(({ id }) => id === pressed)?.id ?? before), [pressed])
  // Before the next frame, also in a window in the background, whose frames are slow.
  useLayoutEffect(() => {
    dialog.current?.showModal()
    // Focus on the words, not on a button: a key on its way to the view below must not acknowledge anything.
    heading.current?.focus()
  }, [])
  const isOnServer = row !== undefined && row.raised !== null
  useDisplayed(dialog, isOnServer ? shown : null)
  if (row === undefined) return null
  const index = rows.indexOf(row)
  const step = (by: number): void => setWanted(rows[index + by]?.id ?? shown)
  return (
    <dialog
      ref={dialog}
      class="overlay"
      data-testid="p0-overlay"
      data-alert-id={row.id}
      aria-labelledby="overlay-title"
      aria-describedby="overlay-meta"
      onCancel={(event) => event.preventDefault()}
      // A second Escape may close a dialog whatever `cancel` says.
      onClose={() => dialog.current?.showModal()}
    >
      <OfflineBar />
      <Scroller label={text.overlay.words} subject={row.id}>
        <div class="overlay-alarm">
          <PriorityMark priority="P0" look="flashing" />
          <div>
            <p class="overlay-kind">
              {text.alerts.markLabel('P0', text.alerts.priority.P0)} · {text.areaName(row.area)}
            </p>
            <h2
              id="overlay-title"
              ref={heading}
              class={row.title.length > LONG_TITLE ? 'is-long' : undefined}
              tabIndex={-1}
            >
              {row.title}
            </h2>
          </div>
        </div>
        <div class="overlay-more">
          {row.body === null ? null : <p class="overlay-body">{row.body}</p>}
          <p id="overlay-meta" class="overlay-meta">
            {text.overlay.raised} <Time at={row.raised?.at ?? row.raising?.since ?? 0} /> {raisedBy(row)}
            {row.raising === null ? null : <NotSentMark />}
          </p>
        </div>
      </Scroller>
      <div class="overlay-foot">
        {rows.length === 1 ? null : (
          <div class="overlay-steps">
            <Button kind="secondary" disabled={index === 0} onPress={() => step(-1)}>
              {text.overlay.previous}
            </Button>
            <span class="overlay-count" role="status">
              {text.overlay.of(index + 1, rows.length)}
            </span>
            <Button kind="secondary" disabled={index === rows.length - 1} onPress={() => step(1)}>
              {text.overlay.next}
            </Button>
          </div>
        )}
        <OverlayActions key={row.id} row={row} rows={rows} />
        <OverlaySound />
      </div>
    </dialog>
  )
}

function OverlayActions({ row, rows }: { readonly row: AlertRow; readonly rows: readonly AlertRow[] }) {
  const app = useApp()
  const isArmed = useArmed()
  const right = rightTo(app, row)
  const aside = (): void => setAside(app, right === 'sign-in' ? rows.map(({ id }) => id) : [row.id])
  if (right === 'yes') {
    return (
      <div class="overlay-actions">
        <button
          type="button"
          class="button button-primary overlay-acknowledge"
          aria-disabled={!isArmed}
          onClick={() => isArmed && acknowledge(app, row.id)}
        >
          {text.overlay.acknowledge}
        </button>
      </div>
    )
  }
  if (right === 'sign-in' && app.isLive.value) {
    return (
      <div class="overlay-actions">
        <button
          type="button"
          class="button button-primary overlay-acknowledge"
          aria-disabled={!isArmed}
          onClick={() => isArmed && aside()}
        >
          {text.overlay.signIn}
        </button>
      </div>
    )
  }
  return (
    <div class="overlay-actions">
      <p>{right === 'sign-in' ? text.overlay.signInOffline : text.alerts.notYourArea(text.areaName(row.area))}</p>
      <Button kind="secondary" onPress={() => isArmed && aside()}>
        {text.overlay.aside}
      </Button>
    </div>
  )
}

function useArmed(): boolean {
  const [isArmed, setArmed] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setArmed(true), ARMING_MS)
    return () => clearTimeout(timer)
  }, [])
  return isArmed
}
