import { deleteDB, openDB } from 'idb'
import { describe, expect, it } from 'vitest'
import { relayStoreContract } from '../testing/relay-store.contract.ts'
import { openIdbStore } from './idb-store.ts'

let count = 0
const freshName = () => `store-test-${++count}-${Date.now()}`

relayStoreContract('IndexedDB', {
  secondOpener: 'takes-over',
  place() {
    const name = freshName()
    return { open: () => openIdbStore({ name }), destroy: () => deleteDB(name) }
  },
})

describe('the IndexedDB store', () => {
  it('keeps the outbox through an upgrade, also from a version that had fewer tables [P1]', async () => {
    const name = freshName()
    const old = await openDB(name, 1, { upgrade: (db) => void db.createObjectStore('outbox') })
    await old.put('outbox', { text: 'waiting' }, 'normal/1')
    old.close()
    const store = await openIdbStore({ name, schemaVersion: 2 })
    expect(await store.read('outbox')).toEqual([{ key: 'normal/1', value: { text: 'waiting' } }])
    expect(await store.read('receipts')).toEqual([])
    await store.close()
    await deleteDB(name)
  })

  it('gives way to a newer page that upgrades, and says so from then on', async () => {
    const name = freshName()
    const older = await openIdbStore({ name })
    await older.write([{ op: 'put', table: 'outbox', key: 'a', value: 1 }])
    const newer = await openIdbStore({ name, schemaVersion: 2 })
    await expect(older.write([])).rejects.toMatchObject({ code: 'storage-taken' })
    await expect(older.read('outbox')).rejects.toMatchObject({ code: 'storage-taken' })
    expect(await newer.read('outbox')).toEqual([{ key: 'a', value: 1 }])
    await newer.close()
    await expect(openIdbStore({ name })).rejects.toMatchObject({ code: 'storage-newer' })
    await deleteDB(name)
  })

  it('says in words that an older page holds up the upgrade, and is not in the way later', async () => {
    const name = freshName()
    const stubborn = await openDB(name, 1)
    await expect(openIdbStore({ name, schemaVersion: 2, blockedMs: 10 })).rejects.toMatchObject({
      code: 'storage-busy',
    })
    stubborn.close()
    const store = await openIdbStore({ name, schemaVersion: 2 })
    await store.close()
    await deleteDB(name)
  })

  it('[P8] outlives a connection that the browser closed: fails meanwhile, and goes on once it opens again', async () => {
    const name = freshName()
    const lost: unknown[] = []
    // oxlint-disable-next-line typescript/unbound-method -- called with its own `this` below
    const real = IDBFactory.prototype.open
    let opened: IDBDatabase | null = null
    let isFull = false
    IDBFactory.prototype.open = function (...args) {
      if (isFull) throw new DOMException('no room', 'UnknownError')
      const request = real.apply(this, args)
      request.addEventListener('success', () => (opened = request.result))
      return request
    }
    const browserCloses = () => {
      opened?.close()
      opened?.dispatchEvent(new Event('close'))
    }
    const put = (key: string) => [{ op: 'put', table: 'outbox', key, value: key }] as const
    try {
      const store = await openIdbStore({ name, lost: (why) => lost.push(why) })
      await store.write(put('a'))
      isFull = true
      browserCloses()
      await expect(store.write(put('b'))).rejects.toMatchObject({ code: 'storage-failed' })
      await expect(store.read('outbox')).rejects.toMatchObject({ code: 'storage-failed' })
      isFull = false
      await store.write(put('c'))
      expect((await store.read('outbox')).map(({ key }) => key)).toEqual(['a', 'c'])
      expect(lost).toEqual([])
      // Deleted, it is another storage: nothing of this relay belongs into it.
      browserCloses()
      await deleteDB(name)
      await expect(store.write(put('d'))).rejects.toMatchObject({ code: 'storage-failed' })
      expect(lost).toHaveLength(1)
    } finally {
      IDBFactory.prototype.open = real
    }
    await deleteDB(name)
  })

  it('[R55] opens a connection again that was closed without a word, and loses nothing that was saved', async () => {
    const name = freshName()
    // oxlint-disable-next-line typescript/unbound-method -- called with its own `this` below
    const real = IDBFactory.prototype.open
    const opened: IDBDatabase[] = []
    IDBFactory.prototype.open = function (...args) {
      const request = real.apply(this, args)
      request.addEventListener('success', () => opened.push(request.result))
      return request
    }
    try {
      const store = await openIdbStore({ name })
      await store.write([{ op: 'put', table: 'outbox', key: 'a', value: 1 }])
      opened[0]?.close()
      await expect(store.write([{ op: 'put', table: 'outbox', key: 'b', value: 2 }])).rejects.toMatchObject({
        code: 'storage-failed',
      })
      await store.write([{ op: 'put', table: 'outbox', key: 'c', value: 3 }])
      expect((await store.read('outbox')).map(({ key }) => key)).toEqual(['a', 'c'])
      await store.close()
    } finally {
      IDBFactory.prototype.open = real
    }
    await deleteDB(name)
  })

  it('[P1 P8] says in words that the browser has no room left, undoes the write, and takes the next one', async () => {
    const name = freshName()
    const store = await openIdbStore({ name })
    // oxlint-disable-next-line typescript/unbound-method -- called with its own `this` below
    const real = IDBObjectStore.prototype.put
    IDBObjectStore.prototype.put = function (value: unknown, key) {
      if (value === 'too much') throw new DOMException('no room', 'QuotaExceededError')
      return real.call(this, value, key)
    }
    try {
      const both = ['fits', 'too much'].map((value) => ({ op: 'put', table: 'outbox', key: value, value }) as const)
      await expect(store.write(both)).rejects.toMatchObject({ code: 'storage-full' })
      expect(await store.read('outbox')).toEqual([])
      await store.write(both.slice(0, 1))
      expect(await store.read('outbox')).toHaveLength(1)
    } finally {
      IDBObjectStore.prototype.put = real
    }
    await store.close()
    await deleteDB(name)
  })

  it('[P1 P8] opens without any room, to show what is there, and takes the storage over with the first write that fits', async () => {
    const name = freshName()
    const before = await openIdbStore({ name })
    await before.write([{ op: 'put', table: 'outbox', key: 'a', value: 1 }])
    // oxlint-disable-next-line typescript/unbound-method -- called with its own `this` below
    const real = IDBObjectStore.prototype.put
    let isFull = true
    IDBObjectStore.prototype.put = function (value: unknown, key) {
      if (isFull) throw new DOMException('no room', 'QuotaExceededError')
      return real.call(this, value, key)
    }
    try {
      const [first, second] = [await openIdbStore({ name }), await openIdbStore({ name })]
      expect(await first.read('outbox')).toEqual([{ key: 'a', value: 1 }])
      const b = [{ op: 'put', table: 'outbox', key: 'b', value: 2 }] as const
      await expect(first.write(b)).rejects.toMatchObject({ code: 'storage-full' })
      isFull = false
      await first.write(b)
      await first.write([{ op: 'put', table: 'outbox', key: 'c', value: 3 }])
      for (const other of [before, second]) {
        await expect(other.write(b)).rejects.toMatchObject({ code: 'storage-taken' })
      }
      expect((await first.read('outbox')).map(({ key }) => key)).toEqual(['a', 'b', 'c'])
      await Promise.all([first, second, before].map((store) => store.close()))
    } finally {
      IDBObjectStore.prototype.put = real
    }
    await deleteDB(name)
  })

  it('[R41] asks for strict durability on every write', async () => {
    const name = freshName()
    const store = await openIdbStore({ name })
    const asked: (string | undefined)[] = []
    // oxlint-disable-next-line typescript/unbound-method -- called with its own `this` below
    const real = IDBDatabase.prototype.transaction
    IDBDatabase.prototype.transaction = function (stores, mode, options) {
      if (mode === 'readwrite') asked.push(options?.durability)
      return real.call(this, stores, mode, options)
    }
    try {
      await store.write([{ op: 'put', table: 'outbox', key: 'a', value: 1 }])
      await store.write([{ op: 'delete', table: 'outbox', key: 'a' }])
    } finally {
      IDBDatabase.prototype.transaction = real
    }
    expect(asked).toEqual(['strict', 'strict'])
    await store.close()
    await deleteDB(name)
  })
})
