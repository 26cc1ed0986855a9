import { Choice } from './choice.tsx'
import { orderWords } from '../text/order-words.ts'
import { timeWords } from '../state/moments.ts'
import { useApp } from '../state/use-app.ts'

export type Side = 'yours' | 'theirs'

interface VersusProps {
  readonly field: string
  readonly yours: string
  readonly theirs: string
  readonly by: string
  readonly at: string
  readonly value: Side | null
  readonly onChoose: (side: Side) => void
}

/** Characters beside each other on a phone; longer values stand under each other. */
const LONG = 40

/** Two values of one field, whose they are, and the choice between them. */
export function Versus({ field, yours, theirs, by, at, value, onChoose }: VersusProps) {
  const app = useApp()
  return (
    <div class={`versus ${Math.max(yours.length, theirs.length) > LONG ? 'versus-long' : ''}`}>
      <Choice
        legend={field}
        value={value}
        onChoose={onChoose}
        options={[
          { value: 'yours', label: <Face who={orderWords().conflict.yours} what={yours} /> },
          {
            value: 'theirs',
            label: <Face who={orderWords().conflict.theirs(by, timeWords(app, at))} what={theirs} />,
          },
        ]}
      />
    </div>
  )
}

function Face({ who, what }: { readonly who: string; readonly what: string }) {
  return (
    <span class="versus-face">
      <span class="versus-who">{who}</span>
      <span class="versus-what">{what}</span>
    </span>
  )
}
