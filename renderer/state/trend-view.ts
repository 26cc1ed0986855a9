/** Which part of a range of time a chart shows. Pure: what a finger, a wheel or a button makes of it. */

/** Seconds; `from` is before `to`. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** The least that is shown: times stand at whole minutes, and fewer than two say nothing. */
export const MIN_SPAN_S = 120

/** What is shown of `whole`; null of a view is all of it. */
export function shownOf(view: Span | null, whole: Span): Span {
  return view === null ? whole : (within(view, whole) ?? whole)
}

/** As wide as `by` times before, `at` where it was. */
export function zoomed(
  view: Span | null,
  whole: Span,
  { at, by }: { readonly at: number; readonly by: number },
): Span | null {
  const { from, to } = shownOf(view, whole)
  const width = Math.max(Math.min(MIN_SPAN_S, to - from), (to - from) * by)
  const left = at - ((at - from) / (to - from)) * width
  return within({ from: left, to: left + width }, whole)
}

/** Moved by this part of its own width; later is more. */
export function moved(view: Span | null, whole: Span, share: number): Span | null {
  const { from, to } = shownOf(view, whole)
  const by = (to - from) * share
  return within({ from: from + by, to: to + by }, whole)
}

/** A moment and where it is to stand, as part of the width from the left. */
export interface Held {
  readonly at: number
  readonly place: number
}

/** Two moments stay below the two fingers that hold them; fingers that meet or cross hold nothing, and change nothing. */
export function pinched(view: Span | null, whole: Span, [one, other]: readonly [Held, Held]): Span | null {
  const apart = other.place - one.place
  if (Math.abs(apart) < 1e-6 || (other.at - one.at) / apart <= 0) return view
  const width = Math.max(MIN_SPAN_S, (other.at - one.at) / apart)
  const middle = { at: (one.at + other.at) / 2, place: (one.place + other.place) / 2 }
  const from = middle.at - middle.place * width
  return within({ from, to: from + width }, whole)
}

/** From one moment to another, as somebody marked them; no less than can be read. */
export function marked(whole: Span, a: number, b: number): Span | null {
  const [from, to] = [Math.min(a, b), Math.max(a, b)]
  const missing = Math.max(0, MIN_SPAN_S - (to - from)) / 2
  return within({ from: from - missing, to: to + missing }, whole)
}

/** So that a moment is in it, moved no further than it must be. */
export function including(view: Span | null, whole: Span, at: number): Span | null {
  const { from, to } = shownOf(view, whole)
  const by = at < from ? at - from : at > to ? at - to : 0
  return within({ from: from + by, to: to + by }, whole)
}

/** The same width within the whole; null where that is all of it. */
function within({ from, to }: Span, whole: Span): Span | null {
  const width = to - from
  if (width >= (whole.to - whole.from) * 0.999) return null
  const left = Math.max(whole.from, Math.min(whole.to - width, from))
  return { from: left, to: left + width }
}
