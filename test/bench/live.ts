import { API_KEY, AndonFloor } from './andon-floor.ts'
import { rowsOf, type Bench } from './bench.ts'
import { startPlainWs } from './peers/plain-ws.ts'
import { pause } from './processes.ts'
import { quantile } from './quantile.ts'
import type { RawWebSocket } from './raw-websocket.ts'
import type { Row } from './table.ts'

const OPTIONS = { readers: 200, hz: 60, seconds: 10, members: 100, speakers: 10, windows: 4, windowSeconds: 5 }
/** What one device says a second in the storm: a hundred times what is taken of it. */
const STORM_PER_SECOND = 2_000
/** How often each speaker speaks a second: slower than the rounds, so that no word takes the place of the one before. */
const WORDS_PER_SECOND = 7
/** How often each device says that it is still there, milliseconds; after three times as long without a word it is cut off (H2). */
const BEAT_MS = 10_000

export const LIVE: Bench = {
  name: 'live',
  says: `one value at ${OPTIONS.hz} Hz to ${OPTIONS.readers} readers, and what others hear while one device storms a room`,
  seconds: 110,
  async run(progress) {
    const systems = [
      { name: 'plain ws', measure: measurePlain },
      { name: 'Andon', measure: measureAndon },
    ]
    const rates = await rowsOf(systems, progress, ({ measure }) => measure())
    progress('a storm in a room …')
    const rooms = await measureStorm()
    return [
      {
        title: `Live: one value at ${OPTIONS.hz} Hz to ${OPTIONS.readers} readers`,
        columns: [
          { name: 'CPU µs/delivery', better: 'less', digits: 2 },
          { name: 'publishing apart', better: 'less', digits: 2 },
          { name: 'p50, ms', better: 'less', digits: 1 },
          { name: 'jitter p99, ms', better: 'less', digits: 1 },
          { name: 'ticks that came, %', better: 'more', digits: 1 },
        ],
        rows: rates,
        ours: 'Andon',
        notes: [
          'Publishing apart: without what the same messages cost the server while nobody reads them.',
          'From just before it is published to the bytes at the reader; jitter is how far a delivery is from the median, either way.',
          'Andon: one sample per POST /api/telemetry, read with maxHz 60, its history written as well. Plain ws: a message to the server that it hands to everybody.',
        ],
      },
      {
        title: `Signals: ${OPTIONS.speakers} of ${OPTIONS.members} members of a room speak ${WORDS_PER_SECOND} times a second, without and with one that storms it`,
        columns: [
          { name: 'p50, ms', better: 'less', digits: 1 },
          { name: 'p99, ms', better: 'less', digits: 1 },
          { name: 'words that came, %', better: 'more', digits: 1 },
        ],
        rows: rooms,
        ours: 'with the storm',
        notes: [
          `The storm: ${STORM_PER_SECOND.toLocaleString('en')} signals a second of one device, of which 20 are taken. In turn, ${OPTIONS.windows} times ${OPTIONS.windowSeconds} s each, all on one server.`,
          'Signals leave in rounds of ten a second; the first of a moment begins one, the others wait for the next.',
        ],
      },
    ]
  },
}

/** Times of deliveries of one run, by the tick they are of. */
class Ticks {
  readonly #sentAt: number[] = []
  readonly #lateMs: number[] = []

  sent(): number {
    this.#sentAt.push(performance.now())
    return this.#sentAt.length - 1
  }
  arrived(tick: number): void {
    const sentAt = this.#sentAt[tick]
    if (sentAt !== undefined) this.#lateMs.push(performance.now() - sentAt)
  }
  get deliveries(): number {
    return this.#lateMs.length
  }
  /** p50, jitter p99, share of the ticks that reached each reader. */
  values(readers: number): readonly number[] {
    const p50 = quantile(this.#lateMs, 0.5)
    const off = this.#lateMs.map((ms) => Math.abs(ms - p50))
    return [p50, quantile(off, 0.99), (100 * this.#lateMs.length) / (this.#sentAt.length * readers)]
  }
}

/** Calls so often a second, however late the timers are. */
async function paced(perSecond: number, seconds: number, call: () => Promise<void> | void): Promise<void> {
  const began = performance.now()
  for (let count = 0; count < perSecond * seconds; count += 1) {
    await pause(Math.max(0, began + (count * 1_000) / perSecond - performance.now()))
    void call()
  }
}

/** A system under one publisher: nobody reads, then everybody does. */
interface Published {
  readonly name: string
  readonly cpuMicros: () => number
  readonly publish: (ticks: Ticks) => Promise<void> | void
  /** All readers come. */
  readonly join: () => Promise<void>
  /** What is delivered from now on is of these. */
  readonly follow: (ticks: Ticks) => void
}

/** Each time two seconds to warm up, then the measured ones. */
async function measureTicks({ name, cpuMicros, publish, join, follow }: Published): Promise<Row> {
  const run = async (): Promise<{ readonly ticks: Ticks; readonly micros: number }> => {
    await paced(OPTIONS.hz, 2, () => publish(new Ticks()))
    await pause(300)
    const ticks = new Ticks()
    follow(ticks)
    const cpu = cpuMicros()
    await paced(OPTIONS.hz, OPTIONS.seconds, () => publish(ticks))
    await pause(300)
    return { ticks, micros: cpuMicros() - cpu }
  }
  const alone = await run()
  await join()
  const { ticks, micros } = await run()
  const [all, apart] = [micros, micros - alone.micros].map((spent) => spent / ticks.deliveries)
  return { name, values: [all ?? 0, apart ?? 0, ...ticks.values(OPTIONS.readers)] }
}

async function measureAndon(): Promise<Row> {
  const floor = await AndonFloor.open(OPTIONS.readers)
  let ticks = new Ticks()
  const read = async (): Promise<void> => {
    const socket = await floor.connect(floor.nextPerson())
    socket.onMessage = (payload) => {
      const at = payload.indexOf('"value":{"value":')
      if (at >= 0) ticks.arrived(Number.parseInt(payload.subarray(at + 17, at + 27).toString(), 10))
    }
    socket.send(JSON.stringify({ t: 'subscribe', channel: 'telemetry/line-3/press-1', credit: 1, maxHz: OPTIONS.hz }))
  }
  try {
    return await measureTicks({
      name: 'Andon',
      cpuMicros: () => floor.process.cpuMicros(),
      publish: (run) => post(floor.url, run.sent()),
      join: async () => {
        for (let count = 0; count < OPTIONS.readers; count += 1) await read()
        await pause(300)
      },
      follow: (run) => void (ticks = run),
    })
  } finally {
    await floor.stop()
  }
}

async function post(url: string, value: number): Promise<void> {
  await fetch(`${url}/api/telemetry`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${API_KEY}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ area: 'line-3', machine: 'press-1', signal: 'force', value, unit: 'kN' }),
  })
}

async function measurePlain(): Promise<Row> {
  const subject = await startPlainWs()
  let ticks = new Ticks()
  // Everybody hears everything in order, so the next message is of the next tick.
  const next = Array.from({ length: OPTIONS.readers }, () => ({ tick: 0 }))
  try {
    const publish = await subject.publisher()
    return await measureTicks({
      name: 'plain ws',
      cpuMicros: () => subject.process.cpuMicros(),
      publish: (run) => {
        run.sent()
        publish()
      },
      join: async () => {
        for (const reader of next)
          await subject.subscribe(() => {
            ticks.arrived(reader.tick)
            reader.tick += 1
          })
        await pause(300)
      },
      follow: (run) => {
        ticks = run
        for (const reader of next) reader.tick = 0
      },
    })
  } finally {
    await subject.stop()
  }
}

/** Speakers say when they speak, by this process's clock; every member hears each of them. */
async function measureStorm(): Promise<readonly Row[]> {
  const floor = await AndonFloor.open(OPTIONS.members + 1)
  const late = { calm: [] as number[], storm: [] as number[] }
  const spoken = { calm: 0, storm: 0 }
  let phase: keyof typeof late | null = null
  const signal = (socket: RawWebSocket, key: string, data: unknown): void =>
    socket.send(JSON.stringify({ t: 'signal', channel: 'room/line-3/hall', key, data }))
  let lost = 0
  const sockets: RawWebSocket[] = []
  const beat = setInterval(() => {
    for (const socket of sockets) socket.send(JSON.stringify({ t: 'ping', nonce: 'still-here' }))
  }, BEAT_MS)
  try {
    for (let count = 0; count < OPTIONS.members; count += 1) {
      const socket = await floor.connect(floor.nextPerson())
      socket.onMessage = (payload) => {
        const at = payload.indexOf('"sentAt":')
        if (at < 0 || phase === null) return
        late[phase].push(performance.now() - Number.parseFloat(payload.subarray(at + 9, at + 25).toString()))
      }
      socket.onClose = () => (lost += 1)
      socket.send(JSON.stringify({ t: 'subscribe', channel: 'room/line-3/hall', credit: 1 }))
      sockets.push(socket)
    }
    const speakers = sockets.slice(0, OPTIONS.speakers)
    const stormer = await floor.connect(floor.nextPerson())
    stormer.onMessage = () => {}
    stormer.onClose = () => (lost += 1)
    sockets.push(stormer)
    const speak = (): void => {
      if (phase !== null) spoken[phase] += speakers.length
      for (const socket of speakers) signal(socket, 'own', { sentAt: performance.now() })
    }
    await paced(WORDS_PER_SECOND, 2, speak)
    await pause(300)
    for (let window = 0; window < 2 * OPTIONS.windows; window += 1) {
      phase = window % 2 === 0 ? 'calm' : 'storm'
      const speaking = paced(WORDS_PER_SECOND, OPTIONS.windowSeconds, speak)
      if (phase === 'storm') {
        await paced(100, OPTIONS.windowSeconds, () => {
          for (let count = 0; count < STORM_PER_SECOND / 100; count += 1)
            signal(stormer, `k${count % 16}`, 'x'.repeat(500))
        })
      }
      await speaking
      await pause(300)
      phase = null
    }
    // Whoever was cut off hears nothing, and a table of what came would take that for what the storm cost.
    if (lost > 0) throw new Error(`${lost} devices were cut off`)
    const row = (name: string, of: keyof typeof late): Row => {
      const cameShare = late[of].length / (spoken[of] * OPTIONS.members)
      return { name, values: [quantile(late[of], 0.5), quantile(late[of], 0.99), 100 * cameShare] }
    }
    return [row('calm', 'calm'), row('with the storm', 'storm')]
  } finally {
    clearInterval(beat)
    await floor.stop()
  }
}
