import { WAYS, type Way } from '../../relay/protocol/ways.ts'
import { openLink } from '../support/way-links.ts'
import { AndonFloor, greet } from './andon-floor.ts'
import { rowsOf, type Bench } from './bench.ts'
import { measureFanOut, type FanOutOptions } from './fan-out.ts'
import { startPlainWs } from './peers/plain-ws.ts'
import { startSocketIoPolling } from './peers/socket-io-polling.ts'
import type { Subject } from './subject.ts'

const OPTIONS: FanOutOptions = { subscribers: 200, inFlight: 4, seconds: 5, perSecond: 10, idleSeconds: 30 }
/** The server's own interval: whoever is silent for longer is closed. */
const HEARTBEAT_MS = 10_000
const CHANNEL = 'chat/line-3'

export const WAYS_BENCH: Bench = {
  name: 'ways',
  says: `${OPTIONS.subscribers} subscribers by each way: CPU per delivery and of a device that is idle`,
  seconds: 250,
  async run(progress) {
    const systems = [
      { name: 'plain ws', start: startPlainWs },
      { name: 'Socket.IO polling', start: startSocketIoPolling },
      ...WAYS.map((way) => ({ name: `Andon ${way}`, start: () => startAndonBy(way, OPTIONS.subscribers + 2) })),
    ]
    const rows = await rowsOf(systems, progress, ({ start }) => measureFanOut(start, OPTIONS))
    return ['Andon stream', 'Andon poll'].map((ours) => ({
      title: `${ours}: ${OPTIONS.subscribers} subscribers, closed loop of ${OPTIONS.inFlight}, then ${OPTIONS.perSecond} events/s`,
      columns: [
        { name: 'CPU µs/delivery', better: 'less', digits: 2 },
        { name: 'deliveries/s', better: 'more', digits: 0 },
        { name: `CPU µs at ${OPTIONS.perSecond}/s`, better: 'less', digits: 2 },
        { name: 'KB/connection', better: 'less', digits: 1 },
        { name: 'idle, CPU µs/s', better: 'less', digits: 1 },
      ],
      rows: [...rows.filter(({ name }) => name !== ours), ...rows.filter(({ name }) => name === ours)],
      ours,
      notes: ['An idle Andon device sends a heartbeat every 10 s; Socket.IO is asked every 25 s, plain ws never.'],
    }))
  },
}

/** People who follow one line's chat by this way, and one who talks, twice. */
async function startAndonBy(way: Way, people: number): Promise<Subject> {
  const floor = await AndonFloor.open(people)
  const beats: NodeJS.Timeout[] = []
  return {
    name: `Andon ${way}`,
    process: floor.process,
    subscribe: (delivered) =>
      new Promise((resolve, reject) => {
        const person = floor.nextPerson()
        const send = (frame: object): void => link.send(JSON.stringify(frame))
        const link = openLink(
          way,
          floor.url,
          {},
          {
            closed: (code, says) => reject(new Error(`closed ${code} ${says}`)),
            frame(message) {
              const text = message.toString()
              if (text.startsWith('{"t":"event"')) return delivered()
              const frame = JSON.parse(text) as { readonly t: string; readonly nonce?: string }
              if (frame.t === 'challenge') void greet(link, person, frame.nonce ?? '')
              else if (frame.t === 'welcome') send({ t: 'auth', token: person.token, generation: 1 })
              else if (frame.t === 'authed') send({ t: 'subscribe', channel: CHANNEL, credit: 4 })
              else if (frame.t === 'snapshot') {
                // Spread, as heartbeats of devices are that came one by one.
                const beat = () => send({ t: 'ping', nonce: `bench-${beats.length}` })
                setTimeout(() => beats.push(setInterval(beat, HEARTBEAT_MS)), Math.random() * HEARTBEAT_MS).unref()
                resolve()
              }
            },
          },
        )
      }),
    publisher: () => floor.sender(() => {}),
    stop() {
      for (const beat of beats) clearInterval(beat)
      return floor.stop()
    },
  }
}
