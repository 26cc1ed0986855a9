import type { BusMessage, BusPosition, RelayView } from '../protocol/local.ts'
import { unreachable } from '../protocol/rights.ts'
import { applyBody } from './apply-body.ts'
import { modelOfView, type WindowModel } from './window-model.ts'

/** Messages kept to lay again over a view that is older than they are; beyond it the oldest go and a new view is asked. */
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
 */
export interface Feed {
  /** Null until the first view. */
  readonly model: WindowModel | null
  readonly position: BusPosition | null
  readonly heard: readonly Heard[]
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

export interface FeedStep {
  readonly feed: Feed
  readonly asksView: boolean
}

export const EMPTY_FEED: Feed = {
  model: null,
  position: null,
  heard: [],
  early: new Set(),
  behindSince: null,
  askedAt: null,
}

/** One input at monotonic time `now`, milliseconds. */
export function stepFeed(feed: Feed, input: FeedInput, now: number): FeedStep {
  switch (input.kind) {
    case 'opened':
      // `open` brings a view by itself.
      return { feed: { ...feed, askedAt: now }, asksView: false }
    case 'viewReceived': {
      const model = modelOfView(input.view, feed.model)
      const position = input.view.bus
      const heard = feed.heard.filter(({ message }) => message.bus.epoch === position.epoch)
      return drain({ model, position, heard, early: new Set(), behindSince: null, askedAt: null }, now)
    }
    case 'busReceived':
      return hear(feed, { message: input.message, byBus: true, byPort: false }, now)
    case 'copyReceived':
      return hear(feed, { message: input.message, byBus: false, byPort: true }, now)
    case 'topReceived':
      return { feed: withTop(feed, input.bus, now), asksView: false }
    case 'ticked':
      return askIfDue(feed, now)
    default:
      return unreachable(input)
  }
}

/** When `ticked` is next needed (monotonic milliseconds); null while nothing is awaited. */
export function dueAt(feed: Feed): number | null {
  const tail = feed.behindSince === null ? Infinity : feed.behindSince + TAIL_GAP_MS
  const view = feed.askedAt === null ? Infinity : feed.askedAt + VIEW_PATIENCE_MS
  // While a view is awaited, a gap behind it is its business.
  const due = feed.askedAt === null ? tail : view
  return due === Infinity ? null : due
}

function hear(feed: Feed, heard: Heard, now: number): FeedStep {
  const { bus } = heard.message
  const { position } = feed
  if (position !== null && bus.epoch === position.epoch && bus.seq <= position.seq) return { feed, asksView: false }
  const known = feed.heard.find(({ message }) => message.bus.epoch === bus.epoch && message.bus.seq === bus.seq)
  const entry = {
    ...heard,
    byBus: heard.byBus || known?.byBus === true,
    byPort: heard.byPort || known?.byPort === true,
  }
  const others = known === undefined ? feed.heard : feed.heard.filter((one) => one !== known)
  return drain({ ...feed, heard: [...others, entry].slice(-MAX_HEARD) }, now)
}

/** Applies what is in turn, then urgent copies that are not, then looks for gaps. */
function drain(feed: Feed, now: number): FeedStep {
  if (feed.model === null || feed.position === null) return { feed, asksView: false }
  const { epoch } = feed.position
  const ahead = new Map(
    feed.heard.filter(({ message }) => message.bus.epoch === epoch).map((one) => [one.message.bus.seq, one]),
  )
  let { model } = feed
  let { seq } = feed.position
  let needsView = feed.heard.some(({ message, byBus }) => byBus && message.bus.epoch !== epoch)
  const early = new Set(feed.early)
  const apply = (message: BusMessage): void => {
    const applied = applyBody(model, message.body)
    model = applied.model
    needsView ||= applied.needsView
  }
  for (let next = ahead.get(seq + 1); next !== undefined; next = ahead.get(seq + 1)) {
    seq += 1
    if (!early.delete(seq)) apply(next.message)
  }
  for (const [later, { message, byBus, byPort }] of [...ahead].toSorted(([a], [b]) => a - b)) {
    if (later <= seq) continue
    // The bus keeps its order, so what it skipped was lost on the way.
    needsView ||= byBus
    if (!byPort || early.has(later)) continue
    early.add(later)
    apply(message)
  }
  const behindSince = early.size > 0 ? (feed.behindSince ?? now) : null
  const next = { ...feed, model, position: { epoch, seq }, early, behindSince }
  return needsView ? ask(next, now) : { feed: next, asksView: false }
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
