import { saidIn } from '../../relay/domain/chat.ts'
import { orderEdit, plannedOrder } from '../../relay/domain/orders.ts'
import { noteOf } from '../../relay/domain/notes.ts'
import { dataOf } from '../../relay/domain/pending.ts'
import type { CommandData } from '../../relay/protocol/commands.ts'
import type { PendingCommand } from '../../relay/protocol/local.ts'
import { ORDER_FIELDS } from '../../relay/protocol/order-fields.ts'
import type { OrderField, OrderFields } from '../../relay/protocol/records.ts'
import { count } from '../text/format.ts'
import { commandWords } from '../text/command-words.ts'
import { LANGUAGE_NAMES, text } from '../text/text.ts'
import type { App } from './app.ts'
import { timeWords, type Clocks } from './moments.ts'

/** A command in one line of words, naming what it is about as far as this window knows it. */
export function describe(app: App, command: Pick<PendingCommand, 'type' | 'data'>): string {
  const alertTitle = (id: string): string | null => app.board.value.rows.find((row) => row.id === id)?.title ?? null
  const orderNumber = (id: string): string | null => app.orders.value.find((row) => row.id === id)?.number ?? null
  const raise = dataOf(command, 'alert.raise')
  if (raise !== null) return commandWords().raise(raise.priority, raise.title)
  const ack = dataOf(command, 'alert.ack')
  if (ack !== null) return commandWords().acknowledge(alertTitle(ack.id))
  const resolve = dataOf(command, 'alert.resolve')
  if (resolve !== null) return commandWords().resolve(alertTitle(resolve.id))
  const planned = plannedOrder(command)
  if (planned !== null) return commandWords().create(planned.number)
  const edit = orderEdit(command)
  if (edit !== null) return commandWords().edit(orderNumber(edit.id), changes(app, edit.fields))
  const said = saidIn(command)
  if (said !== null) {
    const area = text.areaName(said.line)
    return said.files.length === 0
      ? commandWords().post(area, said.text)
      : commandWords().share(area, said.text, said.files.length)
  }
  const withdraw = dataOf(command, 'chat.withdraw')
  if (withdraw !== null) return commandWords().withdraw(text.areaName(withdraw.line))
  const read = dataOf(command, 'chat.read')
  if (read !== null) return commandWords().read(text.areaName(read.line))
  const note = noteOf(command)
  if (note !== null) return commandWords().note(command.type, note.note)
  const close = dataOf(command, 'rejection.close')
  if (close !== null) return commandWords().close(close.how)
  const prefs = dataOf(command, 'prefs.set')
  if (prefs !== null) return text.and(preferenceWords(prefs))
  const out = dataOf(command, 'session.revoke')
  if (out !== null) return commandWords().signOutEverywhere(out.operator)
  return command.type === 'session.end' ? commandWords().signOut : commandWords().unknown(command.type)
}

function preferenceWords({ theme, language }: CommandData<'prefs.set'>): readonly string[] {
  return [
    ...(theme === undefined ? [] : [commandWords().theme(text.settings.themes[theme])]),
    ...(language === undefined ? [] : [commandWords().language(LANGUAGE_NAMES[language])]),
  ]
}

/** A field's value as a person reads it. */
export function valueOf(clocks: Clocks, field: OrderField, value: unknown): string {
  if (field === 'status')
    return Object.entries(text.orders.status).find(([name]) => name === value)?.[1] ?? String(value)
  if (field === 'assignee') return typeof value === 'string' && value !== '' ? value : text.orders.nobody
  if (field === 'due') return typeof value === 'string' ? timeWords(clocks, value) : text.orders.notDue
  if (typeof value === 'number') return count(value)
  return typeof value === 'string' && value !== '' ? value : text.orders.none
}

function changes(clocks: Clocks, fields: Partial<OrderFields>): string {
  const named = ORDER_FIELDS.filter((field) => fields[field] !== undefined)
  return text.and(
    named.map((field) => commandWords().change(text.orders.field[field], valueOf(clocks, field, fields[field]))),
  )
}
