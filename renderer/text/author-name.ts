import { pieceOfBrowser } from '../../relay/protocol/browser-name.ts'
import { SYSTEM } from '../../relay/protocol/record-words.ts'
import { text } from './text.ts'

/** Who did it, as it stands in a sentence: a person, a terminal, a program, or the system by itself. */
export function authorName(by: string): string {
  return by === SYSTEM ? text.system : deviceName(by.replace(/^device:/, ''))
}

/** What a terminal is called; a browser, which nobody has named, in the language of the reader. */
export function deviceName(name: string): string {
  const piece = pieceOfBrowser(name)
  return piece === null ? name : text.browser(piece)
}

/** Names of people, the first `most` of them; of the others how many they are. */
export function peopleWords(names: readonly string[], most: number): string {
  return text.rooms.people(names.slice(0, most).join(', '), Math.max(0, names.length - most))
}
