import { LIMITS } from '../protocol/limits.ts'

/**
 * What was met lately, by name: at least the last `atLeast` names, at most twice as many. Two generations instead of one
 * queue, so that forgetting costs nothing per name. It is changed in place: it belongs to whoever keeps it, and is no value.
 */
export interface Recent<T> {
  readonly atLeast: number
  young: Map<string, T>
  old: ReadonlyMap<string, T>
}

/** Names alone: a receiver drops what comes by two ways, or twice by one. */
export type RecentIds = Recent<true>

export function newRecent<T>(atLeast: number): Recent<T> {
  return { atLeast, young: new Map(), old: new Map() }
}

export function newRecentIds(): RecentIds {
  return newRecent(LIMITS.rememberedIds)
}

/** What was remembered last under this name. */
export function recall<T>({ young, old }: Recent<T>, name: string): T | undefined {
  return young.get(name) ?? old.get(name)
}

/** Remembers this under its name, as the latest. */
export function remember<T>(recent: Recent<T>, name: string, value: T): void {
  recent.young.set(name, value)
  if (recent.young.size < recent.atLeast) return
  recent.old = recent.young
  recent.young = new Map()
}

/** Everything that is remembered, each name once; in no order. */
export function allOf<T>({ young, old }: Recent<T>): readonly T[] {
  const older = [...old].filter(([name]) => !young.has(name))
  return [...older.map(([, value]) => value), ...young.values()]
}

/** Remembers a name. False if it is remembered already: a repeat. */
export function isNew(recent: RecentIds, name: string): boolean {
  if (recall(recent, name) !== undefined) return false
  remember(recent, name, true)
  return true
}
