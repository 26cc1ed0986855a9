import { keySpace, parseChannel, type Channel, type ChannelName } from '../../../relay/protocol/channels.ts'
import type { StoredEvent } from '../../../relay/protocol/events.ts'
import type { CommandId, DeviceId } from '../../../relay/protocol/ids.ts'
import type { ChatMessage } from '../../../relay/protocol/records.ts'
import {
  foundName,
  unquoted,
  type FoundEvent,
  type FoundRecord,
  type NewEvent,
  type RecordKey,
  type Rewrite,
  type Unquote,
} from '../../ports/rules.ts'
import type { CommittedEvent } from '../../ports/submission.ts'
import type { EventIds } from '../event-ids.ts'
import type { ChannelFact, EventFact, RecordFact } from './facts.ts'
import type { WorkingSet } from './working-set.ts'

/** What an event is written under besides what it says. */
export interface Making {
  readonly at: string
  readonly by: string
  readonly cause: CommandId
}

/** Types that are found again by the command that made them. */
const FOUND: ReadonlySet<string> = new Set(['chat.posted', 'alert.raised'])
type EventQuestion = readonly ['event' | 'said', ...string[]]
const SAID: ReadonlySet<string> = new Set(['chat.posted', 'chat.mentioned'])

/** Appends events and keeps the records they set, in the working set of the group. */
export class EventWriter {
  readonly #set: WorkingSet
  readonly #ids: EventIds

  constructor(set: WorkingSet, ids: EventIds) {
    this.#set = set
    this.#ids = ids
  }

  append({ channel: name, type, data }: NewEvent, { at, by, cause }: Making): CommittedEvent {
    const channel = this.#open(name)
    const id = this.#ids.next()
    const offset = channel.top + 1
    const text = JSON.stringify(data)
    this.#put({ ...channel, top: offset, topId: id, eventBytes: channel.eventBytes + Buffer.byteLength(text) })
    const event: StoredEvent = { offset, id, type, at, by, cause, data }
    this.#set.write('events', { channel: name, event, data: text })
    const fact: EventFact = { channel: name, offset, id, at, by, data: text }
    if (FOUND.has(type)) this.#made(['event', type, cause], fact)
    if (SAID.has(type)) this.#made(['said', name, type, cause], fact)
    if (type === 'chat.posted') this.#answered(name, data as ChatMessage, cause)
    const parsed = parseChannel(name)
    if (parsed?.kind === 'state') this.#setRecord(name, parsed, data as { key: string; record: unknown })
    return { channel: name, epoch: channel.epoch, event }
  }

  /** Those of these records and events that are there, by `foundName`. */
  find(keys: readonly RecordKey[]): ReadonlyMap<string, FoundRecord> {
    this.#set.reads(
      keys.map((key) => ('event' in key ? ['event', key.event, key.cause] : ['record', key.domain, key.key])),
    )
    const found = new Map<string, FoundRecord>()
    for (const key of keys) {
      const one = 'event' in key ? this.#event(key.event, key.cause) : this.#record(key.domain, key.key)
      if (one !== null) found.set(foundName(key), one)
    }
    return found
  }

  #record(space: string, key: string): FoundRecord | null {
    const row = this.#set.get('record', space, key)
    return row === null ? null : { channel: row.channel, record: JSON.parse(row.record) }
  }

  #event(type: FoundEvent, cause: CommandId): FoundRecord | null {
    const row = this.#find(['event', type, cause])
    if (row === null) return null
    const { channel, data, ...event } = row
    return { channel, record: { ...event, type, cause, data: JSON.parse(data) as unknown } }
  }

  /** What is stored, or what this group made: the one that was first. */
  #find(question: EventQuestion): EventFact | null {
    const [name, ...parts] = question
    return this.#set.get(name, ...parts) ?? ((this.#set.noted(question.join(' ')) ?? null) as EventFact | null)
  }

  #made(question: EventQuestion, fact: EventFact): void {
    const name = question.join(' ')
    if (this.#set.noted(name) === undefined) this.#set.note(name, fact)
  }

  /** It was rewritten, wherever it was found. */
  #changed(question: EventQuestion, fact: EventFact): void {
    const [name, ...parts] = question
    if (this.#set.get(name, ...parts) === null) this.#set.note(question.join(' '), fact)
    else this.#set.set(name, parts, fact)
  }

  /** Takes what an event said out of the store: its place, type and id stay. Whether there was such an event. */
  rewrite({ channel: name, type, cause, data }: Rewrite): boolean {
    const channel = this.#open(name)
    const said = this.#find(['said', name, type, cause])
    if (said === null) return false
    const text = JSON.stringify(data)
    this.#put({
      ...channel,
      eventBytes: channel.eventBytes + Buffer.byteLength(text) - Buffer.byteLength(said.data),
    })
    this.#changed(['said', name, type, cause], { ...said, data: text })
    const found = FOUND.has(type) ? this.#find(['event', type, cause]) : null
    if (found?.channel === name && found.offset === said.offset)
      this.#changed(['event', type, cause], { ...found, data: text })
    this.#set.write('rewrites', { channel: name, offset: said.offset, data: text })
    return true
  }

  #answered(channel: ChannelName, message: ChatMessage, cause: CommandId): void {
    if (!('reply' in message) || message.reply === undefined) return
    const { id } = message.reply
    this.#set.note(`answers ${channel} ${id}`, [...this.#answersMade(channel, id), cause])
  }

  #answersMade(channel: ChannelName, id: CommandId): readonly CommandId[] {
    return (this.#set.noted(`answers ${channel} ${id}`) ?? []) as readonly CommandId[]
  }

  /** Takes the words of this message out of what answers it, stored or made by this group. */
  unquote({ channel, message }: Unquote): void {
    this.#open(channel)
    const stored = this.#set.get('answers', channel, message)
    this.#set.reads(stored.map((cause) => ['said', channel, 'chat.posted', cause]))
    for (const cause of [...stored, ...this.#answersMade(channel, message)]) {
      const said = this.#find(['said', channel, 'chat.posted', cause])
      if (said === null) continue
      this.rewrite({ channel, type: 'chat.posted', cause, data: unquoted(JSON.parse(said.data)) })
    }
  }

  /** The alert is there: it counts against this device until it is gone. `mark`: see `records.raiser`. */
  raised(alert: CommandId, raiser: string): void {
    const row = this.#set.get('record', 'alerts', alert)
    if (row !== null) this.#putRecord('alerts', alert, { ...row, raiser })
  }

  /** How many records this channel holds. */
  count(name: ChannelName): number {
    return this.#open(name).records
  }

  /** A channel to write to, held until the commit. */
  #open(name: ChannelName): ChannelFact {
    this.#set.needsChannel(name)
    const channel = this.#set.get('channel', name)
    if (channel === null) throw new Error(`no channel ${name} although it is locked`)
    return channel
  }

  #put(channel: ChannelFact): void {
    this.#set.set('channel', [channel.name], channel)
  }

  /** Sets or deletes the record, and keeps the sums of the channels that it comes into and leaves. */
  #setRecord(name: ChannelName, parsed: Channel, { key, record }: { key: string; record: unknown }): void {
    const space = keySpace(parsed)
    const before = this.#set.get('record', space, key)
    // Crossing from one channel to another is a delete and a set; the delete must not take the record that has moved on.
    if (record === null && before?.channel !== name) return
    if (before !== null) this.#left(before)
    if (record === null) return this.#putRecord(space, key, null)
    const text = JSON.stringify(record)
    const channel = this.#open(name)
    this.#put({
      ...channel,
      records: channel.records + 1,
      recordBytes: channel.recordBytes + Buffer.byteLength(text),
    })
    const holder = space === 'rejections' ? holderOf(record) : null
    const raiser = before?.raiser ?? null
    return this.#putRecord(space, key, { channel: name, offset: channel.top, record: text, holder, raiser })
  }

  #left({ channel: name, record }: RecordFact): void {
    const channel = this.#open(name)
    this.#put({
      ...channel,
      records: channel.records - 1,
      recordBytes: channel.recordBytes - Buffer.byteLength(record),
    })
  }

  #putRecord(space: string, key: string, record: RecordFact | null): void {
    const before = this.#set.get('record', space, key)
    this.#set.set('record', [space, key], record)
    this.#count(before?.raiser ?? null, -1)
    this.#count(record?.raiser ?? null, 1)
    if (before !== null && before.holder !== null) this.#unlist(before.channel, key)
    if (record !== null && record.holder !== null) this.#list(key, record.holder, record)
  }

  /** How many open alerts this device raised alone; all devices on which nobody ever signed in, where it is empty. */
  raisedBy(device: DeviceId | ''): number {
    return this.#set.get('raised', device) + this.#raisedHere(device)
  }

  #raisedHere(device: string): number {
    return (this.#set.noted(`raised ${device}`) ?? 0) as number
  }

  #count(raiser: string | null, by: number): void {
    if (raiser === null) return
    const device = raiser.slice(2)
    for (const key of raiser.startsWith('0 ') ? [device, ''] : [device])
      this.#set.note(`raised ${key}`, this.#raisedHere(key) + by)
  }

  #unlist(channel: ChannelName, key: string): void {
    this.#set.set(
      'list',
      [channel],
      this.#set.get('list', channel).filter((each) => each.key !== key),
    )
  }

  #list(key: string, holder: string, { channel, offset, record }: RecordFact): void {
    const listed = { key, holder, offset, bytes: Buffer.byteLength(record) }
    const list = this.#set.get('list', channel)
    const at = list.findIndex((each) => each.holder > holder || (each.holder === holder && each.offset > offset))
    this.#set.set('list', [channel], at === -1 ? [...list, listed] : list.toSpliced(at, 0, listed))
  }
}

/**
 * Who answers for a rejected command that waits for people, and has to make room first: 0 a stranger, 1 a device alone or by its
 * own report, 2 a person; and which.
 */
function holderOf(record: unknown): string {
  const { origin, device, by } = record as { readonly origin?: string; readonly device: string; readonly by: string }
  if (origin === 'stranger') return `0 ${device}`
  return origin === 'device' || by.startsWith('device:') ? `1 ${device}` : `2 ${by}`
}
