import { API_KEY, AndonFloor } from './andon-floor.ts'
import type { Bench } from './bench.ts'
import { besiegeNotes, type SiegeCount } from './hostile-notes.ts'
import { pause } from './processes.ts'
import { quantile } from './quantile.ts'
import type { RawWebSocket } from './raw-websocket.ts'
import { floodBy } from './stranger-flood.ts'
import type { Row } from './table.ts'
import { systemMs, UrgentWitness } from './urgent-witness.ts'

const OPTIONS = {
  devices: 1_000,
  readers: 200,
  machines: 4,
  signals: 60,
  alerts: 40,
  strangers: 4,
  besiegers: 4,
  witnesses: 40,
}
const PIN = '4711'
/** Between two alerts, and between two samples of a signal, milliseconds. */
const ALERT_MS = 250
const SAMPLE_MS = 100
/** Connected at once. */
const AT_ONCE = 20

const isEventFrame = (payload: Buffer): boolean => payload[6] === 0x65 && payload[7] === 0x76
const isErrorFrame = (payload: Buffer): boolean => payload[6] === 0x65 && payload[7] === 0x72
const isLiveFrame = (payload: Buffer): boolean => payload[6] === 0x6c

export const URGENT: Bench = {
  name: 'urgent',
  says: `a P0 to ${OPTIONS.devices} devices, while nothing else happens, while telemetry saturates the server, while strangers flood it, and while people attack its notes`,
  seconds: 120,
  async run(progress) {
    const rows: Row[] = []
    let siege = NO_SIEGE
    const besieged = (count: SiegeCount): void => {
      siege = count
    }
    for (const load of LOADS) {
      progress(`${load.name} …`)
      rows.push(await measure(load, besieged))
    }
    const { devices, readers, signals, alerts, strangers, besiegers } = OPTIONS
    const count = OPTIONS.machines * signals
    return [
      {
        title: `P0 to ${devices} devices, ${alerts} alerts; Andon: while ${readers} of them read ${count} values at ${1_000 / SAMPLE_MS} Hz`,
        columns: [
          { name: 'p50, ms', better: 'less', digits: 1 },
          { name: 'p99, ms', better: 'less', digits: 1 },
          { name: 'last, ms', better: 'less', digits: 1 },
          { name: 'witness p50, ms', better: 'less', digits: 1 },
          { name: 'witness p99, ms', better: 'less', digits: 1 },
          { name: 'live values/s', better: 'more', digits: 0 },
        ],
        rows,
        ours: 'Andon',
        notes: [
          `Strangers: ${strangers} keys that anybody can make, each with 64 commands of 30 KB under way that are all rejected, for 15 s before the devices come.`,
          `Notes: ${besiegers} people who are signed in, each with as many changes under way as a lane may have: garbage, changes under another’s number, 100,000 deletions, and text that only grows; ${siege.taken} were taken, ${siege.refused} refused, ${Math.round(siege.bytes / 1_048_576)} MB sent to grow notes.`,
          'From just before the POST to the bytes at each device, urgent and durable; a page shows it one to two frames later. There is no peer: none has priorities.',
          `Witness: ${OPTIONS.witnesses} further devices in a thread of their own that reads nothing else; half of them were there first, half came last. What p99 has more than theirs, the load generator waited for itself.`,
        ],
      },
    ]
  },
}

interface Load {
  readonly name: string
  /** Telemetry is fed and read. */
  readonly isBusy: boolean
  readonly strangers: number
  readonly besiegers: number
}

const NO_SIEGE: SiegeCount = { taken: 0, refused: 0, bytes: 0 }

const LOADS: readonly Load[] = [
  { name: 'nothing else', isBusy: false, strangers: 0, besiegers: 0 },
  { name: 'Andon', isBusy: true, strangers: 0, besiegers: 0 },
  { name: 'Andon, flooded by strangers', isBusy: false, strangers: OPTIONS.strangers, besiegers: 0 },
  { name: 'Andon, its notes attacked', isBusy: false, strangers: 0, besiegers: OPTIONS.besiegers },
]
/** How long strangers flood before it is measured, milliseconds: a list of 1,000 is full by then, where it can be filled. */
const FLOOD_MS = 15_000
/** How long notes are attacked before it is measured, milliseconds. */
const SIEGE_MS = 3_000

async function measure(load: Load, besieged: (count: SiegeCount) => void): Promise<Row> {
  const { name, isBusy, strangers, besiegers } = load
  const floor = await AndonFloor.open(OPTIONS.devices + besiegers, [], besiegers > 0 ? { pin: PIN } : {})
  const witness = new UrgentWitness()
  const late: number[] = []
  const raised: number[] = []
  let raisedAt = 0
  let values = 0
  let received = 0
  let refusal: string | null = null
  const sockets: RawWebSocket[] = []
  const post = (path: string, body: unknown): Promise<Response> =>
    fetch(`${floor.url}${path}`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${API_KEY}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })
  const over = new AbortController()
  try {
    // Before the devices, which say nothing and are closed after three heartbeats (H2).
    const calm = await floodBy(strangers, floor.url)
    over.signal.addEventListener('abort', calm)
    await pause(strangers > 0 ? FLOOD_MS : 0)
    await post('/api/telemetry', samples())
    await witness.join(floor.url, OPTIONS.witnesses / 2)
    while (sockets.length < OPTIONS.devices) {
      const opened = Array.from({ length: AT_ONCE }, () => floor.connect(floor.nextPerson()))
      sockets.push(...(await Promise.all(opened)))
    }
    for (const [index, socket] of sockets.entries()) {
      socket.onMessage = (payload) => {
        if (isLiveFrame(payload)) values += 1
        else if (isEventFrame(payload)) {
          received += 1
          late.push(systemMs() - raisedAt)
        } else if (isErrorFrame(payload)) refusal ??= payload.toString()
      }
      socket.send(JSON.stringify({ t: 'subscribe', channel: 'alerts/urgent', credit: 4 }))
      if (!isBusy || index >= OPTIONS.readers) continue
      for (const machine of machines())
        socket.send(JSON.stringify({ t: 'subscribe', channel: `telemetry/line-3/${machine}`, credit: 1 }))
    }
    await witness.join(floor.url, OPTIONS.witnesses / 2)
    // Behind them: beside it they would come so late that the first of them had been silent for too long by then (H2).
    const operators = Array.from({ length: besiegers }, () => floor.nextPerson().operator)
    const siege = besiegers === 0 ? null : await besiegeNotes({ url: floor.url, pin: PIN, operators })
    await pause(besiegers > 0 ? SIEGE_MS : 0)
    const feeding = isBusy ? feed() : Promise.resolve()
    await pause(1_000)
    const [before, beganAt] = [values, performance.now()]
    for (let alert = 1; alert <= OPTIONS.alerts; alert += 1) {
      raisedAt = systemMs()
      raised.push(raisedAt)
      await post('/api/alerts', { priority: 'P0', area: 'line-3', title: `Gas in hall ${alert}` })
      const deadline = raisedAt + 10_000
      while (received < alert * OPTIONS.devices && systemMs() < deadline) await pause(1)
      if (received < alert * OPTIONS.devices) throw new Error(`alert ${alert} did not reach every device`)
      await pause(Math.max(0, ALERT_MS - (systemMs() - raisedAt)))
    }
    if (refusal !== null) throw new Error(refusal)
    const perSecond = ((values - before) / (performance.now() - beganAt)) * 1_000
    over.abort()
    await feeding
    if (siege !== null) besieged(await siege())
    const seen = await witness.seen()
    if (seen.some((times) => times.length !== raised.length)) throw new Error('a witness missed an alert')
    const watched = seen.flatMap((times) => times.map((at, alert) => at - (raised[alert] ?? at)))
    const [p50, p99, last] = [0.5, 0.99, 1].map((share) => quantile(late, share))
    const witnessed = [0.5, 0.99].map((share) => quantile(watched, share))
    return { name, values: [p50 ?? 0, p99 ?? 0, last ?? 0, ...witnessed, perSecond] }
  } finally {
    over.abort()
    await witness.stop()
    await floor.stop()
  }

  /** One batch after the other, as fast as they are due and taken. */
  async function feed(): Promise<void> {
    while (!over.signal.aborted) {
      const sentAt = performance.now()
      await post('/api/telemetry', samples())
      await pause(Math.max(0, SAMPLE_MS - (performance.now() - sentAt)))
    }
  }
}

function machines(): readonly string[] {
  return Array.from({ length: OPTIONS.machines }, (_, index) => `press-${index + 1}`)
}

/** One of every signal, as a machine's controller would report them. */
function samples(): readonly object[] {
  return machines().flatMap((machine) =>
    Array.from({ length: OPTIONS.signals }, (_, signal) => ({
      area: 'line-3',
      machine,
      signal: `force-${signal + 1}`,
      value: Math.round(performance.now()) % 1_000,
      unit: 'kN',
    })),
  )
}
