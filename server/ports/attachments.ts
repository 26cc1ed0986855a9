/**
 * The bytes of photos and files: those on their way, each by device, message and hash, and those that are kept, by what is in
 * them. The truth is what messages of the store say; which of them name what is kept here only so that it can go with them.
 */
import type { AttachmentType, ContentHash, FileEnd, FilePlace, UploadState } from '../../relay/protocol/attachments.ts'
import type { Checked } from '../../relay/protocol/check.ts'
import type { CommandId, DeviceId, Incarnation } from '../../relay/protocol/ids.ts'

/** A message that names files, and whose it is: what is kept for it counts as theirs. */
export interface NamingMessage {
  readonly id: CommandId
  /** Empty where it is nobody's. */
  readonly by: string
}

/** A file on its way: of which device, for which message, and what its bytes are to be. */
export interface IncomingFile extends NamingMessage {
  readonly device: DeviceId
  readonly hash: ContentHash
}

/** `received`: how many bytes of it are there now. */
export type Appended =
  | { readonly kind: 'taken'; readonly received: number }
  /** Another piece is wanted; nothing was written. */
  | { readonly kind: 'elsewhere'; readonly received: number }
  /** The device has as many files on their way as may be. */
  | { readonly kind: 'crowded' }
  /** What is kept and on its way of its author is as much as one person may have. */
  | { readonly kind: 'over-share' }
  /** There is no room for it, by the site's bound or on the disk. */
  | { readonly kind: 'full' }
  /** What is free of the disk is for everything else that writes to it. */
  | { readonly kind: 'scarce' }

/** One that has lain since `at`, epoch milliseconds. */
export interface WaitingFile extends IncomingFile {
  readonly received: number
  readonly at: number
}

/** What is kept. `bytes`: all of it, and what is on its way. */
export interface AttachmentCounts {
  readonly stored: number
  readonly bytes: number
  readonly waiting: number
}

/** Bytes that are handed out, to be read to their end or given up by whoever reads. */
export interface OpenFile {
  /** Of all of it. */
  readonly size: number
  /** The byte with which the chunks begin. */
  readonly from: number
  readonly chunks: AsyncIterable<Uint8Array>
}

export interface StoredContent extends OpenFile {
  /** `ab/ab12…`, of the small one of a photo with `.small` behind it. */
  readonly name: string
}

/**
 * Order: calls take effect in the order in which they were made, `keep` when it is done. Errors: a call rejects where the disk or
 * its thread fails; nothing has happened then, and it can be made again.
 */
export interface AttachmentFiles {
  /** Goes on with this store, before which nothing that is kept goes; `isWhole`: it is known of every content which messages name it. */
  begin(incarnation: Incarnation, nowMs: number): Promise<{ readonly isWhole: boolean }>
  /** From now on it is. */
  whole(): Promise<void>

  received(file: IncomingFile): Promise<number>
  /** A piece of a file that is to have `size` bytes. */
  append(
    file: IncomingFile,
    piece: { readonly offset: number; readonly bytes: Uint8Array; readonly size: number },
  ): Promise<Appended>
  /** Whether the bytes that came are those that were named; what is something else goes. */
  verify(file: IncomingFile): Promise<boolean>
  /**
   * Looks at the bytes that came, of which the message says that they are of this type, and keeps what is to be handed out, named
   * by the message. It is on the disk when this resolves. `full`: there is no room for it; `over-share`: none for more of its
   * author. Null where nobody could look at them now.
   */
  keep(file: IncomingFile, type: AttachmentType, nowMs: number): Promise<FileEnd | 'full' | 'over-share' | null>
  drop(file: IncomingFile): Promise<void>
  /** Files on their way behind this one, in an order of its own: all of the next devices until there are `max`. */
  waiting(after: DeviceId | null, max: number): Promise<readonly WaitingFile[]>

  /** What this message names, and nothing else. What nobody names any more goes at once. */
  setNames(message: NamingMessage, hashes: readonly ContentHash[]): Promise<void>
  /** Messages that name something, in the order of their ids behind this one. */
  namers(after: CommandId | null, max: number): Promise<readonly CommandId[]>
  /** Removes some of what nobody has named since before `untilMs`, if it is whole. */
  sweep(untilMs: number, max: number): Promise<void>
  /** Nothing that is kept goes until this is released: somebody copies it. */
  hold(): Promise<() => Promise<void>>

  /** Everything that is kept now, by its name below the folder of attachments. */
  contents(): AsyncIterable<StoredContent>
  /** Null where it is not there. `isSmall`: the small one of a photo. From its beginning where there is no such byte. */
  open(hash: ContentHash, part: { readonly isSmall: boolean; readonly from: number }): Promise<OpenFile | null>
  counts(): Promise<AttachmentCounts>
  close(): Promise<void>
}

// ------------------------------------------------------------------------------------------ what is asked of the desk

export interface FilePiece {
  readonly offset: number
  readonly bytes: Uint8Array
}

export interface ServedFile extends OpenFile {
  readonly type: AttachmentType
  /** What people call it. */
  readonly name: string
  readonly isPhoto: boolean
}

/** What answers devices and readers. Each rejects where the folder cannot be reached. */
export interface AttachmentHolder {
  /** How much of a file is there of this device, and how it ended. */
  state(device: DeviceId, place: FilePlace): Promise<Checked<UploadState>>
  take(device: DeviceId, place: FilePlace, piece: FilePiece): Promise<Checked<UploadState>>
  /** The device has lost it, and nothing of it comes any more. */
  giveUp(device: DeviceId, place: FilePlace): Promise<Checked<UploadState>>
  /** Of a message that is there. Whether whoever asks may read it is for the caller to say. */
  open(
    place: FilePlace,
    part: { readonly size: 'whole' | 'small'; readonly from: number },
  ): Promise<Checked<ServedFile>>
  /** `refused`: how often by code since the start. */
  counts(): Promise<AttachmentCounts & { readonly refused: ReadonlyMap<string, number> }>
}
