import { useMemo } from 'preact/hooks'
import { machinesOf } from '../../relay/domain/telemetry.ts'
import { lineValues, type LineValue } from '../../relay/domain/line-values.ts'
import { Sheet } from '../components/sheet.tsx'
import { Sign } from '../components/sign.tsx'
import { chooseValues, MAX_CHOSEN, valueKey, VALUES_PER_LINE } from '../state/chosen-values.ts'
import { useApp } from '../state/use-app.ts'
import { text } from '../text/text.ts'
import { valuesWords } from '../text/values-words.ts'
import { SignalPicker } from './signal-picker.tsx'

const NONE: readonly string[] = []

/** Chooses which values stand for the shown line on this device: in its view, and on boards of all lines. */
export function ValuesSheet() {
  const app = useApp()
  const { area, chosenValues, model, sheet } = app
  const words = valuesWords()
  const machines = useMemo(() => machinesOf(model.value, area.value), [model.value, area.value])
  const keys = chosenValues.value.get(area.value) ?? NONE
  // What is not there any more cannot be told, and is not kept.
  const chosen = useMemo(
    () => lineValues(machines, keys.length, keys).filter((value) => keys.includes(valueKey(value))),
    [machines, keys],
  )
  const without = useMemo(
    () => chosen.map(({ machine, signal }) => ({ machine: machine.id, signal: signal.name })),
    [chosen],
  )
  const choose = (values: readonly LineValue[]): void => chooseValues(app, area.value, values.map(valueKey))
  return (
    <Sheet title={words.title(text.areaName(area.value))} onClose={() => (sheet.value = null)}>
      <p class="lead">{words.lead(MAX_CHOSEN, VALUES_PER_LINE)}</p>
      {chosen.length === 0 ? <p>{words.none}</p> : null}
      <ul class="pick-list" aria-label={words.chosen}>
        {chosen.map((value) => (
          <li key={valueKey(value)} class="value-chosen">
            <p>
              <strong>{text.equipment.named(value.signal.name, value.signal.label)}</strong>
              <span class="pick-more">{text.equipment.named(value.machine.id, value.machine.label)}</span>
            </p>
            <button
              type="button"
              class="button button-secondary"
              aria-label={words.remove(text.equipment.named(value.signal.name, value.signal.label))}
              onClick={() => choose(chosen.filter((one) => one !== value))}
            >
              <Sign name="close" />
            </button>
          </li>
        ))}
      </ul>
      {chosen.length >= MAX_CHOSEN ? (
        <p role="status">{words.full(MAX_CHOSEN)}</p>
      ) : (
        <SignalPicker
          label={words.find}
          machines={machines}
          without={without}
          onChoose={(choice) => choose([...chosen, choice])}
        />
      )}
    </Sheet>
  )
}
