import type { CommandData, CommandType } from '../../relay/protocol/commands.ts'
import type { CommandId } from '../../relay/protocol/ids.ts'
import type { SettledCommand } from '../../relay/protocol/local.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import type { OrderFields, Priority } from '../../relay/protocol/records.ts'
import { saidIn, wordsOf, type ChatRow } from '../../relay/domain/chat.ts'
import { conflictOf, orderEdit, plannedOrder } from '../../relay/domain/orders.ts'
import { excerpt } from '../../relay/protocol/plain-text.ts'
import { text } from '../text/text.ts'
import { noteOf } from '../../relay/domain/notes.ts'
import { dataOf } from '../../relay/domain/pending.ts'
import { asSettled, type CommandCheck, type RejectionRow } from '../../relay/domain/rejections.ts'
import { go, send, settle } from './actions.ts'
import type { App } from './app.ts'
import type { NewOrder } from './sheets.ts'
import { namedIn, peopleOf } from './names.ts'
import type { Answer } from './talk.ts'
import { typed } from './typed.ts'

export function raise(
  app: App,
  alert: { readonly priority: Priority; readonly area: string; readonly title: string; readonly body: string },
): void {
  const { priority, area } = alert
  send(app, 'alert.raise', { priority, area, title: typed(alert.title), body: typed(alert.body) || null })
}

export function editOrder(app: App, id: CommandId, fields: Partial<OrderFields>, baseVersion: number): void {
  const { title, note } = fields
  const words = {
    ...(title !== undefined && { title: typed(title) }),
    ...(note !== undefined && { note: typed(note) }),
  }
  const edit = { id, fields: { ...fields, ...words }, baseVersion }
  // A server of before takes what it knows.
  if (fields.produced !== undefined) send(app, 'order.update', edit)
  else if (fields.due !== undefined) send(app, 'order.change', edit)
  else send(app, 'order.edit', edit)
}

export function planOrder(app: App, area: string, { number, values }: NewOrder): void {
  const { title, note, quantity, assignee, due } = values
  const order = { area, number: typed(number), title: typed(title), quantity, assignee, note: typed(note) }
  // Whoever makes an order looks for it in the list at once.
  app.reveal.value = due === null ? send(app, 'order.create', order) : send(app, 'order.plan', { ...order, due })
}

/** Says something in a line, with what it answers and whom it names. A server of before takes what has neither. */
export function say(app: App, line: string, words: string, answer = app.talk.answers.value[line]): void {
  const mentions = namedIn(words, peopleOf(app), LIMITS.maxMentions)
  const reply = answer === undefined ? null : { to: answer.to, id: answer.id }
  if (reply === null && mentions.length === 0) send(app, 'chat.post', { line, text: words })
  else send(app, 'chat.say', { line, text: words, reply, mentions: [...mentions] })
  withoutAnswer(app, line)
}

/** The message being written answers this one. */
export function answerMessage(app: App, { id, author, text: words, files }: ChatRow): void {
  if (id === null) return
  const answer: Answer = {
    to: 'message',
    id,
    by: author ?? text.chat.terminal,
    text: excerpt(wordsOf({ text: words, files }), LIMITS.maxQuote),
  }
  app.talk.answers.value = { ...app.talk.answers.value, [app.area.value]: answer }
}

/** The next message of the shown line is about this, which somebody goes there to write. */
export function discuss(app: App, answer: Answer): void {
  app.sheet.value = null
  app.talk.answers.value = { ...app.talk.answers.value, [app.area.value]: answer }
  go(app, 'chat')
}

export function withoutAnswer(app: App, line: string): void {
  const { [line]: _answered, ...others } = app.talk.answers.value
  app.talk.answers.value = others
}

/** What a person typed comes back into its form, to be changed. */
const FORMS: Readonly<Partial<Record<CommandType, (app: App, refused: SettledCommand) => void>>> = {
  'alert.raise'(app, refused) {
    const alert = dataOf(refused.command, 'alert.raise')
    if (alert !== null) app.sheet.value = { kind: 'raise', draft: { ...alert, body: alert.body ?? '' }, again: refused }
  },
  'chat.post': reopenMessage,
  'chat.say': reopenMessage,
  'chat.share': reopenMessage,
  'note.update': reopenNote,
  'note.add': reopenAddendum,
  'order.create': reopenNewOrder,
  'order.plan': reopenNewOrder,
  'order.edit': reopenOrder,
  'order.change': reopenOrder,
  'order.update': reopenOrder,
}

/** What it answered may have gone, which is why it was refused: its words come back alone. */
function reopenMessage(app: App, refused: SettledCommand): void {
  const said = saidIn(refused.command)
  if (said === null) return
  go(app, 'chat', said.line)
  if (!takeUp(app, said.line, refused, said.text)) return
  // Their bytes stay on this device for as long as the refusal is not settled.
  if (said.files.length === 0) return
  const release = readsFor(app, said.line)
  void import('./chosen-files.ts')
    .then(({ chooseAgain }) => chooseAgain(app, refused.command.id, said))
    .finally(release)
}

/** Into a field, behind what is being written there already; false where it is in it. */
export function takeUp({ drafts, chatAgain }: App, place: string, refused: SettledCommand, words: string): boolean {
  if (chatAgain.value[place]?.command.id === refused.command.id) return false
  const draft = [drafts.value[place] ?? '', words].filter((each) => typed(each) !== '').join('\n')
  drafts.value = { ...drafts.value, [place]: draft }
  chatAgain.value = { ...chatAgain.value, [place]: refused }
  return true
}

/** Something is read for the draft of this line until the release. */
export function readsFor({ talk: { reading } }: App, line: string): () => void {
  const count = (change: number): void => {
    reading.value = { ...reading.value, [line]: (reading.value[line] ?? 0) + change }
  }
  count(1)
  return () => count(-1)
}

/** The note shows what was not taken of it, and what can be done with that. */
function reopenNote(app: App, refused: SettledCommand): void {
  const of = noteOf(refused.command)
  if (of !== null && canResend(app, refused)) go(app, 'notes', of.area, of.note)
}

function reopenAddendum(app: App, refused: SettledCommand): void {
  const added = dataOf(refused.command, 'note.add')
  if (added === null || !canResend(app, refused)) return
  reopenNote(app, refused)
  takeUp(app, `${added.area}/${added.note}`, refused, added.text)
}

function reopenNewOrder(app: App, refused: SettledCommand): void {
  const made = plannedOrder(refused.command)
  if (made === null) return
  const { area, number, ...values } = made
  app.sheet.value = {
    kind: 'new-order',
    area,
    draft: { number, values: { status: 'open', produced: 0, ...values } },
    again: refused,
  }
}

function reopenOrder(app: App, refused: SettledCommand): void {
  const edit = orderEdit(refused.command)
  if (edit !== null) app.sheet.value = { kind: 'order', id: edit.id, draft: edit.fields, again: refused }
}

/** Whether a refused command of this type has something in it that a person could change. */
export function isTyped(type: string): boolean {
  return Object.hasOwn(FORMS, type)
}

/** Words go back into a note only where this person may open it. */
export function canResend({ areas }: App, { command }: SettledCommand): boolean {
  const of = noteOf(command)
  return of === null || areas.value.includes(of.area)
}

/**
 * A refused command is taken up again: what a person typed comes back into its form to be changed, a conflict goes to
 * the choice, what has nothing to change is sent as it was. The refusal goes once something is sent in its place.
 */
export function resend(app: App, refused: SettledCommand): void {
  const { id, type, data } = refused.command
  if (conflictOf(refused) !== null) {
    app.sheet.value = { kind: 'conflict', id }
    return
  }
  app.sheet.value = null
  const known = type as CommandType
  const form = isTyped(type) ? FORMS[known] : undefined
  if (form !== undefined) return form(app, refused)
  // The relay checks it against the row of its type, as it did before it was saved.
  send(app, known, data as CommandData<typeof known>)
  settle(app, refused, 'resent')
}

/** A supervisor takes up what another was refused: an edit in its form, on the record as it is now; the others after a question. */
export function askToSendAgain(app: App, { record, again }: RejectionRow, check: CommandCheck): void {
  const edit = again === null ? null : orderEdit(again)
  app.sheet.value =
    edit === null
      ? { kind: 'rejection', id: record.id, how: 'resent' }
      : { kind: 'order', id: edit.id, draft: edit.fields, again: asSettled(record, check) }
}

/** The same once more, as a command of this person; then it is settled (PROTOCOL D5). */
export function sendRejectedAgain(app: App, { record, again }: RejectionRow): void {
  if (again === null) return
  send(app, again.type, again.data)
  send(app, 'rejection.close', { id: record.id, how: 'resent', reason: null })
}

export function discardRejected(app: App, { record }: RejectionRow, reason: string): void {
  send(app, 'rejection.close', { id: record.id, how: 'discarded', reason: typed(reason) })
}
