import { LANGUAGES, THEMES } from '../protocol/record-words.ts'
import type { Language, Theme } from '../protocol/records.ts'
import type { ChannelView, PendingCommand } from '../protocol/local.ts'
import { dataOf } from './pending.ts'

/** What a person chose; null where they never did, and the device decides. */
export interface Preferences {
  readonly theme: Theme | null
  readonly language: Language | null
}

/** The preferences of this person: their channel, with the changes laid over that wait for the server. */
export function preferences(
  operator: string | null,
  channel: ChannelView | null,
  pending: readonly PendingCommand[],
): Preferences {
  if (operator === null) return { theme: null, language: null }
  const known = (key: string): unknown => channel?.records?.[key]?.record
  // A newer server may know more themes and languages; what this window cannot show is not chosen.
  let theme = THEMES.find((each) => each === known('theme')) ?? null
  let language = LANGUAGES.find((each) => each === known('language')) ?? null
  for (const command of pending) {
    const data = command.by === operator ? dataOf(command, 'prefs.set') : null
    theme = data?.theme ?? theme
    language = data?.language ?? language
  }
  return { theme, language }
}
