import { describe } from 'vitest'
import { findPostgres, startPostgres } from '../support/postgres.ts'
import { conformanceContract, serveOne } from './conformance.contract.ts'

const bin = findPostgres()

/** The wire says nothing of where its store is (P10). */
describe.skipIf(bin === null)('a server on PostgreSQL', () => {
  conformanceContract('ws', async (settings) => {
    const postgres = await startPostgres(bin ?? '', { fsync: 'off' })
    const served = await serveOne(settings, { ANDON_DATABASE: postgres.url })
    return {
      ...served,
      async stop() {
        await served.stop()
        await postgres.stop()
      },
    }
  })
})
