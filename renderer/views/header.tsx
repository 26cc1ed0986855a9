import { useEffect } from 'preact/hooks'
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
        <SearchButton />
        <OutboxButton />
        <OperatorButton />
      </div>
    </header>
  )
}

/** From every view, and by `/` or Ctrl+K; a list that is searched itself has the `/` (`filter-box.tsx`). */
function SearchButton() {
  const { session, sheet } = useApp()
  const isThere = session.value !== null
  useEffect(() => {
    if (!isThere) return undefined
    const come = (event: KeyboardEvent): void => {
      if (!isSearchKey(event) || document.querySelector('dialog[open]') !== null) return
      event.preventDefault()
      sheet.value = { kind: 'search' }
    }
    document.addEventListener('keydown', come)
    return () => document.removeEventListener('keydown', come)
  }, [isThere, sheet])
  if (!isThere) return null
  return (
    <Button
      kind="quiet"
      class="header-item header-search"
      testId="search"
      label={text.search}
      onPress={() => (sheet.value = { kind: 'search' })}
    >
      <Sign name="search" />
    </Button>
  )
}

function isSearchKey({ key, ctrlKey, metaKey, altKey, target }: KeyboardEvent): boolean {
  if (altKey) return false
  if (ctrlKey || metaKey) return key.toLowerCase() === 'k'
  const isTyping = target instanceof Element && target.closest('input, textarea, [contenteditable]') !== null
  return key === '/' && !isTyping && document.querySelector('.filter') === null
}

function OutboxButton() {
  const { model, undecided, sheet } = useApp()
  const waiting = waitingCount(model.value)
  const isDraining = model.value.outbox.sending && queueProgress(model.value) !== null
  const refused = undecided.value
  return (
    <Button
      kind="quiet"
      class={`header-item header-outbox ${waiting + refused === 0 ? 'is-still' : ''}`}
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
