import { StoreOpenError } from '../ports/store-errors.ts'
import { fine, wrong, type Finding } from './doctor-checks.ts'

/** Whether the database of `--database` answers, is new enough, and is none of a newer Andon. Only reads. */
export async function checkPostgres(url: string): Promise<Finding> {
  const { examineDatabase } = await import('../adapters/postgres/examine-database.ts')
  try {
    return fine('database', await examineDatabase(url))
  } catch (error) {
    if (!(error instanceof StoreOpenError)) throw error
    const [says = '', todo = ''] = error.message.split('; ')
    return wrong('database', `${says}.`, todo)
  }
}
