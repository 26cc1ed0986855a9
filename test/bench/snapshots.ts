import { constants, deflateRawSync } from 'node:zlib'
import { AndonFloor } from './andon-floor.ts'
import { rowsOf, type Bench } from './bench.ts'
import { pause } from './processes.ts'
import type { RawWebSocket } from './raw-websocket.ts'
import type { Row } from './table.ts'

const READERS = 500
/** Snapshots that each of them reads, one after the other; between two of them something is posted. */
const ROUNDS = 30
/** Heartbeats that each of them sends, in rounds of one. */
const PINGS = 20
/** As many posts as a snapshot of a log has. */
const POSTS = 200
const AT_ONCE = 20
const SETTLE_MS = 2_000
const DEADLINE_MS = 30_000
const CHANNEL = 'chat/line-3'
/** Below this it is no snapshot, deflated or not. */
const LEAST_BYTES = 4_000

/** What people write in the shifts of a line, put together anew each time: the same words, never the same text. */
const WORDS =
  'pump valve pressure low high stopped changed oil bearing line shift called checked belt motor temperature sensor replaced waiting tool cell robot guard door open reset'.split(
    ' ',
  )

interface Setting {
  readonly name: string
  readonly args: readonly string[]
  /** Whether readers deflate what they send: browsers do where they may, relays on Node do not. */
  readonly deflates: boolean
}

const OFFER = ['Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits']
const SETTINGS: readonly Setting[] = [
  { name: 'Andon', args: [], deflates: false },
  { name: '--compress, browsers', args: ['--compress'], deflates: true },
  { name: '--compress, kiosks', args: ['--compress'], deflates: false },
]

export const SNAPSHOTS: Bench = {
  name: 'snapshots',
  says: `${READERS} readers of snapshots, as they are and deflated: bytes, CPU, and what a heartbeat costs`,
  seconds: 50,
  async run(progress) {
    const rows = await rowsOf(SETTINGS, progress, measure)
    return [
      {
        title: `Snapshots: ${READERS} readers, ${ROUNDS} each, of ${POSTS} posts`,
        columns: [
          { name: 'KB/snapshot', better: 'less', digits: 1 },
          { name: 'CPU µs/snapshot', better: 'less', digits: 1 },
          { name: 'all readers, ms', better: 'less', digits: 1 },
          { name: 'CPU µs/heartbeat', better: 'less', digits: 1 },
          { name: 'process grew, MB', better: 'less', digits: 0 },
        ],
        rows,
        ours: 'Andon',
        notes: [
          'Browsers deflate all that they send, heartbeats too; kiosks and headless relays send everything as it is.',
        ],
      },
    ]
  },
}

async function measure({ name, args, deflates }: Setting): Promise<Row> {
  const floor = await AndonFloor.open(READERS + 1, args)
  try {
    const post = await poster(floor)
    for (let count = 0; count < POSTS; count += 1) await post()
    await pause(SETTLE_MS)
    const before = floor.process.rssBytes()
    const readers: RawWebSocket[] = []
    for (let count = 0; count < READERS; count += AT_ONCE) {
      const few = Array.from({ length: AT_ONCE }, () => floor.connect(floor.nextPerson(), OFFER))
      readers.push(...(await Promise.all(few)))
    }
    // The first ones warm up.
    for (let round = 0; round < 5; round += 1) await readSnapshots(readers, post)

    const received = (): number => readers.reduce((sum, socket) => sum + socket.receivedBytes, 0)
    const [bytes, cpu] = [received(), floor.process.cpuMicros()]
    let took = 0
    for (let round = 0; round < ROUNDS; round += 1) took += await readSnapshots(readers, post)
    const snapshots = READERS * ROUNDS
    const [bytesEach, microsEach] = [(received() - bytes) / snapshots, (floor.process.cpuMicros() - cpu) / snapshots]

    const pings = await measurePings(floor, readers, deflates)
    await pause(SETTLE_MS)
    const megabytes = (floor.process.rssBytes() - before) / 2 ** 20
    return { name, values: [bytesEach / 1024, microsEach, took / ROUNDS, pings, megabytes] }
  } finally {
    await floor.stop()
  }
}

/** Posts one more, and resolves when it is accepted. */
async function poster(floor: AndonFloor): Promise<() => Promise<void>> {
  let accepted: () => void = () => {}
  const send = await floor.sender(() => accepted())
  let chance = 1
  const word = (): string => {
    // Any generator will do that is the same in each run (Park and Miller).
    chance = (chance * 48_271) % 2_147_483_647
    return WORDS[chance % WORDS.length] ?? ''
  }
  return () =>
    new Promise((resolve) => {
      accepted = resolve
      send(Array.from({ length: 8 }, word).join(' '))
    })
}

/** All of them at once, from a cursor at which nobody has read before; how long it took, milliseconds. */
async function readSnapshots(readers: readonly RawWebSocket[], post: () => Promise<void>): Promise<number> {
  for (const socket of readers) socket.send(JSON.stringify({ t: 'unsubscribe', channel: CHANNEL }))
  await pause(50)
  await post()
  await pause(50)
  const at = performance.now()
  const isSnapshot = (payload: Buffer): boolean => payload.length > LEAST_BYTES
  await answers(readers, isSnapshot, (socket) =>
    socket.send(JSON.stringify({ t: 'subscribe', channel: CHANNEL, credit: 1 })),
  )
  return performance.now() - at
}

async function measurePings(floor: AndonFloor, readers: readonly RawWebSocket[], deflates: boolean): Promise<number> {
  const ping = JSON.stringify({ t: 'ping', nonce: 'Tm9uY2Ugb2YgYSBwaW5n' })
  const deflated = deflateRawSync(ping, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4)
  const cpu = floor.process.cpuMicros()
  for (let round = 0; round < PINGS; round += 1) {
    await answers(
      readers,
      () => true,
      (socket) => (deflates ? socket.sendDeflated(deflated) : socket.send(ping)),
    )
  }
  return (floor.process.cpuMicros() - cpu) / (readers.length * PINGS)
}

/** Resolves when each of them has heard what it asked for. */
async function answers(
  readers: readonly RawWebSocket[],
  isAnswer: (payload: Buffer) => boolean,
  ask: (socket: RawWebSocket) => void,
): Promise<void> {
  let missing = readers.length
  const deadline = AbortSignal.timeout(DEADLINE_MS)
  await new Promise<void>((resolve, reject) => {
    deadline.addEventListener('abort', () => reject(new Error(`${missing} answers never came`)))
    for (const socket of readers) {
      socket.onMessage = (payload) => {
        if (!isAnswer(payload)) return
        socket.onMessage = () => {}
        missing -= 1
        if (missing === 0) resolve()
      }
      ask(socket)
    }
  })
}
