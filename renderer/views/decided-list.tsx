import { checkCommand } from '../../relay/protocol/check.ts'
import { asSettled, type DecidedRejection } from '../../relay/domain/rejections.ts'
import { describe } from '../state/describe.ts'
import { timeWords } from '../state/moments.ts'
import { useApp } from '../state/use-app.ts'
import { authorName } from '../text/author-name.ts'
import { outboxWords } from '../text/outbox-words.ts'

/** What became of this person's refusals where somebody else decided: who, when and why. */
export function DecidedList() {
  const { decided } = useApp()
  if (decided.value.length === 0) return null
  return (
    <section class="outbox-refused" aria-label={outboxWords().decidedTitle}>
      <h3>{outboxWords().decidedTitle}</h3>
      <ul class="outbox-list">
        {decided.value.map((record) => (
          <Decided key={record.id} record={record} />
        ))}
      </ul>
    </section>
  )
}

function Decided({ record }: { readonly record: DecidedRejection }) {
  const app = useApp()
  const { at, how, reason } = record.closed
  const by = authorName(record.closed.by)
  const time = timeWords(app, at)
  const words = how === 'resent' ? outboxWords().resentBy(by, time) : outboxWords().discardedBy(by, time)
  return (
    <li class="outbox-item">
      <p class="outbox-what">{describe(app, asSettled(record, checkCommand).command)}</p>
      <p class="outbox-reason">{reason === null ? words : outboxWords().because(words, reason)}</p>
    </li>
  )
}
