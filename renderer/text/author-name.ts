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
