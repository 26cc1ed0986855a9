import { startAndon } from './andon.ts'
import { rowsOf, type Bench } from './bench.ts'
import { absentFanOutPeers, fanOutPeers } from './peers.ts'
import { pause } from './processes.ts'
import type { Subject } from './subject.ts'
import type { Row } from './table.ts'

export interface FanOutOptions {
  readonly subscribers: number
  readonly inFlight: number
  readonly seconds: number
  readonly perSecond: number
  /** How long they do nothing, for what that costs; 0: nobody asks. */
  readonly idleSeconds: number
}
const OPTIONS: FanOutOptions = { subscribers: 500, inFlight: 8, seconds: 5, perSecond: 50, idleSeconds: 0 }

export const FAN_OUT: Bench = {
  name: 'fan-out',
  says: `${OPTIONS.subscribers} subscribers, one core for the server: CPU per delivery, deliveries a second`,
  seconds: 80,
  async run(progress) {
    const systems = [...fanOutPeers(), { name: 'Andon', start: () => startAndon(OPTIONS.subscribers + 1) }]
    const rows = await rowsOf(systems, progress, ({ start }) => measureFanOut(start, OPTIONS))
    return [
      {
        title: `Fan-out: ${OPTIONS.subscribers} subscribers, closed loop of ${OPTIONS.inFlight}, then ${OPTIONS.perSecond} events/s`,
        columns: [
          { name: 'CPU µs/delivery', better: 'less', digits: 2 },
          { name: 'deliveries/s', better: 'more', digits: 0 },
          { name: `CPU µs at ${OPTIONS.perSecond}/s`, better: 'less', digits: 2 },
          { name: 'KB/connection', better: 'less', digits: 1 },
        ],
        rows,
        ours: 'Andon',
        notes: ['Andon is durable, ordered, deduplicated; the peers keep nothing.', ...absentFanOutPeers()],
      },
    ]
  },
}

/**
 * One system, one core for its server: memory of idle subscribers and what they cost a second, then a closed loop (so many messages under way, the
 * next is published when one has reached everybody), then so many a second.
 */
export async function measureFanOut(start: () => Promise<Subject>, options: FanOutOptions): Promise<Row> {
  const subject = await start()
  try {
    let deliveries = 0
    let publish = await subject.publisher()
    await pause(300)
    const before = subject.process.rssBytes()
    for (let count = 0; count < options.subscribers; count += 20) {
      const few = Math.min(20, options.subscribers - count)
      await Promise.all(Array.from({ length: few }, () => subject.subscribe(() => (deliveries += 1))))
    }
    await pause(500)
    const kilobytesPerConnection = (subject.process.rssBytes() - before) / options.subscribers / 1024

    const idle = options.idleSeconds === 0 ? [] : [await idleRun()]
    const closed = await closedLoop()
    await pause(300)
    const paced = await pacedRun()
    return { name: subject.name, values: [closed.micros, closed.perSecond, paced, kilobytesPerConnection, ...idle] }

    async function closedLoop(): Promise<{ micros: number; perSecond: number }> {
      // A second to warm up, then the measured ones.
      await loopFor(1000)
      const [cpu, count, at] = [subject.process.cpuMicros(), deliveries, performance.now()]
      await loopFor(options.seconds * 1000)
      const made = deliveries - count
      return { micros: (subject.process.cpuMicros() - cpu) / made, perSecond: (made / (performance.now() - at)) * 1000 }
    }

    async function idleRun(): Promise<number> {
      const cpu = subject.process.cpuMicros()
      await pause(options.idleSeconds * 1000)
      const micros = subject.process.cpuMicros() - cpu
      // One that says nothing for so long is closed.
      publish = await subject.publisher()
      return micros / options.subscribers / options.idleSeconds
    }

    async function loopFor(ms: number): Promise<void> {
      const end = performance.now() + ms
      const begin = deliveries
      let published = 0
      while (performance.now() < end) {
        const done = Math.floor((deliveries - begin) / options.subscribers)
        while (published - done < options.inFlight) {
          publish()
          published += 1
        }
        await new Promise((resolve) => setImmediate(resolve))
      }
      await reached(begin + published * options.subscribers)
    }

    async function pacedRun(): Promise<number> {
      const begin = deliveries
      const cpu = subject.process.cpuMicros()
      const messages = options.perSecond * options.seconds
      const begun = performance.now()
      for (let sent = 0; sent < messages;) {
        const due = Math.min(messages, Math.floor(((performance.now() - begun) / 1000) * options.perSecond) + 1)
        for (; sent < due; sent += 1) publish()
        await pause(2)
      }
      await reached(begin + messages * options.subscribers)
      return (subject.process.cpuMicros() - cpu) / (deliveries - begin)
    }

    async function reached(target: number): Promise<void> {
      const deadline = performance.now() + 10_000
      const missing = (): number => target - deliveries
      while (missing() > 0 && performance.now() < deadline) await pause(1)
      if (missing() > 0) throw new Error(`${subject.name}: ${missing()} deliveries never came`)
    }
  } finally {
    await subject.stop()
  }
}
