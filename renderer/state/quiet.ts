import { effect, type ReadonlySignal, type Signal } from '@preact/signals'
import type { AlertRow } from '../../relay/domain/alerts.ts'
import type { ChannelView } from '../../relay/protocol/local.ts'

/** Since when a line has no alert, on this window's monotonic clock. */
interface QuietLine {
  /** Null while it has one. */
  readonly since: number | null
  /** Where its channels stood, and whether they were current, when it was last looked at. */
  readonly position: string
  readonly isCurrent: boolean
}

export type Quiet = ReadonlyMap<string, QuietLine>

export const NEVER_QUIET: Quiet = new Map()

/** A line as it is seen now. `position`: changes with every event of its channels. */
export interface QuietLook {
  readonly area: string
  readonly hasAlerts: boolean
  readonly isCurrent: boolean
  readonly position: string
}

/**
 * Looks at some lines at `now` (monotonic). A line is quiet from the moment on in which its last alert went, or in which this
 * window first knew that there was none. While nothing current is known it stays as it was; what may have happened meanwhile
 * begins it anew, so that it is never said to be longer than it is.
 */
export function stepQuiet(before: Quiet, looks: readonly QuietLook[], now: number): Quiet {
  let after: Map<string, QuietLine> | null = null
  for (const { area, hasAlerts, isCurrent, position } of looks) {
    const held = before.get(area)
    const line = { since: sinceOf(held, { hasAlerts, isCurrent, position }, now), isCurrent, position }
    const next = isCurrent || held === undefined ? line : { ...held, isCurrent }
    if (held !== undefined && isSame(held, next)) continue
    after ??= new Map(before)
    after.set(area, next)
  }
  return after ?? before
}

function sinceOf(held: QuietLine | undefined, look: Omit<QuietLook, 'area'>, now: number): number | null {
  if (!look.isCurrent || look.hasAlerts) return null
  if (held === undefined || held.since === null) return now
  // Seen all the time, or nothing has come since.
  return held.isCurrent || held.position === look.position ? held.since : now
}

function isSame(a: QuietLine, b: QuietLine): boolean {
  return a.since === b.since && a.position === b.position && a.isCurrent === b.isCurrent
}

/** What is seen of a line now; of its P0 and P1 alone where the rest is not shown here. */
export function quietLook(
  area: string,
  {
    rows,
    channels: { urgent, alerts },
    isLive,
  }: {
    readonly rows: readonly Pick<AlertRow, 'area'>[]
    readonly channels: LineChannels
    readonly isLive: boolean
  },
): QuietLook {
  const looked = (alerts?.refused ?? null) === null ? [urgent, alerts] : [urgent]
  return {
    area,
    hasAlerts: rows.some((row) => row.area === area),
    isCurrent: isLive && looked.every((channel) => channel?.current === true),
    position: looked.map((channel) => `${channel?.epoch} ${channel?.offset}`).join(' '),
  }
}

/** Looks at these lines now. */
export function lookAtQuiet(quiet: Signal<Quiet>, looks: readonly QuietLook[], now: number): void {
  quiet.value = stepQuiet(quiet.peek(), looks, now)
}

/** These lines are not looked at any more: what happens to them from then on nobody sees here. */
export function leaveQuiet(quiet: Signal<Quiet>, areas: readonly string[]): void {
  const after = new Map(quiet.peek())
  for (const area of areas) {
    const held = after.get(area)
    if (held !== undefined) after.set(area, { ...held, isCurrent: false })
  }
  quiet.value = after
}

/** What is known of the line of a window. */
interface WatchedLine {
  readonly quiet: Signal<Quiet>
  readonly area: ReadonlySignal<string>
  readonly board: ReadonlySignal<{ readonly rows: readonly Pick<AlertRow, 'area'>[] }>
  readonly channels: ReadonlySignal<LineChannels>
  readonly isLive: ReadonlySignal<boolean>
  readonly relay: { now(): number }
}

interface LineChannels {
  readonly urgent: ChannelView | null
  readonly alerts: ChannelView | null
}

/** Looks at the line of the window, whatever view it shows. Returns the release. */
export function followQuiet(app: WatchedLine): () => void {
  const { quiet, area, relay } = app
  const stopLooking = effect(() => {
    const looked = { rows: app.board.value.rows, channels: app.channels.value, isLive: app.isLive.value }
    lookAtQuiet(quiet, [quietLook(area.value, looked)], relay.now())
  })
  const stopLeaving = effect(() => {
    const looked = area.value
    return () => leaveQuiet(quiet, [looked])
  })
  return () => {
    stopLooking()
    stopLeaving()
  }
}

/** The moment of quiet on the wall clock of `now`: a clock that was set meanwhile does not move it. Null while it is not quiet. */
export function quietSince(
  quiet: Quiet,
  area: string,
  { now, monotonic }: { readonly now: number; readonly monotonic: number },
): number | null {
  const since = quiet.get(area)?.since ?? null
  return since === null ? null : now - Math.max(0, monotonic - since)
}

/** Since when all of these are quiet: as long as the one that was last; null while one is not. */
export function allQuietSince(
  quiet: Quiet,
  areas: readonly string[],
  clocks: { readonly now: number; readonly monotonic: number },
): number | null {
  const times = areas.map((area) => quietSince(quiet, area, clocks))
  return times.length === 0 || times.includes(null) ? null : Math.max(...times.filter((at) => at !== null))
}
