import { queueProgress, waitingCount } from '../../relay/domain/window-model.ts'
import { Button } from '../components/button.tsx'
import { Sign } from '../components/sign.tsx'
import { useApp } from '../state/use-app.ts'
import { text } from '../text/text.ts'
import { ConnectionPill } from './connection-pill.tsx'

/** Where, how fresh, what waits, who: always on screen. */
export function Header() {
  const { area, sheet } = useApp()
  return (
    <header class="header">
      <button
        type="button"
        class="button button-quiet header-area"
        aria-label={text.areaNow(text.areaName(area.value))}
        onClick={() => (sheet.value = { kind: 'area' })}
      >
        {text.areaName(area.value)}
        <Sign name="down" />
      </button>
      <div class="header-status">
        <ConnectionPill />
        <OutboxButton />
        <OperatorButton />
      </div>
    </header>
  )
}

function OutboxButton() {
  const { model, undecided, sheet } = useApp()
  const waiting = waitingCount(model.value)
  const isDraining = model.value.outbox.sending && queueProgress(model.value) !== null
  const refused = undecided.value
  return (
    <Button
      kind="quiet"
      class={`header-item ${waiting + refused === 0 ? 'is-still' : ''}`}
      testId="outbox-count"
      onPress={() => (sheet.value = { kind: 'outbox' })}
    >
      <Sign name="outbox" />
      <span class="header-words">
        <span class="nowrap">{isDraining ? text.outbox.sending(waiting) : text.outbox.count(waiting)}</span>
        {refused === 0 ? null : <strong class="nowrap needs-you">{text.outbox.refused(refused)}</strong>}
      </span>
    </Button>
  )
}

function OperatorButton() {
  const { session, sheet } = useApp()
  const person = session.value
  if (person === null) {
    return (
      <span class="header-item header-operator header-nobody">
        <Sign name="person" />
        <span class="header-words">{text.session.notSignedIn}</span>
      </span>
    )
  }
  return (
    <Button
      kind="quiet"
      class="header-item header-operator"
      label={text.session.signedIn(person.operator)}
      onPress={() => (sheet.value = { kind: 'operator' })}
    >
      <Sign name="person" />
      <span class="header-words">
        <strong>{person.operator}</strong>
      </span>
      <Sign name="down" />
    </Button>
  )
}
