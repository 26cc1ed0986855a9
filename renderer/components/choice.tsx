import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'

interface ChoiceProps<T extends string> {
  readonly legend: string
  readonly options: readonly { readonly value: T; readonly label: ComponentChildren }[]
  readonly value: T | null
  readonly onChoose: (value: T) => void
  readonly error?: string | null
  readonly layout?: 'row' | 'column'
  readonly legendAside?: ComponentChildren
}

/** One of a few, each as large as a glove: native radio buttons, so arrows and screen readers work as they should. */
export function Choice<T extends string>(props: ChoiceProps<T>) {
  const name = useId()
  const { error = null } = props
  return (
    <fieldset class={`choice choice-${props.layout ?? 'row'}`}>
      <legend>
        {props.legend}
        {props.legendAside}
      </legend>
      <div class="choice-options">
        {props.options.map(({ value, label }) => (
          <label key={value} class="choice-option">
            <input
              type="radio"
              name={name}
              value={value}
              checked={value === props.value}
              onChange={() => props.onChoose(value)}
            />
            <span class="choice-face">{label}</span>
          </label>
        ))}
      </div>
      {error === null ? null : <span class="field-error">{error}</span>}
    </fieldset>
  )
}
