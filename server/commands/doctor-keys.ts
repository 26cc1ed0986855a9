import type Database from 'better-sqlite3'
import { isReservedName, looksLike } from '../core/author-names.ts'
import { fine, wrong, type Finding } from './doctor-checks.ts'

/**
 * Whether what API keys do is told as theirs. A new key cannot have the name of a person, of the server or of a device; one of
 * an earlier version may have it.
 */
export function checkKeyNames(db: Database.Database): Finding {
  const people = db.prepare<[], string>('SELECT id FROM operators ORDER BY id').pluck().all()
  const keys = db.prepare<[], string>('SELECT name FROM api_keys ORDER BY name').pluck().all()
  const found = keys.flatMap((key) => {
    const person = people.find((id) => looksLike(id, key))
    if (person !== undefined) return [`the API key "${key}" like the person "${person}"`]
    return isReservedName(key) ? [`the API key "${key}" like the server itself or a device`] : []
  })
  return found.length === 0
    ? fine('names of keys', 'No API key is called like a person, the server or a device.')
    : wrong(
        'names of keys',
        `What is done reads alike: ${found.join(', ')}.`,
        'Make a key of another name with "andon admin key add", give it to the program, and add people under other names.',
      )
}
