/** Photos and files of messages: what of their bytes is on this device, and how far they are on their way. */
import type { ContentHash } from '../../protocol/attachments.ts'
import type { CommandId } from '../../protocol/ids.ts'
import type { FilesView } from '../../protocol/local.ts'
import type { FileRow } from '../disk/rows.ts'

export interface FilesState {
  /** What the disk has. It stays while a draft or an upload names it. */
  readonly kept: Map<ContentHash, Kept>
  /** What messages of this device name, in the order in which they were sent, by `fileKey`. */
  readonly uploads: Map<string, Upload>
  /** Bytes that are being written, which have no name yet. */
  keeping: { readonly files: number; readonly bytes: number }
  /** What is being asked or sent. */
  flight: Flight | null
  attempt: number
  /** How large the next piece is: what the link carries in a quarter of a second. */
  pieceBytes: number
  /** Nothing is read from the server: something urgent has no durable answer. */
  isHeld: boolean
  /** Files asked of the server for windows, and not answered. */
  reads: number
  /** Something may have become nameless. */
  isSweepDue: boolean
  /** What windows were told last, and when. */
  told: { readonly view: FilesView; readonly at: number }
}

export interface Kept {
  readonly size: number
  /** Who wants to send it with a message that is not there yet, and until when it is kept for that (monotonic). */
  draft: { readonly by: string; readonly until: number } | null
}

export interface Upload {
  row: FileRow
  /** The next byte that the server wants; null where that has to be asked. */
  offset: number | null
  /** Monotonic. */
  retryAt: number
  /** Answers in a row that brought it no further. */
  failures: number
  /** Why it went no further the last time, as a code. */
  trouble: string | null
  /** Its row is being deleted. */
  isOver: boolean
}

export interface Flight {
  readonly attempt: number
  readonly key: string
  readonly since: number
  /** Of a piece; null of a question. */
  readonly bytes: number | null
}

export interface FilesAfter {
  /** The row of an upload is gone. */
  readonly kind: 'fileRowGone'
  readonly id: CommandId
  readonly hash: ContentHash
}
