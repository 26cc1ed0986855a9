import { useEffect } from 'preact/hooks'
import type { LineValue } from '../../relay/domain/line-values.ts'
import { liveChannelsOf } from '../../relay/domain/telemetry.ts'
import { absenceOf } from '../components/absence.ts'
import { Freshness } from '../components/freshness.tsx'
import { LineValueWords } from '../components/line-value.tsx'
import { Spark } from '../components/spark.tsx'
import { chosenArea } from '../state/actions.ts'
import { hashOf } from '../state/place.ts'
import { useApp } from '../state/use-app.ts'
import { useSpark } from '../state/use-spark.ts'
import { text } from '../text/text.ts'

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
      <a class="line-way" href={hashOf('equipment', chosenArea(app))}>
        {line.allValues}
      </a>
    </section>
  )
}

function Value({ value }: { readonly value: LineValue }) {
  const { sheet } = useApp()
  const { machine, signal } = value
  return (
    <li>
      <button
        type="button"
        class="line-value-way"
        onClick={() => (sheet.value = { kind: 'trend', machine: machine.id, signal: signal.name })}
      >
        <span class="line-machine">
          <bdi>{text.equipment.named(machine.id, machine.label)}</bdi>
          {machine.simulated ? ` · ${text.equipment.simulated}` : ''}
        </span>
        <LineValueWords value={value}>
          <Spark points={useSpark(value)} />
        </LineValueWords>
      </button>
    </li>
  )
}
