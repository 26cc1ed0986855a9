import { useEffect, useState } from 'preact/hooks'
import type { LineValue } from '../../relay/domain/line-values.ts'
import { liveChannelsOf } from '../../relay/domain/telemetry.ts'
import { absenceOf } from '../components/absence.ts'
import { Button } from '../components/button.tsx'
import { Freshness } from '../components/freshness.tsx'
import { useLatePart } from '../components/late-part.ts'
import { LineValueWords } from '../components/line-value.tsx'
import { RowName } from '../components/row-name.tsx'
import { chosenArea } from '../state/actions.ts'
import { hashOf } from '../state/place.ts'
import { useApp } from '../state/use-app.ts'
import { text } from '../text/text.ts'
import { VALUE_SPARK } from './line-parts.ts'

/** The numbers are what one comes for; their past is loaded when the page has come to rest, milliseconds. */
const AT_REST_MS = 2_000

/** Some values of the line's machines, each of which opens its trend. */
export function LineValues({ chosen }: { readonly chosen: readonly LineValue[] }) {
  const app = useApp()
  const { alsoShown, channels, isLive } = app
  const live = [...new Set(liveChannelsOf(chosen.map(({ machine }) => machine)))]
  const liveKey = live.join()
  useEffect(() => {
    alsoShown.value = live
    return () => void (alsoShown.value = [])
  }, [alsoShown, liveKey])
  const { line } = text.boards
  const absence = absenceOf(channels.value.equipment, isLive.value)
  return (
    <section class="line-values" aria-labelledby="line-values">
      <h2 id="line-values">{line.values}</h2>
      <Freshness channel={channels.value.equipment} />
      {chosen.length > 0 ? null : (
        <p class="line-nothing">
          {absence?.words ?? `${text.equipment.empty(text.areaName(app.area.value))} ${text.equipment.emptyMore}`}
        </p>
      )}
      <ul class="line-value-list">
        {chosen.map((value) => (
          <Value key={`${value.machine.id} ${value.signal.name}`} value={value} />
        ))}
      </ul>
      <div class="line-ways">
        <a class="line-way" href={hashOf('equipment', chosenArea(app))}>
          {line.allValues}
        </a>
        {chosen.length === 0 ? null : (
          <Button kind="quiet" onPress={() => (app.sheet.value = { kind: 'values' })}>
            {line.choose}
          </Button>
        )}
      </div>
    </section>
  )
}

function Value({ value }: { readonly value: LineValue }) {
  const { presses, sheet } = useApp()
  const [isAtRest, rest] = useState(false)
  useEffect(() => presses.clock.after(AT_REST_MS, () => rest(true)), [presses])
  const ValueSpark = useLatePart(VALUE_SPARK, isAtRest)
  const { machine, signal } = value
  return (
    <li>
      <button
        type="button"
        class="line-value-way"
        onClick={() => (sheet.value = { kind: 'trend', machine: machine.id, signal: signal.name })}
      >
        <span class="line-machine">
          <RowName name={text.equipment.named(machine.id, machine.label)} />
          {machine.simulated ? <span> · {text.equipment.simulated}</span> : null}
        </span>
        <LineValueWords value={value}>{ValueSpark === null ? null : <ValueSpark value={value} />}</LineValueWords>
      </button>
    </li>
  )
}
