import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe } from 'vitest'
import { WAYS } from '../../relay/protocol/ways.ts'
import { NODES, openDoor } from '../support/door.ts'
import { found } from '../support/front-program.ts'
import { findPostgres, startPostgres } from '../support/postgres.ts'
import { freePort, startServer, type Program } from '../support/processes.ts'
import { HAS_REDIS, RunningRedis } from '../support/redis.ts'
import { conformanceContract, ended, type Served } from './conformance.contract.ts'

const bin = findPostgres()

async function serveThree(settings: readonly string[]): Promise<Served> {
  const folder = await mkdtemp(join(tmpdir(), 'andon-conformance-'))
  const postgres = await startPostgres(bin ?? '', { fsync: 'off' })
  const redis = await RunningRedis.start()
  const programs: Program[] = []
  const ports: number[] = []
  for (const name of NODES) {
    const port = await freePort()
    const shared = ['--database', postgres.url, '--redis', redis.url]
    const extra = [...settings, ...shared, '--node', name, '--trust-proxy', '127.0.0.1']
    const { program } = await startServer(join(folder, name), port, { extra })
    programs.push(program)
    ports.push(port)
  }
  const port = await freePort()
  const front = await openDoor({ folder, port, nodes: ports })
  return {
    url: `http://127.0.0.1:${port}`,
    hasNodes: true,
    drain: async () => void (await Promise.all(programs.map(ended))),
    async stop() {
      await front.kill()
      await Promise.all(programs.map((program) => program.kill()))
      await redis.end()
      await postgres.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The wire does not say of how many servers a floor is made, and each connection comes to any of them (P10). */
describe.skipIf(bin === null || !HAS_REDIS || found('nginx') === undefined).each(WAYS)(
  'three nodes behind nginx: %s',
  (way) => {
    conformanceContract(way, serveThree)
  },
)
