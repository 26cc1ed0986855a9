import type { ChatFiled, MessageFile } from '../../relay/protocol/attachments.ts'
import { channelName } from '../../relay/protocol/channels.ts'
import type { CommandData } from '../../relay/protocol/commands.ts'
import { refuse, type Refusal } from '../../relay/protocol/errors.ts'
import type { StoredEvent } from '../../relay/protocol/events.ts'
import type { CommandId } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { isoOf, momentOf } from '../../relay/protocol/moment.ts'
import { isUrgent, readMarkKey, SYSTEM } from '../../relay/protocol/record-words.ts'
import type {
  AlertRecord,
  ChatMention,
  ChatMessage,
  OrderRecord,
  Quote,
  ReadMark,
  ReplyTo,
  Withdrawal,
} from '../../relay/protocol/records.ts'
import { coversArea, isSupervisor } from '../../relay/protocol/rights.ts'
import { excerpt } from '../../relay/protocol/plain-text.ts'
import type { Decision, NewEvent, Now, RecordKey, Records, Rewrite } from '../ports/rules.ts'
import type { OperatorRow } from '../ports/site.ts'
import type { Handlers } from './handler.ts'

/**
 * Line chat: a log per line (PROTOCOL K1–K4, files O1–O3). Nothing is edited; what was said can be taken back, and then leaves a
 * trace and no text. How far a person has read is a record of their own, so that every device of theirs knows it.
 */
export const chat: Handlers = {
  'chat.post': {
    reads: () => [],
    decide: (records, data, now) => say(records, { ...data, reply: null, mentions: [] }, now),
  },
  'chat.say': {
    reads: ({ reply }) => (reply === null ? [] : ANSWERABLE[reply.to].reads(reply.id)),
    asksOf: ({ mentions }) => mentions,
    decide: say,
  },
  'chat.share': {
    reads: ({ reply }) => (reply === null ? [] : ANSWERABLE[reply.to].reads(reply.id)),
    asksOf: ({ mentions }) => mentions,
    decide: share,
  },
  'chat.settle': { reads: ({ id }) => [{ event: 'chat.posted', cause: id }], decide: settleFiles },
  'chat.withdraw': { reads: ({ id }) => [{ event: 'chat.posted', cause: id }], decide: withdraw },
  'chat.read': {
    reads: ({ line, id }, _command, operator) => [
      { event: 'chat.posted', cause: id },
      ...(operator === null ? [] : [{ domain: channelName('prefs', operator), key: readMarkKey(line) }]),
    ],
    decide: read,
  },
}

type Quoted = { readonly ok: true; readonly quote: Quote } | Refusal

/** What may be answered: where it is found, and how it is quoted in this line. Of another line, nobody is told that it is there. */
interface Answerable {
  reads(id: CommandId): readonly RecordKey[]
  quote(records: Records, reply: ReplyTo, line: string): Quoted
}

const ANSWERABLE: Readonly<Record<ReplyTo['to'], Answerable>> = {
  message: {
    reads: (id) => [{ event: 'chat.posted', cause: id }],
    quote(records, reply, line) {
      const message = messageOf(records, { id: reply.id, line })
      if (message === null) return refuse('message-not-found', 'The message that this answers is not in this line.')
      return quoted(reply, message.by, 'text' in message.data ? wordsOf(message.data) : '')
    },
  },
  alert: {
    // Its past as well: people talk an alert over when it has ended.
    reads: (id) => [
      { domain: 'alerts', key: id },
      { event: 'alert.raised', cause: id },
    ],
    quote(records, reply, line) {
      const alert = alertOf(records, reply.id)
      if (alert === null || (alert.area !== line && !isUrgent(alert.priority)))
        return refuse('alert-not-found', 'The alert that this answers is not of this line, or long gone.')
      return quoted(reply, alert.raised.by, alert.title)
    },
  },
  order: {
    reads: (id) => [{ domain: 'orders', key: id }],
    quote(records, reply, line) {
      // Only the domain of orders writes these records.
      const order = records.get(`orders/${reply.id}`)?.record as OrderRecord | undefined
      if (order?.area !== line)
        return refuse('order-not-found', 'The work order that this answers is not of this line.')
      return quoted(reply, order.created.by, `${order.number} ${order.fields.title}`)
    },
  },
}

function quoted(reply: ReplyTo, by: string, text: string): Quoted {
  return { ok: true, quote: { ...reply, by, text: excerpt(text, LIMITS.maxQuote) } }
}

/** What is repeated of a message elsewhere; of one without words what its first file is called. */
function wordsOf({
  text,
  files,
}: {
  readonly text: string
  readonly files?: readonly MessageFile[] | undefined
}): string {
  return text === '' ? (files?.[0]?.name ?? '') : text
}

interface Said extends CommandData<'chat.say'> {
  readonly files?: MessageFile[]
}

function say(records: Records, data: Said, now: Now): Decision {
  const { line, text, mentions, reply, files } = data
  const refusal = refusalOf(now, line)
  if (refusal !== null) return refusal
  const answered = reply === null ? null : ANSWERABLE[reply.to].quote(records, reply, line)
  if (answered?.ok === false) return answered
  const unknown = mentions.find((name) => !now.people.has(name))
  if (unknown !== undefined) return refuse('unknown-operator', `There is nobody called "${unknown}" here.`)
  const message: ChatMessage = {
    line,
    text,
    ...(answered !== null && { reply: answered.quote }),
    ...(mentions.length > 0 && { mentions }),
    ...(files !== undefined && { files }),
  }
  const channel = channelName('chat', line)
  const mention = (): ChatMention => ({
    line,
    id: now.id,
    by: now.actor.by,
    text: excerpt(wordsOf(data), LIMITS.maxQuote),
    offset: now.nextOffset(channel),
  })
  const isTold = ({ id, status, areas }: OperatorRow): boolean =>
    id !== now.actor.operator && status === 'active' && coversArea(areas, line)
  const told = mentions
    .flatMap((name) => now.people.get(name) ?? [])
    .filter(isTold)
    .map(({ id }): NewEvent => ({ channel: channelName('inbox', id), type: 'chat.mentioned', data: mention() }))
  return { ok: true, events: [{ channel, type: 'chat.posted', data: message }, ...told] }
}

/** A message goes at once; whatever of its files has not come by the time is written off in it (O3). */
function share(records: Records, data: CommandData<'chat.share'>, now: Now): Decision {
  const files = data.files.map((file): MessageFile => ({ ...file, end: null }))
  const said = say(records, { ...data, files }, now)
  if (!said.ok) return said
  const { id, at } = now
  const due = isoOf((momentOf(at) ?? 0) + LIMITS.attachmentMs)
  const writeOff: CommandData<'chat.settle'> = { line: data.line, id, hash: null, end: { how: 'lost' } }
  return { ...said, timers: [{ kind: 'set', timer: { id: filesTimer(id), due, type: 'chat.settle', data: writeOff } }] }
}

/** What has an end keeps it. Of a message that was taken back, or is not there any more, there is nothing to say, which is no error. */
function settleFiles(records: Records, { line, id, hash, end }: CommandData<'chat.settle'>, now: Now): Decision {
  if (now.actor.source !== SYSTEM) return refuse('forbidden', 'Only the site says what became of a file.')
  const message = messageOf(records, { id, line })
  if (message === null || 'withdrawn' in message.data) return { ok: true, events: [] }
  const before = message.data.files ?? []
  const files = before.map((file) =>
    file.end === null && (hash === null || file.hash === hash) ? { ...file, end } : file,
  )
  if (files.every(({ end: after }, at) => after === before[at]?.end)) return { ok: true, events: [] }
  const channel = channelName('chat', line)
  const filed: ChatFiled = { line, id, ends: files.map(({ end: after }) => after?.how ?? null) }
  return {
    ok: true,
    rewrites: [{ channel, type: 'chat.posted', cause: id, data: { ...message.data, files } satisfies ChatMessage }],
    events: [{ channel, type: 'chat.filed', data: filed }],
    ...(files.every(({ end: after }) => after !== null) && { timers: [{ kind: 'take-back', id: filesTimer(id) }] }),
  }
}

function filesTimer(id: CommandId): string {
  return `files/${id}`
}

function withdraw(records: Records, { line, id }: CommandData<'chat.withdraw'>, now: Now): Decision {
  const refusal = refusalOf(now, line)
  if (refusal !== null) return refusal
  const { by, role } = now.actor
  const message = messageOf(records, { id, line })
  if (message === null) return refuse('message-not-found')
  if (message.by !== by && !isSupervisor(role))
    return refuse('forbidden', `${message.by} wrote this; you may not withdraw it.`)
  // Author and supervisor press at once: the first one stands, and there is nothing to complain about.
  if ('withdrawn' in message.data) return { ok: true, events: [], data: { id, withdrawn: message.data.withdrawn } }
  const withdrawn: Withdrawal = { by, at: now.at }
  const silent: ChatMessage = { line, withdrawn }
  const mention: ChatMention = { line, id, by: message.by, text: null }
  const channel = channelName('chat', line)
  return {
    ok: true,
    rewrites: [
      { channel, type: 'chat.posted', cause: id, data: silent },
      ...(message.data.mentions ?? []).map((name): Rewrite => {
        // Only whoever was told that they are named is told that it is over.
        return { channel: channelName('inbox', name), type: 'chat.mentioned', cause: id, data: mention, isTold: true }
      }),
    ],
    unquotes: [{ channel, message: id }],
    events: [{ channel, type: 'chat.withdrawn', data: { line, id, by } }],
    data: { id, withdrawn },
    ...(message.data.files !== undefined && { timers: [{ kind: 'take-back', id: filesTimer(id) }] }),
  }
}

/**
 * A mark only moves forward, whichever device says it last. Of a message that is not there any more it says nothing, which is no
 * error: nobody could do anything about it.
 */
function read(records: Records, { line, id }: CommandData<'chat.read'>, now: Now): Decision {
  const { operator } = now.actor
  if (operator === null) return refuse('sign-in-needed', 'What is read belongs to a person who is signed in.')
  const refusal = refusalOf(now, line)
  if (refusal !== null) return refusal
  const channel = channelName('prefs', operator)
  const key = readMarkKey(line)
  const message = messageOf(records, { id, line })
  // Only this function writes these records.
  const before = records.get(`${channel}/${key}`)?.record as ReadMark | undefined
  if (message === null || message.offset <= (before?.offset ?? 0)) return { ok: true, events: [] }
  const record: ReadMark = { offset: message.offset, at: message.at }
  return { ok: true, events: [{ channel, type: 'chat.read', data: { key, record } }] }
}

/** Why whoever acts has no say in this line; null where they have. */
function refusalOf({ areas, actor }: Now, line: string): Refusal | null {
  if (!areas.includes(line)) return refuse('unknown-area', `There is no line "${line}".`)
  return coversArea(actor.areas, line) ? null : refuse('forbidden', `You may not write to ${line}.`)
}

interface Message extends Pick<StoredEvent, 'offset' | 'at'> {
  readonly by: string
  readonly data: ChatMessage
}

function messageOf(records: Records, { id, line }: { readonly id: CommandId; readonly line: string }): Message | null {
  const found = records.get(`chat.posted/${id}`)
  if (found?.channel !== channelName('chat', line)) return null
  // Only this domain writes these events.
  const { offset, at, by = SYSTEM, data } = found.record as StoredEvent
  return { offset, at, by, data: data as ChatMessage }
}

function alertOf(records: Records, id: CommandId): AlertRecord | null {
  // Only the domain of alerts writes either.
  const active = records.get(`alerts/${id}`)?.record as AlertRecord | undefined
  const raised = records.get(`alert.raised/${id}`)?.record as StoredEvent | undefined
  return active ?? (raised?.data as { readonly record: AlertRecord } | undefined)?.record ?? null
}
