/**
 * The way of bytes to the server, beside the lanes: by HTTP, in pieces, one at a time, only while the link is live. Nothing
 * of it goes while an urgent command has no durable answer; a piece that is under way then is cut off (P3).
 *
 *   message applied ──▶ ask ──▶ piece ──▶ piece ──▶ … ──▶ ask, until it is stored, lost or refused ──▶ let go
 *                        ▲        │ whatever goes wrong: later, from the byte that the server names then
 *                        └────────┘
 */
import type { UploadResult } from '../../ports.ts'
import { backoffMs } from '../link/backoff.ts'
import type { Input } from '../step/inputs.ts'
import type { Turn } from '../step/turn.ts'
import { letGo, lose } from './keeping.ts'
import { nextPiece, smallerPiece } from './pace.ts'
import type { FilesState, Flight, Upload } from './slice.ts'

/** Until a server is asked again that looks at what it got, and one that is full. */
const LOOKING_MS = 1_000
const FULL_MS = 60_000

/** Sends the next piece, or cuts off the one under way. `isUrgentWaiting`: an urgent command is not durably answered. Called at the end of every step. */
export function pumpUploads(files: FilesState, turn: Turn, isUrgentWaiting: boolean): void {
  if (files.isHeld !== isUrgentWaiting) {
    files.isHeld = isUrgentWaiting
    turn.effects.push({ kind: 'holdReads', isHeld: isUrgentWaiting })
  }
  const bearer = turn.link.connection.kind === 'live' && !isUrgentWaiting ? turn.link.deviceToken : null
  if (bearer === null) return cutOff(files, turn)
  if (files.flight !== null) return
  const next = nextUpload(files, turn.now)
  if (next === null) return
  const [key, upload] = next
  const { line, id, hash, size, lost } = upload.row
  const place = { line, id, hash }
  files.attempt += 1
  const { attempt } = files
  if (upload.offset === null || upload.offset >= size) {
    files.flight = { attempt, key, since: turn.now, bytes: null }
    turn.effects.push({ kind: 'askUpload', attempt, place, bearer, isLost: lost !== undefined })
  } else {
    const length = Math.min(files.pieceBytes, size - upload.offset)
    files.flight = { attempt, key, since: turn.now, bytes: length }
    turn.effects.push({ kind: 'sendPiece', attempt, place, offset: upload.offset, length, bearer })
  }
}

/** When the next one is due; null while nothing may go, or something is under way. */
export function uploadsDeadline(
  files: FilesState,
  { link }: Pick<Turn, 'link'>,
  isUrgentWaiting: boolean,
): number | null {
  const mayGo = link.connection.kind === 'live' && link.deviceToken !== null && !isUrgentWaiting
  if (!mayGo || files.flight !== null) return null
  const times = [...files.uploads.values()].filter(isDue).map(({ retryAt }) => retryAt)
  return times.length === 0 ? null : Math.min(...times)
}

function cutOff(files: FilesState, turn: Turn): void {
  const { flight } = files
  if (flight === null) return
  files.flight = null
  // Nobody knows how much of it has arrived.
  const upload = files.uploads.get(flight.key)
  if (upload !== undefined) upload.offset = null
  turn.effects.push({ kind: 'abortUpload' })
}

function nextUpload({ uploads }: FilesState, now: number): readonly [string, Upload] | null {
  for (const entry of uploads) if (isDue(entry[1]) && entry[1].retryAt <= now) return entry
  return null
}

function isDue({ row, isOver }: Upload): boolean {
  return row.message === 'applied' && !isOver && row.lost?.isTold !== true
}

export function uploadAnswered(
  files: FilesState,
  turn: Turn,
  { attempt, result }: Extract<Input, { kind: 'uploadAnswered' }>,
): void {
  const { flight } = files
  if (flight?.attempt !== attempt) return
  files.flight = null
  const upload = files.uploads.get(flight.key)
  if (upload === undefined || upload.isOver) return
  if (result.ok) wentOn(files, turn, { flight, upload, state: result.value })
  else wentWrong(files, turn, { flight, upload, result })
}

function wentOn(
  files: FilesState,
  turn: Turn,
  { flight, upload, state }: { readonly flight: Flight; readonly upload: Upload; readonly state: Answered },
): void {
  const before = upload.offset
  const { lost, size } = upload.row
  upload.trouble = null
  if (state.end !== null)
    return lost === undefined || lost.isRead || state.end === 'stored'
      ? end(turn, upload, state.end)
      : lose(turn, upload, { ...lost, isTold: true })
  if (state.offset > size || lost !== undefined) return later(turn, upload)
  upload.offset = state.offset
  if (flight.bytes !== null)
    files.pieceBytes = nextPiece(files.pieceBytes, { bytes: flight.bytes, ms: turn.now - flight.since })
  if (state.offset === size) {
    // All of it is there, and being looked at.
    upload.failures = 0
    upload.retryAt = turn.now + LOOKING_MS
  } else if (flight.bytes !== null && before !== null && state.offset <= before) later(turn, upload)
  else upload.failures = 0
}
type Answered = Extract<UploadResult, { ok: true }>['value']

function wentWrong(
  files: FilesState,
  turn: Turn,
  { flight, upload, result }: { readonly flight: Flight; readonly upload: Upload; readonly result: Failed },
): void {
  const { code } = result
  upload.trouble = code
  // The message was taken back meanwhile, or is not kept any more.
  if (code === 'file-unknown') return end(turn, upload, code)
  later(turn, upload)
  // This device has lost the bytes, or may bring none.
  if (code === 'file-missing' || code === 'forbidden') {
    if (code === 'file-missing') files.kept.delete(upload.row.hash)
    lose(turn, upload, { code, isRead: false, ...upload.row.lost, isTold: code === 'forbidden' })
    logEnd(turn, upload, code)
  } else if (code === 'files-full' || code === 'files-share' || code === 'files-waiting')
    upload.retryAt = turn.now + FULL_MS * (1 + turn.chance / 4)
  else if (flight.bytes !== null) files.pieceBytes = smallerPiece(files.pieceBytes)
}
type Failed = Extract<UploadResult, { ok: false }>

/** Asked again later for the byte that is wanted. */
function later(turn: Turn, upload: Upload): void {
  upload.offset = null
  upload.retryAt = turn.now + backoffMs(upload.failures, turn.chance)
  upload.failures += 1
}

function end(turn: Turn, upload: Upload, how: string): void {
  letGo(turn, upload)
  logEnd(turn, upload, how)
}

function logEnd(turn: Turn, upload: Upload, how: string): void {
  const { id, hash } = upload.row
  const level = how === 'stored' ? 'info' : 'warn'
  turn.effects.push({ kind: 'log', level, event: 'file-ended', fields: { message: id, hash, how } })
}
