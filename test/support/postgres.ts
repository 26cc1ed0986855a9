import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { chown, mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'

const run = promisify(execFile)

/** The user that PostgreSQL runs as where we are root, as which it refuses to run. */
const USER = 'postgres'

/** A PostgreSQL of this test's own, on loopback and a free port. */
export interface PostgresServer {
  readonly port: number
  /** Of its first database, for the user `postgres`. */
  readonly url: string
  /** The address of a new, empty database. */
  newDatabase(): Promise<string>
  /** A further server that follows this one, not waited for by its commits unless it is told to. */
  standby(): Promise<PostgresStandby>
  /** It answers nobody, and its sockets stay. */
  pause(): void
  goOn(): void
  /** Every process of it ends at once, as in a crash. */
  kill(): Promise<void>
  start(): Promise<void>
  stop(): Promise<void>
}

export interface PostgresStandby {
  readonly port: number
  /** Resolves once it has all that was committed. */
  caughtUp(): Promise<void>
  /** Nothing more reaches it. */
  cutOff(): Promise<void>
  /** It takes writes from now on, on a timeline of its own. */
  promote(): Promise<void>
  stop(): Promise<void>
}

/** Where PostgreSQL is on this machine, or null; one line then says what does not run. */
export function findPostgres(): string | null {
  const folder = whereIs()
  if (folder === null) process.stderr.write('PostgreSQL is not installed: the tests of the store on it did not run.\n')
  return folder
}

function whereIs(): string | null {
  try {
    const folder = execFileSync('pg_config', ['--bindir'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    return existsSync(join(folder.trim(), 'initdb')) ? folder.trim() : null
  } catch {
    // Not installed, or only its clients.
    return null
  }
}

/** Makes a cluster in a folder of its own and starts it. `settings`: those of `postgresql.conf`. */
export async function startPostgres(
  bin: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<PostgresServer> {
  const folder = await mkdtemp(join(tmpdir(), 'andon-pg-'))
  const isRoot = userInfo().uid === 0
  if (isRoot) {
    const uid = Number(execFileSync('id', ['-u', USER], { encoding: 'utf8' }))
    await chown(folder, uid, uid)
  }
  chmodSync(folder, 0o700)
  const asUser = async (program: string, ...args: string[]): Promise<void> => {
    const file = join(bin, program)
    const options = { cwd: folder }
    await (isRoot ? run('runuser', ['-u', USER, '--', file, ...args], options) : run(file, args, options))
  }
  const data = join(folder, 'data')
  await asUser('initdb', '-D', data, '-A', 'trust', '-U', USER, '--no-sync', '-E', 'UTF8', '--locale=C.UTF-8')
  const port = await freePort()
  const all = { listen_addresses: '127.0.0.1', unix_socket_directories: folder, autovacuum: 'off', ...settings }
  const flags = Object.entries({ ...all, port: String(port) }).map(([name, value]) => `-c ${name}=${value}`)
  const url = `postgres://${USER}@127.0.0.1:${port}/postgres`
  let databases = 0
  const start = (): Promise<void> =>
    asUser('pg_ctl', '-D', data, '-w', '-l', join(folder, 'log'), '-o', flags.join(' '), 'start')
  const signalAll = (signal: NodeJS.Signals): void => {
    const [main = ''] = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')
    const children = spawnSync('pgrep', ['-P', main], { encoding: 'utf8' }).stdout.split('\n')
    for (const pid of [main, ...children].map(Number).filter((each) => each > 0)) process.kill(pid, signal)
  }
  // One user who has to say a password, whatever the others do not have to.
  const rules = join(data, 'pg_hba.conf')
  writeFileSync(rules, `host all locked 127.0.0.1/32 scram-sha-256\n${readFileSync(rules, 'utf8')}`)
  await start()
  return {
    port,
    url,
    start,
    async newDatabase() {
      const name = `site_${(databases += 1)}`
      const client = new pg.Client({ connectionString: url })
      await client.connect()
      await client.query(`CREATE DATABASE ${name}`)
      await client.end()
      return `postgres://${USER}@127.0.0.1:${port}/${name}`
    },
    pause: () => signalAll('SIGSTOP'),
    goOn: () => signalAll('SIGCONT'),
    standby: () => startStandby({ asUser, folder, primary: port }),
    kill: () => asUser('pg_ctl', '-D', data, '-m', 'immediate', '-w', 'stop'),
    async stop() {
      await asUser('pg_ctl', '-D', data, '-m', 'immediate', '-w', 'stop').catch(() => undefined)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function startStandby({
  asUser,
  folder,
  primary,
}: {
  readonly asUser: (program: string, ...args: string[]) => Promise<void>
  readonly folder: string
  readonly primary: number
}): Promise<PostgresStandby> {
  const port = await freePort()
  const data = join(folder, `standby-${port}`)
  const address = ['-h', '127.0.0.1', '-U', USER]
  await asUser('pg_basebackup', ...address, '-p', String(primary), '-D', data, '-R', '--checkpoint=fast', '--no-sync')
  const flags = `-c port=${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${folder} -c hot_standby=on`
  await asUser('pg_ctl', '-D', data, '-w', '-l', join(folder, `log-${port}`), '-o', flags, 'start')
  const ask = async (at: number, text: string): Promise<unknown> => {
    const client = new pg.Client({ host: '127.0.0.1', port: at, user: USER, database: 'postgres' })
    await client.connect()
    try {
      return Object.values((await client.query<Record<string, unknown>>(text)).rows[0] ?? {})[0]
    } finally {
      await client.end()
    }
  }
  return {
    port,
    async caughtUp() {
      const position = String(await ask(primary, 'SELECT pg_current_wal_lsn()::text'))
      while ((await ask(port, `SELECT pg_last_wal_replay_lsn() >= '${position}'::pg_lsn`)) !== true) await sleep(20)
    },
    async cutOff() {
      await ask(port, `ALTER SYSTEM SET primary_conninfo = ''`)
      await ask(port, 'SELECT pg_reload_conf()')
      while ((await ask(port, 'SELECT count(*)::int FROM pg_stat_wal_receiver')) !== 0) await sleep(20)
    },
    async promote() {
      await ask(port, 'SELECT pg_promote(true, 60)')
    },
    stop: () => asUser('pg_ctl', '-D', data, '-m', 'immediate', '-w', 'stop'),
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
