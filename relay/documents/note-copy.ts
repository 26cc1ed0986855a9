import * as Y from 'yjs'
import { base64Of, bytesOf } from './base64.ts'
import { cutUpdate } from './cut-update.ts'

/** A piece as it stands in the note's channel (`NotePiece`). */
export interface Piece {
  readonly set: string
  readonly part: number
  readonly of: number
  readonly update: string
}

/**
 * One copy of a note: takes the pieces that others made, and gives what is changed in it as updates to be sent. It lasts as long
 * as somebody has the note open, and the next one is another copy, with a number of its own (J5).
 */
export class NoteCopy {
  readonly doc = new Y.Doc()
  /** Keys of pieces that are in it. */
  readonly #taken = new Set<string>()
  #unsent: Uint8Array[] = []
  /** Given to be sent, and came back. */
  #back: Uint8Array[] = []

  /** `changed` is told when there is something to send; `isWritten` whether somebody wrote what was changed here. */
  constructor(changed: () => void, isWritten: (transaction: Y.Transaction) => boolean = () => true) {
    this.doc.on('update', (update: Uint8Array, origin: unknown, _doc: Y.Doc, transaction: Y.Transaction) => {
      if (origin === this || !isWritten(transaction)) return
      this.#unsent.push(update)
      changed()
    })
  }

  /** Takes what is whole of these and not in it yet. */
  take(pieces: Iterable<readonly [key: string, piece: Piece]>): void {
    const sets = new Map<string, Map<number, readonly [string, Piece]>>()
    for (const [key, piece] of pieces) {
      if (this.#taken.has(key)) continue
      const parts = sets.get(piece.set) ?? new Map<number, readonly [string, Piece]>()
      sets.set(piece.set, parts.set(piece.part, [key, piece]))
    }
    const whole = [...sets.values()].filter((parts) => parts.size === parts.values().next().value?.[1].of)
    if (whole.length === 0) return
    this.doc.transact(() => {
      for (const parts of whole) {
        const inOrder = [...parts.values()].toSorted(([, one], [, other]) => one.part - other.part)
        Y.applyUpdate(this.doc, bytesOf(inOrder.map(([, { update }]) => update).join('')), this)
        for (const [key] of inOrder) this.#taken.add(key)
      }
    }, this)
  }

  /** Takes an update of this device that is not in the channel yet; `id` is its command's, and the key of the piece it becomes. */
  takePending(id: string, update: string): void {
    this.take([[id, { set: id, part: 0, of: 1, update }]])
  }

  /** Whether the piece of this key is in it. */
  has(key: string): boolean {
    return this.#taken.has(key)
  }

  /** Is nothing missing that what is in it builds on? */
  get isWhole(): boolean {
    return this.doc.store.pendingStructs === null && this.doc.store.pendingDs === null
  }

  /** An update that was given to be sent and went nowhere: it is given again, before what was written since. */
  keep(update: string): void {
    this.#back.push(bytesOf(update))
  }

  get hasUnsent(): boolean {
    return this.#unsent.length + this.#back.length > 0
  }

  /** What was changed since, as few updates of at most so many bytes each, in base64 and in the order in which they are to be sent. */
  send(maxBytes: number): readonly string[] {
    const updates = [...this.#back, ...this.#unsent.flatMap((update) => cutUpdate(update, maxBytes))]
    this.#back = []
    this.#unsent = []
    const groups: Uint8Array[] = []
    for (const update of updates) {
      const last = groups.at(-1)
      const merged = last === undefined ? null : Y.mergeUpdates([last, update])
      if (merged !== null && merged.byteLength <= maxBytes) groups[groups.length - 1] = merged
      else groups.push(update)
    }
    return groups.map(base64Of)
  }
}
