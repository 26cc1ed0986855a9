/** Photos and files that somebody has chosen for the message they write, until it is sent. */
import { effect } from '@preact/signals'
import { isPhoto, type AttachmentType, type ContentHash } from '../../relay/protocol/attachments.ts'
import type { Said } from '../../relay/domain/chat.ts'
import type { CommandData } from '../../relay/protocol/commands.ts'
import type { CommandId } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import type { SettledCommand } from '../../relay/protocol/local.ts'
import type { Reply } from '../../relay/window.ts'
import { fileWords } from '../text/file-words.ts'
import { text } from '../text/text.ts'
import { settle } from './actions.ts'
import type { App } from './app.ts'
import { readsFor, withoutAnswer } from './form-actions.ts'
import { MAX_BEGUN } from './leaving.ts'
import { namedIn, peopleOf } from './names.ts'
import { photosOf } from './photos.ts'
import { preparePhoto } from './prepare-photo.ts'
import type { Answer, ChosenFile } from './talk.ts'
import { typed } from './typed.ts'

/** What a picker offers. */
export const ACCEPTED = 'image/*,application/pdf,text/plain,text/csv,.csv,.txt'

/** Why nothing more can be added, in words; null while something can. */
export function refuseMore(app: App, line: string): string | null {
  const chosen = app.talk.chosen.value[line] ?? []
  if (chosen.length >= LIMITS.maxFiles) return fileWords().tooMany(LIMITS.maxFiles)
  const { count, bytes } = app.files.value
  const more = chosen.reduce((sum, file) => sum + file.bytes.byteLength, 0)
  const isFull = count + chosen.length >= LIMITS.maxWaitingFiles || bytes + more >= LIMITS.maxWaitingFileBytes
  return isFull ? fileWords().full : null
}

/** Adds what can be sent; what cannot is named in a notice. */
export async function choose(app: App, line: string, files: readonly File[]): Promise<void> {
  const release = readsFor(app, line)
  await chooseAll(app, line, files).finally(release)
}

async function chooseAll(app: App, line: string, files: readonly File[]): Promise<void> {
  const person = app.session.value?.id
  const refused: string[] = []
  for (const file of files) {
    const full = refuseMore(app, line)
    if (full !== null) {
      refused.push(full)
      break
    }
    const chosen = await readChosen(file)
    // Somebody else may be here by now.
    if (app.session.value?.id !== person) return
    if (typeof chosen === 'string') refused.push(chosen)
    else add(app, line, chosen)
  }
  if (refused.length > 0) app.notice.value = refused.join(' ')
}

const PHOTO = /\.(jpe?g|png|webp)$/i

type Chosen = Readonly<Record<string, readonly ChosenFile[]>>

/** Bytes of photos and files that wait in the memory of a window for people who have left it; who left first loses theirs first. */
export const MAX_LEFT_BYTES = 64 * 1024 * 1024

/** By person what they had chosen when they left; null where there was no room for it. */
const LEFT = new WeakMap<App, Map<string, Chosen | null>>()

/** What a person chose is not the next one's: it waits for them, and they are told if it could not. */
function leftWithPerson(app: App): Map<string, Chosen | null> {
  const known = LEFT.get(app)
  if (known !== undefined) return known
  const left = new Map<string, Chosen | null>()
  LEFT.set(app, left)
  const { chosen } = app.talk
  let person = app.session.peek()?.operator ?? null
  effect(() => {
    const next = app.session.value?.operator ?? null
    if (next === person) return
    if (person !== null) leave(left, person, chosen.peek())
    person = next
    const own = next === null ? {} : left.get(next)
    if (next !== null) left.delete(next)
    chosen.value = own === undefined || own === null ? {} : shownAgain(own)
    if (own === null) app.notice.value = fileWords().notKept
  })
  return left
}

function leave(left: Map<string, Chosen | null>, person: string, chosen: Chosen): void {
  for (const files of Object.values(chosen)) revoke(files)
  left.delete(person)
  if (bytesOf(chosen) > 0) left.set(person, chosen)
  if (left.size > MAX_BEGUN) left.delete([...left.keys()][0] ?? '')
  for (const [one, own] of left) {
    const sum = [...left.values()].reduce((bytes, each) => bytes + (each === null ? 0 : bytesOf(each)), 0)
    if (sum <= MAX_LEFT_BYTES) return
    if (own !== null) left.set(one, null)
  }
}

function bytesOf(chosen: Chosen): number {
  return Object.values(chosen).reduce(
    (sum, files) => files.reduce((bytes, file) => bytes + file.bytes.byteLength, sum),
    0,
  )
}

/** Pictures of what is shown are made anew: nobody else could have looked at them meanwhile. */
function shownAgain(chosen: Chosen): Chosen {
  const again = (file: ChosenFile): ChosenFile => ({ ...file, url: urlOf(file) })
  return Object.fromEntries(Object.entries(chosen).map(([line, files]) => [line, files.map(again)]))
}

function urlOf({ type, bytes }: Pick<ChosenFile, 'type' | 'bytes'>): string | null {
  return isPhoto(type) ? URL.createObjectURL(new Blob([bytes], { type })) : null
}

export function add(app: App, line: string, file: Omit<ChosenFile, 'key' | 'url'>): void {
  leftWithPerson(app)
  const chosen = { ...file, key: crypto.randomUUID(), url: urlOf(file) }
  app.talk.chosen.value = { ...app.talk.chosen.value, [line]: [...(app.talk.chosen.value[line] ?? []), chosen] }
}

export function remove(app: App, line: string, key: string): void {
  const chosen = app.talk.chosen.value[line] ?? []
  for (const { url } of chosen.filter((file) => file.key === key)) if (url !== null) URL.revokeObjectURL(url)
  app.talk.chosen.value = { ...app.talk.chosen.value, [line]: chosen.filter((file) => file.key !== key) }
}

/** The file as it is sent, or why it cannot be. */
async function readChosen(file: File): Promise<Omit<ChosenFile, 'key' | 'url'> | string> {
  const name = nameOf(file.name)
  if (file.size === 0) return fileWords().empty(name)
  if (file.type.startsWith('image/') || (file.type === '' && PHOTO.test(name))) {
    const bytes = await preparePhoto(file)
    if (bytes === null) return fileWords().unreadable(name)
    return { name: name.replace(/(\.[a-z0-9]{1,5})?$/i, '.jpg'), type: 'image/jpeg', bytes }
  }
  const type = typeOf(file)
  if (type === null) return fileWords().notSendable(name)
  if (file.size > LIMITS.maxAttachmentBytes) return fileWords().tooLarge(name)
  return { name, type, bytes: new Uint8Array(await file.arrayBuffer()) }
}

/** Systems do not agree on what a table in text is called. */
function typeOf({ name, type }: File): AttachmentType | null {
  if (/\.csv$/i.test(name)) return 'text/csv'
  // A system without a program for an ending says nothing about its files.
  if (type === '') return /\.txt$/i.test(name) ? 'text/plain' : /\.pdf$/i.test(name) ? 'application/pdf' : null
  return (['application/pdf', 'text/plain', 'text/csv'] as const).find((known) => known === type) ?? null
}

function nameOf(name: string): string {
  const clean = typed(name.replaceAll(/\s+/g, ' '))
  const dot = clean.lastIndexOf('.')
  const tail = dot > 0 && clean.length - dot <= 6 ? clean.slice(dot) : ''
  // With room for the ending that a photo gets.
  const stem = clean.slice(0, clean.length - tail.length).slice(0, LIMITS.maxFileName - 10)
  return clean === '' ? 'photo' : `${stem}${tail}`
}

/**
 * What a refused message had, to be sent again with it. What is not on this device any more, or has no room, is named in a notice;
 * as long as it could still be had, the refusal keeps it, and is not settled by what is sent without it.
 */
export async function chooseAgain(
  app: App,
  id: CommandId,
  { line, files }: Pick<Said, 'line' | 'files'>,
): Promise<void> {
  const person = app.session.value?.id
  for (const { hash, type, name } of files) {
    if ((app.talk.chosen.value[line] ?? []).length >= LIMITS.maxFiles) {
      app.notice.value = fileWords().tooMany(LIMITS.maxFiles)
      return keepRefusal(app, line)
    }
    const reply = await app.relay.file({ line, id, hash }, 'whole')
    if (app.session.value?.id !== person) return
    if (reply.ok) add(app, line, { name, type, bytes: reply.file.bytes })
    else {
      app.notice.value = fileWords().missing
      if (reply.code !== 'file-missing') keepRefusal(app, line)
    }
  }
}

function keepRefusal(app: App, line: string): void {
  const { [line]: _kept, ...others } = app.chatAgain.value
  app.chatAgain.value = others
}

/**
 * Sends the message with what was chosen for it, all of which is taken from the draft at once: what is written from now on is
 * another message. False, with a notice, where it could not be saved: then it is in the draft again, before what came since.
 */
export async function share(app: App, line: string): Promise<boolean> {
  const taken = takeDraft(app, line)
  const { chosen, answer, again } = taken
  const words = typed(taken.draft)
  const reply = answer === undefined ? null : { to: answer.to, id: answer.id }
  const said = { line, text: words, reply, mentions: [...namedIn(words, peopleOf(app), LIMITS.maxMentions)] }
  let sent = await keepAndSend(app, said, chosen)
  // The relay was started anew in between, and has let go of what no message named yet.
  if (!sent.ok && sent.code === 'file-missing') sent = await keepAndSend(app, said, chosen)
  if (!sent.ok) {
    if (sent.code !== 'person-left') app.notice.value = text.refusal(sent.code, sent.message)
    giveBack(app, line, taken)
    return false
  }
  revoke(chosen)
  if (again !== undefined && app.session.value?.operator === taken.by) settle(app, again, 'resent')
  return true
}

interface Taken {
  readonly by: string | undefined
  readonly draft: string
  readonly chosen: readonly ChosenFile[]
  readonly answer: Answer | undefined
  readonly again: SettledCommand | undefined
}

function takeDraft(app: App, line: string): Taken {
  const { drafts, chatAgain, talk } = app
  const taken = {
    by: app.session.value?.operator,
    draft: drafts.value[line] ?? '',
    chosen: talk.chosen.value[line] ?? [],
    answer: talk.answers.value[line],
    again: chatAgain.value[line],
  }
  drafts.value = { ...drafts.value, [line]: '' }
  talk.chosen.value = { ...talk.chosen.value, [line]: [] }
  withoutAnswer(app, line)
  keepRefusal(app, line)
  app.typing.changed(line, false)
  return taken
}

/** To whoever wrote it: into their draft, or into what waits for them if somebody else is here by now. */
function giveBack(app: App, line: string, taken: Taken): void {
  const { session, begun, drafts, chatAgain, talk } = app
  const { by, draft, chosen, answer, again } = taken
  const joined = (later = ''): string => [draft, later].filter((words) => typed(words) !== '').join('\n')
  if (session.value?.operator !== by) {
    const left = leftWithPerson(app)
    const waiting = left.get(by ?? '') ?? {}
    if (by !== undefined) leave(left, by, { ...waiting, [line]: [...chosen, ...(waiting[line] ?? [])] })
    const own = begun.get(by ?? '')
    if (own !== undefined) begun.set(by ?? '', { ...own, drafts: { ...own.drafts, [line]: joined(own.drafts[line]) } })
    return
  }
  drafts.value = { ...drafts.value, [line]: joined(drafts.value[line]) }
  talk.chosen.value = { ...talk.chosen.value, [line]: [...chosen, ...(talk.chosen.value[line] ?? [])] }
  if (answer !== undefined) talk.answers.value = { [line]: answer, ...talk.answers.value }
  if (again !== undefined) chatAgain.value = { [line]: again, ...chatAgain.value }
}

function revoke(chosen: readonly ChosenFile[]): void {
  for (const { url } of chosen) if (url !== null) URL.revokeObjectURL(url)
}

async function keepAndSend(
  app: App,
  said: Omit<CommandData<'chat.share'>, 'files'>,
  chosen: readonly ChosenFile[],
): Promise<Reply | typeof PERSON_LEFT> {
  const person = app.session.value?.id
  const kept = new Map<ContentHash, ChosenFile>()
  for (const file of chosen) {
    const reply = await app.relay.attach(file.bytes)
    if (app.session.value?.id !== person) return PERSON_LEFT
    if (!reply.ok) return reply
    // The same one chosen twice is sent once.
    if (!kept.has(reply.hash)) kept.set(reply.hash, file)
  }
  const files = [...kept].map(([hash, { type, name, bytes }]) => ({ hash, type, name, size: bytes.byteLength }))
  const { id, saved } = app.relay.command('chat.share', { ...said, files })
  const photos = photosOf(app)
  // Whoever has taken it need not wait for it.
  for (const [hash, { type, bytes }] of kept) {
    if (isPhoto(type)) photos.put({ line: said.line, id, hash }, { type, bytes })
  }
  return saved
}

const PERSON_LEFT = { ok: false, code: 'person-left', message: null } as const
