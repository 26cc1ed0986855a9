/** More alerts than a reader's buffers take, and reading them all: for tests of what readers that stop cost the others. */
import { v7 as uuidv7 } from 'uuid'
import type { ChannelName } from '../../relay/protocol/channels.ts'
import type { CommandId, SessionId } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import type { Priority } from '../../relay/protocol/records.ts'
import { createDevice, WireClient } from './wire-client.ts'

interface Grant {
  readonly session: SessionId
  readonly accessToken: string
  readonly generation: number
}

/**
 * Raises alerts as large as they may be, as one device does that somebody of the demonstration floor is signed in on: pipelined,
 * and confirmed. Resolves when all of them are applied.
 */
export async function raiseAll(url: string, priority: Priority, count: number): Promise<void> {
  const client = new WireClient(url)
  const { deviceToken } = await client.greet(await createDevice())
  const response = await fetch(`${url}/api/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${deviceToken}`, 'andon-refresh': 'body' },
    body: JSON.stringify({ operator: 'kim', pin: '1111' }),
  })
  const { session, accessToken, generation } = (await response.json()) as Grant
  client.send({ t: 'auth', token: accessToken, generation })
  await client.next('authed')
  const data = { priority, area: 'line-3', title: 'Filling up', body: 'x'.repeat(LIMITS.maxBody) }
  const send = (seq: number): void =>
    client.send({ t: 'command', lane: 'urgent', seq, id: uuidv7() as CommandId, type: 'alert.raise', session, data })
  for (let seq = 1; seq <= LIMITS.maxInFlight; seq += 1) send(seq)
  for (let answered = 0; answered < count; answered += 1) {
    const frame = await client.nextOf(['result', 'retry-later', 'expect'])
    if (frame.t !== 'result') throw new Error(`the server did not keep up: ${frame.t}`)
    if (frame.outcome !== 'applied') throw new Error(`an alert was not applied: ${frame.outcome}`)
    const next = frame.seq + LIMITS.maxInFlight
    if (next <= count) send(next)
    if (frame.seq % LIMITS.maxInFlight === 0) client.send({ t: 'confirm', lane: 'urgent', upTo: frame.seq })
  }
  client.close()
}

/** Reads that many events of a channel, by page or live, giving credit as a relay does. Returns their offsets. */
export async function readAll(client: WireClient, from: ChannelName, count: number): Promise<readonly number[]> {
  const offsets: number[] = []
  while (offsets.length < count) {
    const frame = await client.nextOf(['page', 'event'], ({ channel }) => channel === from)
    if (frame.t === 'event') offsets.push(frame.offset)
    else {
      offsets.push(...frame.events.map(({ offset }) => offset))
      client.send({ t: 'credit', channel: from, pages: 1 })
    }
  }
  return offsets
}

/** A figure of the server's `/metrics`. */
export async function metric(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  return Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1])
}
