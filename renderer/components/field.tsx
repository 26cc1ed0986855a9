import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'

interface FieldProps {
  readonly label: string
  readonly hint?: string | undefined
  readonly error?: string | null
  /** Gets the ids to wire label, hint and error to the control. */
  readonly children: (ids: { readonly id: string; readonly describedBy: string }) => ComponentChildren
  readonly aside?: ComponentChildren
}

/** A label, its control, and below it what helps or what is wrong. */
export function Field({ label, hint, error = null, children, aside }: FieldProps) {
  const id = useId()
  return (
    <div class="field">
      <div class="field-top">
        <label for={id}>{label}</label>
        {aside}
      </div>
      {children({ id, describedBy: `${id}-more` })}
      <div id={`${id}-more`} class="field-more">
        {error === null ? hint : <span class="field-error">{error}</span>}
      </div>
    </div>
  )
}
