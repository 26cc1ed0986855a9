/**
 * When a device shows native notifications: which alert, once, alone or merged, and when one is taken away. Pure: the
 * shell (`relay/shell/notifications.ts`) keeps the memory and asks the platform.
 *
 * 1. A P0 is shown once per device, a P1 only while no window is in sight. What was in sight is not shown later.
 * 2. What was missed — by an outage, by sleep, at a start — comes as ONE summary of what is still active, or alone if it is one.
 * 3. Acknowledged or cleared takes it away; a summary goes with the last of its alerts.
 * 4. While the link is down nothing is shown: what is held then is old, and nothing old looks new (P5).
 */
import { alertState, ASKS } from '../protocol/alert-state.ts'
import type { CommandId } from '../protocol/ids.ts'
import { LIMITS } from '../protocol/limits.ts'
import { SUMMARY_ID } from '../protocol/notices.ts'
import { isUrgent } from '../protocol/record-words.ts'
import type { AlertRecord } from '../protocol/records.ts'
import { hasTexts, isObject } from './pending.ts'

export const NOTICE_LIMITS = {
  /** Notices that stand at once. One more, and the new ones are merged: nobody reads a ninth. */
  standing: 8,
  /** How long what arrives during a resume waits for the rest of it, milliseconds (P3: the first must not wait for the last). */
  gatherMs: 2_000,
} as const

/** What a device remembers of its notices; it is kept over restarts. */
export interface NoticeMemory {
  /** Alerts that need no notice any more, oldest first; at most `LIMITS.rememberedIds`. */
  readonly known: readonly CommandId[]
  /** Notices the platform may still show, by id, with the alerts each stands for. */
  readonly standing: readonly StandingNotice[]
}

export interface StandingNotice {
  readonly id: string
  readonly alerts: readonly CommandId[]
}

export interface NoticeState {
  readonly memory: NoticeMemory
  /** Whether the alerts were current at the last look; what is new after a time without is what was missed. */
  readonly wasCurrent: boolean
  /** When what arrives in a resume is shown although it is not over; null while nothing waits. */
  readonly dueAt: number | null
}

/** `down`: no news can come. `resuming`: they come, and more may be missing. `current`: nothing is known to be missing. */
export type NoticeLink = 'down' | 'resuming' | 'current'

export interface NoticeLook {
  /** Every alert of the urgent channel. */
  readonly alerts: readonly AlertRecord[]
  readonly link: NoticeLink
  /** Whether a person could see a window of this device. */
  readonly isInSight: boolean
  /** Monotonic milliseconds. */
  readonly now: number
}

/** One notice to show: of one alert, or the summary of several, the gravest first. */
export interface PlannedNotice {
  readonly id: string
  readonly alerts: readonly [AlertRecord, ...AlertRecord[]]
  /** It happened while nobody here could be told: the words say when. */
  readonly isMissed: boolean
}

export interface NoticePlan {
  readonly state: NoticeState
  readonly show: readonly PlannedNotice[]
  /** Ids of notices to take away. */
  readonly close: readonly string[]
}

export function startNotices(memory: NoticeMemory): NoticeState {
  return { memory, wasCurrent: false, dueAt: null }
}

export const NO_NOTICES: NoticeMemory = { known: [], standing: [] }

/** A memory as it was kept; what is not one is forgotten: then what is still active is told once more. */
export function noticeMemoryOf(kept: unknown): NoticeMemory {
  if (!isObject(kept) || !('known' in kept) || !('standing' in kept)) return NO_NOTICES
  if (!isIds(kept.known) || !Array.isArray(kept.standing)) return NO_NOTICES
  const standing = kept.standing.filter(isStanding).slice(-NOTICE_LIMITS.standing - 1)
  return { known: kept.known.slice(-LIMITS.rememberedIds), standing }
}

function isStanding(value: unknown): value is StandingNotice {
  return hasTexts(value, 'id') && 'alerts' in value && isIds(value.alerts)
}

function isIds(value: unknown): value is readonly CommandId[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}

/** Looks at the alerts of the moment. Call it on every change, and at `state.dueAt`. */
export function planNotices(before: NoticeState, look: NoticeLook): NoticePlan {
  const open = look.alerts.filter((alert) => {
    return isUrgent(alert.priority) && ASKS[alertState(alert).kind] === 'action'
  })
  const { kept, close } = takeAway(before.memory.standing, new Set(open.map(({ id }) => id)))
  const known = new Set(before.memory.known)
  const fresh = open.filter(({ id }) => !known.has(id))
  const dueAt =
    fresh.length === 0 || look.link !== 'resuming' ? null : (before.dueAt ?? look.now + NOTICE_LIMITS.gatherMs)
  const isCurrent = look.link === 'current'
  const speaks = isCurrent || (dueAt !== null && dueAt <= look.now)
  if (!speaks || fresh.length === 0) {
    const memory = kept === before.memory.standing ? before.memory : { ...before.memory, standing: kept }
    return { state: { memory, wasCurrent: isCurrent, dueAt }, show: [], close }
  }
  const isMissed = !before.wasCurrent
  const worth = fresh.filter(({ priority }) => priority === 'P0' || !look.isInSight).toSorted(byGravity)
  const { show, standing } = arrange(worth, { kept, open, isMissed })
  const memory = { known: remember(before.memory.known, fresh), standing }
  return { state: { memory, wasCurrent: isCurrent, dueAt: null }, show, close }
}

/** Each by itself, or all in the summary, which takes in what the one before it still stands for. */
function arrange(
  worth: readonly AlertRecord[],
  rest: { readonly kept: readonly StandingNotice[]; readonly open: readonly AlertRecord[]; readonly isMissed: boolean },
): { readonly show: readonly PlannedNotice[]; readonly standing: readonly StandingNotice[] } {
  const { kept, open, isMissed } = rest
  const isMany = (isMissed && worth.length > 1) || kept.length + worth.length > NOTICE_LIMITS.standing
  if (!isMany) {
    const show = worth.map((alert) => ({ id: alert.id, alerts: [alert] as const, isMissed }))
    return { show, standing: [...kept, ...show.map(standingOf)] }
  }
  const merged = new Set(kept.find(({ id }) => id === SUMMARY_ID)?.alerts)
  const [first, ...others] = [...worth, ...open.filter(({ id }) => merged.has(id))].toSorted(byGravity)
  if (first === undefined) return { show: [], standing: kept }
  const summary: PlannedNotice = { id: SUMMARY_ID, alerts: [first, ...others], isMissed }
  return { show: [summary], standing: [...kept.filter(({ id }) => id !== SUMMARY_ID), standingOf(summary)] }
}

function takeAway(
  standing: readonly StandingNotice[],
  open: ReadonlySet<CommandId>,
): { readonly kept: readonly StandingNotice[]; readonly close: readonly string[] } {
  if (standing.every(({ alerts }) => alerts.every((alert) => open.has(alert)))) return { kept: standing, close: [] }
  const left = standing.map(({ id, alerts }) => ({ id, alerts: alerts.filter((alert) => open.has(alert)) }))
  return {
    kept: left.filter(({ alerts }) => alerts.length > 0),
    close: left.filter(({ alerts }) => alerts.length === 0).map(({ id }) => id),
  }
}

function remember(known: readonly CommandId[], fresh: readonly AlertRecord[]): readonly CommandId[] {
  return [...known, ...fresh.map(({ id }) => id)].slice(-LIMITS.rememberedIds)
}

function standingOf({ id, alerts }: PlannedNotice): StandingNotice {
  return { id, alerts: alerts.map((alert) => alert.id) }
}

/** P0 before P1; inside one, the latest first. Server times are ISO 8601 UTC and sort as text. */
function byGravity(a: AlertRecord, b: AlertRecord): number {
  if (a.priority !== b.priority) return a.priority < b.priority ? -1 : 1
  return a.raised.at === b.raised.at ? 0 : a.raised.at > b.raised.at ? -1 : 1
}
