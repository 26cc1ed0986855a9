/** How far a person has read, and what is new to them: the same on every device of theirs (PROTOCOL K3, K4). */
import type { StoredEvent } from '../protocol/events.ts'
import type { ChannelView, PendingCommand } from '../protocol/local.ts'
import { readMarkKey } from '../protocol/record-words.ts'
import type { ReadMark } from '../protocol/records.ts'
import type { ChatRow } from './chat.ts'
import { dataOf, hasTexts, isObject } from './pending.ts'

/** Of a line that somebody never read, what is new to them at most: the last messages, and not all that is kept. */
export const FIRST_LOOK = 20

/** What is new to somebody in the talk of a line. */
export interface News {
  readonly count: number
  /** Of those, how many name this person. */
  readonly mentions: number
  /** The key of the first one; null where nothing is new. */
  readonly first: string | null
}

export const NO_NEWS: News = { count: 0, mentions: 0, first: null }

export interface Reader {
  readonly operator: string
  /** `prefs/{operator}`. */
  readonly prefs: ChannelView | null
  readonly pending: readonly PendingCommand[]
}

/** The mark of this line, with what waits for the server laid over it; null where the person never read it. */
export function readMark(
  rows: readonly ChatRow[],
  line: string,
  { operator, prefs, pending }: Reader,
): ReadMark | null {
  let mark = markOf(prefs?.records?.[readMarkKey(line)]?.record)
  for (const command of pending) {
    const read = command.by === operator ? dataOf(command, 'chat.read') : null
    if (read?.line !== line) continue
    const row = rows.find(({ id }) => id === read.id)
    if (row === undefined || row.at === null || row.offset === null || row.offset <= (mark?.offset ?? 0)) continue
    mark = { offset: row.offset, at: row.at }
  }
  return mark
}

/** What of these rows is new behind the mark: what others said and did not take back. */
export function newsOf(rows: readonly ChatRow[], operator: string, mark: ReadMark | null): News {
  const others = rows.filter(({ offset, author, withdrawn }) => {
    return offset !== null && offset > (mark?.offset ?? 0) && author !== operator && withdrawn === null
  })
  const fresh = mark === null ? others.slice(-FIRST_LOOK) : others
  return {
    count: fresh.length,
    mentions: fresh.filter(({ mentions }) => mentions.includes(operator)).length,
    first: fresh[0]?.key ?? null,
  }
}

/** A message that names this person, as their inbox has it. */
export interface Mention {
  readonly id: string
  readonly line: string
  readonly by: string
  readonly text: string
  /** Of the message in the chat of its line; null where a server of before has said nothing of it. */
  readonly offset: number | null
  /** Server time, ISO 8601. */
  readonly at: string
}

/** Mentions that the person has not read yet, the oldest first. */
export function mentionsOf(inbox: ChannelView | null, { prefs }: Pick<Reader, 'prefs'>): readonly Mention[] {
  const events = inbox?.events ?? []
  const takenBack = new Set(events.map(takenBackBy))
  return events.flatMap(({ type, at, data }) => {
    if (type !== 'chat.mentioned' || !hasTexts(data, 'id', 'line', 'by', 'text') || takenBack.has(data.id)) return []
    const { id, line, by, text, offset } = data as typeof data & { readonly offset?: unknown }
    const mention = { id, line, by, text, offset: typeof offset === 'number' ? offset : null, at }
    return isRead(mention, markOf(prefs?.records?.[readMarkKey(line)]?.record)) ? [] : [mention]
  })
}

/** The message that names nobody any more since this event of an inbox; null for every other event. */
export function takenBackBy({ type, data }: Pick<StoredEvent, 'type' | 'data'>): string | null {
  return type === 'chat.mentioned' && isObject(data) && data['text'] === null && hasTexts(data, 'id') ? data.id : null
}

/** Whether the message that names somebody is before the mark, or at it. The server's clock says so only where nothing else does. */
export function isRead({ offset, at }: Pick<Mention, 'offset' | 'at'>, mark: ReadMark | null): boolean {
  if (mark === null) return false
  return offset === null ? at <= mark.at : offset <= mark.offset
}

function markOf(record: unknown): ReadMark | null {
  if (!isObject(record)) return null
  const { offset, at } = record
  return typeof offset === 'number' && typeof at === 'string' ? { offset, at } : null
}
