import type { NamedFile, ShownFile } from '../protocol/attachments.ts'
import type { StoredEvent } from '../protocol/events.ts'
import type { CommandId } from '../protocol/ids.ts'
import type { ChannelView, PendingCommand } from '../protocol/local.ts'
import type { ReplyTo, Withdrawal } from '../protocol/records.ts'
import { dataOf, hasTexts, isObject, waitingOf, type Waiting } from './pending.ts'

export interface ChatRow {
  /** The command's id where there is one, so that a row keeps its place when the server's word replaces what waited. */
  readonly key: string
  /** By which it is answered and taken back; null for what no command made. */
  readonly id: CommandId | null
  /** In its channel; null while it waits. */
  readonly offset: number | null
  readonly author: string | null
  /** Empty once it was withdrawn. */
  readonly text: string
  /** Server time, ISO 8601; null while it waits. */
  readonly at: string | null
  readonly waiting: Waiting | null
  readonly reply: ChatReply | null
  readonly mentions: readonly string[]
  /** Photos and files, in the order of their message; none once it was withdrawn. */
  readonly files: readonly ShownFile[]
  readonly withdrawn: Withdrawal | null
  /** It is being taken back, which waits for the server. */
  readonly withdrawing: Waiting | null
}

/** What a message answers, as its answer repeats it; null where it waits for the server. `chat-quotes.ts` says what it says now. */
export interface ChatReply extends Pick<ReplyTo, 'to'> {
  readonly id: string
  readonly by: string | null
  readonly text: string | null
}

/** The talk of a line, oldest first; what waits on this device stands at the end, in the order it will be sent. */
export function chatLog(
  channel: ChannelView | null,
  line: string,
  pending: readonly PendingCommand[],
): readonly ChatRow[] {
  const rows: ChatRow[] = []
  const causes = new Set<string>()
  const withdrawn = withdrawalsIn(channel?.events ?? [])
  const filed = endsIn(channel?.events ?? [])
  const withdrawing = withdrawalsWaiting(pending)
  for (const event of channel?.events ?? []) {
    if (event.cause !== undefined) causes.add(event.cause)
    const row = rowOf(event, withdrawn)
    if (row === null) continue
    const ends = filed.get(row.key)
    const files = ends === undefined ? row.files : row.files.map((file, at) => endedFile(file, ends[at]))
    rows.push({ ...row, files, withdrawing: withdrawing.get(row.key) ?? null })
  }
  for (const command of pending) {
    const said = saidIn(command)
    if (said === null || said.line !== line || causes.has(command.id)) continue
    rows.push({
      key: command.id,
      id: command.id,
      offset: null,
      author: command.by,
      text: said.text,
      at: null,
      waiting: waitingOf(command),
      reply: said.reply === null ? null : { ...said.reply, by: null, text: null },
      mentions: said.mentions,
      files: said.files.map((file) => ({ ...file, end: null })),
      withdrawn: null,
      withdrawing: withdrawing.get(command.id) ?? null,
    })
  }
  return rows
}

/** What a command says in a line; null where it is no message. */
export function saidIn(command: Pick<PendingCommand, 'type' | 'data'>): Said | null {
  const post = dataOf(command, 'chat.post')
  if (post !== null) return { ...post, reply: null, mentions: [], files: [] }
  const said = dataOf(command, 'chat.say')
  return said === null ? dataOf(command, 'chat.share') : { ...said, files: [] }
}

/** What a message is called in a line: what it says, or the first thing it shows. */
export function wordsOf({ text, files }: Pick<ChatRow, 'text' | 'files'>): string {
  return text === '' ? (files[0]?.name ?? '') : text
}

export interface Said {
  readonly line: string
  readonly text: string
  readonly reply: ReplyTo | null
  readonly mentions: readonly string[]
  readonly files: readonly NamedFile[]
}

/** The message that this event of a chat took back; null for every other event. */
export function withdrawnBy({ type, data }: Pick<StoredEvent, 'type' | 'data'>): string | null {
  return type === 'chat.withdrawn' && hasTexts(data, 'id') ? data.id : null
}

/** The same event without what it said, as the server has it from then on (PROTOCOL K2). */
export function silenced(event: StoredEvent, withdrawal: Withdrawal): StoredEvent {
  const line = hasTexts(event.data, 'line') ? { line: event.data.line } : {}
  return { ...event, data: { ...line, withdrawn: withdrawal } }
}

/** The same event without what it quotes of this message; null where it quotes nothing of it. */
export function unquoted(event: StoredEvent, message: string): StoredEvent | null {
  if (event.type !== 'chat.posted' || !isObject(event.data)) return null
  const { reply } = event.data
  if (!hasTexts(reply, 'id', 'text') || reply.id !== message || reply.text === '') return null
  return { ...event, data: { ...event.data, reply: { ...reply, text: '' } } }
}

function rowOf(
  { type, id, offset, at, by, cause, data }: StoredEvent,
  withdrawals: ReadonlyMap<string, Withdrawal>,
): Omit<ChatRow, 'withdrawing'> | null {
  if (type !== 'chat.posted' || !isObject(data)) return null
  const key = cause ?? id
  const withdrawn = withdrawals.get(key) ?? withdrawalOf(data['withdrawn'])
  const { text, reply, mentions } = data
  const place = { key, id: cause ?? null, offset, author: by ?? null, at, waiting: null, withdrawn }
  if (withdrawn !== null) return { ...place, text: '', reply: null, mentions: [], files: [] }
  if (typeof text !== 'string') return null
  return {
    ...place,
    text,
    reply: replyOf(reply, withdrawals),
    mentions: namesOf(mentions),
    files: filesOf(data['files']),
  }
}

/** What became of the files of messages since those were told, by message and in its order; the last word counts. */
function endsIn(events: readonly StoredEvent[]): ReadonlyMap<string, readonly unknown[]> {
  const all = new Map<string, readonly unknown[]>()
  for (const { type, data } of events)
    if (type === 'chat.filed' && isObject(data) && Array.isArray(data['ends']))
      all.set(String(data['id']), data['ends'])
  return all
}

const ENDS = ['stored', 'lost', 'refused'] as const

function endedFile(file: ShownFile, end: unknown): ShownFile {
  const how = ENDS.find((each) => each === end)
  return how === undefined ? file : { ...file, end: { how } }
}

function filesOf(value: unknown): readonly ShownFile[] {
  return Array.isArray(value) ? value.filter(isFile) : []
}

function isFile(value: unknown): value is ShownFile {
  return (
    isObject(value) && typeof value['size'] === 'number' && 'end' in value && hasTexts(value, 'hash', 'type', 'name')
  )
}

function withdrawalsIn(events: readonly StoredEvent[]): ReadonlyMap<string, Withdrawal> {
  const all = new Map<string, Withdrawal>()
  for (const event of events) {
    const id = withdrawnBy(event)
    if (id !== null) all.set(id, { by: event.by ?? '', at: event.at })
  }
  return all
}

function withdrawalsWaiting(pending: readonly PendingCommand[]): ReadonlyMap<string, Waiting> {
  const all = new Map<string, Waiting>()
  for (const command of pending) {
    const withdraw = dataOf(command, 'chat.withdraw')
    if (withdraw !== null) all.set(withdraw.id, waitingOf(command))
  }
  return all
}

const TARGETS = ['message', 'alert', 'order'] as const

/** What was answered; without words where those were taken back, whether or not the message itself is here. */
function replyOf(value: unknown, withdrawals: ReadonlyMap<string, Withdrawal>): ChatReply | null {
  if (!hasTexts(value, 'to', 'id', 'by', 'text')) return null
  const { id, by } = value
  const to = TARGETS.find((target) => target === value.to)
  return to === undefined ? null : { to, id, by, text: to === 'message' && withdrawals.has(id) ? '' : value.text }
}

function withdrawalOf(value: unknown): Withdrawal | null {
  return hasTexts(value, 'by', 'at') ? { by: value.by, at: value.at } : null
}

function namesOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((name) => typeof name === 'string') : []
}
