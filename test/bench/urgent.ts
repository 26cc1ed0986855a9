import { API_KEY, AndonFloor } from './andon-floor.ts'
import type { Bench } from './bench.ts'
import { pause } from './processes.ts'
import { quantile } from './quantile.ts'
import type { RawWebSocket } from './raw-websocket.ts'
import type { Row } from './table.ts'

const OPTIONS = { devices: 1_000, readers: 200, machines: 4, signals: 60, alerts: 40 }
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
  says: `a P0 to ${OPTIONS.devices} devices, while nothing else happens and while telemetry saturates the server`,
  seconds: 60,
  async run(progress) {
    const rows: Row[] = []
    for (const { name, isBusy } of [
      { name: 'nothing else', isBusy: false },
      { name: 'Andon', isBusy: true },
    ]) {
      progress(`${name} …`)
      rows.push(await measure(name, isBusy))
    }
    const { devices, readers, signals, alerts } = OPTIONS
    const count = OPTIONS.machines * signals
    return [
      {
        title: `P0 to ${devices} devices, ${alerts} alerts; Andon: while ${readers} of them read ${count} values at ${1_000 / SAMPLE_MS} Hz`,
        columns: [
          { name: 'p50, ms', better: 'less', digits: 1 },
          { name: 'p99, ms', better: 'less', digits: 1 },
          { name: 'last, ms', better: 'less', digits: 1 },
          { name: 'live values/s', better: 'more', digits: 0 },
        ],
        rows,
        ours: 'Andon',
        notes: [
          'From just before the POST to the bytes at each device, urgent and durable; a page shows it one to two frames later. There is no peer: none has priorities.',
        ],
      },
    ]
  },
}

async function measure(name: string, isBusy: boolean): Promise<Row> {
  const floor = await AndonFloor.open(OPTIONS.devices)
  const late: number[] = []
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
    await post('/api/telemetry', samples())
    while (sockets.length < OPTIONS.devices) {
      const opened = Array.from({ length: AT_ONCE }, () => floor.connect(floor.nextPerson()))
      sockets.push(...(await Promise.all(opened)))
    }
    for (const [index, socket] of sockets.entries()) {
      socket.onMessage = (payload) => {
        if (isLiveFrame(payload)) values += 1
        else if (isEventFrame(payload)) {
          received += 1
          late.push(performance.now() - raisedAt)
        } else if (isErrorFrame(payload)) refusal ??= payload.toString()
      }
      socket.send(JSON.stringify({ t: 'subscribe', channel: 'alerts/urgent', credit: 4 }))
      if (!isBusy || index >= OPTIONS.readers) continue
      for (const machine of machines())
        socket.send(JSON.stringify({ t: 'subscribe', channel: `telemetry/line-3/${machine}`, credit: 1 }))
    }
    const feeding = isBusy ? feed() : Promise.resolve()
    await pause(1_000)
    const [before, beganAt] = [values, performance.now()]
    for (let alert = 1; alert <= OPTIONS.alerts; alert += 1) {
      raisedAt = performance.now()
      await post('/api/alerts', { priority: 'P0', area: 'line-3', title: `Gas in hall ${alert}` })
      const deadline = raisedAt + 10_000
      while (received < alert * OPTIONS.devices && performance.now() < deadline) await pause(1)
      if (received < alert * OPTIONS.devices) throw new Error(`alert ${alert} did not reach every device`)
      await pause(Math.max(0, ALERT_MS - (performance.now() - raisedAt)))
    }
    if (refusal !== null) throw new Error(refusal)
    const perSecond = ((values - before) / (performance.now() - beganAt)) * 1_000
    over.abort()
    await feeding
    return { name, values: [quantile(late, 0.5), quantile(late, 0.99), quantile(late, 1), perSecond] }
  } finally {
    over.abort()
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
