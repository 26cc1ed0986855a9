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
    const found = await examine('--database', postgres.url, '--redis', redis.url)
    for (const name of ['database', 'clocks', 'redis']) expect(found.get(name)).toMatchObject({ ok: true })
    expect(found.get('durability')).toMatchObject({
      ok: false,
      says: expect.stringContaining('full_page_writes off'),
      todo: 'Set full_page_writes to "on" in its postgresql.conf.',
    })
    const gone = await examine(
      '--database',
      'postgres://a:secret@127.0.0.1:1/x',
      '--redis',
      'redis://:secret@127.0.0.1:1',
    )
    for (const name of ['database', 'redis'])
      expect(gone.get(name)).toMatchObject({ ok: false, says: expect.stringContaining('does not answer') })
    expect(JSON.stringify([...gone])).not.toContain('secret')
  })

  it('a node says in its metrics how old what it knows of the database is, and how many others it hears', async () => {
    const { url } = await serve('--demo', '--database', await postgres.newDatabase(), '--redis', redis.url)
    const text = await (await fetch(`${url}/metrics`, { headers: { authorization: 'Bearer demo-key' } })).text()
    expect(Number(/^andon_store_age_seconds ([\d.e-]+)$/m.exec(text)?.[1])).toBeLessThan(60)
    expect(text).toMatch(/^andon_nodes 0$/m)
  })
})
