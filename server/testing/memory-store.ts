import type { ChannelName } from '../../relay/protocol/channels.ts'
import type { StoredEvent } from '../../relay/protocol/events.ts'
import { refuse } from '../../relay/protocol/errors.ts'
import type { CommandId, Cursor, DeviceId, Epoch, SessionId } from '../../relay/protocol/ids.ts'
import type { SessionHashes, SessionRow } from '../ports/sessions.ts'
import { aheadOf, type Heard } from '../ports/last-heard.ts'
import type { Store } from '../ports/store.ts'
import { StoreUnavailable } from '../ports/store-errors.ts'
import type { PageSize, Position } from '../ports/store-reader.ts'
import type { LinkOf, Receipt } from '../ports/store-writer.ts'
import type { Submission, SubmitResult } from '../ports/submission.ts'
import type { MemoryDatabase } from './memory-database.ts'
import type { UrgentPassage } from '../ports/urgent-passage.ts'
import { eventsAfter, eventsUpTo, oldest, recordsAfter, resume, snapshotStart, tail } from './memory-reading.ts'
import { eventOf, isKnownAlert, isStaleLink, keepReceipt, passUrgent, raiseLink, type Tables } from './memory-tables.ts'

interface Call {
  readonly writes: boolean
  carryOut(): unknown
  answer(value: unknown): void
  fail(cause: Error): void
}

export interface MemoryStoreOptions {
  /** Runs what it is given later: once to commit a group, once to answer it. Time between is where a crash falls. */
  readonly later: (run: () => void) => void
}

/** As the adapter on SQLite: how long a device is asked to wait when the disk did not take a group. */
const RETRY_AFTER_MS = 2_000

/**
 * One life of a server on a `MemoryDatabase`: what is called within a turn is one group, committed together and answered
 * after that. `crash()` loses groups that are not committed, and answers that have not left. `failing` refuses commits.
 */
export class MemoryStore implements Store {
  failing = false
  readonly #database: MemoryDatabase
  readonly #later: MemoryStoreOptions['later']
  #life: 'open' | 'crashed' | 'closed' = 'open'
  #waiting: Call[] = []
  readonly #answers: (() => void)[] = []

  constructor(database: MemoryDatabase, { later }: MemoryStoreOptions) {
    this.#database = database
    this.#later = later
  }

  /** The process is killed: nothing that was asked of it is heard of again. */
  crash(): void {
    this.#life = 'crashed'
    this.#waiting = []
  }

  close(): Promise<void> {
    if (this.#life === 'open') this.#life = 'closed'
    return Promise.resolve()
  }

  submit(submission: Submission): Promise<SubmitResult> {
    return new Promise((resolve, reject) => {
      this.#add({
        writes: true,
        carryOut: () => this.#database.submit(submission),
        answer: (value) => resolve(value as SubmitResult),
        // Nothing is decided: the lane waits and the mark stays (T3).
        fail: () => (this.#life === 'closed' ? reject(CLOSED) : resolve(RETRY_LATER)),
      })
    })
  }

  confirm(request: Parameters<Store['confirm']>[0]): ReturnType<Store['confirm']> {
    return this.#write(() => this.#database.confirm(request))
  }
  greet(request: Parameters<Store['greet']>[0]): ReturnType<Store['greet']> {
    return this.#write(() => this.#database.greet(request))
  }

  tail(after: Position | null): ReturnType<Store['tail']> {
    return this.#read(() => tail(this.#database.tables, after))
  }
  resume(channel: ChannelName, cursor: Cursor): ReturnType<Store['resume']> {
    return this.#read(() => resume(this.#database.open(channel), cursor))
  }
  oldest(channel: ChannelName): ReturnType<Store['oldest']> {
    return this.#read(() => oldest(this.#database.open(channel)))
  }
  events(
    channel: ChannelName,
    after: { readonly epoch: Epoch; readonly offset: number },
    size: PageSize,
  ): ReturnType<Store['events']> {
    return this.#read(() => eventsAfter(this.#database.open(channel), after, size))
  }
  snapshotStart(channel: ChannelName): ReturnType<Store['snapshotStart']> {
    return this.#read(() => snapshotStart(this.#database.open(channel)))
  }
  lastEvents(channel: ChannelName, upTo: number, size: PageSize): ReturnType<Store['lastEvents']> {
    return this.#read(() => eventsUpTo(this.#database.open(channel), upTo, size))
  }
  records(channel: ChannelName, after: string | null, size: PageSize): ReturnType<Store['records']> {
    return this.#read(() => recordsAfter(this.#database.tables, { name: channel, after }, size))
  }
  record(domain: string, key: string): ReturnType<Store['record']> {
    return this.#read((tables) => {
      const row = tables.records.get(`${domain}/${key}`)
      return row === undefined ? null : { channel: row.channel, offset: row.offset, record: row.record }
    })
  }

  message(id: CommandId): ReturnType<Store['message']> {
    return this.#read((tables) => {
      const found = eventOf(tables, 'chat.posted', id)
      return found === undefined ? null : { channel: found.channel, event: found.record as StoredEvent }
    })
  }

  timers(upTo: string, max: number): ReturnType<Store['timers']> {
    return this.#read(({ timers }) =>
      [...timers.values()]
        .filter(({ due }) => due <= upTo)
        .toSorted((a, b) => (a.due < b.due ? -1 : 1))
        .slice(0, max),
    )
  }

  timersWaiting(): Promise<number> {
    return this.#read(({ timers }) => timers.size)
  }

  moveLink({ device }: Parameters<Store['moveLink']>[0]): Promise<number> {
    return this.#read((tables) => raiseLink(tables, device))
  }
  recordReceipts(receipts: readonly Receipt[], from?: LinkOf): Promise<number | 'stale-link'> {
    return this.#write<number | 'stale-link'>((tables) => {
      if (from !== undefined && isStaleLink(tables, from.device, from.link)) return 'stale-link'
      const known = receipts.filter(({ alert }) => isKnownAlert(tables, alert))
      return receipts.length - known.filter((receipt) => keepReceipt(tables, receipt)).length
    })
  }
  passUrgent(passage: UrgentPassage): ReturnType<Store['passUrgent']> {
    return this.#write((tables) => passUrgent(tables, passage))
  }
  receipts(alert: string): ReturnType<Store['receipts']> {
    return this.#read((tables) => [...tables.receipts.values()].filter((receipt) => receipt.alert === alert))
  }

  areas(): ReturnType<Store['areas']> {
    return this.#read((tables) => [...tables.areas].toSorted())
  }
  addArea(area: string): Promise<void> {
    return this.#write((tables) => void tables.areas.add(area))
  }
  device(id: DeviceId): ReturnType<Store['device']> {
    return this.#read((tables) => tables.devices.get(id) ?? null)
  }
  devices(): ReturnType<Store['devices']> {
    return this.#read((tables) => [...tables.devices.values()])
  }
  usedDevices(max: number): ReturnType<Store['usedDevices']> {
    return this.#read(({ devices, used }) =>
      [...devices.values()]
        .filter(({ id, status }) => status === 'active' && used.has(id))
        .map(({ id }) => id)
        .slice(0, max),
    )
  }
  seen(): Promise<void> {
    return this.#read(() => undefined)
  }
  heard(rows: readonly Heard[]): Promise<void> {
    return this.#write(({ devices, lastHeard }) => {
      for (const row of rows) {
        const key = `${row.area} ${row.device}`
        const before = lastHeard.get(key)?.at ?? ''
        if (row.isOver) {
          if (before <= row.at || before > aheadOf(row.at)) lastHeard.delete(key)
        } else if (devices.has(row.device)) lastHeard.set(key, { ...row, at: row.at > before ? row.at : before })
      }
    })
  }
  lastHeard(area: string, since: string, max: number): ReturnType<Store['lastHeard']> {
    return this.#read(({ devices, lastHeard }) => {
      const rows = [...lastHeard.values()]
        .filter((row) => row.area === area && row.at >= since)
        .toSorted((one, other) => (one.at > other.at ? -1 : 1))
      const last = [false, true].flatMap((isAlone) => rows.filter((row) => row.isAlone === isAlone).slice(0, max))
      return last.flatMap(({ device: id, isAlone, at }) => {
        const device = devices.get(id)
        return device?.status === 'active' ? [{ device, isAlone, at }] : []
      })
    })
  }
  deviceCounts(): ReturnType<Store['deviceCounts']> {
    return this.#read(({ devices, used, sessions }) => ({
      used: used.size,
      alone: [...used].filter((id) => ![...sessions.values()].some(({ device }) => device === id)).length,
      strangers: devices.size - used.size,
      refused: 0,
      evicted: 0,
      forgotten: 0,
    }))
  }
  operator(id: string): ReturnType<Store['operator']> {
    return this.#read((tables) => tables.operators.get(id) ?? null)
  }
  operators(): ReturnType<Store['operators']> {
    return this.#read((tables) => [...tables.operators.values()])
  }
  putOperator(row: Parameters<Store['putOperator']>[0]): Promise<void> {
    return this.#write((tables) => void tables.operators.set(row.id, row))
  }
  session(id: SessionId): ReturnType<Store['session']> {
    return this.#read((tables) => tables.sessions.get(id) ?? null)
  }
  putSession(row: SessionRow, expected?: SessionHashes): Promise<boolean> {
    return this.#write((tables) => {
      const before = tables.sessions.get(row.id)
      const isExpected =
        before?.status === 'active' &&
        before.refreshHash === expected?.refreshHash &&
        before.previousHash === expected.previousHash
      if (expected !== undefined && !isExpected) return false
      tables.sessions.set(row.id, row)
      tables.used.add(row.device)
      return true
    })
  }
  pastSignIns(device: DeviceId, operator: string): ReturnType<Store['pastSignIns']> {
    return this.#read((tables) => {
      const people = [...tables.sessions.values()].filter((row) => row.device === device).map((row) => row.operator)
      return people.includes(operator) ? 'person' : people.length > 0 ? 'others' : 'nobody'
    })
  }
  apiKeyByHash(hash: string): ReturnType<Store['apiKeyByHash']> {
    return this.#read((tables) => [...tables.apiKeys.values()].find((key) => key.hash === hash) ?? null)
  }
  apiKeys(): ReturnType<Store['apiKeys']> {
    return this.#read((tables) => [...tables.apiKeys.values()])
  }
  putApiKey(row: Parameters<Store['putApiKey']>[0]): Promise<void> {
    return this.#write((tables) => void tables.apiKeys.set(row.id, row))
  }
  signingKeys(): ReturnType<Store['signingKeys']> {
    return this.#read((tables) => tables.signingKeys.toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1)))
  }
  offerSigningKey(row: Parameters<Store['offerSigningKey']>[0]): Promise<void> {
    return this.#write((tables) => {
      if (tables.signingKeys.length === 0) tables.signingKeys.push(row)
    })
  }
  incarnation(): ReturnType<Store['incarnation']> {
    return this.#read((tables) => tables.incarnation)
  }
  reviews(): ReturnType<Store['reviews']> {
    return this.#read(({ reviews, reviewsDropped }) => ({ rows: [...reviews.values()], dropped: reviewsDropped }))
  }
  probe(): Promise<void> {
    return this.#write(() => undefined)
  }

  #read<T>(work: (tables: Tables) => T): Promise<T> {
    return this.#call(false, work)
  }
  #write<T>(work: (tables: Tables) => T): Promise<T> {
    return this.#call(true, work)
  }

  #call<T>(writes: boolean, work: (tables: Tables) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#add({
        writes,
        carryOut: () => work(this.#database.tables),
        answer: (value) => resolve(value as T),
        fail: reject,
      })
    })
  }

  #add(call: Call): void {
    if (this.#life === 'crashed') return
    if (this.#life === 'closed') return call.fail(CLOSED)
    this.#waiting.push(call)
    if (this.#waiting.length === 1) this.#later(() => this.#commit())
  }

  #commit(): void {
    if (this.#life === 'crashed') return
    const group = this.#waiting
    this.#waiting = []
    // The whole group is one transaction: with a write in it that the disk does not take, its reads fail too.
    const isTaken = !this.failing || group.every(({ writes }) => !writes)
    const answers = isTaken ? group.map((call) => call.carryOut()) : null
    // Groups are answered in the order of their commits, however long `later` lets each wait.
    this.#answers.push(() =>
      group.forEach((call, index) => (answers === null ? call.fail(NOT_TAKEN) : call.answer(answers[index]))),
    )
    this.#later(() => {
      if (this.#life !== 'crashed') this.#answers.shift()?.()
    })
  }
}

const CLOSED = new Error('The store is closed.')
const NOT_TAKEN = new StoreUnavailable()
const RETRY_LATER: SubmitResult = {
  verdict: {
    kind: 'retry-later',
    ...codeAndMessage(),
    afterMs: RETRY_AFTER_MS,
  },
  events: [],
  endedSessions: [],
}

function codeAndMessage(): { readonly code: 'unavailable'; readonly message: string } {
  const { code, message } = refuse('unavailable')
  return { code, message }
}
