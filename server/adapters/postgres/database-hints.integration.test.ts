import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { HAS_PGBOUNCER, RunningPgBouncer } from '../../../test/support/pgbouncer.ts'
import { startPostgresProxy } from '../../../test/support/postgres-proxy.ts'
import { findPostgres, startPostgres, type PostgresServer } from '../../../test/support/postgres.ts'
import { channelName } from '../../../relay/protocol/channels.ts'
import type { Epoch, EventId } from '../../../relay/protocol/ids.ts'
import type { Hints } from '../../ports/hints.ts'
import type { CommittedEvent } from '../../ports/submission.ts'
import { openDatabaseHints, whyUnwoken } from './database-hints.ts'

const bin = findPostgres()
const COMMITTED: CommittedEvent = {
  channel: channelName('chat', 'line-3'),
  epoch: '0'.repeat(16) as Epoch,
  event: {
    offset: 1,
    id: '00000000-0000-7000-8000-000000000001' as EventId,
    type: 'chat.posted',
    at: '2026-11-20T03:00:00.000Z',
    data: { line: 'line-3', text: 'hello' },
  },
}

interface Node {
  readonly hints: Hints
  /** How often it was woken. */
  woken: number
  readonly said: string[]
}

describe.skipIf(bin === null)('[U9] nodes that are woken by their database', () => {
  let server: PostgresServer
  const nodes: Node[] = []
  beforeAll(async () => {
    server = await startPostgres(bin ?? '', { fsync: 'off' })
  }, 60_000)
  afterAll(() => server.stop())
  afterEach(async () => {
    await Promise.all(nodes.splice(0).map(({ hints }) => hints.close()))
  })

  function open(name: string, url: string): Node {
    const said: string[] = []
    const hints = openDatabaseHints({
      url,
      node: name,
      monotonic: () => performance.now(),
      changed: (isHearing, why) => said.push(isHearing ? 'hears' : why),
    })
    const node: Node = { hints, woken: 0, said }
    hints.hear({ heard: () => undefined, missed: () => (node.woken += 1) })
    nodes.push(node)
    return node
  }
  const hearing = ({ hints }: Node, isHearing = true) =>
    expect.poll(() => hints.counts().isHearing, { timeout: 20_000 }).toBe(isHearing)

  it('hear that another has committed, not of themselves, and many commits of a moment once', async () => {
    const url = await server.newDatabase()
    const [one, two] = [open('one', url), open('two', url)]
    await Promise.all([hearing(one), hearing(two)])
    const before = one.woken
    const woken = two.woken
    for (let count = 0; count < 1_000; count += 1) one.hints.tell([COMMITTED])
    await expect.poll(() => one.hints.counts().told).toBe(1_000)
    await expect.poll(() => two.woken).toBeGreaterThan(woken)
    expect(two.woken - woken).toBeLessThan(5)
    expect(one.woken).toBe(before)
  })

  it('hear nothing of another database, and count what is none of theirs', async () => {
    const url = await server.newDatabase()
    const [one, other] = [open('one', url), open('other', await server.newDatabase())]
    await Promise.all([hearing(one), hearing(other)])
    const before = other.woken
    one.hints.tell([COMMITTED])
    await expect.poll(() => one.hints.counts().told).toBe(1)
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    await client.query(`SELECT pg_notify('andon', 'anything')`)
    await client.end()
    await expect.poll(() => one.hints.counts().refused).toBe(1)
    expect(other.woken).toBe(before)
  })

  it('connect again, and look at once into what they may have missed', async () => {
    const proxy = await startPostgresProxy(server.port)
    const url = await server.newDatabase()
    const one = open('one', url.replace(String(server.port), String(proxy.port)))
    await hearing(one)
    const before = one.woken
    proxy.cut()
    await expect.poll(() => one.said.at(-1), { timeout: 20_000 }).not.toBe('hears')
    one.hints.tell([COMMITTED])
    await hearing(one)
    expect(one.woken).toBeGreaterThan(before)
    expect(one.hints.counts().dropped + one.hints.counts().told).toBe(1)
    await proxy.close()
  })

  it.skipIf(!HAS_PGBOUNCER)(
    'say so where a pooler is between, which has a connection for each transaction',
    async () => {
      const bouncer = await RunningPgBouncer.start(server.port, { size: 3 })
      try {
        expect(await whyUnwoken(bouncer.addressOf(await server.newDatabase()))).toContain('a pooler is between')
        expect(await whyUnwoken(await server.newDatabase())).toBeNull()
        const one = open('one', bouncer.addressOf(await server.newDatabase()))
        one.hints.tell([COMMITTED])
        await expect.poll(() => one.hints.counts().dropped, { timeout: 20_000 }).toBe(1)
        expect(one.hints.counts().isHearing).toBe(false)
      } finally {
        await bouncer.end()
      }
    },
  )
})
