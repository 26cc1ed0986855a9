import { useComputed, type ReadonlySignal } from '@preact/signals'
import type { Reading } from '../../relay/domain/telemetry.ts'
import type { MachineSignal } from '../../relay/protocol/telemetry.ts'
import { secondsOld, type LiveTile } from '../state/equipment.ts'
import { clockOrDay } from '../text/format.ts'
import { limitValue, quantity } from '../text/quantity.ts'
import { text } from '../text/text.ts'
import { Sign } from './sign.tsx'

/**
 * One value: what, how much, its limit, its age. Drawn once; afterwards only its own words change, through their signals. The
 * whole tile opens the trend.
 */
export function Tile({ tile, onOpen }: { readonly tile: LiveTile; readonly onOpen: () => void }) {
  const { signal, reading } = tile
  const look = useComputed(() => `tile tile-${reading.value.freshness} ${isBeyond(reading.value) ? 'tile-beyond' : ''}`)
  const value = useComputed(() => valueWords(reading.value))
  const unit = useComputed(() => reading.value.value?.unit ?? signal.unit)
  return (
    <button type="button" class={look} data-testid="tile" data-signal={signal.name} onClick={onOpen}>
      <span class="tile-name">{text.equipment.named(signal.name, signal.label)}</span>
      <span class="tile-value">
        <span class="tile-number">{value}</span> <span class="tile-unit">{unit}</span>
      </span>
      <Limit tile={tile} />
      <Age reading={reading} />
    </button>
  )
}

function Limit({ tile }: { readonly tile: LiveTile }) {
  const { signal, reading } = tile
  // Drawn anew when it changes sides or its limit is moved, and not with every value.
  const breach = useComputed(() => reading.value.breach)
  const words = useComputed(() => breachWords(reading.value, signal))
  if (breach.value === null) return <span class="tile-limit">{words}</span>
  return (
    <span class="tile-limit tile-breach">
      <Sign name={breach.value === 'high' ? 'above' : 'below'} />
      <span>{words}</span>
    </span>
  )
}

function Age({ reading }: { readonly reading: ReadonlySignal<Reading> }) {
  const isCurrent = useComputed(() => reading.value.freshness === 'current')
  const words = useComputed(() => ageWords(reading.value))
  return (
    <span class="tile-age">
      {isCurrent.value ? null : <Sign name="stale" />}
      <span>{words}</span>
    </span>
  )
}

function valueWords({ value }: Reading): string {
  return value === null ? '–' : quantity(value.value)
}

function breachWords({ breach, value }: Reading, signal: MachineSignal): string {
  const { limit, limitIs, over, under } = text.equipment
  const { low, high } = value?.limits ?? signal.limits ?? { low: null, high: null }
  const unit = value?.unit ?? signal.unit
  if (breach === 'high' && high !== null) return over(limitValue(high, unit))
  if (breach === 'low' && low !== null) return under(limitValue(low, unit))
  if (low !== null && high !== null) return limitIs(limit.between(limitValue(low, ''), limitValue(high, unit)))
  if (high !== null) return limitIs(limit.atMost(limitValue(high, unit)))
  return low === null ? '' : limitIs(limit.atLeast(limitValue(low, unit)))
}

function ageWords(reading: Reading): string {
  const { freshness, value } = reading
  if (value === null) return text.equipment.noValue
  if (freshness === 'current') return text.equipment.age(secondsOld(reading))
  return text.equipment.staleSince(clockOrDay(new Date(value.at), new Date()))
}

function isBeyond({ breach, freshness }: Reading): boolean {
  return breach !== null && freshness === 'current'
}
