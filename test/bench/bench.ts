import type { Row, Table } from './table.ts'

/** One thing that is measured: Andon and, one after the other, its peers. */
export interface Bench {
  readonly name: string
  /** One line of `--help`. */
  readonly says: string
  /** About how long it takes with every peer installed, seconds. */
  readonly seconds: number
  run(progress: (line: string) => void): Promise<readonly Table[]>
}

/**
 * One row per system, measured one after the other. Of a system that fails the reason goes to `progress` and its row stays
 * empty: the numbers of the others are worth having.
 */
export async function rowsOf<S extends { readonly name: string }>(
  systems: readonly S[],
  progress: (line: string) => void,
  measure: (system: S) => Promise<Row>,
): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (const system of systems) {
    progress(`${system.name} …`)
    const row = await measure(system).catch((cause: unknown): Row => {
      progress(`${system.name} could not be measured: ${String(cause)}`)
      return { name: system.name, values: [] }
    })
    rows.push(row)
  }
  return rows
}
