/**
 * Bytes for windows: of one's own messages from this device, for as long as they are here; else from the server, with a token
 * that stays here (R26). Nothing that is read is kept on disk.
 */
import { refuse } from '../../protocol/errors.ts'
import { LIMITS } from '../../protocol/limits.ts'
import { fileKey } from '../disk/rows.ts'
import type { Input } from '../step/inputs.ts'
import type { Turn } from '../step/turn.ts'
import { answer, noConnection } from '../tell/answers.ts'
import { boundAuthor } from '../tell/reading.ts'
import type { FilesState } from './slice.ts'

export function askFile(
  files: FilesState,
  turn: Turn,
  { origin, place, size }: Omit<Extract<Input, { kind: 'fileAsked' }>, 'kind'>,
): void {
  const { current } = turn.people
  if (current === null) return answer(turn, origin, refuse('sign-in-needed'))
  const own = files.uploads.get(fileKey(place))
  const isHere = own?.row.by === current.operator && files.kept.has(place.hash)
  const author = boundAuthor(turn)
  const bearer = author?.token ?? null
  const from = isHere ? { type: own.row.type } : bearer === null ? null : { bearer }
  if (from === null) return answer(turn, origin, noConnection('this file is kept there.'))
  if (files.reads >= LIMITS.maxFileReads) return answer(turn, origin, refuse('rate-limited'))
  files.reads += 1
  turn.effects.push({ kind: 'readFile', origin, session: current.id, place, size, from })
}

/** Whoever asked may have left meanwhile: what was read is for that person only. */
export function fileRead(files: FilesState, turn: Turn, input: Extract<Input, { kind: 'fileRead' }>): void {
  const { origin, session, result } = input
  files.reads -= 1
  if (!result.ok) return answer(turn, origin, result)
  if (turn.people.current?.id !== session) return answer(turn, origin, refuse('sign-in-needed'))
  if (origin.kind === 'host') return answer(turn, origin, { ok: true, value: result.value })
  const { port, ref } = origin
  turn.effects.push({ kind: 'postPort', port, message: { t: 'file', ref, file: result.value } })
}
