import { describe } from 'vitest'
import { findPostgres, startPostgres } from '../support/postgres.ts'
import { conformanceContract } from './conformance.contract.ts'

const bin = findPostgres()

/** The wire says nothing of where its store is (P10). */
describe.skipIf(bin === null)('a server on PostgreSQL', () => {
  conformanceContract('ws', async () => {
    const postgres = await startPostgres(bin ?? '', { fsync: 'off' })
    return { env: { ANDON_DATABASE: postgres.url }, stop: () => postgres.stop() }
  })
})
