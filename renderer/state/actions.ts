import type { CommandData, CommandType } from '../../relay/protocol/commands.ts'
import type { CommandId } from '../../relay/protocol/ids.ts'
import type { SettledCommand } from '../../relay/protocol/local.ts'
import type { Language, OrderFields, Priority, RejectionEnd, Theme } from '../../relay/protocol/records.ts'
import { conflictOf, orderEdit, plannedOrder } from '../../relay/domain/orders.ts'
import { dataOf } from '../../relay/domain/pending.ts'
import { asSettled, type CommandCheck, type RejectionRow } from '../../relay/domain/rejections.ts'
import type { Reply } from '../../relay/window.ts'
import { text } from '../text/text.ts'
import type { App } from './app.ts'
import { hashOf, type ViewName } from './place.ts'
import type { NewOrder } from './sheets.ts'
import { typed } from './typed.ts'

/** Gives an intention to the relay. If it cannot even be saved, a notice says so: nothing is lost without a word. */
export function send<T extends CommandType>(app: App, type: T, data: CommandData<T>): void {
  void app.relay.command(type, data).saved.then((reply) => tell(app, reply))
}

export function acknowledge(app: App, id: CommandId): void {
  send(app, 'alert.ack', { id })
}

export function resolve(app: App, id: CommandId): void {
  send(app, 'alert.resolve', { id })
}

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
  if (fields.due === undefined) send(app, 'order.edit', edit)
  else send(app, 'order.change', edit)
}

export function planOrder(app: App, area: string, { number, values }: NewOrder): void {
  const { title, note, quantity, assignee, due } = values
  const order = { area, number: typed(number), title: typed(title), quantity, assignee, note: typed(note) }
  if (due === null) send(app, 'order.create', order)
  else send(app, 'order.plan', { ...order, due })
}

/** Shows a view. While nobody is signed in, only a line that somebody asks for is chosen: the next person has their own. */
export function go(app: App, view: ViewName, area: string | null = chosenArea(app)): void {
  if (area !== null) app.memory.rememberArea(area)
  app.place.value = { view, area }
  app.address.replace(hashOf(view, area))
}

/** The line that stands in the address: of a window without a person, only one that was asked for. */
export function chosenArea({ session, area, place }: App): string | null {
  return session.value === null ? place.value.area : area.value
}

export function setAside(app: App, ids: readonly CommandId[]): void {
  app.aside.value = new Set([...app.aside.value, ...ids])
}

export async function signOut(app: App): Promise<void> {
  app.sheet.value = null
  tell(app, await app.relay.signOut())
}

export async function signOutEverywhere(app: App): Promise<void> {
  app.sheet.value = null
  tell(app, await app.relay.signOut({ everywhere: true }))
}

export function chooseTheme(app: App, theme: Theme): void {
  send(app, 'prefs.set', { theme })
}

/** The language of this person; of this device while nobody is signed in. */
export function chooseLanguage(app: App, language: Language): void {
  if (app.session.value !== null) return send(app, 'prefs.set', { language })
  app.memory.rememberLanguage(language)
  app.deviceLanguage.value = language
}

/** What a person typed comes back into its form, to be changed. */
const FORMS: Readonly<Partial<Record<CommandType, (app: App, refused: SettledCommand) => void>>> = {
  'alert.raise'(app, refused) {
    const alert = dataOf(refused.command, 'alert.raise')
    if (alert !== null) app.sheet.value = { kind: 'raise', draft: { ...alert, body: alert.body ?? '' }, again: refused }
  },
  'chat.post'(app, refused) {
    const post = dataOf(refused.command, 'chat.post')
    if (post === null) return
    app.chatDrafts.value = { ...app.chatDrafts.value, [post.line]: post.text }
    app.chatAgain.value = { ...app.chatAgain.value, [post.line]: refused }
    go(app, 'chat', post.line)
  },
  'order.create': reopenNewOrder,
  'order.plan': reopenNewOrder,
  'order.edit': reopenOrder,
  'order.change': reopenOrder,
}

function reopenNewOrder(app: App, refused: SettledCommand): void {
  const made = plannedOrder(refused.command)
  if (made === null) return
  const { area, number, ...values } = made
  app.sheet.value = {
    kind: 'new-order',
    area,
    draft: { number, values: { status: 'open', ...values } },
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

/** A refusal of this list is done with: here at once, and on the server where it is this person's to settle. */
export function settle(app: App, { command, code }: SettledCommand, how: RejectionEnd['how']): void {
  app.relay.dismiss(command.id)
  const person = app.session.value
  // What this device could not save never reached the server.
  if (person === null || code === 'storage-failed') return
  const isSupervised = app.rejections.value.some(({ record }) => record.id === command.id)
  if (command.by !== null && command.by !== person.operator && !isSupervised) return
  send(app, 'rejection.close', { id: command.id, how, reason: how === 'resent' ? null : text.rejections.byAuthor })
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

function tell(app: App, reply: Reply): void {
  if (!reply.ok) app.notice.value = text.refusal(reply.code, reply.message)
}
