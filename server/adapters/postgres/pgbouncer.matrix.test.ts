import { afterAll, beforeAll, describe } from 'vitest'
import { HAS_PGBOUNCER, RunningPgBouncer } from '../../../test/support/pgbouncer.ts'
import { postgresOptions } from '../../../test/support/postgres-options.ts'
import { findPostgres, startPostgres, type PostgresServer } from '../../../test/support/postgres.ts'
import { createRules } from '../../core/rules.ts'
import { domains } from '../../domains.ts'
import type { CommandRules } from '../../ports/rules.ts'
import { storeContract } from '../../ports/store.contract.ts'
import { timersContract } from '../../ports/store-timers.contract.ts'
import type { Store } from '../../ports/store.ts'
import { openPostgresStore } from './postgres-store.ts'

const bin = findPostgres()

describe.skipIf(bin === null || !HAS_PGBOUNCER)('the store on PostgreSQL behind PgBouncer', () => {
  let server: PostgresServer
  let bouncer: RunningPgBouncer
  beforeAll(async () => {
    server = await startPostgres(bin ?? '', { fsync: 'off', max_connections: '600' })
    bouncer = await RunningPgBouncer.start(server.port, { size: 4 })
  }, 60_000)
  afterAll(async () => {
    await bouncer.end()
    await server.stop()
  })

  async function openStore(url: string, rules: CommandRules = createRules(domains)): Promise<Store> {
    const { store } = await openPostgresStore({
      ...postgresOptions(url, (what, cause) => {
        // A machine that stands still for half a second loses its transaction, and finds out that it did.
        if (what === 'commit in doubt') return
        throw new Error(`${what}: ${String(cause)}`, { cause })
      }),
      rules,
    })
    return store
  }

  storeContract('PostgreSQL behind PgBouncer', () => {
    let url = ''
    return {
      async open() {
        url = bouncer.addressOf(await server.newDatabase())
        return openStore(url)
      },
      async reopen(store) {
        await store.close()
        return openStore(url)
      },
      dispose: () => Promise.resolve(),
    }
  })

  timersContract('PostgreSQL behind PgBouncer', () => {
    let url = ''
    return {
      async open(rules) {
        url = bouncer.addressOf(await server.newDatabase())
        return openStore(url, rules)
      },
      reopen: (rules) => openStore(url, rules),
      dispose: () => Promise.resolve(),
    }
  })
})
