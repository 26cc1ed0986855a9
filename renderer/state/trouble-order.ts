import { compareText, naturalKey } from './natural-order.ts'

/** A machine that is well again keeps its place so long, milliseconds: a value that wanders about its limit must not make the view jump. */
export const CALM_MS = 60_000

/** Machines in trouble, by id: when they were last seen in it. */
export type Troubled = ReadonlyMap<string, number>

/** @param ids those in trouble at `now` (monotonic) */
export function stepTroubled(before: Troubled, ids: readonly string[], now: number): Troubled {
  const kept = [...before].filter(([, at]) => now - at < CALM_MS)
  return new Map([...kept, ...ids.map((id) => [id, now] as const)])
}

interface Trouble {
  /** Machines with a value beyond its limit. */
  readonly beyond: readonly string[]
  /** Machines of which there is no present value. */
  readonly silent: readonly string[]
}

/** What is beyond a limit first, then what is silent, then the others; each by name, so that places can be learnt. */
export function troubledFirst<T extends { readonly id: string; readonly machine: { readonly label: string } }>(
  machines: readonly T[],
  { beyond, silent }: Trouble,
): readonly T[] {
  const [first, second] = [new Set(beyond), new Set(silent)]
  const rankOf = (id: string): number => (first.has(id) ? 0 : second.has(id) ? 1 : 2)
  return machines
    .map((one) => ({ one, rank: rankOf(one.id), name: naturalKey(one.machine.label) }))
    .toSorted((a, b) => a.rank - b.rank || compareText(a.name, b.name) || compareText(a.one.id, b.one.id))
    .map(({ one }) => one)
}
