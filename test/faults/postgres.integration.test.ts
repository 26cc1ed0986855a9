import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Machine } from '../support/machine.ts'
import { findPostgres, startPostgres, type PostgresServer } from '../support/postgres.ts'
import { freePort, isLive, Program, startRelay, startServer, type Line } from '../support/processes.ts'
import { createDevice, WireClient } from '../support/wire-client.ts'

const bin = findPostgres()
const ALERT = { priority: 'P0', area: 'line-3', title: 'Evacuate line 3' }

describe.skipIf(bin === null)('a server on PostgreSQL', () => {
  let postgres: PostgresServer
  let root = ''
  const programs: Program[] = []
  beforeAll(async () => {
    postgres = await startPostgres(bin ?? '')
  }, 60_000)
  afterAll(() => postgres.stop())
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'andon-pg-server-'))
  })
  afterEach(async () => {
    await Promise.all(programs.splice(0).map((program) => program.kill()))
    await rm(root, { recursive: true, force: true })
  })

  const result = (ref: string) => (line: Line) => line.kind === 'result' && line['ref'] === ref
  const server = async (url: string, name: string, port: number) => {
    const started = await startServer(join(root, name), port, { env: { ANDON_DATABASE: url } })
    programs.push(started.program)
    return started
  }
  const relay = (url: string, name: string, extra: readonly string[] = []): Program => {
    const program = startRelay({ url, folder: join(root, name), user: ['kim', '1111'], extra: ['--linger', ...extra] })
    programs.push(program)
    return program
  }

  it('[T22] [P1] takes an alert once over a kill of the server and of its database, and shows it on another node', async () => {
    const database = await postgres.newDatabase()
    const port = await freePort()
    const first = await server(database, 'one', port)
    const kim = relay(first.url, 'kim')
    await kim.until(isLive)
    kim.send({ ref: 'a', command: 'alert.raise', data: ALERT })
    expect(await kim.until(result('a'))).toMatchObject({ outcome: 'applied' })
    await first.program.kill()
    await postgres.kill()
    kim.send({ ref: 'b', command: 'alert.raise', data: { ...ALERT, title: 'Evacuate everything' } })
    await kim.until((line) => line.kind === 'saved' && line['ref'] === 'b')
    await postgres.start()
    await server(database, 'one', port)
    expect(await kim.until(result('b'))).toMatchObject({ outcome: 'applied' })

    const other = await server(database, 'two', await freePort())
    const board = relay(other.url, 'board', ['--subscribe', 'alerts/urgent'])
    const snapshot = await board.until((line) => line.kind === 'snapshot' && line['channel'] === 'alerts/urgent')
    const { records } = snapshot['data'] as { records: Record<string, { title: string }> }
    expect(Object.values(records).map(({ title }) => title)).toEqual(['Evacuate line 3', 'Evacuate everything'])
    expect(await other.program.stop()).toBe(0)
    for (const { stderr } of programs) expect(stderr).not.toContain('"level":50')
  })

  it('[T22] [P7] has the time of its database, and is not ready where its own is another', async ({ skip }) => {
    const machine = new Machine()
    const clock = machine.makeClock('server')
    skip(clock === null, 'libfaketime is not installed')
    try {
      const { program, url } = await startServer(join(root, 'data'), await freePort(), {
        env: { ...clock?.env, ANDON_DATABASE: await postgres.newDatabase() },
      })
      programs.push(program)
      const isReady = async (): Promise<number> => (await fetch(`${url}/readyz`)).status
      expect(await isReady()).toBe(200)
      clock?.set(3_600_000)
      await expect.poll(isReady).toBe(503)
      expect(await (await fetch(`${url}/readyz`)).json()).toMatchObject({
        detail: expect.stringMatching(
          /^The clock of this server is 3[56]\d\d s ahead of that of its database/,
        ) as string,
      })
      const client = new WireClient(url)
      const { serverTime } = await client.greet(await createDevice())
      expect(Math.abs(Date.parse(serverTime) - Date.now())).toBeLessThan(600_000)
      client.close()
      clock?.set(0)
      await expect.poll(isReady).toBe(200)
    } finally {
      machine.clear()
    }
  })

  it('[T24] does not start on a database that does not let it in, and says so without the password', async () => {
    const database = await postgres.newDatabase()
    const wrong = database.replace('postgres@', 'locked:geheim@')
    const program = new Program('server/cli.ts', ['server', '--data', join(root, 'data'), '--database', wrong])
    programs.push(program)
    expect(await program.exited).toBe(1)
    expect(program.stderr).toContain('check user and password')
    expect(program.stderr).not.toContain('geheim')
  })

  it('[T24] does not leave a floor in a file behind without a word', async () => {
    const port = await freePort()
    const started = await startServer(join(root, 'data'), port)
    await started.program.stop()
    const args = ['server', '--demo', '--data', join(root, 'data'), '--database', await postgres.newDatabase()]
    const program = new Program('server/cli.ts', args)
    programs.push(program)
    expect(await program.exited).toBe(1)
    expect(program.stderr).toContain('holds a floor in a file already')
  })

  it('copies of it are made by PostgreSQL, and whoever asks for one is told so', async () => {
    const { url } = await server(await postgres.newDatabase(), 'one', await freePort())
    const headers = { authorization: 'Bearer demo-key' }
    const answer = await fetch(`${url}/api/admin/backup`, { headers })
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('pg_dump')])
  })
})
