import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { AlertRow } from '../../relay/domain/alerts.ts'
import { acknowledge, go, setAside } from '../state/actions.ts'
import { STEADY_MS } from '../state/press-guard.ts'
import { rightTo } from '../state/rights.ts'
import { useApp } from '../state/use-app.ts'
import { useArrival } from '../state/use-moved.ts'
import { text } from '../text/text.ts'

interface TakeAlarmProps {
  readonly row: AlertRow
  /** All that are on the screen: nobody signs in for one alone. */
  readonly rows: readonly AlertRow[]
  /** Alone in the foot, or beside the words of its panel, where signing in is offered once for all in the foot. */
  readonly place: 'foot' | 'panel'
}

/**
 * What this person can do about a P0. Key it by alert and layout: a new place is armed anew, as is each deed that takes the
 * place of another because a person came or went, or the connection.
 */
export function TakeAlarm({ row, rows, place }: TakeAlarmProps) {
  const app = useApp()
  const right = rightTo(app, row)
  if (right === 'sign-in') return place === 'foot' ? <SignInFirst rows={rows} /> : null
  if (right === 'other-area') {
    return (
      <>
        <p>{text.alerts.notYourArea(text.areaName(row.area))}</p>
        <AsideButton key="other-area" rows={[row]} />
      </>
    )
  }
  return (
    <ArmedButton
      key="acknowledge"
      look="button-primary overlay-acknowledge"
      label={place === 'panel' ? text.alerts.acknowledgeLabel(row.title) : undefined}
      onPress={() => acknowledge(app, row.id)}
    >
      {text.overlay.acknowledge}
    </ArmedButton>
  )
}

/** Under several: what is done for all of them at once, which is signing in and nothing else. */
export function AllActions({ rows }: { readonly rows: readonly AlertRow[] }) {
  const { session } = useApp()
  if (session.value !== null) return null
  return (
    <div class="overlay-actions">
      <SignInFirst rows={rows} />
    </div>
  )
}

function SignInFirst({ rows }: Pick<TakeAlarmProps, 'rows'>) {
  const app = useApp()
  if (app.isLive.value) {
    return (
      <ArmedButton key="sign-in" look="button-primary overlay-acknowledge" onPress={() => aside(app, rows)}>
        {text.overlay.signIn}
      </ArmedButton>
    )
  }
  return (
    <>
      <p>{text.overlay.signInOffline}</p>
      <AsideButton key="offline" rows={rows} />
    </>
  )
}

function AsideButton({ rows }: Pick<TakeAlarmProps, 'rows'>) {
  const app = useApp()
  return (
    <ArmedButton look="button-secondary overlay-aside" onPress={() => aside(app, rows)}>
      {text.overlay.aside}
    </ArmedButton>
  )
}

interface ArmedButtonProps {
  readonly look: string
  readonly label?: string | undefined
  readonly onPress: () => void
  readonly children: ComponentChildren
}

/** Takes its first press when it has stood for a while. Key it by its deed: what it does must not change under a finger [F3]. */
function ArmedButton({ look, label, onPress, children }: ArmedButtonProps) {
  const isArmed = useArmed()
  const element = useRef<HTMLButtonElement>(null)
  useArrival(element, 'here')
  return (
    <button
      ref={element}
      type="button"
      class={`button ${look}`}
      aria-disabled={!isArmed}
      aria-label={label}
      onClick={() => isArmed && onPress()}
    >
      {children}
    </button>
  )
}

function aside(app: ReturnType<typeof useApp>, rows: readonly AlertRow[]): void {
  // A board has neither banners nor a form to sign in with: whoever presses here needs a terminal.
  if (app.view.value === 'wall') go(app, 'line')
  setAside(
    app,
    rows.map(({ id }) => id),
  )
}

function useArmed(): boolean {
  const { clock } = useApp().presses
  const [isArmed, setArmed] = useState(false)
  useEffect(() => clock.after(STEADY_MS, () => setArmed(true)), [clock])
  return isArmed
}
