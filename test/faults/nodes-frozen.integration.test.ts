import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HAS_NODES, nodeFloor, type RunningNode } from '../support/node-floor.ts'
import { startPostgresProxy, type PostgresProxy } from '../support/postgres-proxy.ts'

describe.skipIf(!HAS_NODES)('a node that freezes', () => {
  const floor = nodeFloor()
  let proxy: PostgresProxy
  beforeEach(async () => {
    proxy = await startPostgresProxy(floor.postgres.port)
  })
  afterEach(() => proxy.close())

  async function raise({ url }: RunningNode, title: string): Promise<{ id: string }> {
    const answer = await fetch(`${url}/api/alerts`, {
      method: 'POST',
      headers: { authorization: 'Bearer demo-key', 'content-type': 'application/json', 'idempotency-key': title },
      body: JSON.stringify({ priority: 'P0', area: 'line-3', title }),
    })
    expect(answer.status).toBe(201)
    return (await answer.json()) as { id: string }
  }

  it('[T23] in the middle of its transaction holds up no alert of another, and goes on where it was', async () => {
    const by = floor.database.replace(/:\d+\//, `:${proxy.port}/`)
    const [one, two] = [await floor.node('one', { by }), await floor.node('two')]
    const held = proxy.next('hold')
    const late = raise(one, 'late')
    await held
    // It has written to `alerts/urgent` and not committed.
    one.program.signal('SIGSTOP')
    const meanwhile = await raise(two, 'meanwhile')
    one.program.signal('SIGCONT')
    const { id } = await late
    const alerts = async ({ url }: RunningNode) => {
      const answer = await fetch(`${url}/api/alerts`, { headers: { authorization: 'Bearer demo-key' } })
      return ((await answer.json()) as { alerts: { id: string; title: string }[] }).alerts
    }
    for (const node of [one, two])
      await expect
        .poll(async () =>
          (await alerts(node)).map((alert) => alert.title).filter((title) => ['late', 'meanwhile'].includes(title)),
        )
        .toHaveLength(2)
    expect((await alerts(one)).map((alert) => alert.id)).toEqual(expect.arrayContaining([id, meanwhile.id]))
  })
})
