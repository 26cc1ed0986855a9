import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findPostgres, startPostgres, type PostgresServer } from '../../test/support/postgres.ts'
import { HAS_REDIS, RunningRedis } from '../../test/support/redis.ts'
import { run, serve, useFolder } from '../testing/command-processes.ts'

const bin = findPostgres()
const folder = useFolder()

describe.skipIf(bin === null || !HAS_REDIS)('[T24] [U6] andon doctor on a node', () => {
  let postgres: PostgresServer
  let redis: RunningRedis
  beforeAll(async () => {
    postgres = await startPostgres(bin ?? '', { full_page_writes: 'off' })
    redis = await RunningRedis.start()
  }, 60_000)
  afterAll(async () => {
    await redis.end()
    await postgres.stop()
  })

  const examine = async (...args: string[]) => {
    const { out } = await run(['doctor', '--json', '--data', folder(), ...args])
    const { checks } = JSON.parse(out) as { checks: { name: string; ok: boolean; says: string; todo: string | null }[] }
    return new Map(checks.map((check) => [check.name, check]))
  }

  it('says how database and Redis are, and what to do where they are not as they should be', async () => {
    const direct = ['--database-direct', postgres.url]
    const found = await examine('--database', postgres.url, ...direct, '--redis', redis.url)
    for (const name of ['database', 'clocks', 'database-direct', 'redis'])
      expect(found.get(name)).toMatchObject({ ok: true })
    expect(found.get('durability')).toMatchObject({
      ok: false,
      says: expect.stringContaining('full_page_writes off'),
      todo: 'Set full_page_writes to "on" in its postgresql.conf.',
    })
    const gone = await examine(
      '--database',
      'postgres://a:secret@127.0.0.1:1/x',
      '--database-direct',
      'postgres://a:secret@127.0.0.1:1/x',
      '--redis',
      'redis://:secret@127.0.0.1:1',
    )
    for (const name of ['database', 'redis'])
      expect(gone.get(name)).toMatchObject({ ok: false, says: expect.stringContaining('does not answer') })
    expect(gone.get('database-direct')).toMatchObject({ ok: false, says: expect.stringContaining('ECONNREFUSED') })
    expect(JSON.stringify([...gone])).not.toContain('secret')
  })

  it('[U9] a node without Redis is woken when another has committed', async () => {
    const database = await postgres.newDatabase()
    const nodes = ['--database', database, '--database-direct', database]
    const one = await serve('--demo', ...nodes)
    const two = await serve('--demo', ...nodes, '--data', folder())
    const numberOf = async (url: string, name: string): Promise<number> => {
      const text = await (await fetch(`${url}/metrics`, { headers: { authorization: 'Bearer demo-key' } })).text()
      return Number(new RegExp(`^${name} ([\\d.e-]+)$`, 'm').exec(text)?.[1])
    }
    for (const { url } of [one, two]) await expect.poll(() => numberOf(url, 'andon_nodes_woken')).toBe(1)
    const before = await numberOf(two.url, 'andon_wakes_heard')
    const raised = await fetch(`${one.url}/api/alerts`, {
      method: 'POST',
      headers: { authorization: 'Bearer demo-key', 'content-type': 'application/json' },
      body: JSON.stringify({ priority: 'P0', area: 'line-3', title: 'Gas in hall 1' }),
    })
    expect(raised.status).toBe(201)
    await expect.poll(() => numberOf(two.url, 'andon_wakes_heard')).toBeGreaterThan(before)
  })

  it('a node says in its metrics how old what it knows of the database is, and how many others it hears', async () => {
    const { url } = await serve('--demo', '--database', await postgres.newDatabase(), '--redis', redis.url)
    const text = await (await fetch(`${url}/metrics`, { headers: { authorization: 'Bearer demo-key' } })).text()
    expect(Number(/^andon_store_age_seconds ([\d.e-]+)$/m.exec(text)?.[1])).toBeLessThan(60)
    expect(text).toMatch(/^andon_nodes 0$/m)
  })
})
