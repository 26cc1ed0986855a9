import { silenced, withdrawnBy } from '../../relay/domain/chat.ts'
import { isObject } from '../../relay/domain/pending.ts'
import type { StoredEvent } from '../../relay/protocol/events.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import type { ChannelView } from '../../relay/protocol/local.ts'
import type { PastPage } from '../../relay/protocol/talk-past.ts'
import { NO_OLDER, type OlderTalk } from './talk.ts'

/** Events that are read back at a time on one window: three pages, of which each is more than a screen or two. */
export const MAX_OLDER = 3 * LIMITS.logSnapshotEvents

/** The offset in front of which more is asked for; null where there is nothing more. */
export function beforeOlder({ events, first }: OlderTalk, channel: ChannelView | null): number | null {
  if (channel === null || channel.events === null) return null
  const before = events[0]?.offset ?? channel.events[0]?.offset ?? channel.offset + 1
  return before > (first ?? 1) ? before : null
}

/** The offset in front of which a page ends that goes on behind it; null where nothing lies between it and what the relay holds. */
export function beforeNewer({ events, isApart }: OlderTalk): number | null {
  const last = events.at(-1)
  return isApart && last !== undefined ? last.offset + 1 + LIMITS.logSnapshotEvents : null
}

/** The page of a message that was sought, apart from what the relay holds. */
export function withSought(
  line: string,
  { events: page, first }: PastPage,
  reach: { readonly before: number; readonly channel: ChannelView },
): OlderTalk {
  const events = page.filter(({ offset }) => offset < reach.before)
  return { line, events, isApart: (events.at(-1)?.offset ?? 0) + 1 < heldFrom(reach.channel), first }
}

/** With a page in front of it. What is too much goes at its other end, which is far from whoever reads there. */
export function withOlder(older: OlderTalk, { events: page, first }: PastPage, before: number): OlderTalk {
  const all = [...page.filter(({ offset }) => offset < before), ...older.events]
  // A page that brings nothing says that there is nothing more.
  const kept = page.length === 0 ? before : first
  const isApart = older.isApart || all.length > MAX_OLDER
  return { ...older, events: all.slice(0, MAX_OLDER), isApart, first: kept }
}

/** With a page behind it, as far as the relay has not got it itself. */
export function withNewer(older: OlderTalk, { events: page, first }: PastPage, channel: ChannelView): OlderTalk {
  const last = older.events.at(-1)?.offset ?? 0
  const held = heldFrom(channel)
  const all = [...older.events, ...page.filter(({ offset }) => offset > last && offset < held)]
  const isApart = page.length > 0 && (all.at(-1)?.offset ?? last) + 1 < held
  return { ...older, events: all.slice(-MAX_OLDER), isApart, first }
}

/**
 * After the relay holds something else: what it let go of is kept where it goes on from here, and what was taken back says nothing
 * any more.
 */
export function followed(older: OlderTalk, before: ChannelView | null, now: ChannelView): OlderTalk {
  if (older.events.length === 0) return older
  if (before !== null && before.epoch !== now.epoch) return NO_OLDER
  const said = silencedBy(older.events, now.events ?? [])
  if (older.isApart) return said === older.events ? older : { ...older, events: said }
  const held = heldFrom(now)
  const last = said.at(-1)?.offset ?? 0
  const gone = (before?.events ?? []).filter(({ offset }) => offset > last && offset < held)
  if (said === older.events && gone.length === 0 && last + 1 >= held) return older
  const all = [...said, ...gone].slice(-MAX_OLDER)
  return { ...older, events: all, isApart: (all.at(-1)?.offset ?? 0) + 1 < held }
}

function heldFrom({ events, offset }: ChannelView): number {
  return events?.[0]?.offset ?? offset + 1
}

function silencedBy(events: readonly StoredEvent[], news: readonly StoredEvent[]): readonly StoredEvent[] {
  const taken = new Map(news.map((event) => [withdrawnBy(event), { by: event.by ?? '', at: event.at }]))
  const isTaken = ({ type, cause, id, data }: StoredEvent): boolean =>
    type === 'chat.posted' && taken.has(cause ?? id) && !(isObject(data) && 'withdrawn' in data)
  if (!events.some(isTaken)) return events
  return events.map((event) => {
    const by = isTaken(event) ? taken.get(event.cause ?? event.id) : undefined
    return by === undefined ? event : silenced(event, by)
  })
}
