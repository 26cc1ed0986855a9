/** The screens with the longest texts the limits allow, and with words that have no place to break. */
import { URGENT_CHANNEL } from '../../relay/protocol/channels.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import type { RelayView, StatusView } from '../../relay/protocol/local.ts'
import type { AlertRecord } from '../../relay/protocol/records.ts'
import {
  alert,
  ALERTS,
  CHAT,
  command,
  id,
  LIVE,
  logChannel,
  order,
  ORDERS,
  posted,
  rejected,
  stateChannel,
  view,
} from '../../relay/domain/testing/samples.ts'

/** `characters` of text in words of ordinary length. */
export function prose(characters: number): string {
  return 'Stop the press, keep clear of the guard door and call the shift lead before anything is reset. '
    .repeat(Math.ceil(characters / 95))
    .slice(0, characters)
}
/** A word with no place to break, as an address or a part number pasted twice. */
export const WORD = 'Hydraulikdruckueberwachung'.repeat(12).slice(0, 300)

const TITLE = prose(LIMITS.maxTitle)
const BODY = prose(LIMITS.maxBody)
const LONGEST = { title: TITLE, body: BODY }
const UNBROKEN = { title: WORD.slice(0, LIMITS.maxTitle), body: WORD }

const P0: readonly AlertRecord[] = [
  alert(1, { priority: 'P0', ...LONGEST }),
  alert(2, { priority: 'P0', ...UNBROKEN }),
  alert(3, { priority: 'P0', ...LONGEST }),
]
const P1: readonly AlertRecord[] = [alert(4, { priority: 'P1', ...LONGEST }), alert(5, { priority: 'P1', ...UNBROKEN })]
const SHORT_P1: readonly AlertRecord[] = [
  alert(4, { priority: 'P1', title: 'Hydraulic pressure low · Press 2' }),
  alert(5, { priority: 'P1', title: 'Extractor stands · Paint booth' }),
]
const AREA: readonly AlertRecord[] = [alert(6, LONGEST), alert(7, UNBROKEN), alert(8, { priority: 'P3', ...LONGEST })]
const MANY = Array.from({ length: 12 }, (_, index) =>
  alert(20 + index, {
    title: `Coolant level low · Lathe ${index + 1}`,
    body: '12 % (limit 15): refill before the next batch',
  }),
)
const FIELDS = {
  note: prose(LIMITS.maxBody),
  assignee: 'k'.repeat(LIMITS.maxName),
  quantity: 10_000_000,
  produced: 10_000_000,
}
const WORK = [order(1, { ...FIELDS, title: TITLE }), order(2, { ...FIELDS, title: WORD.slice(0, 120), note: WORD })]
const TALK = [posted(1, prose(LIMITS.maxText)), posted(2, WORD, { by: 'l'.repeat(LIMITS.maxName) }), posted(3, WORD)]

const EDIT = { fields: { title: WORD.slice(0, 120), note: WORD, assignee: FIELDS.assignee }, baseVersion: 1 }
const sides = { yours: WORD, theirs: prose(600), by: 'l'.repeat(LIMITS.maxName), at: '2026-11-20T05:03:00.000Z' }
const REJECTED = [
  rejected(command(70, 'order.edit', { id: id(1), ...EDIT }), 'order-conflict', {
    current: order(1, { ...FIELDS, title: WORD.slice(0, 120) }, 4),
    fields: { note: sides, title: { ...sides, yours: WORD.slice(0, 120), theirs: TITLE } },
  }),
  rejected(command(71, 'chat.post', { line: 'line-3', text: WORD }), 'forbidden'),
]
const PENDING = [
  command(62, 'chat.post', { line: 'line-3', text: WORD }, { madeAt: Date.now() }),
  command(63, 'order.edit', { id: id(2), ...EDIT }, { madeAt: Date.now() }),
  command(64, 'chat.post', { line: 'line-3', text: prose(LIMITS.maxText) }, { madeAt: Date.now() }),
]
const OFFLINE: StatusView = {
  state: 'waiting',
  reason: 'The server is restarting.',
  code: 'going-away',
  since: Date.now() - 60_000,
  retryAt: null,
  warnings: [],
  way: 'ws',
  wayReason: null,
  forSite: false,
  storage: 'working',
}

function scene(
  at: string,
  urgent: readonly AlertRecord[],
  area: readonly AlertRecord[],
  over: Partial<RelayView> = {},
): { readonly hash: string; readonly view: RelayView } {
  const channels = [
    stateChannel(URGENT_CHANNEL, 40, urgent),
    stateChannel(ALERTS, 40, area),
    stateChannel(ORDERS, 40, WORK),
    logChannel(CHAT, TALK),
  ]
  const base = { deviceName: 'line-3-east', build: '0.1.0', status: LIVE, channels }
  return { hash: `#/line-3/${at}`, view: view(10, { ...base, ...over }) }
}

/** Ten that begin alike, as a site's own template writes them. */
const ALIKE: readonly AlertRecord[] = Array.from({ length: 10 }, (_, n) =>
  alert(40 + n, {
    priority: 'P0',
    title: `Light curtain broken while the ram was still moving and somebody stood inside · Press ${n + 1}`,
    body: 'Keep clear of the guard door.',
  }),
)

/** Everything stops at once; the newest has the longest title. */
const FLOOD: readonly AlertRecord[] = Array.from({ length: 200 }, (_, index) =>
  floodAlert(index + 1, index === 199 ? { title: TITLE } : {}),
)

/** One of many P0, by its place in the order in which they were raised. */
export function floodAlert(n: number, over: Partial<AlertRecord> = {}): AlertRecord {
  const at = new Date(Date.UTC(2026, 10, 20, 5, 0, n)).toISOString()
  const raised = { by: 'device:press-2', on: 'press-2', at }
  return alert(1_000 + n, { priority: 'P0', title: `Light curtain broken · Press ${n}`, raised, ...over })
}

export const LONG_SCENES = {
  'p0-flood': scene('orders', FLOOD, []),
  'p0-ten-alike': scene('orders', ALIKE, []),
  'long-p0': scene('orders', P0, []),
  'long-p0-offline': scene('orders', P0, [], { status: OFFLINE }),
  'long-p0-offline-signed-out': scene('orders', P0, [], { status: OFFLINE, session: null }),
  'long-p1': scene('chat', P1, []),
  'long-p1-short': scene('chat', SHORT_P1, []),
  'long-alerts': scene('alerts', P1, AREA),
  'long-alerts-unbroken': scene('alerts', [], AREA.toReversed().slice(0, 2)),
  'long-alerts-many': scene('alerts', SHORT_P1, MANY),
  'long-orders': scene('orders', [], [], { pending: PENDING, rejected: REJECTED }),
  'long-chat': scene('chat', [], [], { pending: PENDING }),
} as const
