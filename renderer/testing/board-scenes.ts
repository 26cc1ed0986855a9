/** Screens of lines: one, some, a whole site of two hundred; quiet, in trouble, out of contact, and a board without a person. */
import { channelName, URGENT_CHANNEL, type ChannelName } from '../../relay/protocol/channels.ts'
import type { ChannelView, LiveView, RelayView, StatusView } from '../../relay/protocol/local.ts'
import type { Member } from '../../relay/protocol/presence.ts'
import type { AlertRecord, OrderFields, Priority } from '../../relay/protocol/records.ts'
import { isUrgent } from '../../relay/protocol/record-words.ts'
import { machineKey, telemetryChannel } from '../../relay/protocol/machine-names.ts'
import type { MachineRecord, TelemetryValue } from '../../relay/protocol/telemetry.ts'
import { alert, LIVE, order, SESSION, stateChannel, view } from '../../relay/domain/testing/samples.ts'
import { crewOf, crowd } from './crew.ts'
import { machine, past, sensor } from './equipment-scenes.ts'
import type { Scene } from './scenes.ts'

const MINUTE = 60_000
const ago = (minutes: number): string => new Date(Date.now() - minutes * MINUTE).toISOString()
const deed = (by: string, minutes: number) => ({ by, on: null, at: ago(minutes) })

interface Trouble {
  readonly area: string
  readonly priority: Priority
  readonly title: string
  readonly minutes: number
  readonly takenBy?: string
  /** It came back to normal by itself, and nobody has confirmed that. */
  readonly isOver?: true
}

function alertsOf(troubles: readonly Trouble[]): readonly AlertRecord[] {
  return troubles.map(({ area, priority, title, minutes, takenBy, isOver }, index) =>
    alert(2_000 + index, {
      area,
      priority,
      title,
      raised: deed('demo-key', minutes),
      acknowledged: takenBy === undefined ? null : deed(takenBy, Math.max(0, minutes - 1)),
      cleared: isOver === true ? deed('demo-key', 0) : null,
    }),
  )
}

function machinesIn(area: string, index: number): readonly MachineRecord[] {
  return [
    machine(
      `press-${index + 1}`,
      `Press ${index + 1}`,
      [sensor('force', 'Press force', 'kN', 640, 560), sensor('strokes', 'Stroke rate', '1/min')],
      { area },
    ),
    machine(`oil-${index + 1}`, `Hydraulics ${index + 1}`, [sensor('oil-temperature', 'Oil temperature', '°C', 65)], {
      area,
    }),
  ]
}

function live(areas: readonly string[], ageMs: number, ttlMs: number): NonNullable<Scene['live']> {
  const found: Record<ChannelName, readonly LiveView[]> = {}
  areas.slice(0, 30).forEach((area, index) => {
    for (const one of machinesIn(area, index)) {
      const at = new Date(Date.now() - ageMs).toISOString()
      found[telemetryChannel(area, one.id)] = one.signals.map(({ name, unit, label, limits }) => {
        const value = name === 'force' ? 600 + index : name === 'strokes' ? 24 : index % 6 === 1 ? 71.9 : 58.4
        return { key: name, at, ageMs, ttlMs, value: { value, unit, at, label, limits } satisfies TelemetryValue }
      })
    }
  })
  return found
}

const WORK: readonly Partial<OrderFields>[] = [
  { title: 'Bracket left, galvanised', status: 'running', quantity: 480, produced: 412, assignee: 'kim' },
  { title: 'Housing cover', status: 'blocked', quantity: 1_200, produced: 350 },
  { title: 'Spindle sleeve, 42 mm', status: 'open', quantity: 96 },
]

interface Floor {
  readonly areas: readonly string[]
  readonly troubles?: readonly Trouble[]
  readonly over?: Partial<RelayView>
  /** How old everything is, minutes; null: current. */
  readonly age?: number | null
  /** Who is on line 3; some unless said. */
  readonly members?: readonly Member[]
  /** Who is there besides, without a place. */
  readonly more?: number
}

function channelsOf({ areas, troubles = [], age = null }: Floor): readonly ChannelView[] {
  const alerts = alertsOf(troubles)
  const fresh = age === null ? { confirmedAt: Date.now() } : { confirmedAt: Date.now() - age * MINUTE, current: false }
  const all = [
    stateChannel(
      URGENT_CHANNEL,
      40,
      alerts.filter(({ priority }) => isUrgent(priority)),
    ),
    ...areas.flatMap((area, index) => [
      stateChannel(
        channelName('alerts', area),
        40,
        alerts.filter((one) => one.area === area && !isUrgent(one.priority)),
      ),
      stateChannel(
        channelName('orders', area),
        40,
        [0, 1, 2].map((n) => ({
          ...order(3_000 + index * 10 + n, n === 0 ? (WORK[index % 3] ?? {}) : { status: n === 1 ? 'open' : 'done' }),
          number: `WO-${1041 + index * 7 + n}`,
          area,
        })),
      ),
      {
        ...stateChannel(channelName('equipment', area), 40),
        records: Object.fromEntries(
          machinesIn(area, index).map((record) => [machineKey(area, record.id), { offset: 40, record }]),
        ),
      },
    ]),
  ]
  return all.map((channel) => ({ ...channel, ...fresh }))
}

const PARK = { ...SESSION, operator: 'park', role: 'supervisor', areas: ['*'] } as const
const AWAY: StatusView = {
  ...LIVE,
  state: 'waiting',
  reason: 'The server cannot be reached.',
  code: 'abnormal',
  since: Date.now() - 10 * MINUTE,
}

function scene(hash: string, floor: Floor): Scene {
  const { areas, over = {}, age = null, members, more } = floor
  const crew = { ...(members !== undefined && { members }), ...(more !== undefined && { more }) }
  return {
    hash,
    view: view(10, {
      deviceName: 'line-3-east',
      build: '0.1.0',
      areas,
      session: PARK,
      channels: channelsOf(floor),
      ...(age !== null && { status: AWAY }),
      ...over,
    }),
    past,
    live:
      age === null
        ? { ...live(areas, 400, 3_600_000), ...crewOf('line-3', crew) }
        : {
            ...live(areas, age * MINUTE, 0),
            ...crewOf('line-3', { ...crew, ageMs: age * MINUTE, ttlMs: 0 }),
          },
  }
}

const lines = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `line-${index + 1}`)
const SOME: readonly Trouble[] = [
  { area: 'line-3', priority: 'P1', title: 'Hydraulic pressure low · Press 2', minutes: 4 },
  { area: 'line-3', priority: 'P2', title: 'Coolant level low · Lathe 4', minutes: 14 },
  { area: 'line-3', priority: 'P3', title: 'Label roll nearly empty · Packing', minutes: 160 },
  { area: 'line-2', priority: 'P2', title: 'Torque out of band · Station 7', minutes: 31, takenBy: 'lee' },
]
const MANY: readonly Trouble[] = [
  ...SOME,
  { area: 'line-6', priority: 'P0', title: 'Emergency stop pulled · Press 6', minutes: 2, takenBy: 'kim' },
  {
    area: 'line-5',
    priority: 'P1',
    title: '유압 저하 · 프레스 5, 오일 누출 여부를 확인하고 펌프를 세우십시오',
    minutes: 75,
  },
]
const FLOOD: readonly Trouble[] = Array.from({ length: 500 }, (_, index) => ({
  area: 'line-3',
  priority: (['P2', 'P3', 'P2', 'P1'] as const)[index % 4] ?? 'P2',
  title: `Torque out of band · Station ${index + 1}`,
  minutes: index,
}))
/** Of one machine, besides others. */
const MACHINE_FLOOD: readonly Trouble[] = [
  ...SOME,
  ...['Hydraulic oil hot', 'Filter nearly full', 'Stroke rate low', 'Guard door slow', 'Lubrication due'].map(
    (what, index): Trouble => ({
      area: 'line-3',
      priority: index === 2 ? 'P3' : 'P2',
      title: `${what} · Press 3`,
      minutes: 3 + 7 * index,
      ...(index === 1 && { takenBy: 'lee' }),
    }),
  ),
]
/** Named by whoever wants to confuse; the server lets no such letters in, a page shows them harmless all the same. */
const BIDI: readonly Trouble[] = [
  { area: 'line-1', priority: 'P2', title: '\u202Eevil\u202C ← \u2066left\u2069 · Press 2', minutes: 3 },
]
const OF_LATE_LINES: readonly Trouble[] = MANY.map((trouble) => ({
  ...trouble,
  area: trouble.area.replace('-', '-19'),
}))
const OVER: readonly Trouble[] = [
  { area: 'line-3', priority: 'P1', title: 'Hydraulic pressure low · Press 2', minutes: 4, isOver: true },
  { area: 'line-2', priority: 'P2', title: 'Torque out of band · Station 7', minutes: 31 },
  { area: 'line-2', priority: 'P1', title: 'Guard open · Station 2', minutes: 20, isOver: true },
]
/** On the line with a value beyond its limit. */
const TAKEN: readonly Trouble[] = [
  { area: 'line-2', priority: 'P0', title: 'Emergency stop pulled · Press 2', minutes: 2, takenBy: 'kim' },
]
const KIM = { session: SESSION }
const ALONE = { session: null }

/** Alerts are current, orders are not. */
const OLD_ORDERS = (troubles: readonly Trouble[]): Partial<RelayView> => {
  const current = channelsOf({ areas: lines(4), troubles }).filter(({ channel }) => !channel.startsWith('orders/'))
  const old = channelsOf({ areas: lines(4), age: 10 }).filter(({ channel }) => channel.startsWith('orders/'))
  return { channels: [...current, ...old] }
}

const NAMED = ['assembly-hall-north-line-12', 'paint', 'wareneingang-kommissionierung', 'line-3'] as const

/** Names as plants have them, and as somebody has them who tries. */
const LONG_NAMES = [
  'assembly-hall-north-line-12',
  'wareneingang-kommissionierung',
  'jorip-3dong-bukjjok-12',
  `hall-${'long-'.repeat(11)}9`,
  'paint',
  'dojang',
  'press-line-2',
  'paint-shop-2',
] as const
const named = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => {
    const name = LONG_NAMES[index % LONG_NAMES.length] ?? ''
    return index < LONG_NAMES.length ? name : `${name.slice(0, 55)}-${index}`
  })
/** Nine lines of many: more than have a place on every page. */
const NINE: readonly Trouble[] = [
  ...MANY,
  ...[11, 12, 13, 14, 15].map((line, index): Trouble => ({
    area: `line-${line}`,
    priority: 'P2',
    title: `Torque out of band · Station ${line}`,
    minutes: 5 + index,
  })),
]

/** Titles as people and programs write them who have much to say. */
const LONG_TITLES: readonly Trouble[] = [
  {
    area: 'line-3',
    priority: 'P1',
    title: 'Hydraulic pressure low in the secondary circuit · pump 2 behind the washing line, hall north',
    minutes: 4,
  },
  {
    area: 'line-3',
    priority: 'P2',
    title: '유압 저하 · 프레스 5, 오일 누출 여부를 확인하고 펌프를 세우십시오. 북쪽 홀 세척 라인 뒤편 펌프 2',
    minutes: 14,
    takenBy: 'maria-fernanda-gutierrez-santamaria',
  },
]

/** Several of each priority on some lines, as in a bad shift. */
const BAD_SHIFT: readonly Trouble[] = [
  ...MANY,
  ...(
    [
      ['line-3', 'P2', 11],
      ['line-3', 'P3', 22],
      ['line-2', 'P2', 2],
      ['line-4', 'P0', 1],
      ['line-4', 'P1', 3],
      ['line-4', 'P2', 10],
      ['line-4', 'P3', 2],
      ['line-7', 'P3', 120],
    ] as const
  ).flatMap(([area, priority, count]) =>
    Array.from({ length: count }, (_, index): Trouble => ({
      area,
      priority,
      title: `Torque out of band · Station ${index + 1}`,
      minutes: 5 + index,
      ...(priority === 'P0' && { takenBy: 'kim' }),
    })),
  ),
]

export const BOARD_SCENES: Readonly<Record<string, Scene>> = {
  line: scene('#/line-3/line', { areas: lines(3), troubles: SOME, over: KIM }),
  'line-long-titles': scene('#/line-3/line', { areas: lines(3), troubles: LONG_TITLES, over: KIM }),
  'line-quiet': scene('#/line-3', { areas: lines(3), over: KIM }),
  'line-offline': scene('#/line-3/line', { areas: lines(3), troubles: SOME, over: KIM, age: 10 }),
  'line-offline-quiet': scene('#/line-1/line', { areas: lines(3), age: 10 }),
  'line-crowd': scene('#/line-3/line', { areas: lines(3), over: KIM, members: crowd(1_000), more: 12 }),
  'line-signed-out': scene('#/line-3/line', { areas: lines(3), troubles: SOME, over: ALONE }),
  'line-p0-taken': scene('#/line-6/line', { areas: lines(6), troubles: MANY }),
  'line-flood': scene('#/line-3/line', { areas: lines(3), troubles: FLOOD, over: KIM }),
  'line-machine-flood': scene('#/line-3/line', { areas: lines(3), troubles: MACHINE_FLOOD, over: KIM }),
  'line-new': scene('#/line-3/line', {
    areas: lines(3),
    over: {
      ...KIM,
      channels: [
        stateChannel(URGENT_CHANNEL, 1),
        stateChannel(channelName('alerts', 'line-3'), 1),
        stateChannel(channelName('orders', 'line-3'), 1),
        stateChannel(channelName('equipment', 'line-3'), 1),
      ],
    },
  }),
  'line-coming': scene('#/line-3/line', { areas: lines(3), over: { ...KIM, channels: [] } }),
  site: scene('', { areas: lines(8), troubles: MANY }),
  'site-quiet': scene('#//site', { areas: lines(3) }),
  'site-p0-beyond': scene('#//site', { areas: lines(3), troubles: TAKEN }),
  'line-beyond': scene('#/line-2/line', { areas: lines(3) }),
  'site-200': scene('#//site', { areas: lines(200), troubles: MANY }),
  'site-offline': scene('#//site', { areas: lines(4), troubles: SOME, age: 10 }),
  wall: scene('#/wall', { areas: lines(3), troubles: SOME }),
  'wall-eight': scene('#/wall', { areas: lines(8), troubles: MANY }),
  'wall-six': scene('#/wall', { areas: lines(6), troubles: MANY.slice(0, 4) }),
  'wall-quiet': scene('#/wall', { areas: lines(3) }),
  'wall-offline': scene('#/wall', { areas: lines(4), troubles: SOME, age: 10 }),
  'wall-old-orders': scene('#/wall', { areas: lines(4), over: OLD_ORDERS(SOME) }),
  'line-old-orders': scene('#/line-3/line', { areas: lines(4), over: { ...KIM, ...OLD_ORDERS([]) } }),
  'wall-alone': scene('#/wall', {
    areas: lines(4),
    troubles: [...SOME, ...BIDI],
    over: {
      ...ALONE,
      channels: channelsOf({ areas: lines(4), troubles: [...SOME, ...BIDI] })
        .filter(({ channel }) => !channel.startsWith('orders/'))
        .map((channel) =>
          channel.channel === 'alerts/line-4'
            ? { ...channel, records: null, confirmedAt: null, current: false, refused: 'sign-in-needed' }
            : channel,
        ),
    },
  }),
  'wall-over': scene('#/wall', { areas: lines(3), troubles: OVER }),
  'line-over': scene('#/line-3/line', { areas: lines(3), troubles: OVER }),
  'wall-200': scene('#/wall', { areas: lines(200), troubles: MANY }),
  'wall-twelve': scene('#/wall', { areas: lines(12), troubles: NINE }),
  'wall-nine-wrong': scene('#/wall', { areas: lines(200), troubles: NINE }),
  'wall-24': scene('#/wall', { areas: lines(24), troubles: MANY }),
  'wall-96': scene('#/wall', { areas: lines(96), troubles: MANY }),
  'wall-200-named': scene('#/wall', { areas: named(200), troubles: SOME.map((one) => ({ ...one, area: 'paint' })) }),
  'wall-shift-3': scene('#/wall', { areas: lines(4).slice(1), troubles: BAD_SHIFT }),
  'wall-shift-4': scene('#/wall', { areas: lines(4), troubles: BAD_SHIFT }),
  'wall-shift-8': scene('#/wall', { areas: lines(8), troubles: BAD_SHIFT }),
  'wall-shift-20': scene('#/wall', { areas: lines(20), troubles: BAD_SHIFT }),
  'wall-p3': scene('#/wall', { areas: lines(3), troubles: SOME.filter(({ priority }) => priority === 'P3') }),
  'wall-three-digits': scene('#/wall', { areas: lines(200).slice(192), troubles: OF_LATE_LINES }),
  'wall-eight-offline': scene('#/wall', { areas: lines(200).slice(192), troubles: OF_LATE_LINES, age: 10 }),
  'wall-named': scene('#/wall', {
    areas: NAMED,
    troubles: SOME,
  }),
  'wall-eight-named': scene('#/wall', {
    areas: [...NAMED, 'paint-shop-2', 'assembly-12', 'west-hall', `hall-${'long-'.repeat(11)}9`],
    troubles: SOME,
  }),
}
