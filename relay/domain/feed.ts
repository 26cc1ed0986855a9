import type { BusMessage, BusPosition, RelayView } from '../protocol/local.ts'
import { unreachable } from '../protocol/rights.ts'
import { applyBody, newMemory, type Memory } from './apply-body.ts'
import type { Own } from './channel-events.ts'
import { allOf, newRecent, recall, remember, type Recent } from './recent.ts'
import { isUrgent } from './urgency.ts'
import { modelOfView, type WindowModel } from './window-model.ts'

/** The last messages are kept, at least so many, to lay them again over a view that is older than they are. */
export const MAX_HEARD = 512
/** How long the port may be ahead of the bus before it counts as a gap: two ways inside one machine, generously. */
export const TAIL_GAP_MS = 300
/** How long a view may take before it is asked again. */
export const VIEW_PATIENCE_MS = 2_000

/**
 * The order in which a window hears its relay. Bus and port are two ways without a common order:
 *
 *   bus    ── 5 ── 6 ── 7 ────────── 9 ──▶        8 was lost: a gap, ask for a view
 *   port   ───────── copy 8 ── top 9 ────▶        urgent copies come early; `top` shows a lost tail
 *
 * 1. Bodies are applied in the order of `seq`; only urgent copies are applied early, and then skipped when their turn comes.
 * 2. A view replaces everything; what was heard and is above the view's position is applied again on top of it.
 * 3. A missing seq, a late tail or another epoch asks for a view; nothing is ever guessed.
 * 4. A message costs the same however many were heard before it: sixty a second come in a flood, and the page has more to do.
 *    So `heard` and `memory` are changed in place: a feed that has been stepped is spent.
 */
export interface Feed {
  /** Null until the first view. */
  readonly model: WindowModel | null
  readonly position: BusPosition | null
  /** By bus epoch and seq. */
  readonly heard: Recent<Heard>
  readonly memory: Memory
  /** Seqs above the position whose body has been applied already. */
  readonly early: ReadonlySet<number>
  /** Since when the relay is known to be ahead of this window; null when it is not. */
  readonly behindSince: number | null
  /** When a view was asked for; null when none is awaited. */
  readonly askedAt: number | null
}

interface Heard {
  readonly message: BusMessage
  readonly byBus: boolean
  readonly byPort: boolean
}

export type FeedInput =
  | { readonly kind: 'opened' }
  | { readonly kind: 'viewReceived'; readonly view: RelayView }
  | { readonly kind: 'busReceived'; readonly message: BusMessage }
  | { readonly kind: 'copyReceived'; readonly message: BusMessage }
  | { readonly kind: 'topReceived'; readonly bus: BusPosition }
  | { readonly kind: 'ticked' }
  /** The relay was not heard, or may not have been: nothing is current until it says so again. */
  | { readonly kind: 'doubted' }

export interface FeedStep {
  readonly feed: Feed
  readonly asksView: boolean
}

export function newFeed(): Feed {
  return {
    model: null,
    position: null,
    heard: newRecent(MAX_HEARD),
    memory: newMemory(),
    early: new Set(),
    behindSince: null,
    askedAt: null,
  }
}

/** One input at monotonic time `now`, milliseconds. `own`: what was made since somebody last saw the model. */
export function stepFeed(feed: Feed, input: FeedInput, now: number, own?: Own): FeedStep {
  switch (input.kind) {
    case 'opened':
      // `open` brings a view by itself.
      return { feed: { ...feed, askedAt: now }, asksView: false }
    case 'viewReceived':
      return withView(feed, input.view, now, own)
    case 'busReceived':
      return hear(feed, { message: input.message, byBus: true, byPort: false }, now, own)
    case 'copyReceived':
      return hear(feed, { message: input.message, byBus: false, byPort: true }, now, own)
    case 'topReceived':
      return { feed: withTop(feed, input.bus, now), asksView: false }
    case 'ticked':
      return askIfDue(feed, now)
    case 'doubted':
      return doubt(feed, now)
    default:
      return unreachable(input)
  }
}

function doubt(feed: Feed, now: number): FeedStep {
  if (feed.model === null) return { feed, asksView: false }
  const { status } = feed.model
  if (status.state !== 'live') return ask(feed, now)
  return ask({ ...feed, model: { ...feed.model, status: { ...status, state: 'connecting' } } }, now)
}

/** When `ticked` is next needed (monotonic milliseconds); null while nothing is awaited. */
export function dueAt(feed: Feed): number | null {
  const tail = feed.behindSince === null ? Infinity : feed.behindSince + TAIL_GAP_MS
  const view = feed.askedAt === null ? Infinity : feed.askedAt + VIEW_PATIENCE_MS
  // While a view is awaited, a gap behind it is its business.
  const due = feed.askedAt === null ? tail : view
  return due === Infinity ? null : due
}

function withView(feed: Feed, view: RelayView, now: number, own?: Own): FeedStep {
  const position = view.bus
  const heard: Feed['heard'] = newRecent(MAX_HEARD)
  const again = allOf(feed.heard).filter(({ message }) => message.bus.epoch === position.epoch)
  for (const one of again) remember(heard, nameOf(one.message.bus), one)
  const model = modelOfView(view, feed.model)
  const fresh: Feed = { ...feed, model, position, heard, early: new Set(), behindSince: null, askedAt: null }
  const bySeq = again.toSorted((a, b) => a.message.bus.seq - b.message.bus.seq)
  return drain(fresh, bySeq, now, own)
}

function hear(feed: Feed, said: Heard, now: number, own?: Own): FeedStep {
  const { bus } = said.message
  const { position, heard } = feed
  if (position !== null && bus.epoch === position.epoch && bus.seq <= position.seq) return { feed, asksView: false }
  const name = nameOf(bus)
  const known = recall(heard, name)
  const one = {
    ...said,
    byBus: said.byBus || known?.byBus === true,
    byPort: said.byPort || known?.byPort === true,
  }
  remember(heard, name, one)
  return drain(feed, [one], now, own)
}

/**
 * Applies what is in turn, then urgent copies among `news` that are not, then looks for gaps. `news` is by seq; what was
 * heard before it has been applied as far as it can be, or has asked for a view already.
 */
function drain(feed: Feed, news: readonly Heard[], now: number, own?: Own): FeedStep {
  if (feed.model === null || feed.position === null) return { feed, asksView: false }
  const { heard, memory } = feed
  const { epoch } = feed.position
  let { model } = feed
  let { seq } = feed.position
  let needsView = false
  const early = new Set(feed.early)
  const apply = (message: BusMessage): void => {
    const applied = applyBody(model, message.body, { ...memory, own })
    model = applied.model
    needsView ||= applied.needsView
  }
  const inTurn = (): Heard | undefined => recall(heard, nameOf({ epoch, seq: seq + 1 }))
  for (let next = inTurn(); next !== undefined; next = inTurn()) {
    seq += 1
    if (!early.delete(seq)) apply(next.message)
  }
  for (const { message, byBus, byPort } of news) {
    const { bus } = message
    if (bus.epoch === epoch && bus.seq <= seq) continue
    // The bus keeps its order, so what it skipped was lost on the way; and of another epoch this window knows nothing.
    needsView ||= byBus
    if (bus.epoch !== epoch || !byPort || early.has(bus.seq)) continue
    early.add(bus.seq)
    apply(message)
  }
  const behindSince = early.size > 0 ? (feed.behindSince ?? now) : null
  const next = { ...feed, model, position: { epoch, seq }, early, behindSince }
  return needsView ? ask(next, now) : { feed: next, asksView: false }
}

function nameOf({ epoch, seq }: BusPosition): string {
  return `${epoch} ${seq}`
}

function withTop(feed: Feed, top: BusPosition, now: number): Feed {
  const { position } = feed
  if (position === null) return feed
  const isBehind = top.epoch !== position.epoch || top.seq > position.seq
  return { ...feed, behindSince: isBehind ? (feed.behindSince ?? now) : null }
}

function askIfDue(feed: Feed, now: number): FeedStep {
  const due = dueAt(feed)
  return due === null || now < due ? { feed, asksView: false } : { feed: { ...feed, askedAt: now }, asksView: true }
}

/** One view at a time: what happens before it comes is laid over it, and asks again if that is not enough. */
function ask(feed: Feed, now: number): FeedStep {
  return feed.askedAt === null ? { feed: { ...feed, askedAt: now }, asksView: true } : { feed, asksView: false }
}

type HeardInput = Extract<FeedInput, { readonly message: BusMessage }>

/** By the bus or, where nobody carries that, by the port. Views are awaited. */
export function comesInNumbers(input: FeedInput): input is HeardInput {
  return input.kind === 'busReceived' || input.kind === 'copyReceived'
}

/** Whether it is told before anything else. */
export function isUrgentInput({ message }: HeardInput): boolean {
  return isUrgent(message.body)
}
