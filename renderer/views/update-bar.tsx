import { useState } from 'preact/hooks'
import { Button } from '../components/button.tsx'
import type { Hindrance } from '../state/update-offer.ts'
import { useApp } from '../state/use-app.ts'
import { text } from '../text/text.ts'

/** A newer Andon is there: calm, because nothing is wrong. What is in the way is said when somebody wants it. */
export function UpdateBar() {
  const { update, halted } = useApp()
  const [hindrance, setHindrance] = useState<Hindrance | null>(null)
  const offer = update.value
  if (offer === null) return null
  // The other bar says more, and offers the same.
  if (offer.kind === 'started' && halted.value !== null) return null
  const restart = async (): Promise<void> => setHindrance(await offer.restart())
  return (
    <div class="bar bar-update" role="status" data-testid="update-bar">
      <p>
        <strong>{text.update[offer.kind]}</strong> {hindrance === null ? text.update.safe : text.update.not[hindrance]}
      </p>
      <Button kind="secondary" onPress={() => void restart()}>
        {text.update.restart}
      </Button>
    </div>
  )
}
