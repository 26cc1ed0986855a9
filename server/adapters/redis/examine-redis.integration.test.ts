import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HAS_REDIS, RunningRedis } from '../../../test/support/redis.ts'
import { examineRedis } from './examine-redis.ts'

describe.skipIf(!HAS_REDIS)('[U6] what can be said of a Redis', () => {
  let redis: RunningRedis
  beforeEach(async () => {
    redis = await RunningRedis.start()
  })
  afterEach(() => redis.end())

  async function tell(...commands: readonly (readonly [string, ...string[]])[]): Promise<void> {
    const client = new Redis(redis.url)
    for (const [name, ...rest] of commands) await client.call(name, ...rest)
    client.disconnect()
  }

  it('is that it answers, and that nothing of Andon is lost where it throws keys away', async () => {
    expect(await examineRedis(redis.url)).toMatchObject({
      ok: true,
      says: expect.stringMatching(/answers within \d+ ms\.$/),
    })
    await tell(['CONFIG', 'SET', 'maxmemory', '100mb'], ['CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru'])
    expect(await examineRedis(redis.url)).toMatchObject({
      ok: true,
      says: expect.stringContaining('Full, at 100 MB, it throws keys away (allkeys-lru): Andon keeps none there'),
    })
  })

  it('is what to do where it cuts nodes off, hangs, is not there, or does not let one in', async () => {
    await tell(['CONFIG', 'SET', 'client-output-buffer-limit', 'pubsub 1000 0 0'])
    expect(await examineRedis(redis.url)).toMatchObject({
      ok: false,
      says: expect.stringContaining('1000 bytes behind'),
    })
    await tell(
      ['CONFIG', 'SET', 'client-output-buffer-limit', 'pubsub 32mb 8mb 60'],
      ['ACL', 'SETUSER', 'mute', 'on', '>secret', '+ping', '+subscribe', '+publish', 'resetchannels'],
      ['ACL', 'SETUSER', 'floor', 'on', '>secret', '+ping', '+subscribe', '+publish', '&andon:*'],
    )
    const as = (user: string) => examineRedis(redis.url.replace('//', `//${user}@`))
    expect(await as('floor:secret')).toMatchObject({ ok: true })
    const mute = await as('mute:secret')
    expect(mute).toMatchObject({ ok: false, todo: expect.stringContaining('&andon:*') })
    expect(await as('floor:wrong')).toMatchObject({ ok: false, says: expect.stringContaining('WRONGPASS') })
    expect(JSON.stringify([mute, await as('floor:wrong')])).not.toContain('secret')
    redis.pause()
    expect(await examineRedis(redis.url)).toMatchObject({ ok: false })
    redis.goOn()
    await redis.kill()
    expect(await examineRedis(redis.url)).toMatchObject({ ok: false, says: expect.stringContaining('ECONNREFUSED') })
  })
})
