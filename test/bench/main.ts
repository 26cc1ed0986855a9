/**
 * `npm run bench [-- NAME …]`: each bench runs Andon and, where there are any, its peers one after the other in the same run,
 * and prints a table with the ratios. It asserts nothing; `docs/performance.md` has the method. Composes and runs.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArguments } from './arguments.ts'
import type { Bench } from './bench.ts'
import { COMMANDS } from './commands.ts'
import { FAN_OUT } from './fan-out.ts'
import { DOOR } from './door.ts'
import { FLOOD } from './flood.ts'
import { LIVE } from './live.ts'
import { MEMORY } from './memory.ts'
import { OUTBOX } from './outbox.ts'
import { killAll } from './processes.ts'
import { RESUME } from './resume.ts'
import { SCALE } from './scale.ts'
import { SEARCH } from './search.ts'
import { SNAPSHOTS } from './snapshots.ts'
import { STORM } from './storm.ts'
import { asMarkdown, asText } from './table.ts'
import { TILES } from './tiles.ts'
import { URGENT } from './urgent.ts'
import { WAYS_BENCH } from './ways.ts'

const BENCHES: readonly Bench[] = [
  FAN_OUT,
  COMMANDS,
  OUTBOX,
  RESUME,
  SNAPSHOTS,
  STORM,
  MEMORY,
  URGENT,
  TILES,
  FLOOD,
  DOOR,
  WAYS_BENCH,
  LIVE,
  SEARCH,
  SCALE,
]

async function main(): Promise<number> {
  const parsed = parseArguments(process.argv.slice(2), BENCHES)
  if (parsed.kind === 'exit') return parsed.code
  const beganAt = performance.now()
  const progress = (line: string): void => {
    process.stderr.write(`${((performance.now() - beganAt) / 1_000).toFixed(0).padStart(5)} s  ${line}\n`)
  }
  const show = parsed.markdown ? asMarkdown : asText
  for (const bench of parsed.benches) {
    const tables = await bench.run((line) => progress(`${bench.name}: ${line}`))
    for (const table of tables) process.stdout.write(`${show(table)}\n`)
  }
  return 0
}

/** Everything the benches and their servers write is below this, so that an interrupted run leaves nothing behind. */
const folder = mkdtempSync(join(tmpdir(), 'andon-bench-'))
process.env['TMPDIR'] = folder
process.on('exit', () => {
  killAll()
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
})
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => process.exit(1))
// Raw sockets to servers that are gone keep nothing alive that matters.
process.exit(await main())
