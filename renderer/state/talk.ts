import { computed, signal, type ReadonlySignal, type Signal } from '@preact/signals'
import { chatLog, type ChatRow } from '../../relay/domain/chat.ts'
import {
  isRead,
  mentionsOf,
  newsOf,
  NO_NEWS,
  readMark,
  type Mention,
  type News,
} from '../../relay/domain/read-marks.ts'
import type { AttachmentType } from '../../relay/protocol/attachments.ts'
import type { StoredEvent } from '../../relay/protocol/events.ts'
import type { ChannelView, PendingCommand, SessionView } from '../../relay/protocol/local.ts'
import type { ReadMark, ReplyTo } from '../../relay/protocol/records.ts'

/** What the message being written answers, and how it is called there. */
export interface Answer extends ReplyTo {
  readonly by: string
  readonly text: string
}

/** A photo or file that somebody has chosen for the message they write. */
export interface ChosenFile {
  readonly key: string
  readonly name: string
  readonly type: AttachmentType
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Of a photo, for showing it. */
  readonly url: string | null
}

/**
 * What a window has read back of a line besides what its relay holds: one piece of the talk, without a gap, bounded at either
 * end. `isApart`: between it and what the relay holds others were said.
 */
export interface OlderTalk {
  /** Empty while nothing was read back. */
  readonly line: string
  /** Oldest first. */
  readonly events: readonly StoredEvent[]
  readonly isApart: boolean
  /** The offset of the oldest event that the server keeps; null while nobody has asked. */
  readonly first: number | null
}

export const NO_OLDER: OlderTalk = { line: '', events: [], isApart: false, first: null }

/** The talk of the shown line as one person meets it. */
export interface Talk {
  /** Per line what its draft answers. */
  readonly answers: Signal<Readonly<Record<string, Answer>>>
  /** Per line the photos and files that its draft has. */
  readonly chosen: Signal<Readonly<Record<string, readonly ChosenFile[]>>>
  /** Per line how many photos and files are being read for its draft: it is not sent without them. */
  readonly reading: Signal<Readonly<Record<string, number>>>
  /** What was said in the shown line: what was read back, and behind it what this device holds and what waits here. */
  readonly rows: ReadonlySignal<readonly ChatRow[]>
  /** What was read back of it. */
  readonly older: Signal<OlderTalk>
  /** The message that the log is to bring into sight; null once it has. */
  readonly reveal: Signal<string | null>
  /** A message of this line that was found by a search, and is read back until it can be revealed; null once that was tried. */
  readonly sought: Signal<{ readonly line: string; readonly id: string } | null>
  /** Mentions that the person has put off in this window. */
  readonly putOff: Signal<ReadonlySet<string>>
  /** What is new to the person behind what was seen, here or on another device of theirs. */
  readonly news: ReadonlySignal<News>
  /** What is new to them as far as the server, or the outbox, knows. */
  readonly unread: ReadonlySignal<News>
  /** Mentions of any line that were neither seen nor put off, the oldest first. */
  readonly mentions: ReadonlySignal<readonly Mention[]>
  /** By person and line (`seenKey`) what this window has shown. */
  readonly seen: Signal<ReadonlyMap<string, ReadMark>>
}

export interface TalkSources {
  readonly session: ReadonlySignal<SessionView | null>
  readonly area: ReadonlySignal<string>
  readonly areas: ReadonlySignal<readonly string[]>
  readonly channel: () => ChannelView | null
  readonly pending: ReadonlySignal<readonly PendingCommand[]>
  readonly prefs: () => ChannelView | null
  readonly inbox: ReadonlySignal<ChannelView | null>
}

export function openTalk({ session, area, areas, channel, pending, prefs, inbox }: TalkSources): Talk {
  const rows = computed(() => chatLog(channel(), area.value, pending.value))
  const older = signal(NO_OLDER)
  const readBack = computed(() => {
    const { events, line } = older.value
    const held = channel()
    if (line !== area.value || held === null) return []
    // What became of it since stands among the news; what waits here to be taken back is marked, and nothing else of it comes twice.
    const news = (held.events ?? []).filter(({ type }) => type !== 'chat.posted')
    const withdrawing = pending.value.filter(({ type }) => type === 'chat.withdraw')
    return chatLog({ ...held, events: [...events, ...news] }, area.value, withdrawing)
  })
  const putOff = signal<ReadonlySet<string>>(new Set())
  const seen = signal<ReadonlyMap<string, ReadMark>>(new Map())
  const operator = computed(() => session.value?.operator ?? null)
  const seenIn = (line: string): ReadMark | undefined => seen.value.get(seenKey(operator.value, line))
  const mark = computed(() => {
    if (operator.value === null) return null
    return readMark(rows.value, area.value, { operator: operator.value, prefs: prefs(), pending: pending.value })
  })
  const newsAfter = (after: ReadMark | null): News =>
    operator.value === null ? NO_NEWS : newsOf(rows.value, operator.value, after)
  const unread = computed(() => newsAfter(mark.value))
  return {
    rows: computed(() => (readBack.value.length === 0 ? rows.value : [...readBack.value, ...rows.value])),
    older,
    answers: signal({}),
    chosen: signal({}),
    reading: signal({}),
    reveal: signal(null),
    sought: signal(null),
    putOff,
    seen,
    unread,
    news: computed(() => newsAfter(later(mark.value, seenIn(area.value) ?? null))),
    mentions: computed(() => {
      const withdrawn = new Set(rows.value.flatMap((row) => (row.withdrawn === null ? [] : [row.key])))
      return mentionsOf(inbox.value, { prefs: prefs() }).filter((mention) => {
        const { id, line } = mention
        if (isRead(mention, seenIn(line) ?? null)) return false
        return areas.value.includes(line) && !putOff.value.has(id) && !withdrawn.has(id)
      })
    }),
  }
}

export function seenKey(operator: string | null, line: string): string {
  return `${operator} ${line}`
}

function later(one: ReadMark | null, other: ReadMark | null): ReadMark | null {
  if (one === null || other === null) return one ?? other
  return one.offset >= other.offset ? one : other
}
