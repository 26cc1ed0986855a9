import { connect, type Socket } from 'node:net'
import { backoffMs, backoffStep } from '../../relay/core/link/backoff.ts'
import { AndonFloor, type Person } from './andon-floor.ts'
import { rowsOf, type Bench } from './bench.ts'
import { pause } from './processes.ts'
import { quantile } from './quantile.ts'
import type { Row } from './table.ts'

const DEVICES = 500
const SILENT = 2_000
/** Silent sockets have this long to stand before anybody comes, milliseconds. */
const SETTLE_MS = 2_000

interface Setting {
  readonly name: string
  /** From where the silent sockets come; null: there are none. The devices come from 127.0.0.1. */
  readonly holder: string | null
}

const SETTINGS: readonly Setting[] = [
  { name: 'nobody else', holder: null },
  { name: 'another address is silent', holder: '127.0.0.2' },
  { name: 'their own address is silent (a NAT)', holder: '127.0.0.1' },
]

export const DOOR: Bench = {
  name: 'door',
  says: `${DEVICES} known devices return while one address holds ${SILENT.toLocaleString('en')} silent sockets: time until they are in`,
  seconds: 40,
  async run(progress) {
    const rows = await rowsOf(SETTINGS, progress, measure)
    return [
      {
        title: `${DEVICES} known devices come at once; one address keeps ${SILENT.toLocaleString('en')} sockets open that say nothing`,
        columns: [
          { name: 'half, s', better: 'less', digits: 2 },
          { name: 'p99, s', better: 'less', digits: 2 },
          { name: 'last, s', better: 'less', digits: 2 },
          { name: 'tries', better: 'less', digits: 0 },
        ],
        rows,
        ours: '',
        notes: [
          'In is who was greeted and has its person signed in. Whoever is turned away waits as relays do: full jitter of 1, 2, 4 … 30 s.',
          'A silent socket asks for /sync, says nothing, and is opened anew as soon as it is closed. There is no peer: none has such a door.',
        ],
      },
    ]
  },
}

async function measure({ name, holder }: Setting): Promise<Row> {
  const floor = await AndonFloor.open(DEVICES)
  const release = holder === null ? () => undefined : hold(floor.url, holder)
  try {
    await pause(SETTLE_MS)
    const beganAt = performance.now()
    const arrivals = await Promise.all(Array.from({ length: DEVICES }, () => arrive(floor, floor.nextPerson())))
    const took = arrivals.map(({ at }) => (at - beganAt) / 1_000)
    const tries = arrivals.reduce((sum, arrival) => sum + arrival.tries, 0)
    return { name, values: [quantile(took, 0.5), quantile(took, 0.99), quantile(took, 1), tries] }
  } finally {
    release()
    await floor.stop()
  }
}

async function arrive(floor: AndonFloor, person: Person): Promise<{ readonly at: number; readonly tries: number }> {
  const beganAt = performance.now()
  for (let tries = 1; ; tries += 1) {
    const isIn = await floor.connect(person).then(
      () => true,
      () => false,
    )
    if (isIn) return { at: performance.now(), tries }
    await pause(backoffMs(backoffStep(performance.now() - beganAt), Math.random()))
  }
}

/** Keeps so many sockets of this address before the server. Returns the release. */
function hold(url: string, localAddress: string): () => void {
  const { hostname, port } = new URL(url)
  const sockets = new Set<Socket>()
  let isOver = false
  const open = (): void => {
    if (isOver) return
    const socket = connect({ host: hostname, port: Number(port), localAddress })
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => {
      sockets.delete(socket)
      setTimeout(open, 1)
    })
    socket.resume()
    socket.write(
      `GET /sync HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: andon.v1\r\n\r\n',
    )
  }
  for (let count = 0; count < SILENT; count += 1) open()
  return () => {
    isOver = true
    for (const socket of sockets) socket.destroy()
  }
}
