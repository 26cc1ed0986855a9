/**
 * The durable layout: which key holds what in the relay's tables (`ports.ts`). Numbers are padded to 16 digits, so that
 * string order is number order up to 2^53.
 *
 *   meta      layout            LAYOUT; a disk without it is of layout 1
 *             outbox            OutboxMeta   one row: a command and its number are one write
 *             ending:SESSION    EndingRow: signed out here, and the command that says so has no number yet
 *             session           who is signed in, without any token
 *             site              { areas, deviceAreas } as the last welcome named them
 *             server-time       highest server time ever seen (P7)
 *             ways              NetworkMemory: which way worked in which network
 *             file:ID HASH      FileRow: bytes kept for a message that names them
 *   outbox    LANE:SEQ          OutboxRow of volume 0; of a later one LANEVOLUME:SEQ. Each outbox epoch has its volume
 *   refs      REF               RefRow
 *   channels  CHANNEL           ChannelRow
 *   records   CHANNEL KEY       { offset, record }
 *   events    CHANNEL OFFSET    StoredEvent
 *   receipts  ALERT KIND        ReceiptRow
 */
import type { AttachmentType, FilePlace } from '../../protocol/attachments.ts'
import type { ChannelKind, ChannelName } from '../../protocol/channels.ts'
import type { ErrorCode } from '../../protocol/errors.ts'
import type { ReceiptKind } from '../../protocol/frames.ts'
import type { CommandId, Cursor, Incarnation, OutboxEpoch, SessionId } from '../../protocol/ids.ts'
import type { Lane } from '../../protocol/lanes.ts'
import type { PendingCommand } from '../../protocol/local.ts'
import type { Role } from '../../protocol/records.ts'
import type { Range, Row, Write } from '../../ports.ts'

/** Layout of these rows. History: 1 one volume of commands; 2 volumes, so that giving an epoch up is one write. */
export const LAYOUT = 2

export interface OutboxMeta {
  readonly epoch: OutboxEpoch
  readonly incarnation: Incarnation | null
  readonly next: Readonly<Record<Lane, number>>
  /** Where the commands of this epoch are; absent is 0. */
  readonly volume?: number
  /** Volumes that were given up and are not reviewed yet, oldest first. */
  readonly retired?: readonly RetiredVolume[]
  /** How long the oldest command of a lane has been told `retry-later`, connected; at most half a minute too short. */
  readonly trying?: Readonly<Partial<Record<Lane, { readonly seq: number; readonly connectedMs: number }>>>
}

/** Commands whose end nobody knows: each ends as rejected, with this code. */
export interface RetiredVolume {
  readonly volume: number
  readonly code: ErrorCode
}

/** Without the command's id: a copy of this disk would number the same command a second time. It gets one with its number. */
export interface EndingRow {
  readonly session: SessionId
  readonly operator: string
  readonly madeAt: number
  /** The person ends every session of theirs with this one. */
  readonly everywhere?: true
  /** The last sequence of the urgent lane that the session may have authored; absent before there was such a field. */
  readonly urgentUpTo?: number
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

/** Its bytes are in the `AttachmentStore`, by their hash. */
export interface FileRow extends FilePlace {
  readonly type: AttachmentType
  readonly size: number
  /** Author of the message. */
  readonly by: string
  /** `waiting`: the message has no answer. `rejected`: somebody may send it again; since when, by the device's clock. */
  readonly message: 'waiting' | 'applied' | { readonly rejected: number }
  /** Nothing of it will be at the server. Kept until its author has read why. */
  readonly lost?: LostFile
}

/** `at`: by the device's clock. `isTold`: nothing is left to be said to the server; `isRead`: nor to its author. */
export interface LostFile {
  readonly at: number
  readonly code: string
  readonly isTold: boolean
  readonly isRead: boolean
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
  /** Whose reference it is; absent in layout 1. */
  readonly from?: RefRow['from']
  /** Of `session.end`, as in `EndingRow`. */
  readonly urgentUpTo?: number
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
  /** When somebody last wanted it, device clock, at most a day too old. */
  readonly wantedAt?: number
}

export interface ReceiptRow {
  readonly alert: CommandId
  readonly kind: ReceiptKind
  /** Device clock, epoch milliseconds. */
  readonly at: number
}

export function outboxKey(lane: Lane, seq: number, volume: number): string {
  return `${laneName(lane, volume)}:${pad(seq)}`
}

/** Every row of a lane in one volume: `;` is the character after the colon. */
export function laneRange(lane: Lane, volume: number): Required<Pick<Range, 'from' | 'to'>> {
  return { from: `${laneName(lane, volume)}:`, to: `${laneName(lane, volume)};` }
}

function laneName(lane: Lane, volume: number): string {
  return volume === 0 ? lane : `${lane}${volume}`
}

/** Whose reference a saved command has. */
export function makerOf({ from, ref }: OutboxRow): RefRow['from'] {
  return from ?? (ref.startsWith('relay:') ? 'relay' : ref.startsWith('window:') ? 'window' : 'host')
}

/** The reference row of a command that has not ended. */
export function pendingRef(row: OutboxRow): RefRow {
  const { id, lane, seq, madeAt: savedAt } = row
  return { id, lane, seq, from: makerOf(row), savedAt }
}

/** What is on disk of a command that has not ended. Nobody asks about the relay's own: they have no reference row. */
export function pendingWrites({ row, volume }: { readonly row: OutboxRow; readonly volume: number }): readonly Write[] {
  const put: Write = { op: 'put', table: 'outbox', key: outboxKey(row.lane, row.seq, volume), value: row }
  const ref = pendingRef(row)
  return ref.from === 'relay' ? [put] : [put, { op: 'put', table: 'refs', key: row.ref, value: ref }]
}

export function eventKey(channel: ChannelName, offset: number): string {
  return `${channel} ${pad(offset)}`
}

export function endingKey(session: SessionId): string {
  return `ending:${session}`
}

/** Of the rows of `meta`, those of people who signed out and whose end has no number yet. */
export function endingRows(meta: readonly Row[]): readonly Row[] {
  return meta.filter(({ key }) => key.startsWith('ending:'))
}

export function fileKey({ id, hash }: Pick<FileRow, 'id' | 'hash'>): string {
  return `file:${id} ${hash}`
}

/** Of the rows of `meta`, those of bytes kept for messages. */
export function fileRows(meta: readonly Row[]): readonly FileRow[] {
  return meta.filter(({ key }) => key.startsWith('file:')).map(({ value }) => value as FileRow)
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
