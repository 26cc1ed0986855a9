import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { Button } from '../components/button.tsx'
import { notesWords } from '../text/notes-words.ts'

/** How long it is said that it was copied, milliseconds: the text goes on changing. */
const SAID_MS = 5_000

/**
 * Copies a text. The clipboard belongs to the browser, which may refuse it, and where a page came over plain http there is none:
 * then the text is shown and marked, to be copied by hand.
 */
export function CopyText({ said }: { readonly said: () => string }) {
  const words = notesWords()
  const [outcome, setOutcome] = useState<'none' | 'copied' | { readonly byHand: string }>('none')
  useEffect(() => {
    if (outcome !== 'copied') return undefined
    const timer = setTimeout(() => setOutcome('none'), SAID_MS)
    return () => clearTimeout(timer)
  }, [outcome])
  const copy = async (): Promise<void> => {
    const copied = said()
    setOutcome((await isTaken(copied)) ? 'copied' : { byHand: copied })
  }
  return (
    <>
      <Button kind="secondary" onPress={() => void copy()}>
        {words.copy}
      </Button>
      <p class="copy-outcome" role="status">
        {outcome === 'copied' ? words.copied : outcome === 'none' ? '' : words.copyByHand}
      </p>
      {typeof outcome === 'object' ? <ByHand said={outcome.byHand} /> : null}
    </>
  )
}

async function isTaken(said: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(said)
    return true
  } catch {
    // Refused, or not there at all: either is said, and leaves the same way.
    return false
  }
}

/** All of it marked, so that one key or one hold copies it. */
function ByHand({ said }: { readonly said: string }) {
  const field = useRef<HTMLTextAreaElement>(null)
  const mark = (): void => field.current?.select()
  useLayoutEffect(() => {
    field.current?.focus()
    mark()
  }, [said])
  return (
    <textarea
      ref={field}
      class="input copy-by-hand"
      readOnly
      rows={4}
      aria-label={notesWords().copyByHand}
      value={said}
      onFocus={mark}
    />
  )
}
