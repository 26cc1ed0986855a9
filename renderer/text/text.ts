import { signal } from '@preact/signals'
import type { Language } from '../../relay/protocol/records.ts'
import { en, type Text } from './en.ts'

const words = signal<Text>(en)

/**
 * The words of this window in the language of the moment. Whatever reads a word while it draws or computes is drawn or
 * computed again when the language changes; so read it there, never into a constant of a module.
 */
export const text: Text = new Proxy(en, { get: (_en, name) => Reflect.get(words.value, name) as unknown })

/** One more table is one more row; what is not English is loaded when somebody reads it. */
const TABLES: Readonly<Record<Language, () => Promise<Text>>> = {
  en: () => Promise.resolve(en),
  ko: async () => (await import('./ko.ts')).ko,
}

/** Each language as those who speak it call it: the one word that is not translated. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: 'English', ko: '한국어' }

let wanted: Language = en.language

/** Shows these words from now on; for tables that are at hand. */
export function setWords(table: Text): void {
  wanted = table.language
  words.value = table
}

/**
 * Changes the language of this window. A table that cannot be loaded (no network, and not kept) leaves it as it is: words in
 * another language are better than none. Of two calls under way the later one holds.
 */
export async function speak(language: Language): Promise<void> {
  wanted = language
  try {
    const table = await TABLES[language]()
    if (wanted === language) words.value = table
  } catch {
    // Said by the screen itself: it is still in the language before.
    if (wanted === language) wanted = words.peek().language
  }
}
