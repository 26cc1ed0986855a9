/** One value per screen worth looking at. Times are fixed to the noon before now, so that pictures compare. */
import { ERRORS } from '../../relay/protocol/errors.ts'
import { URGENT_CHANNEL, type ChannelName } from '../../relay/protocol/channels.ts'
import type { LiveView, RelayView, SettledCommand, StatusView } from '../../relay/protocol/local.ts'
import type { SessionId } from '../../relay/protocol/ids.ts'
import type { AlertRecord, OrderFields, OrderRecord, RejectionRecord } from '../../relay/protocol/records.ts'
import {
  alert,
  ALERTS,
  CHAT,
  command,
  id,
  inboxOf,
  LIVE,
  logChannel,
  order,
  ORDERS,
  posted,
  rejected,
  rejection,
  REJECTIONS,
  stateChannel,
  view,
} from '../../relay/domain/testing/samples.ts'
import type { Past, Reads } from './fake-relay.ts'

export interface Scene {
  readonly hash: string
  readonly view: RelayView
  /** Live values by channel, brought once the window shows them. */
  readonly live?: Readonly<Record<ChannelName, readonly LiveView[]>>
  readonly past?: Past
  readonly reads?: Reads
}

/** `at(9, 41)`: that time today, local, as the server writes it. */
function at(hours: number, minutes: number, daysAgo = 0): string {
  const date = new Date()
  date.setDate(date.getDate() - daysAgo)
  date.setHours(hours, minutes, 0, 0)
  return date.toISOString()
}
const ms = (iso: string): number => Date.parse(iso)
const deed = (by: string, on: string | null, iso: string) => ({ by, on, at: iso })

const PRESS: AlertRecord = alert(10, {
  priority: 'P0',
  title: 'Emergency stop pulled · Press 2',
  body: 'Keep clear of the guard door. Check that nobody is inside before anything is reset.',
  raised: deed('device:press-2', 'press-2', at(14, 2)),
})
const GAS: AlertRecord = alert(11, {
  priority: 'P0',
  area: 'line-1',
  title: 'Gas warning · Paint booth',
  body: 'Leave the booth by the east door.',
  raised: deed('demo-key', null, at(13, 58)),
})
const SMOKE: AlertRecord = alert(18, {
  priority: 'P0',
  title: 'Smoke at the extractor · Paint booth',
  body: 'Cut the power at panel B.',
  raised: deed('lee', 'paint-2', at(14, 3)),
})
const TEN: readonly AlertRecord[] = Array.from({ length: 10 }, (_, index) =>
  alert(100 + index, {
    priority: 'P0',
    title:
      ['Emergency stop pulled', 'Light curtain broken, press still moving', 'Gas warning', 'No contact'][index % 4] +
      ` · Press ${index + 1}`,
    body: 'Keep clear of the guard door.',
    raised: deed(`device:press-${index + 1}`, `press-${index + 1}`, at(14, 2)),
  }),
)
const OIL: AlertRecord = alert(12, {
  priority: 'P1',
  title: 'Hydraulic pressure low · Press 2',
  body: '41 bar (limit 60) — stop pump, check for leak',
  raised: deed('demo-key', null, at(13, 47)),
})
const AREA_ALERTS: readonly AlertRecord[] = [
  alert(13, {
    title: 'Coolant level low · Lathe 4',
    body: '12 % (limit 15) — refill before the next batch',
    raised: deed('demo-key', null, at(13, 31)),
  }),
  alert(14, {
    title: 'Torque out of band · Station 7',
    body: '3 of 20 screws — call quality',
    raised: deed('lee', 'station-7', at(12, 50)),
    acknowledged: deed('kim', 'line-3-east', at(12, 54)),
  }),
  alert(15, {
    title: 'Vision check uncertain · Packing',
    raised: deed('demo-key', null, at(12, 12)),
    cleared: deed('demo-key', null, at(12, 20)),
  }),
  alert(16, {
    priority: 'P3',
    title: 'Label roll nearly empty · Packing',
    raised: deed('lee', 'packing', at(11, 40)),
  }),
  alert(17, {
    priority: 'P3',
    title: '<img src=x onerror=alert(1)> typed into a title',
    body: 'Shown as it was typed: <b>not bold</b>',
    raised: deed('park', 'office', at(9, 5)),
    acknowledged: deed('park', 'office', at(9, 6)),
  }),
]

function made(n: number, number: string, fields: Partial<OrderFields>, by: string, time: string): OrderRecord {
  return { ...order(n, fields), number, changed: deed(by, null, time) }
}
const WORK: readonly OrderRecord[] = [
  made(
    31,
    'WO-1041',
    {
      title: 'Bracket left, galvanised',
      status: 'running',
      quantity: 480,
      produced: 412,
      assignee: 'kim',
      due: at(23, 30),
    },
    'kim',
    at(13, 40),
  ),
  made(32, 'WO-1042', { title: 'Bracket right, galvanised', due: at(23, 45), quantity: 480 }, 'park', at(7, 2)),
  made(
    33,
    'WO-1043',
    {
      title: 'Housing cover',
      status: 'blocked',
      quantity: 1200,
      produced: 350,
      assignee: 'lee',
      note: 'Waits for die 7, back from repair tonight',
    },
    'lee',
    at(12, 55),
  ),
  made(
    34,
    'WO-1044',
    {
      title: 'Spindle sleeve, 42 mm',
      quantity: 96,
      assignee: 'kim',
      note: 'First piece to quality',
      due: at(6, 0, 1),
    },
    'park',
    at(7, 3),
  ),
  made(
    35,
    'WO-1038',
    { title: 'Housing base', status: 'done', quantity: 1200, produced: 1204, assignee: 'lee' },
    'lee',
    at(11, 18),
  ),
]
const TALK = [
  posted(1, 'Night shift leaves press 2 warm. Die 5 is in.', { by: 'lee', at: at(22, 41, 1) }),
  posted(2, 'Thanks. Who has the torque key for station 7?', { by: 'kim', at: at(6, 4) }),
  posted(3, 'In the drawer under the bench.', { by: 'lee', at: at(6, 5) }),
  posted(
    4,
    'Quality wants the first sleeve of WO-1044 before we go on. Please put it in the grey box at the office door and say here when it is there, they come every hour.',
    { by: 'park', at: at(9, 12) },
  ),
  posted(5, 'First sleeve is in the box.', { by: 'kim', at: at(10, 31) }),
  posted(6, '<img src=x onerror=alert(1)>', { by: 'lee', at: at(11, 2) }),
  posted(7, '프레스 2 유압 확인했습니다.', { by: 'lee', at: at(13, 52) }),
]

const CHANNELS = (urgent: readonly AlertRecord[], area: readonly AlertRecord[] = AREA_ALERTS) => [
  stateChannel(URGENT_CHANNEL, 40, urgent),
  stateChannel(ALERTS, 40, area),
  stateChannel(ORDERS, 40, WORK),
  logChannel(CHAT, TALK),
]
const now = { confirmedAt: ms(at(14, 5)) }
const fresh = (urgent: readonly AlertRecord[], area?: readonly AlertRecord[]) =>
  CHANNELS(urgent, area).map((channel) => ({ ...channel, ...now }))
const stale = (urgent: readonly AlertRecord[], area?: readonly AlertRecord[]) =>
  CHANNELS(urgent, area).map((channel) => ({ ...channel, confirmedAt: ms(at(9, 41)), current: false }))

const OFFLINE: StatusView = {
  state: 'waiting',
  reason: 'The server is restarting.',
  code: 'going-away',
  since: ms(at(9, 41)),
  retryAt: Date.now() + 14_000,
  warnings: [],
  way: 'ws',
  wayReason: null,
  forSite: false,
  storage: 'working',
}
const since = { madeAt: ms(at(9, 44)) }
const RAISED = command(
  60,
  'alert.raise',
  { priority: 'P0', area: 'line-3', title: 'Smoke at the extractor', body: 'Cut the power at panel B.' },
  since,
)
const ACKED = command(61, 'alert.ack', { id: PRESS.id }, since)
const WAITING = [
  command(62, 'order.edit', { id: id(31), fields: { quantity: 500, status: 'blocked' }, baseVersion: 1 }, since),
  command(63, 'chat.post', { line: 'line-3', text: 'Server is away, I go on with WO-1041 on paper.' }, since),
  command(64, 'alert.ack', { id: id(13) }, since),
]
const CONFLICT: SettledCommand = rejected(
  command(
    70,
    'order.edit',
    { id: id(34), fields: { quantity: 80, assignee: 'kim', note: 'Short of bar stock' }, baseVersion: 1 },
    since,
  ),
  'order-conflict',
  {
    current: {
      ...order(34, { title: 'Spindle sleeve, 42 mm', quantity: 120, note: 'First piece to quality' }, 3),
      number: 'WO-1044',
    },
    fields: {
      quantity: { yours: 80, theirs: 120, by: 'lee', at: at(14, 3) },
      note: { yours: 'Short of bar stock', theirs: 'First piece to quality', by: 'park', at: at(13, 20) },
    },
  },
)
const REFUSED = rejected(
  command(71, 'alert.raise', { priority: 'P2', area: 'line-1', title: 'Door sensor stuck' }, since),
  'forbidden',
)

const base = { deviceName: 'line-3-east', build: '0.1.0', status: LIVE }
const scene = (hash: string, over: Partial<RelayView>): Scene => ({ hash, view: view(10, { ...base, ...over }) })

const PARK = {
  id: id(2) as string as SessionId,
  operator: 'park',
  role: 'supervisor',
  areas: ['*'],
  confirmed: true,
} as const
const NOT_ACCEPTED: readonly RejectionRecord[] = [
  rejection(80, {
    type: 'order.edit',
    data: { id: id(31), fields: { quantity: 500, status: 'blocked' }, baseVersion: 1 },
    on: 'line-3-east',
    code: 'order-conflict',
    message: 'Somebody else changed this work order first: quantity (by lee).',
    at: at(13, 52),
  }),
  rejection(81, {
    data: { line: 'line-3', text: 'Press 2 is warm again, I start with WO-1044 now.' },
    on: 'line-3-east',
    at: at(13, 40),
    code: 'session-revoked',
    message: 'The session was ended everywhere, so this was kept for review instead of being carried out.',
  }),
  rejection(82, {
    type: 'alert.raise',
    data: { priority: 'P1', area: 'line-3', title: '<b>Guard door</b> does not lock · Press 4' },
    by: 'device:press-4',
    on: 'press-4',
    origin: 'device',
    at: at(12, 11),
    code: 'gave-up',
    message: 'The server could not carry this out for ten minutes and gave up.',
  }),
  rejection(85, {
    data: { line: 'line-3', text: 'Leave the guard of press 4 open tonight.' },
    by: 'device:kim',
    on: 'kim',
    origin: 'stranger',
    claimed: 'park',
    at: at(12, 2),
    code: 'outbox-forked',
    message: 'This device sent two different commands under one number: its disk was copied or rolled back.',
  }),
  rejection(83, {
    type: 'press.start',
    data: { press: 4, recipe: 'bracket-left', overrides: { pressure: 61.5, dwell: null } },
    by: 'lee',
    on: 'packing',
    at: at(16, 3, 1),
    code: 'unknown-command',
    message: 'There is no command "press.start".',
  }),
]
const DECIDED = rejection(84, {
  data: { line: 'line-3', text: 'Die 5 is in.' },
  closed: { by: 'park', on: 'office', at: at(13, 58), how: 'discarded', reason: 'Lee wrote it already' },
})
const supervised = (records: readonly RejectionRecord[]) => ({
  channels: [...fresh([]), { ...stateChannel(REJECTIONS, 40, records), ...now }],
  session: PARK,
})

export const SCENES: Readonly<Record<string, Scene>> = {
  alerts: scene('#/line-3/alerts', { channels: fresh([]) }),
  'alerts-p1': scene('#/line-3/alerts', { channels: fresh([OIL]) }),
  'alerts-empty': scene('#/line-3/alerts', { channels: fresh([], []) }),
  'alerts-offline': scene('#/line-3/alerts', { channels: stale([OIL]), status: OFFLINE, pending: WAITING }),
  'signed-out': scene('#/line-3/alerts', { channels: fresh([OIL]), session: null }),
  'alerts-behind-a-wrong-proxy': scene('#/line-3/alerts', {
    channels: stale([OIL]),
    status: { ...OFFLINE, forSite: true, code: 'upgrade-missing', reason: ERRORS['upgrade-missing'].says },
  }),
  'signed-out-offline': scene('#/line-3/orders', { channels: stale([]), session: null, status: OFFLINE }),
  p0: scene('#/line-3/orders', { channels: fresh([PRESS]) }),
  'p0-several': scene('#/line-3/orders', { channels: fresh([PRESS, GAS]) }),
  'p0-three': scene('#/line-3/orders', { channels: fresh([PRESS, GAS, SMOKE]) }),
  'p0-ten': scene('#/line-3/orders', { channels: fresh(TEN) }),
  'p0-several-signed-out': scene('#/line-3/alerts', { channels: fresh([PRESS, GAS, SMOKE]), session: null }),
  'p0-one-taken': scene('#/line-3/alerts', { channels: fresh([PRESS, GAS, SMOKE]), pending: [ACKED] }),
  'p0-signed-out': scene('#/line-3/alerts', { channels: fresh([PRESS]), session: null }),
  'p0-raised-offline': scene('#/line-3/alerts', {
    channels: stale([]),
    status: OFFLINE,
    pending: [RAISED, ...WAITING],
  }),
  'p0-acked-offline': scene('#/line-3/alerts', { channels: stale([PRESS, OIL]), status: OFFLINE, pending: [ACKED] }),
  orders: scene('#/line-3/orders', { channels: fresh([]) }),
  'orders-offline': scene('#/line-3/orders', { channels: stale([]), status: OFFLINE, pending: WAITING }),
  'orders-conflict': scene('#/line-3/orders', { channels: fresh([]), rejected: [CONFLICT, REFUSED] }),
  rejections: scene('#/line-3/rejections', supervised(NOT_ACCEPTED)),
  'rejections-settling': scene('#/line-3/rejections', {
    ...supervised(NOT_ACCEPTED),
    pending: [command(90, 'rejection.close', { id: id(81), how: 'resent', reason: null }, { ...since, by: 'park' })],
  }),
  'rejections-empty': scene('#/line-3/rejections', supervised([])),
  'rejections-operator': scene('#/line-3/rejections', {
    channels: [...fresh([]), inboxOf(...NOT_ACCEPTED.slice(0, 2), DECIDED)],
  }),
  chat: scene('#/line-3/chat', { channels: fresh([]) }),
  'chat-offline': scene('#/line-3/chat', { channels: stale([]), status: OFFLINE, pending: WAITING }),
  'chat-disk-full': scene('#/line-3/chat', { channels: fresh([OIL]), status: { ...LIVE, storage: 'failing' } }),
  'orders-offline-disk-full': scene('#/line-3/orders', {
    channels: stale([OIL]),
    status: { ...OFFLINE, storage: 'failing' },
  }),
  'chat-empty': scene('#/line-1/chat', { channels: [], session: null }),
}
