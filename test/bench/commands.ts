import { startAndonAcceptor } from './andon.ts'
import { rowsOf, type Bench } from './bench.ts'
import { absentPeers, installedPeers } from './peers.ts'
import { pause } from './processes.ts'
import { quantile } from './quantile.ts'
import { measureSingleCommits } from './single-commits.ts'
import type { Acceptor } from './subject.ts'
import type { Row } from './table.ts'

const OPTIONS = { devices: 50, inFlight: 2, seconds: 5 }
const WARM_UP_MS = 1_000

export const COMMANDS: Bench = {
  name: 'commands',
  says: `${OPTIONS.devices} devices, ${OPTIONS.inFlight} commands in flight each: results a second, and how long they take`,
  seconds: 45,
  async run(progress) {
    progress('this disk …')
    const disk = measureSingleCommits(2)
    const systems = [...installedPeers(), { name: 'Andon', startAcceptor: () => startAndonAcceptor(OPTIONS.devices) }]
    const rows = await rowsOf(systems, progress, async ({ startAcceptor }) => measure(await startAcceptor()))
    const own = rows.at(-1)?.values[0] ?? 0
    return [
      {
        title: `Durable commands: ${OPTIONS.devices} devices, ${OPTIONS.inFlight} in flight each`,
        columns: [
          { name: 'accepted/s', better: 'more', digits: 0 },
          { name: 'p50, ms', better: 'less', digits: 1 },
          { name: 'p99, ms', better: 'less', digits: 1 },
        ],
        rows,
        ours: 'Andon',
        notes: [
          `This disk gives ${disk.perSecond.toFixed(0)} single fsynced commits/s; Andon accepts ${(own / disk.perSecond).toFixed(2)} times as many commands.`,
          'Andon and ws + SQLite answer after the fsync; JetStream after writing to its file, Mosquitto and Socket.IO from memory.',
          ...absentPeers(),
        ],
      },
    ]
  },
}

/** Every sender keeps so many on their way; what counts is accepted within the measured seconds. */
async function measure(acceptor: Acceptor): Promise<Row> {
  try {
    const took: number[] = []
    let isOver = false
    const run = async (): Promise<void> => {
      const sentAt: number[] = []
      const send = await acceptor.sender(() => {
        const now = performance.now()
        took.push(now - (sentAt.shift() ?? now))
        if (!isOver) post()
      })
      const post = (): void => {
        sentAt.push(performance.now())
        send()
      }
      for (let count = 0; count < OPTIONS.inFlight; count += 1) post()
    }
    await Promise.all(Array.from({ length: OPTIONS.devices }, run))
    await pause(WARM_UP_MS)
    took.length = 0
    const beganAt = performance.now()
    await pause(OPTIONS.seconds * 1_000)
    const measured = took.slice()
    const seconds = (performance.now() - beganAt) / 1_000
    isOver = true
    return {
      name: acceptor.name,
      values: [measured.length / seconds, quantile(measured, 0.5), quantile(measured, 0.99)],
    }
  } finally {
    await acceptor.stop()
  }
}
