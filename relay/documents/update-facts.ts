import * as Y from 'yjs'
import { BLOCK, NAMES, ROOT } from './schema.ts'
import { placesOf, type Place } from './update-places.ts'

/** What an update brings and what it builds on; `UpdateFacts` of the server's port says what the numbers are. */
export interface Facts {
  readonly news: readonly (readonly [client: number, from: number, to: number])[]
  readonly needs: readonly (readonly [client: number, upTo: number])[]
  readonly bytes: number
  /** What these bytes alone do not say of where elements go. */
  readonly places: readonly Place[]
}

/** Characters of one attribute. */
const MAX_ATTRIBUTE = 256

/**
 * Reads an update without a document: every change follows on the one before, is of a kind that notes are made of, and hangs in the note.
 *
 * @throws {Error} for bytes that are no update, and for changes that no editor of notes makes
 */
export function factsOf(update: Uint8Array): Facts {
  const { structs, ds } = Y.decodeUpdate(update)
  const news = new Map<number, [from: number, to: number]>()
  const needs = new Map<number, number>()
  const need = (id: Y.ID | null, length = 1): void => {
    if (id !== null) needs.set(id.client, Math.max(needs.get(id.client) ?? 0, id.clock + length))
  }
  for (const struct of structs) {
    if (struct instanceof Y.Skip) throw new Error('changes are left out')
    const { client, clock } = struct.id
    const before = news.get(client)
    if (before !== undefined && before[1] !== clock) throw new Error('changes do not follow on each other')
    if (!(struct.length > 0)) throw new Error('a change of nothing')
    news.set(client, [before?.[0] ?? clock, clock + struct.length])
    if (!(struct instanceof Y.Item)) continue
    need(struct.origin)
    need(struct.rightOrigin)
    const parent: unknown = struct.parent
    if (typeof parent === 'string') {
      if (parent !== ROOT || struct.parentSub !== null || !isBlock(struct.content)) throw new Error('not of the note')
    } else if (parent instanceof Y.ID) need(parent)
    checkContent(struct.content)
  }
  for (const [client, ranges] of ds.clients) {
    for (const { clock, len } of ranges) need(Y.createID(client, clock), len)
  }
  return {
    news: [...news].map(([client, [from, to]]) => [client, from, to] as const),
    needs: [...needs],
    bytes: update.byteLength,
    places: placesOf(structs),
  }
}

function checkContent(content: Y.Item['content']): void {
  if (content instanceof Y.ContentString || content instanceof Y.ContentDeleted) return
  if (content instanceof Y.ContentType) {
    const { type } = content
    if (type instanceof Y.XmlText) return
    if (type instanceof Y.XmlElement && NAMES.has(type.nodeName)) return
  }
  if (content instanceof Y.ContentAny && content.arr.every(isAttribute)) return
  throw new Error('not of a kind that notes are made of')
}

function isBlock(content: Y.Item['content']): boolean {
  // What was deleted is a hole: nobody sees what it was.
  if (content instanceof Y.ContentDeleted) return true
  return content instanceof Y.ContentType && content.type instanceof Y.XmlElement && content.type.nodeName === BLOCK
}

function isAttribute(value: unknown): boolean {
  if (typeof value === 'string') return value.length <= MAX_ATTRIBUTE
  return value === null || typeof value === 'boolean' || typeof value === 'number'
}
