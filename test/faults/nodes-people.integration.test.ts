import { describe, expect, it } from 'vitest'
import type { SessionId } from '../../relay/protocol/ids.ts'
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

  const connect = (node: RunningNode): WireClient => new WireClient(node.url, { timeoutMs: 20_000 })
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
})
