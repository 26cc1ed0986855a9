import { startAndon } from './andon.ts'
import { rowsOf, type Bench } from './bench.ts'
import { absentFanOutPeers, fanOutPeers } from './peers.ts'
import { pause } from './processes.ts'
import type { Subject } from './subject.ts'
import type { Row } from './table.ts'

/** Connections at which the memory is read. */
const STEPS = [500, 1_000, 2_000] as const
const MOST = 2_000
/** Connected at once. */
const AT_ONCE = 20
/** For what a wave of greetings left behind to be collected, milliseconds. */
const SETTLE_MS = 2_000

export const MEMORY: Bench = {
  name: 'memory',
  says: `idle subscribers, ${STEPS.join(', ')}: resident memory per connection above the process`,
  seconds: 60,
  async run(progress) {
    const systems = [...fanOutPeers(), { name: 'Andon', start: () => startAndon(MOST) }]
    const rows = await rowsOf(systems, progress, async ({ start }) => measure(await start()))
    return [
      {
        title: 'Memory of idle connections, each with one subscription',
        columns: [
          { name: 'KB/connection', better: 'less', digits: 1 },
          { name: 'process alone, MB', better: 'less', digits: 0 },
          ...STEPS.map((step) => ({ name: `MB at ${step}`, better: 'less', digits: 0 }) as const),
        ],
        rows,
        ours: 'Andon',
        notes: [
          'KB/connection is the slope of a line through the three points (least squares), so the process itself is not in it.',
          'An Andon connection is a device with its key, a person signed in, a heartbeat and a cursor; a peer has none of these.',
          ...absentFanOutPeers(),
        ],
      },
    ]
  },
}

async function measure(subject: Subject): Promise<Row> {
  try {
    await pause(SETTLE_MS)
    const alone = subject.process.rssBytes()
    const points: { readonly x: number; readonly y: number }[] = []
    let connected = 0
    for (const step of STEPS) {
      for (; connected < step; connected += AT_ONCE) {
        await Promise.all(Array.from({ length: AT_ONCE }, () => subject.subscribe(() => {})))
      }
      await pause(SETTLE_MS)
      points.push({ x: connected, y: subject.process.rssBytes() })
    }
    const megabytes = [alone, ...points.map(({ y }) => y)].map((bytes) => bytes / 2 ** 20)
    return { name: subject.name, values: [slope(points) / 1024, ...megabytes] }
  } finally {
    await subject.stop()
  }
}

/** Least squares: what one more connection costs. */
function slope(points: readonly { readonly x: number; readonly y: number }[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
  const [x, y] = [mean(points.map((point) => point.x)), mean(points.map((point) => point.y))]
  const over = points.reduce((sum, point) => sum + (point.x - x) * (point.y - y), 0)
  return over / points.reduce((sum, point) => sum + (point.x - x) ** 2, 0)
}
