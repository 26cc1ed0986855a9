/** A machine that is well again keeps its place so long, milliseconds: a value that wanders about its limit must not make the view jump. */
export const CALM_MS = 60_000

/** Machines in trouble, by id, in the order in which they came into it: when they were last seen with a value beyond its limit. */
export type Troubled = ReadonlyMap<string, number>

/** @param breached ids with a value beyond its limit at `now` (monotonic), in the floor's own order */
export function stepTroubled(before: Troubled, breached: readonly string[], now: number): Troubled {
  const seen = new Set(breached)
  const kept = [...before].filter(([id, at]) => seen.has(id) || now - at < CALM_MS)
  const after = new Map(kept.map(([id, at]) => [id, seen.has(id) ? now : at]))
  for (const id of breached) if (!after.has(id)) after.set(id, now)
  return after
}

/** Machines in trouble first; the others where people know them to be. */
export function troubledFirst<T extends { readonly id: string }>(
  machines: readonly T[],
  troubled: readonly string[],
): readonly T[] {
  if (troubled.length === 0) return machines
  const rank = new Map(troubled.map((id, index) => [id, index]))
  const last = troubled.length
  return machines.toSorted((a, b) => (rank.get(a.id) ?? last) - (rank.get(b.id) ?? last))
}
