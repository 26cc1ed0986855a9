import { Lease, openPool } from './connection.ts'
import { refusal, refuseOld, refuseSchema, schemaOf } from './open-database.ts'
import { StoreOpenError } from '../../ports/store-errors.ts'
import { shownAddress } from './shown-address.ts'

/**
 * What can be said of a database without changing anything in it, as a sentence.
 *
 * @throws {StoreOpenError} with a sentence that says what to do
 */
export async function examineDatabase(url: string): Promise<string> {
  const pool = openPool(url, () => undefined)
  const where = shownAddress(url)
  let lease: Lease | null = null
  try {
    lease = await Lease.of(pool)
    const release = await refuseOld(lease.client, where)
    const schema = await schemaOf(lease.client)
    refuseSchema(schema, where)
    lease.clean()
    return schema === 'none'
      ? `${where} answers (PostgreSQL ${release}); the first start makes the schema "andon" in it.`
      : `${where} answers (PostgreSQL ${release}, schema ${schema}).`
  } catch (cause) {
    throw cause instanceof StoreOpenError ? cause : refusal(cause, url)
  } finally {
    lease?.end()
    await pool.end()
  }
}
