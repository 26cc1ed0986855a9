import { parseChannel, type ChannelName } from '../../relay/protocol/channels.ts'
import type { StoredEvent } from '../../relay/protocol/events.ts'
import { noteKey, type NoteRecord } from '../../relay/protocol/notes.ts'
import { SYSTEM } from '../../relay/protocol/record-words.ts'
import type { AlertRecord, ChatMessage, OrderRecord } from '../../relay/protocol/records.ts'
import type { SearchKind } from '../../relay/protocol/search.ts'
import type { SearchChange, SearchItem } from '../ports/search.ts'

/** Domains in which what can be found is written; the pieces of a note are texts only when they are put together. */
const SEARCHABLE = ['chat', 'orders', 'alerts', 'notes', 'note'] as const
export type Searchable = (typeof SEARCHABLE)[number]

/** What a channel holds for the search; null where that is nothing. */
export function searchableOf(name: ChannelName): Searchable | null {
  const domain = parseChannel(name)?.domain
  return SEARCHABLE.find((each) => each === domain) ?? null
}

/** What an event changes. Those of notes change nothing by themselves: a note is read as a whole. */
export function changesOf(channel: ChannelName, event: StoredEvent): readonly SearchChange[] {
  const searchable = searchableOf(channel)
  if (searchable === 'chat') return chatChanges(channel, event)
  if (searchable !== 'orders' && searchable !== 'alerts') return []
  // Every event of a `state` channel sets or deletes one record.
  const { key, record } = event.data as { readonly key: string; readonly record: unknown }
  if (record !== null) return recordChanges(channel, { offset: event.offset, record })
  if (searchable === 'orders') return [{ kind: 'drop', of: 'orders', id: key }]
  return [{ kind: 'ended', of: 'alerts', id: key, channel, offset: event.offset }]
}

/** What a record says that stands in a channel. */
export function recordChanges(
  channel: ChannelName,
  { offset, record }: { readonly offset: number; readonly record: unknown },
): readonly SearchChange[] {
  // A channel holds the records of its one domain.
  if (searchableOf(channel) === 'orders') return [put(orderItem(channel, offset, record as OrderRecord))]
  if (searchableOf(channel) === 'alerts') return [put(alertItem(channel, offset, record as AlertRecord))]
  return []
}

/** The message that this event took back; null for any other. */
export function withdrawnBy({ type, data }: StoredEvent): { readonly of: SearchKind; readonly id: string } | null {
  return type === 'chat.withdrawn' ? { of: 'chat', id: (data as { readonly id: string }).id } : null
}

/** A note as it is found: what is written in it, and what was added. */
export function noteItem(
  { area, note, opened, signed, accepted, addenda }: NoteRecord,
  { channel, at, text }: { readonly channel: ChannelName; readonly at: string; readonly text: string },
): SearchItem {
  return {
    kind: 'notes',
    id: noteKey(area, note),
    channel,
    // Its text is of many channels: it is always read as a whole, and the last one read stands.
    offset: 0,
    area,
    at,
    by: (addenda.at(-1) ?? accepted ?? signed ?? opened).by,
    title: note,
    text: [text, ...addenda.map((addendum) => addendum.text)].join('\n'),
    number: null,
    isStanding: true,
  }
}

function put(item: SearchItem): SearchChange {
  return { kind: 'put', item }
}

function chatChanges(channel: ChannelName, event: StoredEvent): readonly SearchChange[] {
  const withdrawn = withdrawnBy(event)
  if (withdrawn !== null) return [{ kind: 'drop', ...withdrawn }]
  if (event.type !== 'chat.posted' || event.cause === undefined) return []
  // Only the domain of the chat writes these events.
  const message = event.data as ChatMessage
  if ('withdrawn' in message) return []
  return [
    put({
      kind: 'chat',
      id: event.cause,
      channel,
      offset: event.offset,
      area: message.line,
      at: event.at,
      by: event.by ?? SYSTEM,
      title: '',
      text: [message.text, ...(message.files ?? []).map(({ name }) => name)].filter((part) => part !== '').join('\n'),
      number: null,
      isStanding: false,
    }),
  ]
}

function orderItem(channel: ChannelName, offset: number, order: OrderRecord): SearchItem {
  const { title, note, assignee } = order.fields
  return {
    kind: 'orders',
    id: order.id,
    channel,
    offset,
    area: order.area,
    at: order.changed.at,
    by: order.changed.by,
    title: `${order.number} ${title}`,
    text: [note, assignee].filter((part) => part !== null && part !== '').join('\n'),
    number: order.number,
    isStanding: true,
  }
}

function alertItem(channel: ChannelName, offset: number, alert: AlertRecord): SearchItem {
  return {
    kind: 'alerts',
    id: alert.id,
    channel,
    offset,
    area: alert.area,
    at: alert.raised.at,
    by: alert.raised.by,
    title: alert.title,
    text: alert.body ?? '',
    number: null,
    isStanding: true,
  }
}
