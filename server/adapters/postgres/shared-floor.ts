import type pg from 'pg'
import type { DeviceId } from '../../../relay/protocol/ids.ts'
import type { PinBudget, PinLaw } from '../../ports/pin-budget.ts'
import type { HeardNews, SharedFloor } from '../../ports/shared-floor.ts'
import { ask } from './connection.ts'
import type { DatabaseClock } from './database-clock.ts'
import { newsAfter } from './floor-news.ts'
import { PostgresPins } from './pins.ts'

/** What the nodes of a floor have in common, in its database. Its pool is the store's, which closes it. */
export class PostgresFloor implements SharedFloor {
  readonly pins: PinBudget
  readonly #pool: pg.Pool
  readonly #clock: DatabaseClock

  constructor(pool: pg.Pool, law: PinLaw, clock: DatabaseClock) {
    this.#clock = clock
    this.pins = new PostgresPins(pool, law)
    this.#pool = pool
  }

  nowMs(): number {
    return this.#clock.nowMs()
  }

  async lastGreeting(device: DeviceId): Promise<string | null> {
    const [row] = await ask<{ greeting: string | null }>(
      this.#pool,
      'SELECT greeting FROM andon.devices WHERE id = $1',
      [device],
    )
    return row?.greeting ?? null
  }

  news(after: string | null): Promise<HeardNews> {
    return newsAfter(this.#pool, after)
  }
}
