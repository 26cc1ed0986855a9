/**
 * What this device holds of its commands: they come (`arrive.ts`), get a number and are saved (`number.ts`), are sent and
 * answered (`delivery.ts`), and end (`ends.ts`).
 *
 * Invariants
 *   1. Saved before sent; the result durable before `confirm`; confirmed only what is durable (P1).
 *   2. A command and its number are one write; a result, the end of the command and its reference are one write.
 *   3. Memory does not grow with the queue: of each lane its head, what is being saved, and what windows are shown.
 */
import { LANES, type Lane } from '../../protocol/lanes.ts'
import type { Row, Write } from '../../ports.ts'
import type { Paging } from '../disk/paging.ts'
import type { OutboxMeta, OutboxRow } from '../disk/rows.ts'
import type { StartTables } from '../step/inputs.ts'
import { hold, restored } from './heads.ts'
import { connectedMs, laneDeadline, newLane } from './lane.ts'
import { newRefs } from './refs.ts'
import { keepShown } from './shown.ts'
import type { OutboxState } from './slice.ts'

export function newOutbox(meta: OutboxMeta, pages: StartTables['outbox'], paging: Paging): OutboxState {
  const outbox: OutboxState = {
    paging,
    epoch: meta.epoch,
    incarnation: meta.incarnation,
    agreedBy: 0,
    volume: meta.volume ?? 0,
    retired: meta.retired ?? [],
    lanes: { urgent: newLane('urgent', meta.next.urgent), normal: newLane('normal', meta.next.normal) },
    byId: new Map(),
    arriving: { urgent: new Map(), normal: new Map() },
    refs: newRefs(),
    ended: 0,
    gate: 'closed',
    isReviewing: false,
    told: null,
  }
  for (const name of LANES) restoreLane(outbox, meta, { name, ...pages[name] })
  return outbox
}

function restoreLane(
  outbox: OutboxState,
  meta: OutboxMeta,
  { name, head, tail }: { readonly name: Lane; readonly head: readonly Row[]; readonly tail: readonly Row[] },
): void {
  const lane = outbox.lanes[name]
  const rows = head.map((each) => each.value as OutboxRow)
  const first = rows[0]?.seq ?? lane.next
  lane.first = first
  lane.cursor = first
  lane.unanswered = first
  lane.loadedUpTo = rows.length < outbox.paging.head ? lane.next - 1 : (rows.at(-1)?.seq ?? lane.next - 1)
  // What is not loaded has no hole, as far as is known; `laneLoaded` corrects it.
  lane.held = rows.length + lane.next - 1 - lane.loadedUpTo
  for (const row of rows) hold(outbox, lane, row)
  for (const { value } of tail) {
    const entry = restored(outbox.volume, value as OutboxRow)
    if (entry.from !== 'relay') keepShown(lane, entry)
  }
  const trying = meta.trying?.[name]
  if (trying?.seq === first) lane.trying = { ...trying, since: null, storedMs: trying.connectedMs }
}

export function metaWrite(outbox: OutboxState, now: number): Write {
  const { epoch, incarnation, volume, retired, lanes } = outbox
  const next = { urgent: lanes.urgent.next, normal: lanes.normal.next }
  const trying = Object.fromEntries(
    LANES.flatMap((name) => {
      const { trying: one } = lanes[name]
      return one === null ? [] : [[name, { seq: one.seq, connectedMs: connectedMs(lanes[name], now) }]]
    }),
  )
  const value: OutboxMeta = {
    epoch,
    incarnation,
    next,
    ...(volume > 0 && { volume }),
    ...(retired.length > 0 && { retired }),
    ...(Object.keys(trying).length > 0 && { trying }),
  }
  return { op: 'put', table: 'meta', key: 'outbox', value }
}

export function outboxDeadline(outbox: OutboxState): number | null {
  if (outbox.gate !== 'open') return null
  const urgent = laneDeadline(outbox.lanes.urgent)
  const normal = laneDeadline(outbox.lanes.normal)
  return urgent === null ? normal : normal === null ? urgent : Math.min(urgent, normal)
}
