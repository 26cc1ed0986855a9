import { openDB, type DBSchema, type IDBPDatabase } from 'idb'
import { StoreError } from './store-error.ts'
import { TABLES, type Range, type RelayStore, type Table, type Write } from '../ports.ts'

/** Layout of the database. History: 1 a store per table, and the fence. */
const SCHEMA_VERSION = 1
/** How long an older page may hold up an upgrade before we say so and give up, milliseconds. */
const BLOCKED_MS = 10_000
const FENCE = 'fence'
const HOLDER = 'holder'
const ALL_STORES = [...TABLES, FENCE] as const

type Schema = DBSchema &
  Record<Table, { key: string; value: unknown }> &
  Record<typeof FENCE, { key: string; value: number }>

export interface IdbStoreOptions {
  readonly name: string
  /** For tests of upgrades. */
  readonly schemaVersion?: number
  readonly blockedMs?: number
  /** The connection was lost from outside, and every call fails from now on: open anew. At most once. */
  readonly lost?: (why: StoreError) => void
}

/**
 * The relay's tables in IndexedDB, one object store each; every write is one transaction with `durability: 'strict'`.
 * Rejects with `StoreError`: `storage-newer`, `storage-busy` (an older page holds up the upgrade), `storage-failed`.
 *
 * 1. The Web Lock is what keeps a second relay out. Should it fail (a stolen lock, a frozen page that wakes), the fence
 *    does: each opener raises the holder's number, and a write of an older holder fails with `storage-taken`. Where the
 *    browser has no room even for that, the opener reads what is there and raises the number with its first write.
 * 2. An upgrade adds what is missing and deletes nothing: the outbox outlives every version.
 * 3. A newer page that wants to upgrade is never held up: this connection closes, and says so to who uses it.
 * 4. A browser closes the connection when the disk is full. What the relay holds in memory outlives that: each call opens
 *    the database again and fails until that works, so that alerts go on being shown meanwhile.
 */
export async function openIdbStore(options: IdbStoreOptions): Promise<RelayStore> {
  const state: Connection = { lost: null, db: null }
  const lose = (why: StoreError) => {
    if (state.lost !== null) return
    state.lost = why
    options.lost?.(why)
  }
  const blocked = Promise.withResolvers<never>()
  let patience: ReturnType<typeof setTimeout> | undefined
  const open = (isAgain: boolean): Promise<IDBPDatabase<Schema>> =>
    openDB<Schema>(options.name, options.schemaVersion ?? SCHEMA_VERSION, {
      upgrade: (db) => {
        addMissingStores(db)
        // Somebody deleted it: what the relay holds in memory belongs to nothing any more.
        if (isAgain) lose(CLOSED())
      },
      blocked: () => (patience ??= setTimeout(() => blocked.reject(HELD_UP()), options.blockedMs ?? BLOCKED_MS)),
      blocking: (_current, _wanted, event) => {
        const db = event.target as IDBDatabase
        db.close()
        lose(new StoreError('storage-taken', 'A newer Andon is starting on this device. Reload this page.'))
      },
      terminated: () => (state.db = null),
    })
  const opening = open(false)
  try {
    const db = await Promise.race([opening, blocked.promise])
    state.db = db
    return new IdbStore(await takeOver(db), { state, open: () => open(true) })
  } catch (error) {
    // Opened after all, later: it must not hold up whoever comes next. If it fails, `error` already says why.
    opening.then((db) => db.close()).catch(() => undefined)
    throw inWords(error)
  } finally {
    clearTimeout(patience)
  }
}

function addMissingStores(db: IDBPDatabase<Schema>): void {
  for (const store of ALL_STORES) {
    if (!db.objectStoreNames.contains(store)) db.createObjectStore(store)
  }
}

/** The number this opener holds the storage under; not yet written while there was no room for it. */
interface Claim {
  readonly number: number
  isWritten: boolean
}

async function takeOver(db: IDBPDatabase<Schema>): Promise<Claim> {
  const transaction = db.transaction(FENCE, 'readwrite', { durability: 'strict' })
  const number = ((await transaction.store.get(HOLDER)) ?? 0) + 1
  try {
    await Promise.all([transaction.store.put(number, HOLDER), transaction.done])
    return { number, isWritten: true }
  } catch (error) {
    await transaction.done.catch(() => undefined) // for the same reason
    if (!isOutOfRoom(error) && !isOutOfRoom(transaction.error)) throw error
    return { number, isWritten: false }
  }
}

/** `db` is null while the browser has closed it; with `lost` it stays so. */
interface Connection {
  lost: StoreError | null
  db: IDBPDatabase<Schema> | null
}

class IdbStore implements RelayStore {
  readonly #claim: Claim
  readonly #state: Connection
  readonly #open: () => Promise<IDBPDatabase<Schema>>
  #opening: Promise<IDBPDatabase<Schema>> | null = null

  constructor(claim: Claim, reach: { readonly state: Connection; readonly open: () => Promise<IDBPDatabase<Schema>> }) {
    this.#claim = claim
    this.#state = reach.state
    this.#open = reach.open
  }

  async read(table: Table, range: Range = {}) {
    if (this.#state.lost !== null) throw this.#state.lost
    const within = keyRange(range.from, range.to)
    if (within === 'empty' || (range.limit !== undefined && range.limit <= 0)) return [] // 0 means "all" to IndexedDB
    try {
      const { store } = (this.#state.db ?? (await this.#openAgain())).transaction(table)
      const [keys, values] = await Promise.all([
        store.getAllKeys(within, range.limit),
        store.getAll(within, range.limit),
      ])
      return keys.map((key, index) => ({ key, value: values[index] }))
    } catch (error) {
      this.#heard(error)
      throw inWords(error)
    }
  }

  async write(writes: readonly Write[]): Promise<void> {
    if (this.#state.lost !== null) throw this.#state.lost
    try {
      // Cloned before anything is awaited: the caller may change its values afterwards.
      if (this.#state.db === null) {
        const kept = structuredClone(writes)
        await this.#commit(await this.#openAgain(), kept)
      } else await this.#commit(this.#state.db, writes)
    } catch (error) {
      this.#heard(error)
      throw inWords(error)
    }
  }

  /** A connection that is closed says so to whoever uses it, also where the browser has told nobody that it closed it. */
  #heard(error: unknown): void {
    if (error instanceof DOMException && error.name === 'InvalidStateError') this.#state.db = null
  }

  close(): Promise<void> {
    this.#state.lost ??= new StoreError('storage-closed', 'The storage was closed.')
    this.#state.db?.close() // what was begun before is still carried out
    return Promise.resolve()
  }

  #openAgain(): Promise<IDBPDatabase<Schema>> {
    this.#opening ??= this.#open()
      .then((db) => {
        if (this.#state.lost === null) return (this.#state.db = db)
        db.close()
        throw this.#state.lost
      })
      .finally(() => (this.#opening = null))
    return this.#opening
  }

  /** Over all tables each time, because only transactions that overlap are carried out in the order of the calls. */
  async #commit(db: IDBPDatabase<Schema>, writes: readonly Write[]): Promise<void> {
    const transaction = db.transaction(ALL_STORES, 'readwrite', { durability: 'strict' })
    const requests: Promise<unknown>[] = []
    try {
      // Nothing is awaited between the requests: values are cloned before the caller can change them, and the fence,
      // being first, is read while the writes behind it can still be undone.
      const { number, isWritten } = this.#claim
      const fence = transaction.objectStore(FENCE)
      const holder = fence.get(HOLDER)
      requests.push(holder)
      if (!isWritten) requests.push(fence.put(number, HOLDER))
      for (const write of writes) {
        const request = apply(transaction.objectStore(write.table), write)
        if (request !== null) requests.push(request)
      }
      if (((await holder) ?? 0) !== (isWritten ? number : number - 1)) throw TAKEN()
      await Promise.all([...requests, transaction.done])
      this.#claim.isWritten = true
    } catch (error) {
      if (transaction.error === null) undo(() => transaction.abort())
      await Promise.allSettled([...requests, transaction.done]) // each rejects once more for the same reason
      throw transaction.error?.name === 'QuotaExceededError' ? transaction.error : error
    }
  }
}

interface TableStore {
  put(value: unknown, key: string): Promise<unknown>
  delete(key: string | IDBKeyRange): Promise<unknown>
}

function apply(store: TableStore, write: Write): Promise<unknown> | null {
  if (write.op === 'put') return store.put(write.value, write.key)
  if (write.op === 'delete') return store.delete(write.key)
  const within = keyRange(write.from, write.to)
  return within === 'empty' || within === null ? null : store.delete(within)
}

/** Aborting what has ended already throws, and is what we want. */
function undo(abort: () => void): void {
  try {
    abort()
  } catch (error) {
    if (!(error instanceof DOMException)) throw error
  }
}

/** IndexedDB throws on a range that holds nothing. */
function keyRange(from: string | undefined, to: string | undefined): IDBKeyRange | null | 'empty' {
  if (to === undefined) return from === undefined ? null : IDBKeyRange.lowerBound(from)
  if ((from ?? '') >= to) return 'empty'
  return IDBKeyRange.bound(from ?? '', to, false, true)
}

const TAKEN = () =>
  new StoreError('storage-taken', 'Another Andon page of this browser took over. Reload this page to use it here.')
const CLOSED = () => new StoreError('storage-failed', 'The browser closed the storage. Reload this page.')
const HELD_UP = () =>
  new StoreError(
    'storage-busy',
    'An older Andon page holds up the update. Close the other Andon pages of this browser.',
  )

/** Over its quota, or on a disk that is full: then the browser says no more than that it does not know (Chromium, 2026). */
function isOutOfRoom(error: unknown): boolean {
  return error instanceof DOMException && (error.name === 'QuotaExceededError' || error.name === 'UnknownError')
}

/** What a browser's storage says, as a `StoreError` in words for people; what is no trouble of the storage stays as it is. */
export function inWords(error: unknown): unknown {
  if (error instanceof StoreError || !(error instanceof DOMException)) return error
  switch (error.name) {
    case 'SecurityError':
      return new StoreError(
        'storage-denied',
        'This browser keeps no data of this site. Allow site data (cookies) for this address, then load the page again.',
        error,
      )
    case 'VersionError':
      return new StoreError('storage-newer', 'A newer Andon was used in this browser. Reload this page.', error)
    case 'QuotaExceededError':
      return new StoreError(
        'storage-full',
        'The browser has no room left. Make room on the disk of this device.',
        error,
      )
    case 'DataCloneError':
      return error // a bug of the caller, not of the storage
    default:
      return new StoreError('storage-failed', 'The storage of the browser failed. Reload this page.', error)
  }
}
