/**
 * The durable layout: which key holds what in the relay's tables (`ports.ts`). Numbers are padded to 16 digits, so that
 * string order is number order up to 2^53.
 *
 *   meta      outbox            { epoch, incarnation, next: { urgent, normal } }   one row: a command and its number are one write
 *             session           who is signed in, without any token
 *             site              { areas, deviceAreas } as the last welcome named them
 *             server-time       highest server time ever seen (P7)
 *   outbox    LANE:SEQ          OutboxRow
 *   refs      REF               RefRow
 *   channels  CHANNEL           ChannelRow
 *   records   CHANNEL KEY       { offset, record }
 *   events    CHANNEL OFFSET    StoredEvent
 *   receipts  ALERT KIND        ReceiptRow
 */
import type { ChannelKind, ChannelName } from '../protocol/channels.ts'
import type { CommandId, Cursor, Incarnation, OutboxEpoch, SessionId } from '../protocol/ids.ts'
import type { Lane } from '../protocol/lanes.ts'
import type { PendingCommand } from '../protocol/local.ts'
import type { Role } from '../protocol/records.ts'
import type { Range } from '../ports.ts'

export interface OutboxMeta {
  readonly epoch: OutboxEpoch
  readonly incarnation: Incarnation | null
  readonly next: Readonly<Record<Lane, number>>
}

export interface SessionRow {
  readonly id: SessionId
  readonly operator: string
  readonly role: Role
  readonly areas: readonly string[]
  readonly generation: number
}

export interface SiteRow {
  readonly areas: readonly string[]
  readonly deviceAreas: readonly string[]
}

export interface OutboxRow {
  readonly id: CommandId
  readonly ref: string
  readonly lane: Lane
  readonly seq: number
  readonly type: string
  readonly data: unknown
  readonly session: SessionId | null
  readonly by: string | null
  readonly madeAt: number
}

/** How a command ended. `command` is kept only with a rejection, which a person has yet to see. */
export interface Settled {
  readonly at: number
  readonly outcome: 'applied' | 'rejected'
  readonly code: string | null
  readonly message: string | null
  readonly data: unknown
  readonly offsets: Readonly<Record<string, number>>
  readonly command: PendingCommand | null
}

/** `from`: whose reference it is; only a host's is observed again at each start. */
export interface RefRow {
  readonly id: CommandId
  readonly lane: Lane
  readonly seq: number
  readonly from: 'host' | 'window' | 'relay'
  readonly savedAt: number
  readonly settled?: Settled
  readonly seenAt?: number
}

export interface ChannelRow {
  readonly kind: ChannelKind
  readonly cursor: Cursor | null
  readonly confirmedAt: number | null
}

export interface ReceiptRow {
  readonly alert: CommandId
  readonly kind: 'displayed' | 'push-shown' | 'heard'
  /** Device clock, epoch milliseconds. */
  readonly at: number
}

export function outboxKey(lane: Lane, seq: number): string {
  return `${lane}:${pad(seq)}`
}

export function eventKey(channel: ChannelName, offset: number): string {
  return `${channel} ${pad(offset)}`
}

export function recordKey(channel: ChannelName, key: string): string {
  return `${channel} ${key}`
}

/** Every row of a channel in `records` or `events`: `!` is the character after the space, and in no channel name. */
export function channelRange(channel: ChannelName): Required<Pick<Range, 'from' | 'to'>> {
  return { from: `${channel} `, to: `${channel}!` }
}

function pad(value: number): string {
  return String(value).padStart(16, '0')
}
