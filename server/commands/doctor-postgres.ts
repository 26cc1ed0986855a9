import { MAX_APART_MS, StoreOpenError } from '../ports/store-errors.ts'
import { fine, wrong, type Finding } from './doctor-checks.ts'

/**
 * Whether the database of `--database` answers, is new enough, is none of a newer Andon, keeps what it confirms and has our time.
 * Only reads.
 */
export async function checkPostgres(url: string): Promise<Finding[]> {
  const { examineDatabase } = await import('../adapters/postgres/examine-database.ts')
  try {
    const { says, clockMs, unsafe } = await examineDatabase(url)
    return [fine('database', says), ...durability(unsafe), clockOf(clockMs)]
  } catch (error) {
    if (!(error instanceof StoreOpenError)) throw error
    const [says = '', todo = ''] = error.message.split('; ')
    return [wrong('database', `${says}.`, todo)]
  }
}

function durability(unsafe: readonly string[]): Finding[] {
  if (unsafe.length === 0) return []
  const names = unsafe.join(' and ')
  return [
    wrong(
      'durability',
      `The database loses what it confirmed when its machine loses power (${names} off).`,
      `Set ${names} to "on" in its postgresql.conf.`,
    ),
  ]
}

function clockOf(ms: number): Finding {
  const seconds = Math.round(Math.abs(ms) / 1_000)
  if (Math.abs(ms) < MAX_APART_MS) return fine('clocks', 'This machine and that of the database have the same time.')
  return wrong(
    'clocks',
    `This machine is ${seconds} s ${ms > 0 ? 'behind' : 'ahead of'} that of the database.`,
    'Let the clocks of both follow a time server.',
  )
}

/** Whether nodes are woken by way of `--database-direct`. */
export async function checkDirect(url: string): Promise<Finding> {
  const { whyUnwoken } = await import('../adapters/postgres/database-hints.ts')
  const why = await whyUnwoken(url)
  if (why === null) return fine('database-direct', 'The database wakes whoever listens.')
  const todo = 'Name the database itself with --database-direct, no pooler, with a user who may connect.'
  return wrong(
    'database-direct',
    `Nobody is woken by the database (${why}); nodes without Redis look twice a second.`,
    todo,
  )
}

/** Whether the Redis of `--redis` carries a word there and back, and keeps no node from hearing. */
export async function checkRedis(url: string): Promise<Finding> {
  const { examineRedis } = await import('../adapters/redis/examine-redis.ts')
  const examined = await examineRedis(url)
  return examined.ok ? fine('redis', examined.says) : wrong('redis', examined.says, examined.todo)
}
