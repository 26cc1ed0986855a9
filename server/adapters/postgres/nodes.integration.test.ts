import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startPostgresProxy, type PostgresProxy } from '../../../test/support/postgres-proxy.ts'
import { postgresOptions } from '../../../test/support/postgres-options.ts'
import { findPostgres, startPostgres, type PostgresServer } from '../../../test/support/postgres.ts'
import { channelName, URGENT_CHANNEL, type ChannelName } from '../../../relay/protocol/channels.ts'
import type { StoredEvent } from '../../../relay/protocol/events.ts'
import type { CommandId, DeviceId } from '../../../relay/protocol/ids.ts'
import { changed, commandId, DEVICE, greeting, PAGE, post, raise, session } from '../../ports/store-samples.contract.ts'
import type { Store } from '../../ports/store.ts'
import type { Submission } from '../../ports/submission.ts'
import { openPostgresStore } from './postgres-store.ts'

const bin = findPostgres()

describe.skipIf(bin === null)('several nodes on one database', () => {
  let server: PostgresServer
  let proxy: PostgresProxy
  let nodes: readonly [Store, Store]
  let troubles: string[]
  beforeAll(async () => {
    server = await startPostgres(bin ?? '', { fsync: 'off' })
    proxy = await startPostgresProxy(server.port)
  }, 60_000)
  afterAll(async () => {
    await proxy.close()
    await server.stop()
  })

  const open = async (url: string): Promise<Store> => {
    const { store } = await openPostgresStore(postgresOptions(url, (what) => void troubles.push(what)))
    return store
  }

  beforeEach(async () => {
    troubles = []
    const url = await server.newDatabase()
    const one = await open(url.replace(String(server.port), String(proxy.port)))
    nodes = [one, await open(url)]
    for (const area of ['line-1', 'line-3']) await one.addArea(area)
    await one.putOperator({ id: 'kim', role: 'operator', areas: ['*'], pinHash: 'x', status: 'active' })
    await one.greet(greeting())
    await one.putSession(session())
  })
  afterEach(async () => {
    proxy.cut()
    await Promise.all(nodes.map((node) => node.close()))
  })

  const all = async (channel: ChannelName): Promise<readonly StoredEvent[]> => {
    const found: StoredEvent[] = []
    const { epoch } = await nodes[1].snapshotStart(channel)
    for (;;) {
      const { events } = await nodes[1].events(channel, { epoch, offset: found.length }, PAGE)
      if (events.length === 0) return found
      found.push(...events)
    }
  }
  const alert = (seq: number, device: DeviceId): Submission => ({
    ...changed(raise(seq, 'P0'), { device, session: null }),
    id: idOf(device, seq),
  })
  const idOf = (device: DeviceId, seq: number): CommandId => commandId(Number(device.slice(0, 8)) * 1_000 + seq)

  it('[T22] [S1] [W1] give every channel offsets without a gap or a repeat, and take each command once', async () => {
    let known = 0
    const step = fc.record({
      device: fc.nat(2),
      lane: fc.constantFrom('urgent', 'normal'),
      to: fc.constantFrom('one', 'other', 'both'),
      isAwaited: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30 }), async (steps) => {
        const devices = Array.from(
          { length: 3 },
          () =>
            String((known += 1))
              .padStart(8, '0')
              .padEnd(43, 'x') as DeviceId,
        )
        for (const [index, device] of devices.entries()) {
          await nodes[index % 2 === 0 ? 0 : 1].greet({ ...greeting(), device })
          const id = idOf(device, 999).replace('-7000-', '-4000-')
          await nodes[0].putSession({ ...session(), id: id as ReturnType<typeof session>['id'], device })
        }
        const next = new Map<string, number>()
        const sent: { readonly id: CommandId; readonly submission: Submission }[] = []
        const waiting: Promise<unknown>[] = []
        for (const { device: index, lane, to, isAwaited } of steps) {
          const device = devices[index] ?? DEVICE
          const seq = (next.get(`${device} ${lane}`) ?? 0) + 1
          next.set(`${device} ${lane}`, seq)
          const author = idOf(device, 999).replace('-7000-', '-4000-') as ReturnType<typeof session>['id']
          const submission: Submission =
            lane === 'urgent'
              ? alert(seq, device)
              : { ...changed(post(seq, 'x'), { device, session: author }), id: idOf(device, 500 + seq) }
          sent.push({ id: submission.id, submission })
          const answers = (to === 'both' ? nodes : [nodes[to === 'one' ? 0 : 1]]).map((node) => node.submit(submission))
          waiting.push(...answers)
          if (isAwaited) await Promise.all(answers)
        }
        await Promise.all(waiting)
        // What overtook another one was told what was expected, and comes again in its turn, as a device would send it.
        for (const { submission } of sent) {
          const { verdict } = await nodes[0].submit(submission)
          expect(verdict).toMatchObject({ kind: 'done', outcome: { outcome: 'applied' } })
        }
        for (const channel of [URGENT_CHANNEL, channelName('chat', 'line-3')]) {
          const events = await all(channel)
          expect(events.map(({ offset }) => offset)).toEqual(events.map((_event, index) => index + 1))
          const causes = events.map(({ cause }) => cause)
          expect(new Set(causes).size).toBe(causes.length)
        }
        const made = [...(await all(URGENT_CHANNEL)), ...(await all(channelName('chat', 'line-3')))]
        const causes = new Set(made.map(({ cause }) => cause))
        expect(sent.filter(({ id }) => !causes.has(id))).toEqual([])
      }),
      { numRuns: 12 },
    )
  })

  it('[T23] a node that freezes in the middle of a transaction holds up nobody', async () => {
    const other = '7'.padStart(8, '0').padEnd(43, 'x') as DeviceId
    await nodes[1].greet({ ...greeting(), device: other })
    const frozen = proxy.next('hold')
    const held = nodes[0].submit(raise(1, 'P0'))
    await frozen
    // The first node has written its alert and not committed it: the channel is its own until the database ends its session.
    const { verdict } = await nodes[1].submit(alert(1, other))
    expect(verdict).toMatchObject({ outcome: { offsets: { [URGENT_CHANNEL]: 1 } } })
    expect((await held).verdict).toMatchObject({ outcome: { offsets: { [URGENT_CHANNEL]: 2 } } })
    expect(await all(URGENT_CHANNEL)).toHaveLength(2)
  })

  it.each(['cut-before', 'cut-after'] as const)(
    '[T23] a commit without an answer is told and tried again only when the database has said whether it happened: %s',
    async (what) => {
      const cut = proxy.next(what)
      const submitted = nodes[0].submit(raise(1, 'P0'))
      await cut
      expect((await submitted).verdict).toMatchObject({
        kind: 'done',
        repeated: false,
        outcome: { outcome: 'applied', offsets: { [URGENT_CHANNEL]: 1 } },
      })
      expect(troubles).toContain('commit in doubt')
      expect(await all(URGENT_CHANNEL)).toHaveLength(1)
      expect((await nodes[1].submit(raise(1, 'P0'))).verdict).toMatchObject({ repeated: true })
    },
  )

  it('[N12] a greeting that a later one of the same run overtook by another node gets no link', async () => {
    const of = (life: string, attempt: number) => ({ ...greeting(), run: { life, attempt } })
    const first = await nodes[0].greet(of('one', 2))
    expect(await nodes[1].greet(of('one', 1))).toMatchObject({ outbox: 'overtaken', link: 0 })
    expect(await nodes[1].greet(of('one', 3))).toMatchObject({ outbox: 'known', link: first.link + 1 })
    // Of two runs the later greeting counts.
    expect(await nodes[0].greet(of('two', 1))).toMatchObject({ outbox: 'known', link: first.link + 2 })
  })

  it('[T3] answers retry-later while the database is away, and goes on when it is back', async () => {
    await server.kill()
    expect((await nodes[1].submit(raise(1, 'P0'))).verdict).toMatchObject({ kind: 'retry-later', code: 'unavailable' })
    await expect(nodes[1].addArea('line-2')).rejects.toMatchObject({ name: 'StoreUnavailable' })
    await server.start()
    expect((await nodes[1].submit(raise(1, 'P0'))).verdict).toMatchObject({ kind: 'done', repeated: false })
  })
})
