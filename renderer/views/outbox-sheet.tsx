import type { PendingCommand, SettledCommand } from '../../relay/protocol/local.ts'
import { useMemo } from 'preact/hooks'
import { conflictOf } from '../../relay/domain/orders.ts'
import { queueProgress, waitingCount } from '../../relay/domain/window-model.ts'
import { Button } from '../components/button.tsx'
import { Empty } from '../components/empty.tsx'
import { PendingMark } from '../components/pending-mark.tsx'
import { RowList } from '../components/row-list.tsx'
import { Sheet } from '../components/sheet.tsx'
import { KeptNote } from '../notes/kept-note.tsx'
import { canResend, isTyped, resend } from '../state/form-actions.ts'
import { describe } from '../state/describe.ts'
import { discard, keep } from '../state/undo.ts'
import { useHeldRows, type HeldRow, type HeldRows } from '../state/use-held-rows.ts'
import { useApp } from '../state/use-app.ts'
import { lostFiles } from '../state/lost-files.ts'
import { fileWords, heldWords } from '../text/file-words.ts'
import { outboxWords } from '../text/outbox-words.ts'
import { text } from '../text/text.ts'
import { DecidedList } from './decided-list.tsx'
import { LostActions } from './lost-actions.tsx'

/** Of a row in a sheet on a kiosk, pixels; a guess until it is drawn. */
const REFUSED_HEIGHT = 180
const WAITING_HEIGHT = 76

/** What was done here and is not the server's word yet, in words and in order; and above it what was refused. */
export function OutboxSheet() {
  const app = useApp()
  const waiting = useRows(app.pending.value)
  const refused = useHeldRows(app.rejected.value, idOf, { newcomers: 'last' })
  const total = waitingCount(app.model.value)
  return (
    <Sheet title={outboxWords().title} onClose={() => (app.sheet.value = null)}>
      {refused.rows.length === 0 ? null : (
        <section class="outbox-refused" aria-label={outboxWords().refusedTitle}>
          <h3>{outboxWords().refusedTitle}</h3>
          <p class="lead">{outboxWords().refusedExplain}</p>
          <RowList
            label={outboxWords().refusedTitle}
            held={refused}
            estimate={REFUSED_HEIGHT}
            attributes={itemAttributes}
          >
            {(row) => <Refused held={row} />}
          </RowList>
        </section>
      )}
      <DecidedList />
      <LostList />
      <FilesOnTheirWay />
      {total === 0 ? (
        <Empty>
          {refused.rows.length === 0 && app.files.value.waiting.length === 0
            ? outboxWords().empty
            : outboxWords().emptyBut}
        </Empty>
      ) : (
        <>
          <p class="lead">{outboxWords().explain}</p>
          <Progress />
          <RowList label={outboxWords().waiting} held={waiting} estimate={WAITING_HEIGHT} attributes={itemAttributes}>
            {({ row }) => <WaitingItem command={row} />}
          </RowList>
        </>
      )}
    </Sheet>
  )
}

/** What will never be at the server, and what its author can do about it. */
function LostList() {
  const lost = lostFiles(useApp())
  if (lost.length === 0) return null
  return (
    <ul class="outbox-list" aria-label={fileWords().lostTitle}>
      {lost.map((each) => (
        <li key={each.id} class="outbox-item">
          <p class="outbox-what">{fileWords().lostOf(each.files.length, text.areaName(each.files[0].line))}</p>
          <p class="outbox-reason">{heldWords(each.files[0])}</p>
          <LostActions lost={each} />
        </li>
      ))}
    </ul>
  )
}

/** Photos and files follow their messages by a way of their own. */
function FilesOnTheirWay() {
  const waiting = useApp().files.value.waiting.filter(({ isLost }) => !isLost)
  if (waiting.length === 0) return null
  const size = waiting.reduce((sum, file) => sum + file.size, 0)
  const sent = waiting.reduce((sum, file) => sum + file.sent, 0)
  const words = fileWords()
  return (
    <div class="outbox-progress" data-testid="outbox-files">
      <p class="outbox-what">{words.waiting(waiting.length)}</p>
      <progress aria-label={words.waiting(waiting.length)} max={size} value={sent} />
      <p class="outbox-more">{waiting.map(heldWords).find((held) => held !== null) ?? words.waitingOf(sent, size)}</p>
    </div>
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
        <progress aria-label={outboxWords().progress(progress.ended)} max={progress.of} value={progress.ended} />
      )}
      {listed === waiting ? null : <p class="outbox-more">{outboxWords().newest(listed)}</p>}
    </div>
  )
}

function WaitingItem({ command }: { readonly command: PendingCommand }) {
  const app = useApp()
  const { id, by, madeAt, saved, notice } = command
  const words = saved ? outboxWords().waiting : outboxWords().saving
  return (
    <>
      <p class="outbox-what">{describe(app, command)}</p>
      <p class="outbox-more">
        <span>{by === null ? outboxWords().ofDevice : outboxWords().of(by)}</span>
        <PendingMark waiting={{ command: id, by, since: madeAt, saved }} words={words} />
      </p>
      {notice === null ? null : <p class="outbox-more">{text.pending.later(notice)}</p>}
    </>
  )
}

function idOf({ command }: SettledCommand): string {
  return command.id
}

function itemAttributes({ isGone }: { readonly isGone: boolean }) {
  return { class: `outbox-item ${isGone ? 'row-gone' : ''}` }
}

/** Of what waits nothing can be pressed: it stands in the order of the moment. */
function useRows(commands: readonly PendingCommand[]): HeldRows<PendingCommand> {
  return useMemo(
    () => ({
      rows: commands.map((row) => ({ key: row.id, row, isGone: false })),
      waiting: [],
      order: commands.map(({ id }) => id),
      showAll: () => undefined,
    }),
    [commands],
  )
}

function Refused({ held: { row: settled, isGone } }: { readonly held: HeldRow<SettledCommand> }) {
  const app = useApp()
  const { command, code, message } = settled
  const isConflict = conflictOf(settled) !== null
  const again = isConflict ? outboxWords().choose : isTyped(command.type) ? outboxWords().edit : outboxWords().resend
  const isDiscarded = app.discarding.value.has(command.id)
  return (
    <>
      <p class="outbox-what">{describe(app, command)}</p>
      <KeptNote command={command} />
      <p class="outbox-reason">{text.refusal(code, message)}</p>
      <p class="outbox-more">{command.by === null ? outboxWords().ofDevice : outboxWords().of(command.by)}</p>
      <div class="outbox-actions">
        {isDiscarded ? (
          <>
            <em>{text.undo.discarded}</em>
            <Button key="undo" kind="secondary" disabled={isGone} onPress={() => keep(app, settled)}>
              {text.undo.undo}
            </Button>
          </>
        ) : (
          <>
            {canResend(app, settled) ? (
              <Button key="again" kind="primary" disabled={isGone} onPress={() => resend(app, settled)}>
                {again}
              </Button>
            ) : null}
            <Button key="discard" kind="secondary" disabled={isGone} onPress={() => discard(app, settled)}>
              {outboxWords().discard}
            </Button>
          </>
        )}
      </div>
    </>
  )
}
