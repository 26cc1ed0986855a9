import { LIMITS } from '../protocol/limits.ts'

/**
 * Names seen lately: at least the last `LIMITS.rememberedIds`, at most twice as many. Two generations instead of one
 * queue, so that forgetting costs nothing per name (DESIGN §3: a receiver drops what comes by two ways).
 */
export interface RecentIds {
  young: Set<string>
  old: ReadonlySet<string>
}

export function newRecentIds(): RecentIds {
  return { young: new Set(), old: new Set() }
}

/** Remembers a name. False if it is remembered already: a repeat. */
export function isNew(recent: RecentIds, name: string): boolean {
  if (recent.young.has(name) || recent.old.has(name)) return false
  recent.young.add(name)
  if (recent.young.size >= LIMITS.rememberedIds) {
    recent.old = recent.young
    recent.young = new Set()
  }
  return true
}
