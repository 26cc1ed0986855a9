import type { CommandData, CommandType } from '../../relay/protocol/commands.ts'
import type { CommandId } from '../../relay/protocol/ids.ts'
import type { SettledCommand } from '../../relay/protocol/local.ts'
import type { Language, RejectionEnd, Theme } from '../../relay/protocol/records.ts'
import type { Reply } from '../../relay/window.ts'
import { text } from '../text/text.ts'
import type { App } from './app.ts'
import { hashOf, type ViewName } from './place.ts'

/**
 * Gives an intention to the relay, and returns its id, which is also that of what it makes. If it cannot even be saved, a
 * notice says so: nothing is lost without a word.
 */
export function send<T extends CommandType>(app: App, type: T, data: CommandData<T>): CommandId {
  const { id, saved } = app.relay.command(type, data)
  void saved.then((reply) => tell(app, reply))
  return id
}

export function acknowledge(app: App, id: CommandId): void {
  send(app, 'alert.ack', { id })
}

export function resolve(app: App, id: CommandId): void {
  send(app, 'alert.resolve', { id })
}

/** Shows a view. While nobody is signed in, only a line that somebody asks for is chosen: the next person has their own. */
export function go(app: App, view: ViewName, area: string | null = chosenArea(app), item?: string): void {
  if (area !== null) app.memory.rememberArea(area)
  app.place.value = { view, area, ...(item !== undefined && { item }) }
  app.address.replace(hashOf(view, area, item))
}

/** The line that stands in the address: of a window without a person, only one that was asked for. */
export function chosenArea({ session, area, place }: App): string | null {
  return session.value === null ? place.value.area : area.value
}

export function setAside(app: App, ids: readonly CommandId[]): void {
  app.aside.value = new Set([...app.aside.value, ...ids])
}

export async function signOut(app: App): Promise<void> {
  await leave(app)
  tell(app, await app.relay.signOut())
}

export async function signOutEverywhere(app: App): Promise<void> {
  await leave(app)
  tell(app, await app.relay.signOut({ everywhere: true }))
}

/** How long whoever signs out waits for what they wrote to be on a disk, milliseconds; what is not by then is kept for them. */
const LEAVE_MS = 2_000

/** What was written a moment ago is its author's: the relay has it before they go. A relay that hangs keeps nobody signed in. */
async function leave(app: App): Promise<void> {
  app.sheet.value = null
  const late = new Promise((end) => setTimeout(end, LEAVE_MS))
  await Promise.race([Promise.all([...app.gathering].map((give) => give())), late])
}

export function chooseTheme(app: App, theme: Theme): void {
  send(app, 'prefs.set', { theme })
}

/** The language of this person; of this device while nobody is signed in. */
export function chooseLanguage(app: App, language: Language): void {
  if (app.session.value !== null) {
    send(app, 'prefs.set', { language })
    return
  }
  app.memory.rememberLanguage(language)
  app.deviceLanguage.value = language
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

function tell(app: App, reply: Reply): void {
  if (!reply.ok) app.notice.value = text.refusal(reply.code, reply.message)
}
