/** Real nodes of one floor, on a PostgreSQL and a Redis of the test's own. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { findPostgres, startPostgres, type PostgresServer } from './postgres.ts'
import { freePort, startServer, type Program } from './processes.ts'
import { HAS_REDIS, RunningRedis } from './redis.ts'

const bin = findPostgres()
/** Whether this machine has what nodes need. */
export const HAS_NODES = bin !== null && HAS_REDIS

export interface RunningNode {
  readonly program: Program
  readonly url: string
}

export interface NodeFloor {
  readonly postgres: PostgresServer
  readonly redis: RunningRedis
  /** A folder of this test's own. */
  readonly folder: string
  /** The address of its database. */
  readonly database: string
  /** Starts a node of this name, of which the data folder is its own. `by`: another way to the same database. */
  node(
    name: string,
    options?: { readonly port?: number; readonly by?: string; readonly extra?: readonly string[] },
  ): Promise<RunningNode>
  /** Ends it with the test. */
  own(program: Program): Program
}

/** For the tests of one `describe`: each has a floor of its own. */
export function nodeFloor(): NodeFloor {
  let postgres: PostgresServer
  let redis: RunningRedis
  let folder = ''
  let database = ''
  const programs: Program[] = []
  beforeAll(async () => {
    postgres = await startPostgres(bin ?? '')
  }, 60_000)
  afterAll(() => postgres.stop())
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'andon-nodes-'))
    redis = await RunningRedis.start()
    database = await postgres.newDatabase()
  })
  afterEach(async () => {
    await Promise.all(programs.splice(0).map((program) => program.kill()))
    await redis.end()
    await rm(folder, { recursive: true, force: true })
  })
  const own = (program: Program): Program => {
    programs.push(program)
    return program
  }
  return {
    get postgres() {
      return postgres
    },
    get redis() {
      return redis
    },
    get folder() {
      return folder
    },
    get database() {
      return database
    },
    async node(name, { port, by = database, extra = [] } = {}) {
      const settings = ['--database', by, '--redis', redis.url, ...extra]
      const started = await startServer(join(folder, name), port ?? (await freePort()), { extra: settings })
      own(started.program)
      return started
    },
    own,
  }
}
