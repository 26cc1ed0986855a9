import { useComputed, type ReadonlySignal } from '@preact/signals'
import type { Reading } from '../../relay/domain/telemetry.ts'
import type { MachineSignal } from '../../relay/protocol/telemetry.ts'
import type { App } from '../state/app.ts'
import { secondsOld, type LiveTile } from '../state/equipment.ts'
import { timeWords } from '../state/moments.ts'
import { fitLimit, fitValue, type FittedValue, type TileMeasure } from '../state/tile-fit.ts'
import { useApp } from '../state/use-app.ts'
import { equipmentWords } from '../text/equipment-words.ts'
import { limitWords } from '../text/limit-words.ts'
import { text } from '../text/text.ts'
import { RowName } from './row-name.tsx'
import { Sign } from './sign.tsx'
import { useTileMeasure } from './tile-probe.tsx'

/**
 * One value: what, how much, its limit, its age. Drawn once; afterwards only its own words change, through their signals. The
 * whole tile opens the trend; without `onOpen` there is none.
 */
export function Tile({ tile, onOpen }: { readonly tile: LiveTile; readonly onOpen: (() => void) | null }) {
  const { signal, reading } = tile
  const look = useComputed(() => `tile tile-${reading.value.freshness} ${isBeyond(reading.value) ? 'tile-beyond' : ''}`)
  const measure = useTileMeasure()
  const unit = useComputed(() => reading.value.value?.unit ?? signal.unit)
  const fitted = useComputed(() => valueOf(reading.value, signal, measure.value))
  const value = useComputed(() => fitted.value.words)
  const place = useComputed(() => `tile-value tile-value-${fitted.value.size} tile-value-${fitted.value.unitIs}`)
  return (
    <button
      type="button"
      class={look}
      data-testid="tile"
      data-signal={signal.name}
      disabled={onOpen === null}
      onClick={() => onOpen?.()}
    >
      <span class="tile-name">
        <RowName name={text.equipment.named(signal.name, signal.label)} />
      </span>
      <span class={place}>
        <span class="tile-number">{value}</span> <span class="tile-unit">{unit}</span>
      </span>
      <Limit tile={tile} fitted={fitted} />
      <Age reading={reading} />
    </button>
  )
}

function Limit({ tile, fitted }: { readonly tile: LiveTile; readonly fitted: ReadonlySignal<FittedValue> }) {
  const { signal, reading } = tile
  // Drawn anew when it changes sides or its limit is moved, and not with every value.
  const breach = useComputed(() => reading.value.breach)
  const measure = useTileMeasure()
  const words = useComputed(() =>
    limitSaid(reading.value, signal, { reads: fitted.value.reads, measure: measure.value }),
  )
  if (breach.value === null)
    return (
      <span class="tile-limit">
        <span>{words}</span>
      </span>
    )
  return (
    <span class="tile-limit tile-breach">
      <Sign name={breach.value === 'high' ? 'above' : 'below'} />
      <span>{words}</span>
    </span>
  )
}

function Age({ reading }: { readonly reading: ReadonlySignal<Reading> }) {
  const app = useApp()
  const isCurrent = useComputed(() => reading.value.freshness === 'current')
  const words = useComputed(() => ageWords(app, reading.value))
  return (
    <span class="tile-age">
      {isCurrent.value ? null : <Sign name="stale" />}
      <span>{words}</span>
    </span>
  )
}

function valueOf({ value }: Reading, signal: MachineSignal, measure: TileMeasure): FittedValue {
  if (value === null) return NO_VALUE
  return fitValue(value.value, value.unit, { limits: value.limits ?? signal.limits, measure })
}

const NO_VALUE: FittedValue = { words: '–', reads: 0, size: 'large', unitIs: 'beside' }

function limitSaid({ breach, value }: Reading, signal: MachineSignal, { reads, measure }: Beside): string {
  const limits = value?.limits ?? signal.limits
  const unit = value?.unit ?? signal.unit
  return fitLimit(limitWords({ breach, limits, unit, reads }), breach === null ? 'plain' : 'breach', measure)
}

/** The value beside which it is said, as it is read, and the room there is. */
interface Beside {
  readonly reads: number
  readonly measure: TileMeasure
}

function ageWords(app: App, reading: Reading): string {
  const { freshness, value } = reading
  if (value === null) return equipmentWords().noValue
  if (freshness === 'current') return equipmentWords().age(secondsOld(reading))
  return equipmentWords().staleSince(timeWords(app, value.at))
}

function isBeyond({ breach, freshness }: Reading): boolean {
  return breach !== null && freshness === 'current'
}
