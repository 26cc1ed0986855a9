import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { postgresOptions } from '../../../test/support/postgres-options.ts'
import { startPostgresProxy, type PostgresProxy } from '../../../test/support/postgres-proxy.ts'
import {
  findPostgres,
  startPostgres,
  type PostgresServer,
  type PostgresStandby,
} from '../../../test/support/postgres.ts'
import { HAS_REDIS, RunningRedis } from '../../../test/support/redis.ts'
import { URGENT_CHANNEL } from '../../../relay/protocol/channels.ts'
import { changed, greeting, raise, session } from '../../ports/store-samples.contract.ts'
import type { Store } from '../../ports/store.ts'
import { RedisCommits } from '../redis/redis-commits.ts'
import { CommitFile } from './commit-file.ts'
import { joinConfirmed, type ConfirmedCommits, type Judgement } from './lineage.ts'
import { openPostgresStore } from './postgres-store.ts'

const bin = findPostgres()

describe.skipIf(bin === null)('a database that goes on as another server', () => {
  let primary: PostgresServer
  let standby: PostgresStandby
  let proxy: PostgresProxy
  let url: string
  let root: string
  let renewed: Judgement[]
  let troubles: string[]
  const stores: Store[] = []

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'andon-failover-'))
    primary = await startPostgres(bin ?? '', { fsync: 'off' })
    proxy = await startPostgresProxy(primary.port)
    url = (await primary.newDatabase()).replace(String(primary.port), String(proxy.port))
    renewed = []
    troubles = []
  }, 60_000)
  afterEach(async () => {
    proxy.cut()
    await Promise.all(stores.splice(0).map((store) => store.close()))
    await proxy.close()
    await standby.stop()
    await primary.stop()
    await rm(root, { recursive: true, force: true })
  }, 60_000)

  const open = async (confirmed: (floor: string) => ConfirmedCommits): Promise<Store> => {
    const { store } = await openPostgresStore({
      ...postgresOptions(url, (what, cause) => void troubles.push(what === 'rolled-back' ? String(cause) : what)),
      confirmed,
      renewed: (judgement) => void renewed.push(judgement),
    })
    stores.push(store)
    return store
  }
  const file = (name: string): ConfirmedCommits => new CommitFile(join(root, name), () => undefined)
  const folder = async (): Promise<() => ConfirmedCommits> => {
    const own = await mkdtemp(join(root, 'node-'))
    return () => new CommitFile(own, () => undefined)
  }
  const withPeople = async (store: Store): Promise<void> => {
    await store.addArea('line-3')
    await store.putOperator({ id: 'kim', role: 'operator', areas: ['*'], pinHash: 'x', status: 'active' })
    await store.greet(greeting())
    await store.putSession(session())
  }
  /** The first server dies, the second takes its place, and everybody finds it under the address of the first. */
  const failOver = async (): Promise<void> => {
    await primary.kill()
    await standby.promote()
    proxy.lead(standby.port)
    proxy.cut()
  }
  /** As devices do it. */
  const submitted = async (store: Store, seq: number): Promise<string> => {
    for (;;) {
      const { verdict } = await store.submit(changed(raise(seq, 'P0'), { session: null }))
      if (verdict.kind === 'done') return verdict.repeated ? 'repeated' : verdict.outcome.outcome
      if (renewed.length > 0) return 'not taken'
    }
  }

  it('[T25] with all that was confirmed goes on with it, in the same incarnation', { timeout: 120_000 }, async () => {
    const store = await open(await folder())
    await withPeople(store)
    standby = await primary.standby()
    expect(await submitted(store, 1)).toBe('applied')
    await standby.caughtUp()
    const before = [await store.incarnation(), (await store.snapshotStart(URGENT_CHANNEL)).epoch]
    await failOver()
    expect(await submitted(store, 1)).toBe('repeated')
    expect(await submitted(store, 2)).toBe('applied')
    expect([await store.incarnation(), (await store.snapshotStart(URGENT_CHANNEL)).epoch]).toEqual(before)
    expect(renewed).toEqual([])
  })

  it(
    '[T25] [P2] without something that was confirmed takes no command before it is a new incarnation',
    { timeout: 120_000 },
    async () => {
      const confirmed = await folder()
      const store = await open(confirmed)
      await withPeople(store)
      standby = await primary.standby()
      await standby.caughtUp()
      await standby.cutOff()
      expect(await submitted(store, 1)).toBe('applied')
      const before = [await store.incarnation(), (await store.snapshotStart(URGENT_CHANNEL)).epoch]
      await failOver()
      expect(await submitted(store, 2)).toBe('not taken')
      expect(renewed).toMatchObject([{ missing: 1, unknown: 0 }])
      // Neither does it read on: what it says of channels would be of two lives of the floor.
      await expect(store.tail(null)).rejects.toThrow()
      await store.close()

      const again = await open(confirmed)
      const after = [await again.incarnation(), (await again.snapshotStart(URGENT_CHANNEL)).epoch]
      expect(after[0]).not.toBe(before[0])
      expect(after[1]).not.toBe(before[1])
      // It was compared already.
      expect(troubles.join()).not.toContain('missing')
      expect((await again.areas()).length).toBe(1)
      expect(await submitted(again, 1)).toBe('applied')
    },
  )

  it('[T25] [P2] is noticed at a start, and by a node that only reads', { timeout: 120_000 }, async () => {
    const other = await open(() => joinConfirmed([]))
    const confirmed = await folder()
    const store = await open(confirmed)
    await withPeople(store)
    standby = await primary.standby()
    await standby.caughtUp()
    await standby.cutOff()
    expect(await submitted(store, 1)).toBe('applied')
    const before = await store.incarnation()
    await store.close()
    await failOver()
    const again = await open(confirmed)
    expect(troubles.join()).toContain('of 1 writers commits are missing')
    expect(await again.incarnation()).not.toBe(before)
    expect(renewed).toEqual([])

    await expect(other.tail(null)).rejects.toThrow()
    expect(renewed).toHaveLength(1)
  })

  it(
    '[T25] of another node that wrote just before, nobody can say what is missing, so it is a new incarnation',
    { timeout: 120_000 },
    async () => {
      const store = await open(await folder())
      await withPeople(store)
      const other = await open(await folder())
      standby = await primary.standby()
      expect(await submitted(other, 1)).toBe('applied')
      await standby.caughtUp()
      await failOver()
      await expect(store.tail(null)).rejects.toThrow()
      expect(renewed).toMatchObject([{ missing: 0 }])
      expect(renewed[0]?.unknown).toBeGreaterThan(0)
      // The other one hears of it as well, and does not judge once more.
      await expect(other.tail(null)).rejects.toThrow()
      expect(renewed).toHaveLength(2)
      expect(renewed[1]).toMatchObject({ incarnation: renewed[0]?.incarnation, missing: 0, unknown: 0 })
    },
  )

  describe.skipIf(!HAS_REDIS)('with Redis', () => {
    let redis: RunningRedis
    beforeEach(async () => {
      redis = await RunningRedis.start()
    })
    afterEach(() => redis.end())
    const both =
      (own: ConfirmedCommits) =>
      (floor: string): ConfirmedCommits =>
        joinConfirmed([own, new RedisCommits({ url: redis.url, floor })])

    it('[T25] each knows what the others confirmed', { timeout: 120_000 }, async () => {
      const store = await open(both((await folder())()))
      await withPeople(store)
      const other = await open(both((await folder())()))
      standby = await primary.standby()
      expect(await submitted(other, 1)).toBe('applied')
      await standby.caughtUp()
      await failOver()
      // Nothing is missing, and both can say so.
      await store.tail(null)
      await other.tail(null)
      expect(await submitted(store, 1)).toBe('repeated')
      expect(renewed).toEqual([])
    })

    it(
      '[T25] [P2] a commit of a node that died with its disk is missed by the others',
      { timeout: 120_000 },
      async () => {
        const store = await open(both((await folder())()))
        await withPeople(store)
        const dead = await open(both((await folder())()))
        standby = await primary.standby()
        await standby.caughtUp()
        await standby.cutOff()
        expect(await submitted(dead, 1)).toBe('applied')
        // The last word of a node reaches Redis behind its answer.
        const asked = new Redis(redis.url)
        await expect
          .poll(async () => {
            const [key = ''] = await asked.keys('andon:*:confirmed')
            return asked.hlen(key)
          })
          .toBe(2)
        asked.disconnect()
        await dead.close()
        await failOver()
        await expect(store.tail(null)).rejects.toThrow()
        expect(renewed).toMatchObject([{ missing: 1 }])
      },
    )
  })

  it('[T25] what was confirmed is read again from its file, and what is of no interest any more goes', async () => {
    standby = await primary.standby()
    const one = '0190a8a0-0000-7000-8000-000000000001'
    const two = '0190a8a0-0000-7000-8000-000000000002'
    const first = file('.')
    first.confirmed(one, 1)
    first.confirmed(two, 7)
    first.confirmed(one, 12)
    first.close()
    const second = file('.')
    expect(Object.fromEntries(await second.known())).toEqual({ [one]: 12, [two]: 7 })
    await second.keep(new Set([two]))
    second.confirmed(two, 8)
    second.close()
    expect(Object.fromEntries(await file('.').known())).toEqual({ [two]: 8 })
  })
})
