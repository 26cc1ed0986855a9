import { afterAll, beforeAll, describe } from 'vitest'
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

describe.skipIf(bin === null)('the store on PostgreSQL', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres(bin ?? '', { fsync: 'off' })
  }, 60_000)
  afterAll(() => server.stop())

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

  storeContract('PostgreSQL', () => {
    let url = ''
    return {
      async open() {
        url = await server.newDatabase()
        return openStore(url)
      },
      async reopen(store) {
        await store.close()
        return openStore(url)
      },
      dispose: () => Promise.resolve(),
    }
  })

  timersContract('PostgreSQL', () => {
    let url = ''
    return {
      async open(rules) {
        url = await server.newDatabase()
        return openStore(url, rules)
      },
      reopen: (rules) => openStore(url, rules),
      dispose: () => Promise.resolve(),
    }
  })
})
