import type { ComponentChildren } from 'preact'
import { Button } from '../components/button.tsx'
import { Choice } from '../components/choice.tsx'
import { Sign } from '../components/sign.tsx'
import { dueDayOf, movedDue, withDueDay } from '../state/due.ts'
import { useApp } from '../state/use-app.ts'
import { clock, day } from '../text/format.ts'
import { orderWords } from '../text/order-words.ts'
import { text } from '../text/text.ts'

interface DueFieldProps {
  readonly value: string | null
  readonly onChange: (value: string | null) => void
  readonly aside?: ComponentChildren
}

const DAYS = ['none', 'today', 'tomorrow'] as const
const STEPS = [-60, -15, 15, 60] as const

/** When something is due, by buttons alone: nobody types a date with gloves. */
export function DueField({ value, onChange, aside }: DueFieldProps) {
  const here = new Date(useApp().serverNow.value)
  const { due } = orderWords()
  const step = (minutes: number) => (
    <Button
      kind="secondary"
      label={`${due.step(minutes)} ${minutes < 0 ? due.earlier : due.later}`}
      onPress={() => value !== null && onChange(movedDue(value, { minutes }))}
    >
      {due.step(minutes)}
    </Button>
  )
  return (
    <div class="due">
      <Choice
        legend={text.orders.field.due}
        legendAside={aside}
        value={dueDayOf(value, here)}
        onChoose={(chosen) => onChange(withDueDay(value, chosen, here))}
        options={DAYS.map((one) => ({ value: one, label: due.days[one] }))}
      />
      {value === null ? null : (
        <>
          <div class="counter">
            <Button kind="secondary" label={due.dayBefore} onPress={() => onChange(movedDue(value, { days: -1 }))}>
              <Sign name="minus" />
            </Button>
            <output class="due-shown">{day(new Date(value))}</output>
            <Button kind="secondary" label={due.dayAfter} onPress={() => onChange(movedDue(value, { days: 1 }))}>
              <Sign name="plus" />
            </Button>
          </div>
          <div class="due-time">
            {STEPS.slice(0, 2).map(step)}
            <output class="due-shown" data-testid="due-time">
              {clock(new Date(value))}
            </output>
            {STEPS.slice(2).map(step)}
          </div>
        </>
      )}
    </div>
  )
}
