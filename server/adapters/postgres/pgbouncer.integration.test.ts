import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HAS_PGBOUNCER, RunningPgBouncer } from '../../../test/support/pgbouncer.ts'
import { postgresOptions } from '../../../test/support/postgres-options.ts'
import { findPostgres, startPostgres, type PostgresServer } from '../../../test/support/postgres.ts'
import { channelName } from '../../../relay/protocol/channels.ts'
import { changed, greeting, PAGE, post, raise, session } from '../../ports/store-samples.contract.ts'
import type { Store } from '../../ports/store.ts'
import { openPostgresStore } from './postgres-store.ts'

const bin = findPostgres()

describe.skipIf(bin === null || !HAS_PGBOUNCER)('a store behind PgBouncer in transaction mode', () => {
  let server: PostgresServer
  let bouncer: RunningPgBouncer
  beforeAll(async () => {
    server = await startPostgres(bin ?? '', { fsync: 'off' })
    // Fewer than two nodes open: what one leaves in a session would be the other's.
    bouncer = await RunningPgBouncer.start(server.port, { size: 3 })
  }, 60_000)
  afterAll(async () => {
    await bouncer.end()
    await server.stop()
  })

  it('[T22] [T23] takes each command once and in order on two nodes, over a restart of PgBouncer in the middle', async () => {
    const url = bouncer.addressOf(await server.newDatabase())
    const open = async (): Promise<Store> => {
      const { store } = await openPostgresStore(postgresOptions(url))
      return store
    }
    const nodes = [await open(), await open()] as const
    await nodes[0].addArea('line-3')
    await nodes[0].putOperator({ id: 'kim', role: 'operator', areas: ['*'], pinHash: 'x', status: 'active' })
    await nodes[0].greet(greeting())
    await nodes[0].putSession(session())
    const take = async (seq: number): Promise<void> => {
      // As a device does: to whichever node, until it is answered.
      for (let tries = 0; ; tries += 1) {
        const { verdict } = await nodes[(seq + tries) % 2 === 0 ? 0 : 1].submit(post(seq, `${seq}`))
        if (verdict.kind === 'retry-later') continue
        return expect(verdict).toMatchObject({ kind: 'done', outcome: { outcome: 'applied' } })
      }
    }
    const reads = async (): Promise<void> => {
      for (let round = 0; round < 50; round += 1)
        await Promise.all(nodes.map((node) => node.tail(null).catch(() => undefined)))
    }
    const others = reads()
    let restarted: Promise<void> = Promise.resolve()
    for (let seq = 1; seq <= 60; seq += 1) {
      if (seq === 30) restarted = bouncer.restart()
      await take(seq)
    }
    await Promise.all([restarted, others])
    const chat = channelName('chat', 'line-3')
    const { epoch } = await nodes[0].snapshotStart(chat)
    const { events } = await nodes[1].events(chat, { epoch, offset: 0 }, PAGE)
    expect(events.map(({ data }) => (data as { text: string }).text)).toEqual(
      Array.from({ length: 60 }, (_, index) => `${index + 1}`),
    )
    const urgent = await Promise.all(nodes.map((node) => node.submit(changed(raise(1, 'P0'), { session: null }))))
    expect(urgent.filter(({ verdict }) => verdict.kind === 'done' && !verdict.repeated)).toHaveLength(1)
    await Promise.all(nodes.map((node) => node.close()))
  })
})
