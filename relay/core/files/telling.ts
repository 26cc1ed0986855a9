/** What windows are told of files: how much is on this device, and how far those of this person are. */
import type { FilesView } from '../../protocol/local.ts'
import type { Reader, Turn } from '../step/turn.ts'
import { announce } from '../tell/bus.ts'
import { heldFiles } from './keeping.ts'
import type { FilesState } from './slice.ts'

/** While bytes move they are told so often and no more. */
const TELL_MS = 250

/** What somebody before left waiting counts, and is not named to the next person (P9). */
export function filesView(files: FilesState, { people }: Reader): FilesView {
  const own = [...files.uploads.values()].filter(
    ({ row, isOver }) =>
      row.by === people.current?.operator && typeof row.message === 'string' && !isOver && row.lost?.isRead !== true,
  )
  const waiting = own.map(({ row: { line, id, hash, type, size, lost }, offset, trouble }) => {
    return { line, id, hash, type, size, sent: offset ?? 0, trouble: lost?.code ?? trouble, isLost: lost !== undefined }
  })
  return { ...heldFiles(files), waiting }
}

/** When a change that was held back is due; null when everything was told. */
export function tellFilesAt(files: FilesState, reader: Reader): number | null {
  const { told } = files
  return isSame(told.view, filesView(files, reader)) ? null : told.at + TELL_MS
}

/** Called at the end of every step. */
export function tellFiles(files: FilesState, turn: Turn): void {
  const view = filesView(files, turn)
  const { view: before, at } = files.told
  if (isSame(before, view)) return
  if (view.waiting.length === before.waiting.length && turn.now < at + TELL_MS) return
  files.told = { view, at: turn.now }
  announce(turn, { t: 'files', files: view })
}

function isSame(one: FilesView, other: FilesView): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
