import { NODES, openDoor } from '../../support/door.ts'
import { found } from '../../support/front-program.ts'
import type { Machine } from '../../support/machine.ts'
import { findPostgres, startPostgres } from '../../support/postgres.ts'
import { freePort } from '../../support/processes.ts'
import { HAS_REDIS, RunningRedis } from '../../support/redis.ts'
import { systemClock } from '../../../relay/adapters/system-clock.ts'
import { Engine } from './engine.ts'
import { FaultProxy } from './proxy.ts'
import type { EnginePlace, ServerPlace } from './schedule.ts'

/** A server that the site has to have, and what it is told. */
export interface SiteServer {
  readonly place: ServerPlace
  readonly port: number
  readonly extra: readonly string[]
}

/** What stands around the servers of a floor: one alone, or three with what they share and the door before them. */
export interface Site {
  /** Where relays come. */
  readonly port: number
  readonly servers: readonly SiteServer[]
  readonly engines: ReadonlyMap<EnginePlace, Engine>
  /** Between a server and the database it shares. */
  readonly networks: ReadonlyMap<ServerPlace, FaultProxy>
  end(): Promise<void>
}

export async function siteOfOne(): Promise<Site> {
  const port = await freePort()
  const servers: readonly SiteServer[] = [{ place: 'server', port, extra: [] }]
  return { port, servers, engines: new Map(), networks: new Map(), end: () => Promise.resolve() }
}

/** Three nodes on PostgreSQL and Redis, behind the nginx of `docs/deploy` without its certificates. */
export async function siteOfThree(machine: Machine, random: (server: string) => () => number): Promise<Site> {
  const bin = findPostgres()
  if (bin === null || !HAS_REDIS || found('nginx') === undefined)
    throw new Error(
      'A soak of three nodes needs PostgreSQL, Redis and nginx; CONTRIBUTING.md says how to install them.',
    )
  // Processes are killed here and not the machine: what was written is there.
  const postgres = await startPostgres(bin, { fsync: 'off' })
  const redis = await RunningRedis.start()
  const database = await postgres.newDatabase()
  const port = await freePort()
  const servers: SiteServer[] = []
  const networks = new Map<ServerPlace, FaultProxy>()
  for (const name of NODES) {
    const network = await FaultProxy.open({ port: postgres.port, clock: systemClock(), random: random(name) })
    networks.set(`server ${name}`, network)
    const way = database.replace(String(postgres.port), String(network.port))
    const extra = ['--database', way, '--redis', redis.url, '--node', name, '--trust-proxy', '127.0.0.1']
    servers.push({ place: `server ${name}`, port: await freePort(), extra })
  }
  const folder = machine.makeFolder('nginx')
  const front = await openDoor({ folder, port, nodes: servers.map((server) => server.port) })
  const engines = new Map([
    ['postgres', new Engine({ ...bound(postgres), start: () => postgres.start() })],
    ['redis', new Engine({ ...bound(redis), start: () => redis.restart() })],
  ] as const)
  return {
    port,
    servers,
    engines,
    networks,
    async end() {
      await Promise.all([...engines.values()].map((engine) => engine.idle()))
      await front.kill()
      await Promise.all([...networks.values()].map((network) => network.close()))
      await redis.end()
      await postgres.stop()
    },
  }
}

function bound(engine: { kill(): Promise<void>; pause(): void; goOn(): void }) {
  return { kill: () => engine.kill(), pause: () => engine.pause(), goOn: () => engine.goOn() }
}
