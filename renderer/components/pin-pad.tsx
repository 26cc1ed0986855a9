import { text } from '../text/text.ts'
import { Sign } from './sign.tsx'

const DIGITS = ['1', '2', '3', '4', '5', '6', '7', '8', '9'] as const

/** Digits as on a telephone, 20 mm each: the smallest key without loss in gloves. */
export function PinPad(props: {
  readonly onDigit: (digit: string) => void
  readonly onErase: () => void
  readonly onClear: () => void
}) {
  const digit = (value: string) => (
    <button key={value} type="button" class="pin-key" onClick={() => props.onDigit(value)}>
      {value}
    </button>
  )
  return (
    <div class="pin-pad" role="group" aria-label={text.session.digits}>
      {DIGITS.map((value) => digit(value))}
      <button type="button" class="pin-key pin-key-word" onClick={props.onClear}>
        {text.session.clear}
      </button>
      {digit('0')}
      <button type="button" class="pin-key" aria-label={text.session.erase} onClick={props.onErase}>
        <Sign name="erase" />
      </button>
    </div>
  )
}
