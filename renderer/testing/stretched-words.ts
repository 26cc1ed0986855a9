import { en, type Text } from '../text/en.ts'

/** Names for programs. */
const KEPT: ReadonlySet<string> = new Set(['language', 'locale'])

/**
 * The words of a language that says everything at two fifths more length, as German or Finnish do: every vowel twice. What
 * holds it holds the languages to come. Values inside a sentence grow with it.
 */
export const stretchedWords: Text = stretch(en) as Text

function stretch(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll(/[aeiouy]/gi, '$&$&')
  if (typeof value === 'function')
    return (...args: readonly unknown[]) => stretch((value as (...all: unknown[]) => unknown)(...args))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, words]) => [name, KEPT.has(name) ? words : stretch(words)]),
  )
}
