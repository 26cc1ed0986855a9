import type { PendingCommand, SettledCommand } from '../../relay/protocol/local.ts'
import { conflictOf } from '../../relay/domain/orders.ts'
import { Button } from '../components/button.tsx'
import { Empty } from '../components/empty.tsx'
import { PendingMark } from '../components/pending-mark.tsx'
import { Sheet } from '../components/sheet.tsx'
import { resend } from '../state/actions.ts'
import { describe } from '../state/describe.ts'
import { useApp } from '../state/use-app.ts'
import { age } from '../text/format.ts'
import { text } from '../text/text.ts'

/** What was done here and is not the server's word yet, in words and in order; and above it what was refused. */
export function OutboxSheet() {
  const app = useApp()
  const waiting = app.pending.value
  const refused = app.rejected.value
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
      {waiting.length === 0 ? (
        <Empty>{refused.length === 0 ? text.outbox.empty : text.outbox.emptyBut}</Empty>
      ) : (
        <>
          <p class="lead">{text.outbox.explain}</p>
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

function WaitingItem({ command }: { readonly command: PendingCommand }) {
  const app = useApp()
  const { id, by, madeAt, saved, notice } = command
  const words = saved ? text.outbox.waitingFor(age(app.now.value - madeAt)) : text.outbox.saving
  return (
    <li class="outbox-item">
      <p class="outbox-what">{describe(app, command)}</p>
      <p class="outbox-more">
        <span>{by === null ? text.outbox.ofDevice : text.outbox.of(by)}</span>
        <PendingMark waiting={{ command: id, by, since: madeAt, saved }} words={words} />
      </p>
      {notice === null ? null : <p class="outbox-more">{notice}</p>}
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
        <Button kind="secondary" onPress={() => app.relay.dismiss(command.id)}>
          {text.outbox.discard}
        </Button>
      </div>
    </li>
  )
}
