import type { ChannelView } from '../../relay/protocol/local.ts'
import { text } from '../text/text.ts'
import { isReceived } from './freshness.tsx'

/** In words, and what is to be expected or done. */
export interface Absence {
  readonly words: string
  readonly more?: string
}

/**
 * Why a view has nothing of a channel to show; null where it has all of it, be it empty. A view that is blank without a word
 * reads as "nothing is wrong" (P5): it is not shown to whoever is here, on its way, or was never received.
 */
export function absenceOf(channel: ChannelView | null, isLive: boolean): Absence | null {
  const refused = channel?.refused ?? null
  if (refused !== null) return { words: refusedWords(refused) }
  if (isReceived(channel)) return null
  if (isLive) return { words: text.freshness.coming }
  return { words: text.freshness.never, more: text.freshness.neverMore }
}

/** Why the relay holds nothing of a channel, in words. */
export function refusedWords(code: string): string {
  return code === 'sign-in-needed' || code === 'forbidden' ? text.refused[code] : text.refused.other
}
