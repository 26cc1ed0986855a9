import { createHash } from 'node:crypto'
import * as Y from 'yjs'
import { unreachable } from '../../../relay/protocol/rights.ts'
import { isBlank, noteText } from '../../../relay/documents/note-text.ts'
import { factsOf } from '../../../relay/documents/update-facts.ts'
import { fits, type Place } from '../../../relay/documents/update-places.ts'
import type { Inspected, TextFacts } from '../../ports/documents.ts'

/** What the thread of documents is asked. */
export type DocumentJob =
  | { readonly kind: 'inspect'; readonly update: string }
  | { readonly kind: 'fits'; readonly updates: readonly string[]; readonly places: readonly Place[] }
  | { readonly kind: 'text'; readonly updates: readonly string[] }
  | { readonly kind: 'words'; readonly updates: readonly string[] }
  | {
      readonly kind: 'merge'
      readonly updates: readonly string[]
      readonly isAll: boolean
      readonly partBytes: number
    }

export type DocumentAnswer = Inspected | TextFacts | boolean | string | readonly string[]

/** Carries out one job. @throws {Error} for bytes that are no update of a note */
export function carryOut(job: DocumentJob): DocumentAnswer {
  switch (job.kind) {
    case 'inspect':
      return factsOf(bytesOf(job.update))
    case 'fits':
      return fits(
        job.updates.flatMap((update) => Y.decodeUpdate(bytesOf(update)).structs),
        job.places,
      )
    case 'text': {
      const doc = docOf(job.updates)
      return { hash: createHash('sha256').update(noteText(doc)).digest('hex'), isEmpty: isBlank(doc) }
    }
    case 'words':
      return noteText(docOf(job.updates))
    case 'merge': {
      // Whole, it is written without what was deleted in it; of a part nobody knows what of it was.
      const merged = job.isAll
        ? Y.encodeStateAsUpdate(docOf(job.updates))
        : Y.mergeUpdates(job.updates.map((update) => bytesOf(update)))
      return cut(merged, job.partBytes)
    }
    default:
      return unreachable(job)
  }
}

function docOf(updates: readonly string[]): Y.Doc {
  const doc = new Y.Doc()
  doc.transact(() => {
    for (const update of updates) Y.applyUpdate(doc, bytesOf(update))
  })
  return doc
}

function bytesOf(base64: string): Uint8Array {
  return Buffer.from(base64, 'base64')
}

function cut(bytes: Uint8Array, partBytes: number): readonly string[] {
  const parts: string[] = []
  // By threes, so that the texts of the parts, joined, are base64 again.
  const size = partBytes - (partBytes % 3)
  for (let at = 0; at < bytes.byteLength; at += size)
    parts.push(Buffer.from(bytes.subarray(at, at + size)).toString('base64'))
  return parts
}
