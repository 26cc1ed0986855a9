import type { ComponentChildren } from 'preact'

export interface ButtonProps {
  /** `primary`: what this screen is for, once. `secondary`: the others. `quiet`: in headers and lists. */
  readonly kind: 'primary' | 'secondary' | 'quiet'
  readonly children: ComponentChildren
  readonly onPress?: (() => void) | undefined
  readonly submits?: boolean
  readonly disabled?: boolean
  /** Said instead of the visible text where that alone does not tell one button from the next. */
  readonly label?: string | undefined
  readonly class?: string
  readonly describedBy?: string | undefined
  readonly testId?: string
}

/** Acts on release, and not when the finger has moved off: that is what `click` does. */
export function Button(props: ButtonProps) {
  return (
    <button
      type={props.submits === true ? 'submit' : 'button'}
      class={`button button-${props.kind} ${props.class ?? ''}`}
      disabled={props.disabled}
      aria-label={props.label}
      aria-describedby={props.describedBy}
      data-testid={props.testId}
      onClick={props.onPress}
    >
      {props.children}
    </button>
  )
}
