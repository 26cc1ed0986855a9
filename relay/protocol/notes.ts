/**
 * Handover notes: what a shift leaves to the next, written by several people at once. A note is a document (Yjs); its *pieces*
 * are updates as its writers made them, and merged ones. Pieces may be applied in any order and more than once, so they stand
 * as records of the `state` channel `note/{area}/{note}`, and the note itself as a record of `notes/{area}`.
 */
import * as v from 'valibot'
import { channelName, type ChannelName } from './channels.ts'
import { CommandId, Epoch, Segment } from './ids.ts'
import { LIMITS } from './limits.ts'
import { Deed } from './records.ts'
import { prose } from './text.ts'

/** The day and the shift that a note is of, `2026-11-20-late`; a continuation has a number behind it. */
export const NoteName = v.pipe(
  Segment,
  v.regex(/^\d{4}-\d{2}-\d{2}-[a-z0-9-]+$/, 'must be a day and a shift, like 2026-11-20-late'),
)

/** SHA-256 of a note's text in UTF-8, hexadecimal. */
export const TextHash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in 64 hexadecimal digits'))

/** Base64 of bytes; the length of the text says how many there are at most. */
function base64(maxBytes: number) {
  const maxLength = Math.ceil(maxBytes / 3) * 4
  return v.pipe(
    v.string('must be text'),
    v.minLength(4),
    v.maxLength(maxLength, `must not be longer than ${maxBytes} bytes`),
    v.regex(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/, 'must be base64'),
  )
}

/** An update of Yjs, first encoding, as a writer made it. */
export const Update = base64(LIMITS.maxUpdateBytes)

/** The command that brought it, and the part where it is one. */
const PieceKey = v.pipe(v.string(), v.regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(-\d{1,3})?$/))

const note = { area: Segment, note: NoteName } as const

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))

/** What the commands of a note take. */
export const NOTE_COMMANDS = {
  open: v.strictObject(note),
  /** `epoch`: of the note's channel, as this copy of the note was read from it; null where nothing was read yet (PROTOCOL J3). */
  update: v.strictObject({ ...note, epoch: v.nullable(Epoch), update: Update }),
  /** `hash`, here and to accept: of the text that was on the screen. Devices of before sign without it. */
  sign: v.strictObject({ ...note, hash: v.optional(TextHash) }),
  accept: v.strictObject({ ...note, hash: TextHash }),
  add: v.strictObject({ ...note, text: prose(LIMITS.maxText) }),
  /** Of source `system` only: `merged` takes the place of `pieces`, which had `freed` bytes, and were read after so many `merges`. */
  compact: v.strictObject({
    ...note,
    merges: count,
    merged: v.pipe(v.array(base64(LIMITS.maxUpdateBytes)), v.minLength(1), v.maxLength(LIMITS.maxNoteParts)),
    pieces: v.pipe(v.array(PieceKey), v.minLength(1), v.maxLength(LIMITS.maxNotePieces)),
    freed: count,
  }),
} as const

/** A signature on a text: who, and on what. */
export const Signature = v.strictObject({ ...Deed.entries, hash: TextHash })
export type Signature = v.InferOutput<typeof Signature>

/** What was added after a note was accepted. */
export const Addendum = v.strictObject({ id: CommandId, text: v.string(), ...Deed.entries })
export type Addendum = v.InferOutput<typeof Addendum>

/**
 * A note as a record of `notes/{area}` under `{area}/{note}`. `signed`: by whom it was handed over, on the text of this hash;
 * it may have changed since, then `isChanged`. `accepted`: by whom it was taken over; from then on its text does not change.
 */
export const NoteRecord = v.strictObject({
  area: Segment,
  note: NoteName,
  opened: Deed,
  signed: v.nullable(Signature),
  isChanged: v.boolean(),
  accepted: v.nullable(Signature),
  addenda: v.array(Addendum),
})
export type NoteRecord = v.InferOutput<typeof NoteRecord>

/**
 * A piece of a note as a record of its channel. One larger than a command is cut: `of` records of the same `set` are one update,
 * joined in the order of `part`, which counts from 0.
 */
export const NotePiece = v.strictObject({
  set: CommandId,
  part: v.number(),
  of: v.number(),
  update: v.string(),
})
export type NotePiece = v.InferOutput<typeof NotePiece>

/**
 * What the server holds about a note beside its pieces, in `notebooks/{area}`, which nobody reads. `clients`: by the number that
 * Yjs gives a writer's copy, how many of its changes there are, and whose it is (index in `writers`). `changes`: updates so far;
 * `merges`: how often pieces of it were merged, absent for never.
 */
export const NoteBook = v.strictObject({
  clients: v.record(v.string(), v.tuple([v.number(), v.number()])),
  /** `device operator`. */
  writers: v.array(v.string()),
  bytes: v.number(),
  changes: v.number(),
  merges: v.optional(v.number()),
})
export type NoteBook = v.InferOutput<typeof NoteBook>

/** The channel of a note's pieces. */
export function noteChannel(area: string, name: string): ChannelName {
  return channelName('note', area, name)
}

/** The key of its record, and of its book. */
export function noteKey(area: string, name: string): string {
  return `${area}/${name}`
}
