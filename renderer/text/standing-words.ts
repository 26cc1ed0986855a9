import type { Standing } from '../../relay/domain/line-state.ts'
import { text } from './text.ts'

/** How a line stands, in a word or two. */
export function standingWords(standing: Standing): string {
  const words = text.boards.standing
  if (standing.kind === 'alert') return words.alert(standing.priority)
  return standing.kind === 'unknown' ? words[standing.why] : words[standing.kind]
}

/** Whole minutes from then until now; a clock that was put back makes it nought. */
export function minutesSince(then: Date, now: number): number {
  return Math.max(0, Math.floor((now - then.getTime()) / 60_000))
}
