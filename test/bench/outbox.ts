import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, startServer } from '../support/processes.ts'
import type { Bench } from './bench.ts'
import type { Life, Report } from './outbox-life.ts'
import { measureSingleCommits } from './single-commits.ts'

/** Below the bound of the outbox by what is saved while measuring. */
const COMMANDS = 98_000

export const OUTBOX: Bench = {
  name: 'outbox',
  says: `a relay's save with nothing and with ${COMMANDS} queued; memory, restart and drain`,
  seconds: 35,
  async run(progress) {
    progress('this disk …')
    const disk = measureSingleCommits(2)
    const { fill, drain } = await liveThrough(progress)
    const of = (report: Report, name: string): number => report[name] ?? 0
    return [
      {
        title: `Relay outbox: saves one after the other, with nothing and with ${COMMANDS.toLocaleString('en')} queued`,
        columns: [
          { name: 'save p50, ms', better: 'less', digits: 2 },
          { name: 'save p99, ms', better: 'less', digits: 2 },
        ],
        rows: [
          { name: 'SQLite alone', values: [disk.p50Ms, disk.p99Ms] },
          { name: 'Andon, nothing queued', values: [of(fill, 'emptyP50'), of(fill, 'emptyP99')] },
          { name: 'Andon', values: [of(fill, 'fullP50'), of(fill, 'fullP99')] },
        ],
        ours: 'Andon',
        notes: [
          'The peer is the least that a durable save can cost: one transaction in the same mode (WAL, FULL) on the same disk.',
          `Filled at ${of(fill, 'perSecond').toFixed(0)}/s with 256 at once; drained at ${of(drain, 'perSecond').toFixed(0)}/s; restart with ${of(drain, 'queued').toFixed(0)} queued ${(of(drain, 'startMs') / 1_000).toFixed(1)} s.`,
          `Live heap ${of(fill, 'heapBefore').toFixed(0)} MB empty, ${of(fill, 'heapAfter').toFixed(0)} MB full, ${of(drain, 'heapPeak').toFixed(0)} MB at most while draining.`,
        ],
      },
    ]
  },
}

/** Three processes on one device's disk: signs in; fills its outbox while the server is away; comes back and drains it. */
async function liveThrough(progress: (line: string) => void): Promise<{ fill: Report; drain: Report }> {
  const folder = mkdtempSync(join(tmpdir(), 'andon-bench-outbox-'))
  const port = await freePort()
  const life = { url: `http://127.0.0.1:${port}`, folder: join(folder, 'device'), commands: COMMANDS }
  try {
    const first = await startServer(join(folder, 'server'), port)
    await inProcess({ ...life, kind: 'sign-in' })
    await first.program.stop()
    progress('filling …')
    const fill = await inProcess({ ...life, kind: 'fill' })
    const second = await startServer(join(folder, 'server'), port)
    progress('draining …')
    const drain = await inProcess({ ...life, kind: 'drain' })
    await second.program.stop()
    return { fill, drain }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function inProcess(life: Life): Promise<Report> {
  return new Promise((resolve, reject) => {
    const child = fork(join(import.meta.dirname, 'outbox-life.ts'), [], { execArgv: ['--expose-gc'] })
    child.on('message', (report) => resolve(report as Report))
    child.on('exit', (code) => reject(new Error(`the ${life.kind} process ended with ${code}`)))
    child.send(life)
  })
}
