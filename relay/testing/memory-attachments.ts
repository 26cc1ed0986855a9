import { createHash } from 'node:crypto'
import type { ContentHash } from '../protocol/attachments.ts'
import type { AttachmentStore } from '../ports.ts'

export function hashOf(bytes: Uint8Array): ContentHash {
  return createHash('sha256').update(bytes).digest('hex') as ContentHash
}

/** An `AttachmentStore` in memory, which outlives the relays that use it. `failing`: nothing can be written or read. */
export class MemoryAttachments implements AttachmentStore {
  readonly held = new Map<ContentHash, Uint8Array<ArrayBuffer>>()
  failing = false

  async list() {
    this.#check()
    return [...this.held].map(([hash, bytes]) => ({ hash, size: bytes.byteLength }))
  }

  async keep(bytes: Uint8Array<ArrayBuffer>) {
    this.#check()
    const hash = hashOf(bytes)
    this.held.set(hash, bytes.slice())
    return hash
  }

  async read(hash: ContentHash) {
    this.#check()
    return this.held.get(hash)?.slice() ?? null
  }

  async drop(hash: ContentHash) {
    this.#check()
    this.held.delete(hash)
  }

  #check(): void {
    if (this.failing) throw new Error('the disk fails')
  }
}
