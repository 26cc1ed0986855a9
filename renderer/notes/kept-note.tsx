import { useEffect, useState } from 'preact/hooks'
import type { wordsOf } from '../../relay/documents/update-text.ts'
import { dataOf } from '../../relay/domain/pending.ts'
import type { PendingCommand } from '../../relay/protocol/local.ts'
import { text } from '../text/text.ts'
import { CopyText } from './copy-text.tsx'

/** What reads a change of a note comes with the first that is reviewed; from then on it is at hand. */
let atHand: typeof wordsOf | null = null

/** The words of a note that were not taken, for whoever reviews them: the note itself may be one that they read no more. */
export function KeptNote({ command }: { readonly command: Pick<PendingCommand, 'type' | 'data'> }) {
  const update = dataOf(command, 'note.update')?.update ?? null
  const [reads, setReads] = useState(() => atHand)
  const [isFailed, setFailed] = useState(false)
  useEffect(() => {
    if (update === null || reads !== null) return undefined
    let isGone = false
    void import('../../relay/documents/update-text.ts').then(
      (loaded) => {
        atHand = loaded.wordsOf
        if (!isGone) setReads(() => loaded.wordsOf)
      },
      () => {
        if (!isGone) setFailed(true)
      },
    )
    return () => {
      isGone = true
    }
  }, [update, reads])
  const said = dataOf(command, 'note.add')?.text ?? (update === null ? '' : (reads?.(update) ?? ''))
  if (said === '') return isFailed ? <p class="outbox-more">{text.later.failed}</p> : null
  return (
    <div class="note-kept">
      <pre class="note-refused-text">{said}</pre>
      <CopyText said={() => said} />
    </div>
  )
}
