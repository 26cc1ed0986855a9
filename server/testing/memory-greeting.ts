import { LANES, type Lane } from '../../relay/protocol/lanes.ts'
import type { Greeting, GreetingRequest } from '../ports/greeting.ts'
import { sessionState } from '../ports/sessions.ts'
import { addReview, isAlone, laneKey, marksOf, openLane, raiseLink, type Tables } from './memory-tables.ts'

/** Registers or finds the device and settles where its outbox goes on, as `sqlite/greeting.ts`. `room`: devices there may be. */
export function greet(
  tables: Tables,
  request: GreetingRequest,
  { at, room }: { readonly at: string; readonly room: number },
): Greeting {
  const { device: id, epoch, oldest } = request
  const known = tables.devices.get(id)
  const areas = known?.areas ?? request.defaultAreas
  const device = { id, name: request.name, areas, status: known?.status ?? 'active' }
  const isRefused = known === undefined && tables.devices.size >= room
  if (!isRefused) tables.devices.set(id, device)
  const row = request.session === undefined ? null : (tables.sessions.get(request.session) ?? null)
  const operator = row === null ? null : (tables.operators.get(row.operator) ?? null)
  const session = request.session === undefined ? null : sessionState(row, operator, { device: id, at: at })
  const siteAreas = [...tables.areas].toSorted()
  const link = isRefused || device.status !== 'active' ? 0 : raiseLink(tables, id)
  const base = { device, isAlone: isAlone(tables, id), link, incarnation: tables.incarnation, siteAreas, session }

  if (isRefused) return { ...base, outbox: 'refused', marks: { urgent: 0, normal: 0 } }
  const held = marksOf(tables, id, epoch)
  const marks = held ?? { urgent: 0, normal: 0 }
  const isRestored = request.incarnation !== null && request.incarnation !== tables.incarnation
  const isRolledBack = held !== null && LANES.some((lane) => oldest[lane] > marks[lane] + 1)
  if (isRestored || isRolledBack) {
    for (const lane of LANES) adopt(tables, request, { lane, marks, at })
    return { ...base, outbox: 'adopted', marks }
  }
  if (held !== null) return { ...base, outbox: 'known', marks }
  if (LANES.every((lane) => oldest[lane] === 1)) {
    return { ...base, outbox: known === undefined ? 'new' : 'known', marks }
  }
  addReview(tables, { kind: 'forgotten', device: id, detail: { epoch, oldest }, at: at })
  return { ...base, outbox: 'forgotten', marks }
}

function adopt(
  tables: Tables,
  { device, epoch, oldest }: GreetingRequest,
  { lane, marks, at }: { readonly lane: Lane; readonly marks: Record<Lane, number>; readonly at: string },
): void {
  const to = oldest[lane] - 1
  // At or below the mark nothing was skipped: what the device still holds is answered by its stored results.
  if (to <= marks[lane]) return
  const detail = { epoch, lane, from: marks[lane] + 1, to }
  addReview(tables, { kind: 'skipped-range', device, detail, at: at })
  marks[lane] = to
  Object.assign(openLane(tables, laneKey(device, epoch, lane)), { mark: to, last: null })
}
