import type { ComponentChildren } from 'preact'
import type { LineValue } from '../../relay/domain/line-values.ts'
import { readingOf } from '../../relay/domain/telemetry.ts'
import { useApp } from '../state/use-app.ts'
import { quantity } from '../text/quantity.ts'
import { text } from '../text/text.ts'
import { RowName } from './row-name.tsx'
import { Sign } from './sign.tsx'

/**
 * A value that stands for its line: what it measures, how much, on which side of its limit; of one that is not current how old
 * it is. Drawn once a second, with the clock of the screen: nobody reads a board faster.
 */
export function LineValueWords({
  value,
  saysMachine,
  children,
}: {
  readonly value: LineValue
  /** Another value beside it has the same name. */
  readonly saysMachine?: boolean
  readonly children?: ComponentChildren
}) {
  const { now, relay } = useApp()
  const { machine, signal } = value
  // Read for its change alone: values age by the monotonic clock.
  void now.value
  const { value: held, freshness, breach, ageMs } = readingOf(machine, signal, { live: relay.live, now: relay.now() })
  const isBeyond = breach !== null && freshness === 'current'
  return (
    <span class={`line-value line-value-${freshness} ${isBeyond ? 'is-beyond' : ''}`}>
      <span class="line-value-name">
        {saysMachine === true ? (
          <>
            <RowName name={text.equipment.named(machine.id, machine.label)} />
            <span> · </span>
          </>
        ) : null}
        <RowName name={text.equipment.named(signal.name, signal.label)} />
        {freshness === 'stale' && ageMs !== null ? (
          <span class="line-value-age"> · {text.boards.lasting(Math.floor(ageMs / 60_000))}</span>
        ) : null}
      </span>
      <span class="line-value-number">
        {isBeyond ? <Sign name={breach === 'high' ? 'above' : 'below'} /> : null}
        {freshness === 'stale' ? <Sign name="stale" /> : null}
        {held === null ? '–' : quantity(held.value, held.limits ?? signal.limits)}{' '}
        <small>{held?.unit ?? signal.unit}</small>
      </span>
      {children}
    </span>
  )
}
