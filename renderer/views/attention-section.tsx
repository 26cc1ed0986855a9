import { useState } from 'preact/hooks'
import { Button } from '../components/button.tsx'
import { useAttention } from '../state/attention.ts'
import { text } from '../text/text.ts'

/** How this terminal calls a person: what sounds, what is notified, and what it cannot; with a way to try it. */
export function AttentionSection() {
  const attention = useAttention()
  const { sound, notices } = attention
  const [isTested, setTested] = useState(false)
  const state = sound.state.value
  const availability = notices.value
  const canSound = state === 'on' || state === 'elsewhere' || state === 'blocked'
  return (
    <>
      <section class="attention">
        <h3>{text.sound.title}</h3>
        <p data-testid="sound-state">{text.sound.state[state]}</p>
        {canSound ? (
          <Button kind="secondary" testId="test-sound" onPress={() => setTested(sound.test())}>
            {text.sound.test}
          </Button>
        ) : null}
        <p role="status">{isTested ? text.sound.tested : ''}</p>
      </section>
      {availability === null ? null : (
        <section class="attention">
          <h3>{text.notices.title}</h3>
          <p data-testid="notices-state">{text.notices.state[availability]}</p>
          {availability === 'not-asked' ? (
            <Button kind="secondary" testId="ask-notices" onPress={() => attention.askForNotices()}>
              {text.notices.ask}
            </Button>
          ) : null}
        </section>
      )}
    </>
  )
}
