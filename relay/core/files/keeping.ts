/**
 * What is kept on this device, and for how long.
 *
 *   given ──▶ being written ──▶ draft ──▶ named by a message ──▶ over
 *                                 └─ a day, or its person leaves ──▶ dropped
 *
 * Invariants
 *   1. "Kept" is said when the bytes are durable; a message that names others is not taken (R88).
 *   2. The rows that say which message names which bytes are one write with its command, and with its end.
 *   3. Bytes go after the last row that names them, and while nothing is being written: what is dropped would otherwise be what
 *      was just kept anew.
 */
import type { ContentHash } from '../../protocol/attachments.ts'
import type { CommandData } from '../../protocol/commands.ts'
import { refuse, type Refusal } from '../../protocol/errors.ts'
import type { CommandId } from '../../protocol/ids.ts'
import { LIMITS } from '../../protocol/limits.ts'
import type { Row, Write } from '../../ports.ts'
import { save } from '../disk/ledger.ts'
import { fileKey, fileRows, type FileRow, type LostFile, type OutboxRow } from '../disk/rows.ts'
import type { Input, StartTables } from '../step/inputs.ts'
import type { Turn } from '../step/turn.ts'
import { answer } from '../tell/answers.ts'
import type { Origin } from '../tell/slice.ts'
import { FIRST_PIECE_BYTES } from './pace.ts'
import type { FilesState, Upload } from './slice.ts'

/** How long bytes wait for the message that names them, monotonic milliseconds. */
const DRAFT_MS = 24 * 3_600_000
/** How long what is to be read is kept, as long as a rejection is shown (R11), by the device's clock. */
const REVIEW_MS = 7 * 24 * 3_600_000

export function newFiles(meta: readonly Row[], onDisk: StartTables['files']): FilesState {
  const rows = fileRows(meta)
  const uploads = new Map(rows.map((row) => [fileKey(row), newUpload(row)]))
  const kept = new Map([...rows, ...(onDisk ?? [])].map(({ hash, size }) => [hash, { size, draft: null }]))
  return {
    kept,
    uploads,
    keeping: { files: 0, bytes: 0 },
    flight: null,
    attempt: 0,
    pieceBytes: FIRST_PIECE_BYTES,
    isHeld: false,
    reads: 0,
    isSweepDue: true,
    told: { view: { count: 0, bytes: 0, waiting: [] }, at: -Infinity },
  }
}

function newUpload(row: FileRow): Upload {
  return { row, offset: null, retryAt: 0, failures: 0, trouble: null, isOver: false }
}

/** Somebody chose a file. Answered when it is durable. */
export function giveFile(
  files: FilesState,
  turn: Turn,
  { origin, bytes }: Pick<Extract<Input, { kind: 'fileGiven' }>, 'origin' | 'bytes'>,
): void {
  const author = turn.people.current
  if (author === null) return answer(turn, origin, refuse('sign-in-needed'))
  if (bytes.byteLength > LIMITS.maxAttachmentBytes) return answer(turn, origin, refuse('file-too-large'))
  if (isFull(files, bytes.byteLength)) return answer(turn, origin, refuse('files-waiting'))
  count(files, 1, bytes.byteLength)
  turn.effects.push({ kind: 'keepFile', origin, by: author.operator, bytes })
}

export function fileKept(files: FilesState, turn: Turn, input: Extract<Input, { kind: 'fileKept' }>): void {
  const { origin, by, size, hash } = input
  count(files, -1, -size)
  if (hash === null) return answer(turn, origin, refuse('storage-failed'))
  const kept = files.kept.get(hash) ?? { size, draft: null }
  kept.draft = { by, until: turn.now + DRAFT_MS }
  files.kept.set(hash, kept)
  tellKept(turn, origin, hash)
}

function tellKept(turn: Turn, origin: Origin, hash: ContentHash): void {
  if (origin.kind === 'host') return answer(turn, origin, { ok: true, value: hash })
  const { port, ref } = origin
  turn.effects.push({ kind: 'postPort', port, message: { t: 'kept', ref, hash } })
}

function isFull(files: FilesState, bytes: number): boolean {
  const { count: held, bytes: heldBytes } = heldFiles(files)
  return held >= LIMITS.maxWaitingFiles || heldBytes + bytes > LIMITS.maxWaitingFileBytes
}

/** What is on this device, and what is being written. */
export function heldFiles({ kept, keeping }: FilesState): { readonly count: number; readonly bytes: number } {
  let bytes = 0
  for (const { size } of kept.values()) bytes += size
  return { count: kept.size + keeping.files, bytes: bytes + keeping.bytes }
}

function count(files: FilesState, change: number, bytes: number): void {
  files.keeping = { files: files.keeping.files + change, bytes: files.keeping.bytes + bytes }
}

// ---------------------------------------------------------------------------------------------------- messages

/** Why a message cannot be taken: its bytes are not here. Null where they are, and for every other command. */
export function refuseFiles({ kept }: FilesState, type: string, data: unknown): Refusal | null {
  const isHere = filesIn(type, data).every(({ hash, size }) => kept.get(hash)?.size === size)
  return isHere ? null : refuse('file-missing')
}

/** A message was taken: what it names waits for it. The writes belong to that of its command. */
export function takeFiles(files: FilesState, { id, type, data, by }: Omit<OutboxRow, 'seq'>): readonly Write[] {
  return filesIn(type, data).map((named) => {
    const { line } = data as CommandData<'chat.share'>
    const { hash, size } = named
    const row: FileRow = { line, id, hash, type: named.type, size, by: by ?? '', message: 'waiting' }
    files.uploads.set(fileKey(row), newUpload(row))
    const kept = files.kept.get(hash)
    if (kept !== undefined) kept.draft = null
    return put(row)
  })
}

/** What the message became, in the write that says so. `waiting`: a restore took its result back. */
export function messageBecame(
  files: FilesState,
  turn: Turn,
  { id, type, data }: Pick<OutboxRow, 'id' | 'type' | 'data'>,
  became: 'waiting' | 'applied' | 'rejected',
): readonly Write[] {
  const message = became === 'rejected' ? { rejected: turn.wall } : became
  return filesIn(type, data).flatMap(({ hash }) => {
    const upload = files.uploads.get(fileKey({ id, hash }))
    if (upload === undefined || upload.isOver) return []
    upload.row = { ...upload.row, message }
    return [put(upload.row)]
  })
}

/** The message was never taken (the disk refused it), in the write that undoes it. */
export function untakeFiles(files: FilesState, { id, type, data }: OutboxRow): readonly Write[] {
  return filesIn(type, data).map(({ hash }) => {
    const key = fileKey({ id, hash })
    files.uploads.delete(key)
    files.isSweepDue = true
    return { op: 'delete', table: 'meta', key }
  })
}

/** A person has read why the message was rejected, or what of it is lost, and sends it no more. */
export function letGoOfMessage(files: FilesState, turn: Turn, message: CommandId): void {
  for (const upload of files.uploads.values()) {
    const { row } = upload
    if (row.id !== message || shownSince(row) === null) continue
    // Others are to know it, too.
    if (row.lost?.isTold === false) lose(turn, upload, { ...row.lost, isRead: true })
    else letGo(turn, upload)
  }
}

/** Nothing of it goes any more, as the disk knows, too. */
export function lose(turn: Turn, upload: Upload, lost: Omit<LostFile, 'at'>): void {
  upload.row = { ...upload.row, lost: { ...lost, at: turn.wall } }
  save(turn, [put(upload.row)])
}

/** Deletes the row; the bytes follow when that is durable, unless something else names them. */
export function letGo(turn: Turn, upload: Upload): void {
  if (upload.isOver) return
  upload.isOver = true
  const { id, hash } = upload.row
  save(turn, [{ op: 'delete', table: 'meta', key: fileKey(upload.row) }], { kind: 'fileRowGone', id, hash })
}

export function fileRowGone(files: FilesState, place: Pick<FileRow, 'id' | 'hash'>): void {
  files.uploads.delete(fileKey(place))
  files.isSweepDue = true
}

function filesIn(type: string, data: unknown): CommandData<'chat.share'>['files'] {
  return type === 'chat.share' ? (data as CommandData<'chat.share'>).files : []
}

function put(row: FileRow): Write {
  return { op: 'put', table: 'meta', key: fileKey(row), value: row }
}

/** Since when somebody is to read what became of it; null where there is nothing to be read. */
function shownSince({ message, lost }: FileRow): number | null {
  return typeof message === 'object' ? message.rejected : (lost?.at ?? null)
}

// ------------------------------------------------------------------------------------------------------ going

/** Once an hour. */
export function expireFiles(files: FilesState, turn: Turn): void {
  files.isSweepDue = true
  for (const upload of files.uploads.values()) {
    const since = shownSince(upload.row)
    if (since !== null && since < turn.wall - REVIEW_MS) letGo(turn, upload)
  }
}

/** Drops what nobody names any more. Called at the end of every step. */
export function sweepFiles(files: FilesState, turn: Turn): void {
  if (files.keeping.files > 0 || (!files.isSweepDue && !hasForeignDraft(files, turn))) return
  files.isSweepDue = false
  const named = new Set([...files.uploads.values()].map(({ row }) => row.hash))
  const gone: ContentHash[] = []
  for (const [hash, { draft }] of files.kept) {
    const isDraft = draft !== null && draft.by === turn.people.current?.operator && turn.now < draft.until
    if (!isDraft && !named.has(hash)) gone.push(hash)
  }
  for (const hash of gone) files.kept.delete(hash)
  if (gone.length > 0) turn.effects.push({ kind: 'dropFiles', hashes: gone })
}

/** Whoever chose it has left. */
function hasForeignDraft({ kept }: FilesState, { people }: Turn): boolean {
  for (const { draft } of kept.values()) if (draft !== null && draft.by !== people.current?.operator) return true
  return false
}
