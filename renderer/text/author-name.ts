import { SYSTEM } from '../../relay/protocol/records.ts'
import { text } from './text.ts'

/** Who did it, as it stands in a sentence: a person, a terminal, a program, or the system by itself. */
export function authorName(by: string): string {
  return by === SYSTEM ? text.system : by.replace(/^device:/, '')
}
