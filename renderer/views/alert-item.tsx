import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { isStillOpenTo, needsPerson, type AlertRow } from '../../relay/domain/alerts.ts'
import type { SessionView } from '../../relay/protocol/local.ts'
import { isUrgent } from '../../relay/protocol/record-words.ts'
import { Button } from '../components/button.tsx'
import { NotSentMark, PendingMark } from '../components/pending-mark.tsx'
import { lookOf, PriorityMark } from '../components/priority-mark.tsx'
import { Time } from '../components/time.tsx'
import { acknowledge, resolve } from '../state/actions.ts'
import { timeWords } from '../state/moments.ts'
import { rightTo } from '../state/rights.ts'
import { AFTER_TOUCH_MS } from '../state/touch.ts'
import { useApp } from '../state/use-app.ts'
import { useDisplayed } from '../state/use-displayed.ts'
import type { HeldRow } from '../state/use-held-rows.ts'
import { authorName, deviceName } from '../text/author-name.ts'
import { text } from '../text/text.ts'
import { AlertText } from './alert-text.tsx'

/**
 * The newest P1 nobody has is a banner over every view. Over the board it would say the same twice, so there its row is
 * the banner: in the colour, and never scrolled away. Nobody signed in, the board may be below the fold; the banner stays.
 */
export function isP1Pinned(session: SessionView | null): boolean {
  return session !== null
}

interface AlertItemProps {
  readonly held: HeldRow<AlertRow>
  /** Rows of its title at most; as many as it needs unless said. */
  readonly titleRows?: number
}

/** One alert of the board: what, where, since when and by whom, how it stands, what to do. One that has gone only stands there. */
export function AlertItem({ held: { row, isGone }, titleRows }: AlertItemProps) {
  const { alarms } = useApp()
  const element = useRef<HTMLDivElement>(null)
  const isCovered = alarms.value.overlay.length > 0
  useDisplayed(element, row.raised === null || isCovered || isGone ? null : row.id)
  return (
    <>
      <PriorityMark priority={row.priority} look={lookOf(row.state, isGone || !needsPerson(row))} />
      <AlertText element={element} row={row} titleRows={titleRows} />
      <Raised row={row} />
      <div class="alert-state">
        {isGone ? (
          <em>{text.rows.gone}</em>
        ) : (
          <>
            <Standing row={row} />
            <Discuss row={row} />
          </>
        )}
      </div>
      <div class="alert-action">{isGone ? null : <Action row={row} />}</div>
    </>
  )
}

/** The list item around an alert. */
export function alertAttributes({ row, isGone }: HeldRow<AlertRow>, pinned: string | null) {
  const looks = [
    isGone ? 'row-gone' : '',
    needsPerson(row) && !isGone ? 'alert-open' : '',
    row.id === pinned && !isGone ? 'alert-pinned' : '',
  ]
  return {
    class: ['row alert', ...looks].filter((look) => look !== '').join(' '),
    'data-testid': 'alert-row',
    'data-alert-id': row.id,
    'data-state': row.state,
  }
}

function Raised({ row }: { readonly row: AlertRow }) {
  const at = row.raised?.at ?? row.raising?.since
  return (
    <p class="alert-raised">
      {at === undefined ? null : <Time at={at} />}
      <span class="alert-by">{raisedBy(row)}</span>
    </p>
  )
}

/** `by lee on press-2`; a terminal that raised it by itself is named once. */
export function raisedBy({ raised, raising }: AlertRow): string {
  if (raised === null) return text.alerts.raisedBy(raising?.by ?? text.chat.terminal)
  const by = authorName(raised.by)
  const on = raised.on === null ? null : deviceName(raised.on)
  return on === null || on === by ? text.alerts.raisedBy(by) : text.alerts.raisedOn(by, on)
}

function Standing({ row }: { readonly row: AlertRow }) {
  const app = useApp()
  return (
    <>
      {row.raising === null ? null : <NotSentMark />}
      {row.acknowledged === null ? null : (
        <span>{text.alerts.acknowledgedBy(authorName(row.acknowledged.by), timeWords(app, row.acknowledged.at))}</span>
      )}
      {row.state === 'cleared' ? <em>{text.alerts.cleared}</em> : null}
      {row.acknowledging === null ? null : <PendingMark waiting={row.acknowledging} words={text.pending.ack} />}
      {row.resolving === null ? null : <PendingMark waiting={row.resolving} words={text.pending.resolve} />}
      {row.state === 'active' && row.acknowledging === null ? <span>{text.alerts.notAcknowledged}</span> : null}
    </>
  )
}

/**
 * How much is said about it in the chat of the shown line, and the way to it. What nobody has yet wants somebody first, and has no
 * second button beside that for it.
 */
function Discuss({ row }: { readonly row: AlertRow }) {
  const { chat, session, sheet } = useApp()
  if (session.value === null || row.raised === null) return null
  const said = chat.value.filter(({ reply }) => reply?.id === row.id).length
  if (said === 0 && needsPerson(row)) return null
  const words = said === 0 ? text.chat.discuss : text.chat.said(said)
  return (
    <Button
      kind="quiet"
      class="alert-talk"
      label={`${words}: ${row.title}`}
      onPress={() => (sheet.value = { kind: 'talk', id: row.id })}
    >
      {words}
    </Button>
  )
}

function Action({ row }: { readonly row: AlertRow }) {
  const app = useApp()
  const right = rightTo(app, row)
  const [isTaken, take] = useForAWhile()
  const asks = needsPerson(row)
  const asked = useRef(asks)
  // Somebody else was first while a finger was on its way to "I have it": what comes next must not be under it either.
  const wasTaken = asked.current && !asks
  useLayoutEffect(() => {
    if (wasTaken) take()
    asked.current = asks
  })
  if (right === 'sign-in') return null
  if (right === 'other-area')
    return <span class="alert-others">{text.alerts.notYourArea(text.areaName(row.area))}</span>
  if (asks) {
    const isCleared = row.state === 'cleared'
    return (
      <Button
        key="acknowledge"
        kind={isUrgent(row.priority) ? 'primary' : 'secondary'}
        label={isCleared ? text.alerts.confirmLabel(row.title) : text.alerts.acknowledgeLabel(row.title)}
        onPress={() => {
          take()
          acknowledge(app, row.id)
        }}
      >
        {isCleared ? text.alerts.confirm : text.alerts.acknowledge}
      </Button>
    )
  }
  // What comes next is not offered where the hand still is.
  if (isTaken || wasTaken || !isStillOpenTo(row.state, 'clear') || row.resolving !== null) return null
  return (
    <Button
      key="resolve"
      kind="secondary"
      label={text.alerts.resolveLabel(row.title)}
      onPress={() => resolve(app, row.id)}
    >
      {text.alerts.resolve}
    </Button>
  )
}

/** True from the call on for as long as a hand stays that has pressed. */
function useForAWhile(): readonly [boolean, () => void] {
  const { clock } = useApp().presses
  const [is, set] = useState(false)
  useEffect(() => (is ? clock.after(AFTER_TOUCH_MS, () => set(false)) : undefined), [is, clock])
  return [is, () => set(true)]
}
