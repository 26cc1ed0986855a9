import { asksOf, type AlertRow } from '../../relay/domain/alerts.ts'
import type { Heard } from './sound-tones.ts'

/** How long one press keeps the alarms of that moment quiet, milliseconds. It acknowledges nothing. */
export const SILENCE_MS = 60_000

/** Alerts that a person has silenced here, until when on the monotonic clock. */
export interface Silence {
  readonly ids: ReadonlySet<string>
  readonly until: number
}

export interface SoundMemory {
  /** Alerts at the last look that was current; null before the first. */
  readonly known: ReadonlySet<string> | null
  readonly wasCurrent: boolean
}

export const NOTHING_HEARD: SoundMemory = { known: null, wasCurrent: false }

export interface SoundLook {
  readonly rows: readonly AlertRow[]
  /** Whether the urgent alerts are current. */
  readonly isCurrent: boolean
  readonly silence: Silence | null
  /** Monotonic milliseconds. */
  readonly now: number
}

/** What is to be heard: one sound at a time, the gravest. `loop` until it is not wished any more, `once` now. */
export interface SoundWish {
  readonly loop: 'P0' | null
  readonly once: Exclude<Heard, 'P0'> | null
}

/**
 * 1. A P0 that nobody has sounds until somebody has it, or for a minute not, where a person silenced it; a new one is heard.
 * 2. A P1 and a P2 sound once, when they are new. Of what was missed only a P1 sounds, once for all.
 */
export function planSound(
  before: SoundMemory,
  { rows, isCurrent, silence, now }: SoundLook,
): { readonly memory: SoundMemory; readonly wish: SoundWish } {
  const unmet = rows.filter((row) => asksOf(row.state) === 'action' && row.acknowledging === null)
  const isSilent = (id: string): boolean => silence !== null && now < silence.until && silence.ids.has(id)
  const loop = unmet.some((row) => row.priority === 'P0' && !isSilent(row.id)) ? 'P0' : null
  const { known } = before
  const fresh = unmet.filter(({ id }) => known === null || !known.has(id))
  const isMissed = known === null || !before.wasCurrent
  // What arrives in a resume waits until it is over: then it is heard once, not forty times.
  const memory = { known: isCurrent ? new Set(rows.map(({ id }) => id)) : known, wasCurrent: isCurrent }
  if (loop !== null || !isCurrent) return { memory, wish: { loop, once: null } }
  const heard = isMissed ? (['P1'] as const) : (['P1', 'P2'] as const)
  return { memory, wish: { loop, once: heard.find((one) => fresh.some(({ priority }) => priority === one)) ?? null } }
}

/** A person presses "silence": everything that sounds now. */
export function silenceOf(rows: readonly AlertRow[], now: number): Silence {
  return { ids: new Set(rows.filter(({ priority }) => priority === 'P0').map(({ id }) => id)), until: now + SILENCE_MS }
}
