/** Screens of machines: the demo floor's three, the same gone silent, and a hall of 240 values. */
import { channelName, URGENT_CHANNEL } from '../../relay/protocol/channels.ts'
import type { ChannelView, LiveView, RelayView } from '../../relay/protocol/local.ts'
import { machineKey, telemetryChannel } from '../../relay/protocol/machine-names.ts'
import type {
  MachineRecord,
  MachineSignal,
  SeriesPage,
  SeriesPoint,
  TelemetryValue,
} from '../../relay/protocol/telemetry.ts'
import { ALERTS, LIVE, stateChannel, view } from '../../relay/domain/testing/samples.ts'
import type { FakeRelay, Past } from './fake-relay.ts'
import type { Scene } from './scenes.ts'

const AREA = 'line-3'
const MINUTE = 60_000

export function sensor(
  name: string,
  label: string,
  unit: string,
  high: number | null = null,
  low: number | null = null,
): MachineSignal {
  return { name, label, unit, limits: high === null && low === null ? null : { low, high } }
}

export function machine(
  id: string,
  label: string,
  signals: readonly MachineSignal[],
  over: Partial<MachineRecord> = {},
): MachineRecord {
  const lastSampleAt = new Date(Date.now() - 20_000).toISOString()
  return { id, area: AREA, label, simulated: false, signals: [...signals], lastSampleAt, ...over }
}

const HOST = machine('host-1', 'Server of this site', [
  sensor('cpu', 'Processor', '%', 85),
  sensor('disk', 'Disk used', '%', 90),
  sensor('loop-delay', 'Event loop delay', 'ms', 50),
  sensor('memory', 'Memory used', '%', 90),
])
const PRESS_1 = machine(
  'press-1',
  'Press 1',
  [
    sensor('force', 'Force', 'kN', 640, 560),
    sensor('oil', 'Oil temperature', '°C', 65),
    sensor('pressure', 'Hydraulic pressure', 'bar', 90, 60),
    sensor('strokes', 'Strokes', '1/min'),
  ],
  { simulated: true },
)
const PRESS_2 = machine('press-2', 'Press 2 with a long name of its own', PRESS_1.signals, { simulated: true })
const SILENT = machine('oven-4', 'Oven 4', [sensor('zone-1', 'Zone 1', '°C', 240, 180)], {
  lastSampleAt: new Date(Date.now() - 26 * 3_600_000).toISOString(),
})

/** Numbers with which tiles run out of room. */
const METER = machine('meter-1', 'Main meter', [
  sensor('energy', 'Energy of this year', 'kWh'),
  sensor('gas', 'Gas', 'Nm³/h (0 °C)', 2_500_000, 1_000_000),
  sensor('leak', 'Leak rate', 'mbar·l/s', 0.0005),
  sensor('offset', 'Offset', 'mm'),
  sensor('pulses', 'Pulses', '', 1e12),
  sensor('vacuum', 'Vacuum', 'mbar'),
])

/** By machine and signal; what is not here has not come. */
const VALUES: Readonly<Record<string, number>> = {
  'host-1/cpu': 47.3,
  'host-1/disk': 61.8,
  'host-1/loop-delay': 1.26,
  'host-1/memory': 93.4,
  'meter-1/energy': 1_234_567,
  'meter-1/gas': 1_234_567_890.5,
  'meter-1/leak': 0.0009,
  'meter-1/offset': -0.001,
  'meter-1/pulses': 1e12,
  'meter-1/vacuum': 9e-7,
  'press-1/force': 603.2,
  'press-1/oil': 58.4,
  'press-1/pressure': 41.2,
  'press-1/strokes': 24,
  'press-2/force': 598.7,
  'press-2/oil': 71.9,
  'press-2/pressure': 74.5,
  'press-2/strokes': 0,
}

function plantValue(id: string, name: string): number | undefined {
  const [, m, s] = /^plant-(\d+)\/s(\d+)$/.exec(`${id}/${name}`) ?? []
  return m === undefined || s === undefined ? undefined : 40 + ((Number(m) * 7 + Number(s) * 13) % 601) / 10
}

function valuesOf(of: MachineRecord, { ageMs, ttlMs }: Pick<LiveView, 'ageMs' | 'ttlMs'>): readonly LiveView[] {
  const at = new Date(Date.now() - ageMs).toISOString()
  return of.signals.flatMap(({ name, unit, label, limits }) => {
    const value = VALUES[`${of.id}/${name}`] ?? plantValue(of.id, name)
    if (value === undefined) return []
    return [{ key: name, at, ageMs, ttlMs, value: { value, unit, at, label, limits } satisfies TelemetryValue }]
  })
}

export function liveOf(
  machines: readonly MachineRecord[],
  age: Pick<LiveView, 'ageMs' | 'ttlMs'>,
): NonNullable<Scene['live']> {
  return Object.fromEntries(machines.map((one) => [telemetryChannel(AREA, one.id), valuesOf(one, age)]))
}

function equipment(machines: readonly MachineRecord[], over: Partial<ChannelView> = {}): ChannelView {
  const bare = stateChannel(channelName('equipment', AREA), 7)
  const records = Object.fromEntries(machines.map((record) => [machineKey(AREA, record.id), { offset: 7, record }]))
  return { ...bare, confirmedAt: Date.now(), ...over, records }
}

/** A value that wanders, with an hour in which nothing was measured when the range is long enough to see it. */
export const past: Past = ({ signal, from, to, points }) => {
  const isOil = signal === 'oil'
  const [start, end] = [Date.parse(from), Date.parse(to)]
  const resolutionMs = Math.max(1_000, Math.round((end - start) / points / 1_000) * 1_000)
  const all: SeriesPoint[] = []
  for (let at = start; at < end; at += resolutionMs) {
    const isGap = end - start > 2 * 3_600_000 && at > end - 3 * 3_600_000 && at < end - 2 * 3_600_000
    if (isGap) continue
    const t = at / MINUTE
    const mean =
      (isOil ? -10 : 0) + 62 + (isOil ? 5 : 14) * Math.sin(t / 7) + 5 * Math.sin(t * 1.9) + 2 * Math.sin(t * 13)
    const spread = resolutionMs > 1_000 ? 3 + 2 * Math.abs(Math.sin(t * 5)) : 0
    all.push([at, mean - spread, mean, mean + spread])
  }
  return { points: all, unit: isOil ? '°C' : 'bar', resolutionMs, next: null } satisfies SeriesPage
}

const FLOOR = [HOST, SILENT, PRESS_1, PRESS_2]
const base = { deviceName: 'line-3-east', build: '0.1.0', status: LIVE }
const calm = [stateChannel(URGENT_CHANNEL, 40), stateChannel(ALERTS, 40)]

function scene(machines: readonly MachineRecord[], over: Partial<RelayView> = {}): Scene {
  const shown = { ...base, channels: [...calm, equipment(machines)], ...over }
  return {
    hash: `#/${AREA}/equipment`,
    view: view(10, shown),
    past,
    live: liveOf(machines, { ageMs: 400, ttlMs: 3_600_000 }),
  }
}

/** Thirty machines with eight values each. */
const HALL: readonly MachineRecord[] = Array.from({ length: 30 }, (_, m) => {
  const signals = Array.from({ length: 8 }, (_none, s) =>
    sensor(`s${s + 1}`, `Signal ${s + 1}`, ['bar', '°C', 'mm', '%'][s % 4] ?? '', 95),
  )
  return machine(`m-${String(m + 1).padStart(2, '0')}`, `Machine ${m + 1}`, signals, { simulated: true })
})

/** As many machines, each with as many values, some beyond their limits. */
function plant(machines: number, signals: number): readonly MachineRecord[] {
  const kinds = ['Press', 'Oven', 'Lathe', '프레스']
  const values = ['Oil temperature', 'Hydraulic pressure', 'Vibration', '유압']
  return Array.from({ length: machines }, (_, m) =>
    machine(
      `plant-${m + 1}`,
      `${kinds[m % kinds.length]} ${m + 1}`,
      Array.from({ length: signals }, (_none, s) =>
        sensor(`s${s + 1}`, `${values[s % values.length]} ${s + 1}`, ['°C', 'bar', 'mm/s', 'bar'][s % 4] ?? '', 99),
      ),
    ),
  )
}
const PLANT = plant(40, 50)
const MACHINES = plant(300, 4)
const FULL = plant(1, 64)

const AWAY = {
  state: 'waiting',
  reason: 'The server cannot be reached.',
  code: 'abnormal',
  retryAt: null,
  warnings: [],
  way: 'ws',
  wayReason: null,
  forSite: false,
  storage: 'working',
} as const

export const EQUIPMENT_SCENES: Readonly<Record<string, Scene>> = {
  equipment: scene(FLOOR),
  'equipment-numbers': scene([METER]),
  'equipment-signed-out': scene(FLOOR, { session: null }),
  'equipment-empty': scene([]),
  'equipment-stale': {
    ...scene(FLOOR, {
      status: { ...AWAY, since: Date.now() - 12 * MINUTE },
      channels: [...calm, equipment(FLOOR, { current: false, confirmedAt: Date.now() - 12 * MINUTE })].map(
        (channel) => ({
          ...channel,
          current: false,
        }),
      ),
    }),
    past: () => null,
    live: liveOf(FLOOR, { ageMs: 12 * MINUTE, ttlMs: 0 }),
  },
  'equipment-240': scene(HALL),
  'equipment-2000': scene(PLANT),
  'equipment-300-machines': scene(MACHINES),
  'equipment-full': scene(FULL),
}

/** New values for every tile of the hall, `rate` times a second, one message per machine as the relay sends them. */
export function feed(relay: Pick<FakeRelay, 'live'>, rate: number): void {
  let tick = 0
  setInterval(() => {
    tick += 1
    HALL.forEach((one, m) => {
      const at = new Date().toISOString()
      const values = one.signals.map(({ name, unit, label, limits }, s) => {
        const value = 55 + 45 * Math.sin(tick / 17 + m * 8 + s)
        return {
          key: name,
          at,
          ageMs: 3,
          ttlMs: 5_000,
          value: { value, unit, at, label, limits } satisfies TelemetryValue,
        }
      })
      relay.live(telemetryChannel(AREA, one.id), values)
    })
  }, 1_000 / rate)
}
