import type { Lane } from '../../protocol/lanes.ts'
import type { OutboxView } from '../../protocol/local.ts'
import type { Turn } from '../step/turn.ts'
import { announce } from '../tell/bus.ts'
import { oldest, pendingCount } from './lane.ts'
import type { OutboxState } from './slice.ts'

/** How much of the outbox there is, and telling it. */

/** While many commands end or are saved, their number is told so often and no more: a person cannot read faster. */
export const TELL_OUTBOX_MS = 250

/** Per lane: durable and not durably settled. */
export function pendingCounts(outbox: OutboxState): Readonly<Record<Lane, number>> {
  return { urgent: pendingCount(outbox.lanes.urgent), normal: pendingCount(outbox.lanes.normal) }
}

/** Every command that counts against the bound of the outbox. */
export function heldCount({ lanes, arriving }: OutboxState): number {
  return lanes.urgent.held + lanes.normal.held + arriving.urgent.size + arriving.normal.size
}

/** Nothing is arriving, waiting, being saved, being settled or being reviewed. */
export function isEmpty(outbox: OutboxState): boolean {
  return heldCount(outbox) === 0 && outbox.byId.size === 0 && outbox.retired.length === 0
}

/** Something urgent is on its way, also one that is not on the disk yet. */
export function isUrgentWaiting({ lanes, arriving }: OutboxState): boolean {
  return lanes.urgent.held + arriving.urgent.size > 0
}

export function oldestSeqs(outbox: OutboxState): Record<Lane, number> {
  return { urgent: oldest(outbox.lanes.urgent), normal: oldest(outbox.lanes.normal) }
}

/** Per lane the highest sequence given out, counting commands that came before this moment and have none yet. */
export function newestSeqs({ lanes, arriving }: OutboxState): Record<Lane, number> {
  return {
    urgent: lanes.urgent.next - 1 + arriving.urgent.size,
    normal: lanes.normal.next - 1 + arriving.normal.size,
  }
}

export function outboxView(outbox: OutboxState): OutboxView {
  const { urgent, normal } = pendingCounts(outbox)
  return { urgent, normal, ended: outbox.ended, sending: outbox.gate === 'open' && urgent + normal > 0 }
}

/** When a change that was held back is due; null when everything was told. */
export function tellOutboxAt(outbox: OutboxState): number | null {
  const { told } = outbox
  return told === null || isSameView(told.view, outboxView(outbox)) ? null : told.at + TELL_OUTBOX_MS
}

/** Tells windows and observers how much waits, when that is due. Called at the end of every step. */
export function tellOutbox(outbox: OutboxState, turn: Turn): void {
  const view = outboxView(outbox)
  const before = outbox.told
  const isEmptyNow = view.urgent + view.normal === 0
  if (isEmptyNow) outbox.ended = 0
  if (before !== null) {
    if (isSameView(before.view, view)) return
    // From nothing and to nothing at once: that is what people and programs wait for.
    const wasEmpty = before.view.urgent + before.view.normal === 0
    if (!isEmptyNow && !wasEmpty && turn.now < before.at + TELL_OUTBOX_MS) return
  }
  outbox.told = { view, at: turn.now }
  const { urgent, normal } = view
  announce(turn, { t: 'outbox', outbox: view })
  if (before?.view.urgent === urgent && before.view.normal === normal) return
  turn.effects.push({ kind: 'observe', observation: { kind: 'outbox', pending: { urgent, normal } } })
}

function isSameView(a: OutboxView, b: OutboxView): boolean {
  return a.urgent === b.urgent && a.normal === b.normal && a.sending === b.sending
}
