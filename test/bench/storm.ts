import { backoffMs, backoffStep } from '../../relay/core/link/backoff.ts'
import { freePort } from '../support/processes.ts'
import { AndonFloor, API_KEY } from './andon-floor.ts'
import { rowsOf, type Bench } from './bench.ts'
import { absentFanOutPeers, fanOutPeers } from './peers.ts'
import { pause } from './processes.ts'
import { quantile } from './quantile.ts'
import { joinUrgent, SentAway, type StormDevice } from './storm-device.ts'
import type { Subject } from './subject.ts'
import type { Row } from './table.ts'

const RELAYS = 5_000
/** Connected at once in the beginning, which is not measured. */
const AT_ONCE = 100

export const STORM: Bench = {
  name: 'storm',
  says: `${RELAYS.toLocaleString('en')} connections after SIGKILL of the server: time until they are back`,
  seconds: 35,
  async run(progress) {
    let turnedAway = 0
    const told = (): void => {
      turnedAway += 1
    }
    const peers = fanOutPeers().map(({ name, start }) => ({ name, open: () => peerStorm(start) }))
    const systems = [...peers, { name: 'Andon', open: andonStorm }]
    const rows = await rowsOf(systems, progress, async ({ open }) => measure(await open(), told))
    return [
      {
        title: `Reconnect storm: ${RELAYS.toLocaleString('en')} connections, SIGKILL of the server, started again at once`,
        columns: [
          { name: 'half, s', better: 'less', digits: 1 },
          { name: 'p99, s', better: 'less', digits: 1 },
          { name: 'last, s', better: 'less', digits: 1 },
          { name: 'server CPU, s', better: 'less', digits: 2 },
        ],
        rows,
        ours: 'Andon',
        notes: [
          'A peer is back when it is connected and subscribed: what it missed is lost. An Andon relay is back when it proved its key',
          'and stands at the top of alerts/urgent from its cursor, with the alert that was raised meanwhile.',
          `Andon sent relays away with a delay ${turnedAway} times. Every client waits as relays do: full jitter of 1, 2, 4 … 30 s.`,
          ...absentFanOutPeers(),
        ],
      },
    ]
  },
}

/** Everybody's server, killed and started again on the same port. */
interface Storm {
  readonly name: string
  /** Resolves when this client is back; rejects with `SentAway` when it was told to wait. */
  readonly join: (index: number) => Promise<void>
  readonly kill: () => Promise<void>
  /** Resolves when it listens again and what everybody misses has happened. */
  readonly restart: () => Promise<void>
  readonly cpuMicros: () => number
  readonly clear: () => Promise<void>
}

async function measure(storm: Storm, turnedAway: () => void): Promise<Row> {
  try {
    for (let index = 0; index < RELAYS; index += AT_ONCE) {
      await Promise.all(Array.from({ length: AT_ONCE }, (_, offset) => storm.join(index + offset)))
    }
    const backAt: number[] = []
    await storm.kill()
    const attempts = Array.from({ length: RELAYS }, async (_, index) => {
      const lostAt = performance.now()
      for (;;) {
        await pause(backoffMs(backoffStep(performance.now() - lostAt), Math.random()))
        for (;;) {
          const failure = await storm.join(index).then(
            () => null,
            (cause: unknown) => cause,
          )
          if (failure === null) return void backAt.push(performance.now())
          if (!(failure instanceof SentAway)) break
          turnedAway()
          await pause(failure.retryAfterMs)
        }
      }
    })
    await storm.restart()
    const beganAt = performance.now()
    await Promise.all(attempts)
    const took = backAt.map((at) => Math.max(0, at - beganAt) / 1_000)
    const values = [quantile(took, 0.5), quantile(took, 0.99), quantile(took, 1), storm.cpuMicros() / 1e6]
    return { name: storm.name, values }
  } finally {
    await storm.clear()
  }
}

async function peerStorm(start: (port: number) => Promise<Subject>): Promise<Storm> {
  const port = await freePort()
  let subject = await start(port)
  return {
    name: subject.name,
    join: () => subject.subscribe(() => {}),
    kill: () => subject.stop(),
    async restart() {
      subject = await start(port)
    },
    cpuMicros: () => subject.process.cpuMicros(),
    clear: () => subject.stop(),
  }
}

/** Devices that the server knows: on each somebody is signed in, as on any terminal of a floor in the middle of a shift. */
async function andonStorm(): Promise<Storm> {
  const floor = await AndonFloor.open(RELAYS)
  const devices = floor.people.map(({ device }): StormDevice => ({ device, urgent: null }))
  return {
    name: 'Andon',
    join(index) {
      const device = devices[index]
      return device === undefined ? Promise.reject(new Error(`no device ${index}`)) : joinUrgent(floor.url, device)
    },
    kill: () => floor.process.stop(),
    async restart() {
      await floor.restart()
      const body = JSON.stringify({ priority: 'P0', area: 'line-3', title: 'Evacuate hall 3' })
      const headers = { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' }
      await fetch(`${floor.url}/api/alerts`, { method: 'POST', headers, body })
    },
    cpuMicros: () => floor.process.cpuMicros(),
    clear: () => floor.stop(),
  }
}
