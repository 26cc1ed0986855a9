import { rosterOfArea } from '../../relay/domain/presence.ts'
import type { App } from './app.ts'
import { isOperatorName } from './operator-name.ts'

/** Whom a message of the shown line can name, by name: who is or was on it, and who wrote in it. */
export function peopleOf({ area, chat, relay, rooms, session }: App): readonly string[] {
  const self = session.value?.operator ?? null
  const roster = rosterOfArea(rooms.value, area.value, relay.now())?.members ?? []
  const names = [...roster.map(({ operator }) => operator), ...chat.value.map(({ author }) => author)]
  const people = new Set(
    names.flatMap((name) => (name !== null && name !== self && isOperatorName(name) ? [name] : [])),
  )
  return [...people].toSorted((one, other) => (one < other ? -1 : 1))
}

/** People of this list that a text names, each once, as far as a message may name them. */
export function namedIn(words: string, people: readonly string[], max: number): readonly string[] {
  const named = [...words.matchAll(MENTION)].map(([, name]) => (name ?? '').toLowerCase())
  return [...new Set(named)].filter((name) => people.includes(name)).slice(0, max)
}

/** An @ that begins a word, and the name behind it. */
export const MENTION = /(?<![\p{L}\p{N}_@])@([a-z0-9-]{1,64})/giu

/** What of a name stands between an @ and the caret; null where none is being written. */
export function nameAtCaret(words: string, caret: number): { readonly from: number; readonly begun: string } | null {
  const found = /(?<![\p{L}\p{N}_@])@([\p{L}\p{N}-]{0,64})$/u.exec(words.slice(0, caret))
  return found === null ? null : { from: found.index, begun: found[1] ?? '' }
}
