import { describe, expect, it } from 'vitest'
import { CLOSE } from '../../relay/protocol/close-codes.ts'
import { openPostgresStore } from '../../server/adapters/postgres/postgres-store.ts'
import { PIN_RULES } from '../../server/core/pin-rules.ts'
import type { SessionId } from '../../relay/protocol/ids.ts'
import { postgresOptions } from '../support/postgres-options.ts'
import { HAS_NODES, nodeFloor, type RunningNode } from '../support/node-floor.ts'
import { createDevice, WireClient } from '../support/wire-client.ts'

interface SignedIn {
  readonly session: SessionId
  readonly accessToken: string
  readonly generation: number
  readonly refreshToken: string
}

describe.skipIf(!HAS_NODES)('people on several nodes of one floor', () => {
  const floor = nodeFloor()

  const connect = (node: RunningNode): WireClient => new WireClient(node.url)
  const asked = (node: RunningNode, path: string, token: string, body: object): Promise<Response> =>
    fetch(`${node.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'andon-refresh': 'body' },
      body: JSON.stringify(body),
    })
  const signIn = (node: RunningNode, token: string, pin = '1111'): Promise<Response> =>
    asked(node, '/api/sessions', token, { operator: 'kim', pin })

  it('[A8] a device is believed by every node, whichever it is connected to, until it greets again', async () => {
    const [one, two] = await Promise.all([floor.node('one'), floor.node('two')])
    const device = await createDevice()
    const first = await connect(one).greet(device)
    const signed = await signIn(two, first.deviceToken)
    expect(signed.status).toBe(200)
    const { session, refreshToken } = (await signed.json()) as SignedIn
    const second = await connect(two).greet(device)
    for (const node of [one, two])
      expect((await asked(node, '/api/sessions/refresh', first.deviceToken, { session, refreshToken })).status).toBe(
        401,
      )
    const refreshed = await asked(one, '/api/sessions/refresh', second.deviceToken, { session, refreshToken })
    expect(refreshed.status).toBe(200)
  })

  it('[G5] [U7] the newest link of a device counts on whichever node it is: the older one is told that it was replaced', async () => {
    const [one, two] = await Promise.all([floor.node('one'), floor.node('two')])
    await floor.redis.kill()
    const device = await createDevice()
    let last = connect(one)
    await last.greet(device)
    for (const node of [two, one]) {
      const next = connect(node)
      await next.greet(device)
      expect((await last.closed()).code).toBe(CLOSE.replaced.code)
      last = next
    }
    last.send({ t: 'ping', nonce: 'nonce-of-the-last' })
    expect(await last.next('pong')).toMatchObject({ nonce: 'nonce-of-the-last' })
  })

  it('[A7] [X3] [U7] a token used twice at one node, and rights that an administrator takes away beside them, end reading at the other', async () => {
    const [one, two] = await Promise.all([floor.node('one'), floor.node('two')])
    await floor.redis.kill()
    const device = await createDevice()
    const client = connect(one)
    const { deviceToken } = await client.greet(device)
    const first = (await (await signIn(one, deviceToken)).json()) as SignedIn
    const refresh = ({ session, refreshToken }: SignedIn): Promise<Response> =>
      asked(two, '/api/sessions/refresh', deviceToken, { session, refreshToken })
    client.send({ t: 'auth', token: first.accessToken, generation: first.generation })
    await client.next('authed')

    const kim = { id: 'kim', role: 'operator', pinHash: 'x', status: 'active' } as const
    const { store } = await openPostgresStore(postgresOptions(floor.database))
    await store.putOperator({ ...kim, areas: ['line-1'] })
    await store.close()
    expect(await client.next('authed')).toMatchObject({ areas: ['line-1'], session: first.session })

    const second = (await (await refresh(first)).json()) as SignedIn
    await refresh(second)
    expect((await refresh(first)).status).toBe(403)
    expect(await client.next('deauthed')).toMatchObject({ code: 'session-revoked' })
  })

  it('[X4] an attacker who guesses at every node makes no more guesses than at one, also after a node began anew', async () => {
    const nodes = await Promise.all([floor.node('one'), floor.node('two')])
    const doors = await Promise.all(
      nodes.map(async (node) => ({ node, token: (await connect(node).greet(await createDevice())).deviceToken })),
    )
    const guesses = PIN_RULES.person.limit + 12
    const codes: string[] = []
    for (let index = 0; index < guesses; index += 1) {
      const door = doors[index % doors.length]
      if (door === undefined) throw new Error('no door')
      codes.push(((await (await signIn(door.node, door.token, '9999')).json()) as { code: string }).code)
    }
    expect(codes.filter((code) => code === 'bad-pin')).toHaveLength(PIN_RULES.person.limit)
    expect(codes.filter((code) => code === 'pin-locked')).toHaveLength(12)
    await nodes[0].program.kill()
    const again = await floor.node('one')
    const { deviceToken } = await connect(again).greet(await createDevice())
    // Not even with the right one, from one more device of nobody's.
    expect((await signIn(again, deviceToken)).status).toBe(429)
  })
})
