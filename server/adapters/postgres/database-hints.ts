import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { HintCounts, HintHearer, Hints } from '../../ports/hints.ts'
import type { CommittedEvent } from '../../ports/submission.ts'

export interface DatabaseHintsOptions {
  /** Of the database itself: behind a pooler that has a connection for each transaction nothing is heard. No secret of it is shown. */
  readonly url: string
  /** Of this process, another one each time. */
  readonly node: string
  readonly monotonic: () => number
  /** Told once when it begins and once when it is over, with what the database says. */
  readonly changed: (isHearing: boolean, why: string) => void
}

/** Of a database: each floor has its own. */
const CHANNEL = 'andon'
/** As by Redis: what a node hears of itself proves the way there and back, milliseconds. */
const BEAT_MS = 2_000
const DEAF_MS = 5_000
const SLOWEST_RETRY_MS = 2_000
/** Between two wakes, milliseconds: each has every other node ask the store. */
const GAP_MS = 20
/** An answer that is later than that will not come, milliseconds. */
const ANSWER_MS = 5_000
const UNHEARD = 'nothing comes back from there'
const POOLED = 'a pooler is between, which lets no news through: --database-direct names the database itself'

/**
 * Wakes the other nodes by LISTEN and NOTIFY, over one connection of its own. It says that something was committed and not what:
 * whoever wakes looks into the store. A NOTIFY takes a lock of the whole database at its commit, so one at a time is on its way, for
 * everything that was committed meanwhile, and none of them is part of a command's transaction.
 */
export function openDatabaseHints(options: DatabaseHintsOptions): Hints {
  return new DatabaseHints(options)
}

class DatabaseHints implements Hints {
  readonly #options: DatabaseHintsOptions
  readonly #beating: NodeJS.Timeout
  #client: pg.Client | null = null
  #hearer: HintHearer | null = null
  #retry: NodeJS.Timeout | null = null
  #tries = 0
  #isClosed = false
  #isHearing = false
  #why = UNHEARD
  /** Monotonic time of the last word of this node that came back by this connection; null while none did. */
  #echo: number | null = null
  /** Commits that nobody was woken for yet. */
  #waiting = 0
  #isTelling = false
  #told = 0
  #heard = 0
  #dropped = 0
  #refused = 0

  constructor(options: DatabaseHintsOptions) {
    this.#options = options
    void this.#connect()
    this.#beating = setInterval(() => {
      this.#notify('beat').catch(() => undefined)
      this.#judge()
    }, BEAT_MS)
    this.#beating.unref()
  }

  hear(hearer: HintHearer): void {
    this.#hearer = hearer
  }

  tell(events: readonly CommittedEvent[]): void {
    this.#waiting += events.length
    if (!this.#isTelling) setImmediate(() => void this.#leave())
    this.#isTelling = true
  }

  counts(): HintCounts {
    return {
      isHearing: this.#isHearing,
      told: this.#told,
      heard: this.#heard,
      dropped: this.#dropped,
      refused: this.#refused,
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#hearer = null
    clearInterval(this.#beating)
    if (this.#retry !== null) clearTimeout(this.#retry)
    await this.#client?.end().catch(() => undefined)
  }

  async #leave(): Promise<void> {
    while (this.#waiting > 0 && !this.#isClosed) {
      const count = this.#waiting
      this.#waiting = 0
      try {
        await this.#notify('news')
        this.#told += count
      } catch {
        // The others find it at their next look.
        this.#dropped += count
      }
      await sleep(GAP_MS)
    }
    this.#isTelling = false
  }

  async #notify(what: 'news' | 'beat'): Promise<void> {
    if (this.#client === null) throw new Error(this.#why)
    await this.#client.query('SELECT pg_notify($1, $2)', [CHANNEL, `${this.#options.node} ${what}`])
  }

  async #connect(): Promise<void> {
    const client = newClient(this.#options.url)
    let isOver = false
    const over = (cause: unknown): void => {
      if (isOver) return
      isOver = true
      if (this.#client === client) this.#client = null
      this.#echo = null
      this.#why = cause instanceof Error ? cause.message : String(cause)
      this.#judge()
      void client.end().catch(() => undefined)
      if (this.#isClosed) return
      this.#retry = setTimeout(() => void this.#connect(), Math.min(100 * 2 ** this.#tries, SLOWEST_RETRY_MS))
      this.#tries += 1
    }
    client.on('error', over)
    client.on('end', () => over(this.#why))
    client.on('notification', ({ payload = '' }) => this.#received(payload))
    try {
      await connectItself(client)
      await client.query(`LISTEN ${CHANNEL}`)
      if (this.#isClosed) return void client.end()
      this.#client = client
      this.#why = UNHEARD
      await this.#notify('beat')
    } catch (cause) {
      over(cause)
    }
  }

  #received(payload: string): void {
    const [node, what] = payload.split(' ')
    if (what !== 'news' && what !== 'beat') {
      this.#refused += 1
      return
    }
    if (node === this.#options.node) {
      this.#echo = this.#options.monotonic()
      this.#tries = 0
      return this.#judge()
    }
    if (what === 'beat') return
    this.#heard += 1
    this.#hearer?.missed()
  }

  #judge(): void {
    if (this.#isClosed) return
    const isHearing = this.#echo !== null && this.#options.monotonic() - this.#echo < DEAF_MS
    if (isHearing === this.#isHearing) return
    this.#isHearing = isHearing
    this.#options.changed(isHearing, this.#why)
    // What was committed while this node was deaf is in the store.
    if (isHearing) this.#hearer?.missed()
  }
}

/** Why nobody who connects there would be woken; null where they would. */
export async function whyUnwoken(url: string): Promise<string | null> {
  const client = newClient(url)
  // Its end is told by the question that is under way.
  client.on('error', () => undefined)
  try {
    await connectItself(client)
    return null
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause)
  } finally {
    await client.end().catch(() => undefined)
  }
}

function newClient(url: string): pg.Client {
  return new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: ANSWER_MS,
    query_timeout: ANSWER_MS,
    keepAlive: true,
    application_name: 'andon-hints',
  })
}

/** @throws {Error} where it is not the database itself: through a pooler each transaction may be another session */
async function connectItself(client: pg.Client): Promise<void> {
  await client.connect()
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  // The types do not say so, but it is what the server named at the connection; a pooler names one of its own.
  const { processID } = client as unknown as { readonly processID: number }
  if (rows[0]?.pid !== processID) throw new Error(POOLED)
}
