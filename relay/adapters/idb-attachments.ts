import { openDB, type DBSchema, type IDBPDatabase } from 'idb'
import type { ContentHash } from '../protocol/attachments.ts'
import type { AttachmentStore } from '../ports.ts'
import { contentHash } from './content-hash.ts'

interface Schema extends DBSchema {
  /** How large each is: listing them must not read them. */
  sizes: { key: ContentHash; value: number }
  bytes: { key: ContentHash; value: Uint8Array<ArrayBuffer> }
}

/**
 * Photos and files in a database of their own: the relay's own is held open by one page and fenced, and bytes belong to whoever
 * knows their name. Opened when it is needed, and again after the browser has closed it.
 */
export function idbAttachments(name: string): AttachmentStore & { close(): Promise<void> } {
  let opening: Promise<IDBPDatabase<Schema>> | null = null

  function opened(): Promise<IDBPDatabase<Schema>> {
    const forget = () => (opening = null)
    opening ??= openDB<Schema>(name, 1, {
      upgrade(db) {
        db.createObjectStore('sizes')
        db.createObjectStore('bytes')
      },
      blocking: (_current, _wanted, event) => {
        ;(event.target as IDBDatabase).close()
        forget()
      },
      terminated: forget,
    }).catch((error: unknown) => {
      forget()
      throw error
    })
    return opening
  }

  async function change(work: (stores: Stores) => readonly Promise<unknown>[]): Promise<void> {
    const db = await opened()
    const transaction = db.transaction(['sizes', 'bytes'], 'readwrite', { durability: 'strict' })
    const requests = work({ sizes: transaction.objectStore('sizes'), bytes: transaction.objectStore('bytes') })
    try {
      await Promise.all([...requests, transaction.done])
    } catch (error) {
      await Promise.allSettled([...requests, transaction.done]) // each rejects once more for the same reason
      throw transaction.error ?? error
    }
  }

  return {
    async list() {
      const { store } = (await opened()).transaction('sizes')
      const [hashes, sizes] = await Promise.all([store.getAllKeys(), store.getAll()])
      return hashes.map((hash, index) => ({ hash, size: sizes[index] ?? 0 }))
    },
    async keep(kept) {
      const hash = await contentHash(kept)
      await change(({ sizes, bytes }) => [sizes.put(kept.byteLength, hash), bytes.put(kept, hash)])
      return hash
    },
    read: async (hash) => (await (await opened()).get('bytes', hash)) ?? null,
    drop: (hash) => change(({ sizes, bytes }) => [sizes.delete(hash), bytes.delete(hash)]),
    async close() {
      const db = await opening
      opening = null
      db?.close()
    },
  }
}

/** The two that are changed together. */
interface Stores {
  readonly sizes: Store<number>
  readonly bytes: Store<Uint8Array<ArrayBuffer>>
}
interface Store<T> {
  put(value: T, key: ContentHash): Promise<unknown>
  delete(key: ContentHash): Promise<unknown>
}
