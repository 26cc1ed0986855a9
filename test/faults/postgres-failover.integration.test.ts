import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startPostgresProxy, type PostgresProxy } from '../support/postgres-proxy.ts'
import { findPostgres, startPostgres, type PostgresServer, type PostgresStandby } from '../support/postgres.ts'
import { freePort, isLive, startRelay, startServer, type Line, type Program } from '../support/processes.ts'

const bin = findPostgres()
const CHANNEL = 'alerts/urgent'

describe.skipIf(bin === null)('a server whose database falls over to another', () => {
  let root = ''
  let primary: PostgresServer
  let standby: PostgresStandby
  let proxy: PostgresProxy
  const programs: Program[] = []
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'andon-failover-'))
    primary = await startPostgres(bin ?? '')
    proxy = await startPostgresProxy(primary.port)
  }, 60_000)
  afterEach(async () => {
    await Promise.all(programs.splice(0).map((program) => program.kill()))
    await proxy.close()
    await standby.stop()
    await primary.stop()
    await rm(root, { recursive: true, force: true })
  }, 60_000)

  const floor = async (): Promise<{ readonly kim: Program; readonly url: string }> => {
    const database = (await primary.newDatabase()).replace(String(primary.port), String(proxy.port))
    const { program: server, url } = await startServer(join(root, 'server'), await freePort(), {
      env: { ANDON_DATABASE: database },
    })
    const extra = ['--linger', '--subscribe', CHANNEL]
    const kim = startRelay({ url, folder: join(root, 'kim'), user: ['kim', '1111'], extra })
    programs.push(server, kim)
    await kim.until(isLive)
    return { kim, url }
  }
  const raised = async (kim: Program, title: string): Promise<Line> => {
    kim.send({ ref: title, command: 'alert.raise', data: { priority: 'P0', area: 'line-3', title } })
    return await kim.until(
      (line) => line.kind === 'result' && line['ref'] === title && line['outcome'] !== 'retry-later',
    )
  }
  const resets = ({ lines }: Program): readonly unknown[] =>
    lines.filter(({ kind }) => kind === 'reset').map((line) => line['channel'])
  const failOver = async (): Promise<void> => {
    await primary.kill()
    await standby.promote()
    proxy.lead(standby.port)
    proxy.cut()
  }
  const titles = async (url: string): Promise<readonly string[]> => {
    const board = startRelay({
      url,
      folder: join(root, `board-${Math.random()}`),
      user: ['lee', '2222'],
      extra: ['--linger', '--subscribe', CHANNEL],
    })
    programs.push(board)
    const line = await board.until((each) => each.kind === 'snapshot' && each['channel'] === CHANNEL)
    const { records } = line['data'] as { records: Record<string, { title: string }> }
    return Object.values(records).map(({ title }) => title)
  }
  const reviews = async (url: string): Promise<readonly string[]> => {
    const answer = await fetch(`${url}/api/admin/reviews`, { headers: { authorization: 'Bearer demo-key' } })
    const list = (await answer.json()) as { reviews: readonly { message: string }[] }
    return list.reviews.map(({ message }) => message)
  }

  it('[T25] [P1] that has all of it: devices lose seconds, and nothing else', { timeout: 180_000 }, async () => {
    const { kim, url } = await floor()
    expect(await raised(kim, 'Gas in hall 1')).toMatchObject({ outcome: 'applied' })
    standby = await primary.standby()
    expect(await raised(kim, 'Gas in hall 2')).toMatchObject({ outcome: 'applied' })
    await standby.caughtUp()
    await failOver()
    expect(await raised(kim, 'Gas in hall 3')).toMatchObject({ outcome: 'applied' })
    expect(await titles(url)).toEqual(['Gas in hall 1', 'Gas in hall 2', 'Gas in hall 3'])
    expect(await reviews(url)).toEqual([])
    expect(resets(kim)).toEqual([])
  })

  it(
    '[T25] [P2] [W10] that lacks some: it is said what may be missing, and the floor goes on',
    { timeout: 180_000 },
    async () => {
      const { kim, url } = await floor()
      expect(await raised(kim, 'Gas in hall 1')).toMatchObject({ outcome: 'applied' })
      standby = await primary.standby()
      await standby.caughtUp()
      await standby.cutOff()
      expect(await raised(kim, 'Gas in hall 2')).toMatchObject({ outcome: 'applied' })
      await failOver()
      expect(await raised(kim, 'Gas in hall 3')).toMatchObject({ outcome: 'applied' })
      expect(await titles(url)).toEqual(['Gas in hall 1', 'Gas in hall 3'])
      expect((await reviews(url)).join()).toMatch(
        /Command 2 of its urgent lane was answered before and this store knows nothing/,
      )
      expect(resets(kim)).toContain(CHANNEL)
    },
  )
})
