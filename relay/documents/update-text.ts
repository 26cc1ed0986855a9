import * as Y from 'yjs'
import { bytesOf } from './base64.ts'

/** The words that an update brings, in the order in which they were written: what its author has when it is not taken. */
export function wordsOf(update: string): string {
  const words: string[] = []
  try {
    for (const struct of Y.decodeUpdate(bytesOf(update)).structs) {
      if (!(struct instanceof Y.Item)) continue
      if (struct.content instanceof Y.ContentString) words.push(struct.content.str)
      else if (struct.content instanceof Y.ContentType && words.length > 0) words.push('\n')
    }
  } catch {
    // Not an update: nothing was written in it.
  }
  return words.join('').replaceAll(/\n+/g, '\n').trim()
}
