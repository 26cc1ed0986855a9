import { startAndonBacklog } from './andon.ts'
import { rowsOf, type Bench } from './bench.ts'
import { absentPeers, installedPeers } from './peers.ts'
import { pause } from './processes.ts'
import { quantile } from './quantile.ts'
import type { Backlog } from './subject.ts'
import type { Row } from './table.ts'

const READERS = 200
const MISSED = 1_000
/** Brought back at once, before anybody asks for anything. */
const AT_ONCE = 20
const SETTLE_MS = 500
const DEADLINE_MS = 60_000

export const RESUME: Bench = {
  name: 'resume',
  says: `${READERS} readers missed ${MISSED} events each: time until all have them, CPU per event`,
  seconds: 20,
  async run(progress) {
    const systems = [...installedPeers(), { name: 'Andon', startBacklog: () => startAndonBacklog(READERS) }]
    const rows = await rowsOf(systems, progress, async ({ startBacklog }) => measure(await startBacklog()))
    return [
      {
        title: `Resume: ${READERS} readers missed ${MISSED.toLocaleString('en')} events each`,
        columns: [
          { name: 'first reader, ms', better: 'less', digits: 0 },
          { name: 'half, ms', better: 'less', digits: 0 },
          { name: 'all caught up, ms', better: 'less', digits: 0 },
          { name: 'CPU µs/event', better: 'less', digits: 2 },
        ],
        rows,
        ours: 'Andon',
        notes: [
          'Only Andon keeps on disk what it promised before saying so. ws + array and Socket.IO recovery forget everything with',
          'the process; JetStream acknowledges before the disk has it; Mosquitto queues per reader in memory, at least once.',
          ...absentPeers(),
        ],
      },
    ]
  },
}

async function measure(backlog: Backlog): Promise<Row> {
  try {
    await backlog.leave(READERS)
    await pause(SETTLE_MS)
    await backlog.publish(MISSED)
    const counts = Array.from({ length: READERS }, () => 0)
    const doneAt: number[] = []
    const back = (reader: number): Promise<() => void> =>
      backlog.comeBack(reader, (count) => {
        const before = counts[reader] ?? 0
        counts[reader] = before + count
        if (before < MISSED && before + count >= MISSED) doneAt.push(performance.now())
      })
    const begins: (() => void)[] = []
    for (let reader = 0; reader < READERS; reader += AT_ONCE) {
      begins.push(...(await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => back(reader + index)))))
    }
    await pause(SETTLE_MS)

    const cpu = backlog.process.cpuMicros()
    const beganAt = performance.now()
    for (const begin of begins) begin()
    while (doneAt.length < READERS) {
      if (performance.now() - beganAt > DEADLINE_MS) throw new Error(`${backlog.name}: ${missing(counts)}`)
      await pause(1)
    }
    const micros = (backlog.process.cpuMicros() - cpu) / (READERS * MISSED)
    const tooMany = counts.filter((count) => count !== MISSED).length
    if (tooMany > 0) throw new Error(`${backlog.name}: ${tooMany} readers got more than they missed`)
    const took = doneAt.map((at) => at - beganAt)
    return { name: backlog.name, values: [quantile(took, 0), quantile(took, 0.5), quantile(took, 1), micros] }
  } finally {
    await backlog.stop()
  }
}

function missing(counts: readonly number[]): string {
  const behind = counts.filter((count) => count < MISSED)
  return `${behind.length} readers never caught up; the last of them has ${Math.min(...behind)} of ${MISSED}`
}
