/** What every `AttachmentStore` must do. Run by the adapters' tests and by the memory store's. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ContentHash } from '../protocol/attachments.ts'
import type { AttachmentStore } from '../ports.ts'

/** `open` opens the same place each time; `destroy` removes it after the test. */
export interface AttachmentPlace {
  open(): AttachmentStore
  destroy?(): Promise<void>
}

/** SHA-256 of "abc" (FIPS 180-2, appendix B.1). */
const ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' as ContentHash
const bytesOf = (text: string) => new TextEncoder().encode(text)

export function attachmentStoreContract(name: string, place: () => Promise<AttachmentPlace> | AttachmentPlace): void {
  describe(`${name} as an AttachmentStore`, () => {
    let at: AttachmentPlace
    let store: AttachmentStore
    beforeEach(async () => {
      at = await place()
      store = at.open()
    })
    afterEach(() => at.destroy?.())

    it('[R88] names bytes by their SHA-256, and has them after it was opened anew', async () => {
      expect(await store.keep(bytesOf('abc'))).toBe(ABC)
      const again = at.open()
      expect(await again.list()).toEqual([{ hash: ABC, size: 3 }])
      expect(await again.read(ABC)).toEqual(bytesOf('abc'))
    })

    it('keeps the same bytes once, and lets go of them at once', async () => {
      await store.keep(bytesOf('abc'))
      await store.keep(bytesOf('abc'))
      const other = await store.keep(new Uint8Array(100_000).fill(7))
      await store.drop(ABC)
      expect(await store.read(ABC)).toBeNull()
      expect(await store.list()).toEqual([{ hash: other, size: 100_000 }])
    })

    it('has nothing where nothing was kept, and drops nothing without a word', async () => {
      expect(await store.list()).toEqual([])
      expect(await store.read(ABC)).toBeNull()
      await store.drop(ABC)
    })
  })
}
