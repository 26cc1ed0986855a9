import { deleteDB } from 'idb'
import { expect, it } from 'vitest'
import { attachmentStoreContract } from '../testing/attachment-store.contract.ts'
import { idbAttachments } from './idb-attachments.ts'

let count = 0
const freshName = () => `files-test-${++count}-${Date.now()}`

attachmentStoreContract('IndexedDB', () => {
  const name = freshName()
  const opened: ReturnType<typeof idbAttachments>[] = []
  return {
    open() {
      const store = idbAttachments(name)
      opened.push(store)
      return store
    },
    async destroy() {
      for (const store of opened) await store.close()
      await deleteDB(name)
    },
  }
})

it('[R88] is opened anew after the browser, or another page, has closed it', async () => {
  const name = freshName()
  const store = idbAttachments(name)
  const hash = await store.keep(new Uint8Array([1, 2, 3]))
  // As a page that deletes all data of the site does: it asks the others to close.
  await deleteDB(name)
  expect(await store.read(hash)).toBeNull()
  expect(await store.keep(new Uint8Array([1, 2, 3]))).toBe(hash)
  await store.close()
  await deleteDB(name)
})
