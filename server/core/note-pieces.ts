import { LIMITS } from '../../relay/protocol/limits.ts'
import type { NotePiece } from '../../relay/protocol/notes.ts'

/** Updates of a note that are whole, each with the records it stands in. */
export interface WholeUpdate {
  readonly keys: readonly string[]
  /** Base64 of all its parts. */
  readonly update: string
}

/** Records of a note, by key, as updates; parts of one that is not whole are left out. */
export function wholeUpdates(records: Iterable<readonly [key: string, piece: NotePiece]>): readonly WholeUpdate[] {
  const sets = new Map<string, { readonly of: number; readonly parts: Map<number, readonly [string, string]> }>()
  for (const [key, { set, part, of, update }] of records) {
    const known = sets.get(set) ?? { of, parts: new Map() }
    known.parts.set(part, [key, update])
    sets.set(set, known)
  }
  const whole: WholeUpdate[] = []
  for (const { of, parts } of sets.values()) {
    if (parts.size !== of) continue
    const inOrder = [...parts].toSorted(([one], [other]) => one - other).map(([, part]) => part)
    whole.push({ keys: inOrder.map(([key]) => key), update: inOrder.map(([, update]) => update).join('') })
  }
  return whole
}

/** Updates of a note that make it worth to merge some. */
export const MERGED_FROM = 64

/**
 * Which updates to merge: all small ones, and of the large ones those that are not much larger than what is merged into them. So a
 * note is written whole each time it has grown by half, and not with every few words.
 */
export function mergeable(updates: readonly WholeUpdate[]): readonly WholeUpdate[] {
  if (updates.length < MERGED_FROM) return []
  const chosen: WholeUpdate[] = []
  let size = 0
  let records = 0
  for (const each of updates.toSorted((one, other) => one.update.length - other.update.length)) {
    if (chosen.length >= MERGED_FROM / 2 && each.update.length > 2 * size) break
    if (records + each.keys.length > LIMITS.maxNotePieces) break
    records += each.keys.length
    chosen.push(each)
    size += each.update.length
  }
  return chosen
}
