import { useMemo, useState } from 'preact/hooks'
import type { MachineRecord } from '../../relay/protocol/telemetry.ts'
import { Field } from '../components/field.tsx'
import { signalChoices, type SignalChoice, type SignalName } from '../state/signal-choices.ts'
import { trendWords } from '../text/trend-words.ts'
import { text } from '../text/text.ts'

interface SignalPickerProps {
  /** What is looked for, in words. */
  readonly label: string
  readonly machines: readonly MachineRecord[]
  /** Those that are there: the same array while they are the same. */
  readonly without: readonly SignalName[]
  readonly onChoose: (choice: SignalChoice) => void
}

/** Chooses one more value, of any machine of the area. */
export function SignalPicker({ label, machines, without, onChoose }: SignalPickerProps) {
  const [query, setQuery] = useState('')
  const { shown, more } = useMemo(() => signalChoices(machines, without, query), [machines, without, query])
  const { named } = text.equipment
  const trend = trendWords()
  return (
    <div class="signal-picker">
      <Field label={label} hint={more === 0 ? '' : trend.moreSecond(more)}>
        {({ id, describedBy }) => (
          <input
            id={id}
            class="input"
            type="search"
            autoComplete="off"
            maxLength={100}
            value={query}
            aria-describedby={describedBy}
            onInput={({ currentTarget }) => setQuery(currentTarget.value)}
          />
        )}
      </Field>
      {shown.length === 0 ? <p role="status">{text.filter.none(query.trim())}</p> : null}
      <ul class="pick-list">
        {shown.map((choice) => (
          <li key={`${choice.machine.id}/${choice.signal.name}`}>
            <button type="button" class="pick" onClick={() => onChoose(choice)}>
              {named(choice.signal.name, choice.signal.label)}
              <span class="pick-more">
                {named(choice.machine.id, choice.machine.label)}
                {choice.signal.unit === '' ? '' : ` · ${choice.signal.unit}`}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}
