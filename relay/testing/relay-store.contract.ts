/** What every `RelayStore` must do, boundary cases included. Run by the adapters' tests and by the memory store's. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TABLES, type RelayStore, type Row, type Write } from '../ports.ts'

/** One place on a disk. `open` opens that same place each time; `destroy` removes it after the test. */
export interface StorePlace {
  open(): Promise<RelayStore>
  destroy?(): Promise<void>
}

export interface StoreContract {
  /** A fresh, empty place. */
  place(): Promise<StorePlace> | StorePlace
  /**
   * What a second opener of the same place meets: it is `refused` with code `storage-busy`; or it `takes-over` and the
   * first one's writes fail with `storage-taken`; or nothing, where the store cannot be shared at all.
   */
  secondOpener: 'refused' | 'takes-over' | 'not-applicable'
}

export function relayStoreContract(name: string, contract: StoreContract): void {
  describe(`${name} as a RelayStore`, () => {
    let place: StorePlace
    let store: RelayStore
    beforeEach(async () => {
      place = await contract.place()
      store = await place.open()
    })
    afterEach(async () => {
      await store.close()
      await place.destroy?.()
    })

    async function reopen(): Promise<void> {
      await store.close()
      store = await place.open()
    }
    const put = (key: string, value: unknown = key): Write => ({ op: 'put', table: 'outbox', key, value })
    const keys = (rows: readonly Row[]) => rows.map((row) => row.key)

    it('starts empty in every table', async () => {
      for (const table of TABLES) expect(await store.read(table)).toEqual([])
    })

    it('gives back what was put, of every JSON kind', async () => {
      const values = [null, true, 0, -1.5, '', 'ü 한국어 🛑 \u0000', [], [1, [2]], {}, { a: { b: null } }]
      await store.write(values.map((value, index) => put(`k${index}`, value)))
      const rows = await store.read('outbox')
      expect(rows.map((row) => row.value)).toEqual(values)
    })

    it('keeps the last value of a key', async () => {
      await store.write([put('a', 1), put('a', 2)])
      await store.write([put('a', 3)])
      expect(await store.read('outbox')).toEqual([{ key: 'a', value: 3 }])
    })

    it('keeps tables apart', async () => {
      await store.write(TABLES.map((table) => ({ op: 'put', table, key: 'same', value: table })))
      await store.write([{ op: 'delete', table: 'meta', key: 'same' }])
      expect(await store.read('meta')).toEqual([])
      expect(await store.read('events')).toEqual([{ key: 'same', value: 'events' }])
    })

    it('orders keys by UTF-16 code units, whatever the order of writing', async () => {
      // U+1F6D1 is D83D DED1 in UTF-16: before U+E000 and U+FFFF, though its code point is above both.
      const ordered = [
        '',
        '\u0000',
        '!',
        '0',
        '10',
        '2',
        'A',
        'Z',
        'a',
        'aa',
        'a~',
        'b',
        '~',
        'é',
        '🛑',
        '\ue000',
        '\uffff',
      ]
      expect(ordered).toEqual(ordered.toSorted((a, b) => (a < b ? -1 : 1)))
      await store.write(ordered.toReversed().map((key) => put(key)))
      expect(keys(await store.read('outbox'))).toEqual(ordered)
    })

    it('reads a range from its start inclusive to its end exclusive', async () => {
      await store.write(['a', 'b', 'c', 'd'].map((key) => put(key)))
      expect(keys(await store.read('outbox', { from: 'b', to: 'd' }))).toEqual(['b', 'c'])
      expect(keys(await store.read('outbox', { from: 'b' }))).toEqual(['b', 'c', 'd'])
      expect(keys(await store.read('outbox', { to: 'b' }))).toEqual(['a'])
      expect(keys(await store.read('outbox', { from: 'aa', to: 'cc' }))).toEqual(['b', 'c'])
    })

    it('reads nothing from a range that is empty or turned round', async () => {
      await store.write(['a', 'b', 'c'].map((key) => put(key)))
      expect(await store.read('outbox', { from: 'b', to: 'b' })).toEqual([])
      expect(await store.read('outbox', { from: 'c', to: 'a' })).toEqual([])
      expect(await store.read('outbox', { to: '' })).toEqual([])
      expect(await store.read('outbox', { from: 'd' })).toEqual([])
    })

    it('stops at the limit, and a limit of nothing is nothing', async () => {
      await store.write(['a', 'b', 'c'].map((key) => put(key)))
      expect(keys(await store.read('outbox', { limit: 2 }))).toEqual(['a', 'b'])
      expect(keys(await store.read('outbox', { from: 'b', to: 'z', limit: 1 }))).toEqual(['b'])
      expect(await store.read('outbox', { limit: 0 })).toEqual([])
      expect(keys(await store.read('outbox', { limit: 9 }))).toEqual(['a', 'b', 'c'])
    })

    it('tells apart keys that share a prefix', async () => {
      await store.write(['line-1/1', 'line-10/1', 'line-1/10', 'line-1/2', 'line-1', 'line-2/1'].map((key) => put(key)))
      const rows = await store.read('outbox', { from: 'line-1/', to: 'line-1/\uffff' })
      expect(keys(rows)).toEqual(['line-1/1', 'line-1/10', 'line-1/2'])
    })

    it('deletes one key and no other', async () => {
      await store.write([put('a'), put('ab'), put('b')])
      await store.write([
        { op: 'delete', table: 'outbox', key: 'a' },
        { op: 'delete', table: 'outbox', key: 'absent' },
      ])
      expect(keys(await store.read('outbox'))).toEqual(['ab', 'b'])
    })

    it('deletes a range from its start inclusive to its end exclusive', async () => {
      await store.write(['a', 'b', 'c', 'd'].map((key) => put(key)))
      await store.write([{ op: 'delete-range', table: 'outbox', from: 'b', to: 'd' }])
      expect(keys(await store.read('outbox'))).toEqual(['a', 'd'])
    })

    it('deletes nothing by a range that is empty or turned round', async () => {
      await store.write(['a', 'b'].map((key) => put(key)))
      await store.write([
        { op: 'delete-range', table: 'outbox', from: 'a', to: 'a' },
        { op: 'delete-range', table: 'outbox', from: 'z', to: 'a' },
      ])
      expect(keys(await store.read('outbox'))).toEqual(['a', 'b'])
    })

    it('carries out the writes of a batch in their order', async () => {
      await store.write([
        put('a'),
        { op: 'delete-range', table: 'outbox', from: '', to: '\uffff' },
        put('b'),
        { op: 'delete', table: 'outbox', key: 'b' },
        put('c'),
      ])
      expect(keys(await store.read('outbox'))).toEqual(['c'])
    })

    it('takes an empty batch', async () => {
      await expect(store.write([])).resolves.toBeUndefined()
    })

    it('writes all of a batch or nothing [P1]', async () => {
      await store.write([put('kept', 1)])
      const broken = put('broken', () => 'a function is no JSON')
      const meta: Write = { op: 'put', table: 'meta', key: 'a', value: 1 }
      await expect(store.write([meta, put('kept', 2), broken])).rejects.toThrow()
      expect(await store.read('outbox')).toEqual([{ key: 'kept', value: 1 }])
      expect(await store.read('meta')).toEqual([])
      await store.write([put('after')])
      expect(keys(await store.read('outbox'))).toEqual(['after', 'kept'])
    })

    it('does not let a failing batch take its neighbours down', async () => {
      const outcomes = await Promise.allSettled([
        store.write([put('a')]),
        store.write([put('b'), put('broken', () => 0)]),
        store.write([put('c')]),
      ])
      expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
      expect(keys(await store.read('outbox'))).toEqual(['a', 'c'])
    })

    it('keeps writes that were not awaited in the order of the calls, across tables', async () => {
      const writes = Array.from({ length: 200 }, (_, index) => store.write([put('last', index), put(`k${index}`)]))
      writes.push(store.write([{ op: 'delete-range', table: 'outbox', from: 'k', to: 'l' }]))
      writes.push(store.write([{ op: 'put', table: 'meta', key: 'end', value: true }]))
      const seen = await store.read('outbox')
      expect(seen).toEqual([{ key: 'last', value: 199 }])
      await Promise.all(writes)
      expect(await store.read('meta')).toEqual([{ key: 'end', value: true }])
    })

    it('is not changed by what the caller does to a value afterwards', async () => {
      const value = { text: 'before' }
      const written = store.write([put('a', value)])
      value.text = 'after'
      await written
      const [row] = await store.read('outbox')
      expect(row?.value).toEqual({ text: 'before' })
    })

    it('holds a value of a megabyte', async () => {
      const value = { text: '가나다 abc '.repeat(100_000) }
      await store.write([put('big', value)])
      await reopen()
      expect(await store.read('outbox')).toEqual([{ key: 'big', value }])
    })

    it('holds thousands of rows and pages through them', async () => {
      const all = Array.from({ length: 5_000 }, (_, index) => `row-${String(index).padStart(6, '0')}`)
      for (let start = 0; start < all.length; start += 500) {
        await store.write(all.slice(start, start + 500).map((key) => put(key, { key })))
      }
      await reopen()
      const seen: string[] = []
      for (;;) {
        const page = keys(await store.read('outbox', { from: `${seen.at(-1) ?? ''}\u0000`, limit: 700 }))
        if (page.length === 0) break
        seen.push(...page)
      }
      expect(seen).toEqual(all)
    })

    it('keeps everything when it is opened again [P1]', async () => {
      await store.write([put('a', { deep: [1] }), put('b'), { op: 'put', table: 'meta', key: '', value: null }])
      await store.write([{ op: 'delete', table: 'outbox', key: 'b' }])
      await reopen()
      expect(await store.read('outbox')).toEqual([{ key: 'a', value: { deep: [1] } }])
      expect(await store.read('meta')).toEqual([{ key: '', value: null }])
    })

    it('keeps what was written just before closing, awaited or not', async () => {
      const written = store.write([put('a')])
      await reopen()
      await written
      expect(keys(await store.read('outbox'))).toEqual(['a'])
    })

    it('refuses to read and write once closed, and closes twice', async () => {
      await store.close()
      await store.close()
      await expect(store.write([put('a')])).rejects.toMatchObject({ code: 'storage-closed' })
      await expect(store.read('outbox')).rejects.toMatchObject({ code: 'storage-closed' })
    })

    it.runIf(contract.secondOpener === 'refused')('refuses a second opener until it is closed', async () => {
      await store.write([put('a')])
      await expect(place.open()).rejects.toMatchObject({ code: 'storage-busy' })
      await store.write([put('b')])
      await reopen()
      expect(keys(await store.read('outbox'))).toEqual(['a', 'b'])
    })

    it.runIf(contract.secondOpener === 'takes-over')('writes nothing more once a second opener took over', async () => {
      await store.write([put('a')])
      const second = await place.open()
      await expect(store.write([put('late')])).rejects.toMatchObject({ code: 'storage-taken' })
      await second.write([put('b')])
      expect(keys(await second.read('outbox'))).toEqual(['a', 'b'])
      await second.close()
    })
  })
}
