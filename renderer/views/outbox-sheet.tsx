import type { PendingCommand, SettledCommand } from '../../relay/protocol/local.ts'
import { conflictOf } from '../../relay/domain/orders.ts'
import { queueProgress, waitingCount } from '../../relay/domain/window-model.ts'
import { Button } from '../components/button.tsx'
import { Empty } from '../components/empty.tsx'
import { PendingMark } from '../components/pending-mark.tsx'
import { Sheet } from '../components/sheet.tsx'
import { resend, settle } from '../state/actions.ts'
import { describe } from '../state/describe.ts'
import { useApp } from '../state/use-app.ts'
import { text } from '../text/text.ts'
import { DecidedList } from './decided-list.tsx'

/** What was done here and is not the server's word yet, in words and in order; and above it what was refused. */
export function OutboxSheet() {
  const app = useApp()
  const waiting = app.pending.value
  const refused = app.rejected.value
  const total = waitingCount(app.model.value)
  return (
    <Sheet title={text.outbox.title} onClose={() => (app.sheet.value = null)}>
      {refused.length === 0 ? null : (
        <section class="outbox-refused" aria-label={text.outbox.refusedTitle}>
          <h3>{text.outbox.refusedTitle}</h3>
          <p class="lead">{text.outbox.refusedExplain}</p>
          <ul class="outbox-list">
            {refused.map((settled) => (
              <Refused key={settled.command.id} settled={settled} />
            ))}
          </ul>
        </section>
      )}
      <DecidedList />
      {total === 0 ? (
        <Empty>{refused.length === 0 ? text.outbox.empty : text.outbox.emptyBut}</Empty>
      ) : (
        <>
          <p class="lead">{text.outbox.explain}</p>
          <Progress />
          <ol class="outbox-list">
            {waiting.map((command) => (
              <WaitingItem key={command.id} command={command} />
            ))}
          </ol>
        </>
      )}
    </Sheet>
  )
}

/** `3,412 waiting · sending`, and how far that is: for a queue that is long, or longer than the list below. */
function Progress() {
  const { model, pending } = useApp()
  const waiting = waitingCount(model.value)
  const progress = queueProgress(model.value)
  const listed = pending.value.length
  if (progress === null && listed === waiting) return null
  return (
    <div class="outbox-progress" data-testid="outbox-progress">
      <p class="outbox-what">
        {model.value.outbox.sending ? text.outbox.sending(waiting) : text.outbox.count(waiting)}
      </p>
      {progress === null || progress.ended === 0 ? null : (
        <progress aria-label={text.outbox.progress(progress.ended)} max={progress.of} value={progress.ended} />
      )}
      {listed === waiting ? null : <p class="outbox-more">{text.outbox.newest(listed)}</p>}
    </div>
  )
}

function WaitingItem({ command }: { readonly command: PendingCommand }) {
  const app = useApp()
  const { id, by, madeAt, saved, notice } = command
  const words = saved ? text.outbox.waiting : text.outbox.saving
  return (
    <li class="outbox-item">
      <p class="outbox-what">{describe(app, command)}</p>
      <p class="outbox-more">
        <span>{by === null ? text.outbox.ofDevice : text.outbox.of(by)}</span>
        <PendingMark waiting={{ command: id, by, since: madeAt, saved }} words={words} />
      </p>
      {notice === null ? null : <p class="outbox-more">{text.pending.later(notice)}</p>}
    </li>
  )
}

function Refused({ settled }: { readonly settled: SettledCommand }) {
  const app = useApp()
  const { command, code, message } = settled
  const isConflict = conflictOf(settled) !== null
  const isTyped = ['alert.raise', 'chat.post', 'order.edit'].includes(command.type)
  const again = isConflict ? text.outbox.choose : isTyped ? text.outbox.edit : text.outbox.resend
  return (
    <li class="outbox-item">
      <p class="outbox-what">{describe(app, command)}</p>
      <p class="outbox-reason">{text.refusal(code, message)}</p>
      <p class="outbox-more">{command.by === null ? text.outbox.ofDevice : text.outbox.of(command.by)}</p>
      <div class="outbox-actions">
        <Button kind="primary" onPress={() => resend(app, settled)}>
          {again}
        </Button>
        <Button kind="secondary" onPress={() => settle(app, settled, 'discarded')}>
          {text.outbox.discard}
        </Button>
      </div>
    </li>
  )
}
