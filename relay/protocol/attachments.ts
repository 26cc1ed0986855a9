/**
 * Photos and files of messages (PROTOCOL O1 to O9). A message names them by what is in them and goes at once; the bytes travel
 * beside it by HTTP, in pieces, and how that ended is written into the message.
 */
import * as v from 'valibot'
import { CommandId, Segment } from './ids.ts'
import { LIMITS } from './limits.ts'
import { line } from './text.ts'

/** SHA-256 of the bytes, 64 hexadecimal digits. */
export const ContentHash = v.pipe(
  v.string(),
  v.regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hexadecimal'),
  v.brand('ContentHash'),
)
export type ContentHash = v.InferOutput<typeof ContentHash>

/** Photos are decoded and encoded again; the rest is kept as it is, and only ever handed out to be saved. */
export const PHOTO_TYPES = ['image/jpeg', 'image/png', 'image/webp'] as const
export const FILE_TYPES = ['application/pdf', 'text/plain', 'text/csv'] as const
export const AttachmentType = v.picklist([...PHOTO_TYPES, ...FILE_TYPES])
export type AttachmentType = v.InferOutput<typeof AttachmentType>

export function isPhoto(type: AttachmentType): boolean {
  return PHOTO_TYPES.some((each) => each === type)
}

const Bytes = v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(LIMITS.maxAttachmentBytes))
const Side = v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(LIMITS.maxPhotoSide))

/** A file as its message names it: what its bytes are and how many, and what people call it. */
export const NamedFile = v.strictObject({
  hash: ContentHash,
  type: AttachmentType,
  size: Bytes,
  name: line(LIMITS.maxFileName),
})
export type NamedFile = v.InferOutput<typeof NamedFile>

/** The files of one message, each once. */
export const NamedFiles = v.pipe(
  v.array(NamedFile),
  v.minLength(1, 'must name a file'),
  v.maxLength(LIMITS.maxFiles, `must not name more than ${LIMITS.maxFiles} files`),
  v.check((files) => new Set(files.map(({ hash }) => hash)).size === files.length, 'must not name a file twice'),
)

/**
 * How the way of the bytes ended. `stored`: what is handed out, which of a photo are other bytes than were named: `hash`, `type`
 * and `size` are theirs, the sides in pixels. `lost`: they did not come in time. `refused`: they are not what their message says.
 */
export const FileEnd = v.variant('how', [
  v.strictObject({
    how: v.literal('stored'),
    hash: ContentHash,
    type: AttachmentType,
    size: Bytes,
    width: v.nullable(Side),
    height: v.nullable(Side),
  }),
  v.strictObject({ how: v.literal('lost') }),
  v.strictObject({ how: v.literal('refused') }),
])
export type FileEnd = v.InferOutput<typeof FileEnd>

/** A file in a message that was posted. `end`: null while its bytes are on their way. */
export const MessageFile = v.strictObject({
  ...NamedFile.entries,
  end: v.nullable(FileEnd),
})
export type MessageFile = v.InferOutput<typeof MessageFile>

/** A file as a line shows it. */
export interface ShownFile extends NamedFile {
  readonly end: Pick<FileEnd, 'how'> | null
}

/**
 * `data` of `chat.filed`: what became of the files of a message, in the order in which it names them. It stays in the log when the
 * message is taken back, and so repeats neither names nor hashes.
 */
export const ChatFiled = v.strictObject({
  line: Segment,
  id: CommandId,
  ends: v.array(v.nullable(v.picklist(['stored', 'lost', 'refused']))),
})
export type ChatFiled = v.InferOutput<typeof ChatFiled>

/**
 * How much of a file the server has of this device (`GET` and `PATCH …/upload`): the next byte it wants, and how it ended, `lost`
 * and `refused` for good. `stored`: the device may let go of its own.
 */
export const UploadState = v.strictObject({
  offset: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(LIMITS.maxAttachmentBytes)),
  end: v.nullable(v.picklist(['stored', 'lost', 'refused'])),
})
export type UploadState = v.InferOutput<typeof UploadState>

/** Which file: of which message of which line. */
export interface FilePlace {
  readonly line: string
  readonly id: CommandId
  readonly hash: ContentHash
}

/** Under the server's `/api`: the file as it is handed out (`?size=small` of a photo), and with `/upload` the way of its bytes. */
export function filePath({ line: area, id, hash }: FilePlace): string {
  return `attachments/${area}/${id}/${hash}`
}
