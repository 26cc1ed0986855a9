import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { ChannelName } from '../../relay/protocol/channels.ts'
import { RECEIPT_KINDS } from '../../relay/protocol/frames.ts'
import type { CommandId, Epoch, EventId, Incarnation } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { createDevice } from '../../test/support/wire-client.ts'
import { PACE_RATES } from './pace.ts'
import { useGateway } from '../../test/support/gateway-floor.ts'

const CHAT = 'chat/line-3' as ChannelName
const URGENT = 'alerts/urgent' as ChannelName
const KEY = { authorization: 'Bearer demo-key' }
const { url, connect, greeted, signedIn, post } = useGateway()

describe('commands', () => {
  it('[W1] [W2] [W3] takes a lane in order: result, hole, repeat', async () => {
    const { client, session } = await signedIn()
    const first = post(1, session)
    client.send(first)
    expect(await client.next('result')).toMatchObject({
      seq: 1,
      id: first.id,
      outcome: 'applied',
      offsets: { [CHAT]: expect.any(Number) },
    })
    client.send(post(3, session))
    client.send(post(4, session))
    expect(await client.next('expect')).toEqual({ t: 'expect', lane: 'normal', seq: 2 })
    client.send(first)
    expect(await client.next('result')).toMatchObject({ seq: 1, outcome: 'applied' })
    client.send(post(1, session))
    expect(await client.next('outbox-forked')).toMatchObject({ seq: 1 })
    expect(client.received.filter((frame) => frame.t === 'expect')).toEqual([])
  })

  it('[W7] rejects a command in a lane that its type never stood in, and the lane goes on', async () => {
    const { client, session } = await signedIn()
    client.send({ ...post(1, session), lane: 'urgent' })
    expect(await client.next('result')).toMatchObject({ lane: 'urgent', seq: 1, code: 'wrong-lane' })
    const data = { priority: 'P3', area: 'line-3', title: 'behind it' }
    client.send({ ...post(2, session), lane: 'urgent', type: 'alert.raise', data })
    expect(await client.next('result')).toMatchObject({ lane: 'urgent', seq: 2, outcome: 'applied' })
  })

  it.each([
    ['bad-command', 'alert.raise', { priority: 'P9', area: 'line-3', title: 'x' }],
    ['bad-command', 'alert.raise', { priority: 'P0', area: 'line-3' }],
    ['unknown-area', 'alert.raise', { priority: 'P0', area: 'line-9', title: 'x' }],
    ['alert-not-found', 'alert.ack', { id: '00000000-0000-7000-8000-00000000dead' }],
  ])('[W5] rejects with %s and goes on', async (code, type, data) => {
    const { client, session } = await signedIn()
    client.send({ ...post(1, session), lane: 'urgent', type, data })
    expect(await client.next('result')).toMatchObject({
      outcome: 'rejected',
      code,
      message: expect.stringMatching(/\.$/),
    })
    client.send(post(1, session))
    expect(await client.next('result')).toMatchObject({ lane: 'normal', outcome: 'applied' })
  })

  it('[W10] keeps its marks across connections', async () => {
    const { client, device, session } = await signedIn()
    client.send(post(1, session))
    await client.next('result')
    client.close()
    expect(
      await connect().greet(device, {
        outbox: { epoch: device.epoch, incarnation: null, oldest: { urgent: 1, normal: 2 } },
      }),
    ).toMatchObject({ outbox: 'known', marks: { normal: 1 } })
  })

  it('[W10] adopts where an outbox of another incarnation goes on', async () => {
    const incarnation = randomUUID() as Incarnation
    const device = await createDevice()
    expect(
      await connect().greet(device, { outbox: { epoch: device.epoch, incarnation, oldest: { urgent: 1, normal: 9 } } }),
    ).toMatchObject({ outbox: 'adopted', marks: { urgent: 0, normal: 8 } })
  })
})

describe('channels', () => {
  it('[S2] resumes after a cursor without a gap, and goes on live', async () => {
    const { client, session } = await signedIn()
    client.send({ t: 'subscribe', channel: CHAT, credit: 4 })
    const start = await client.next('snapshot')
    for (const seq of [1, 2, 3]) client.send(post(seq, session))
    const events = [await client.next('event'), await client.next('event'), await client.next('event')]
    expect(events.map(({ offset }) => offset - start.offset)).toEqual([1, 2, 3])
    expect(events[0]).toMatchObject({ type: 'chat.posted', by: 'kim', data: { line: 'line-3', text: 'message 1' } })

    client.send({ t: 'unsubscribe', channel: CHAT })
    await client.next('unsubscribed')
    const [first] = events
    client.send({
      t: 'subscribe',
      channel: CHAT,
      cursor: { epoch: start.epoch, offset: first?.offset ?? 0, id: first?.id ?? null },
      credit: 4,
    })
    expect(await client.next('subscribed')).toMatchObject({ offset: start.offset + 1, top: start.offset + 3 })
    expect((await client.next('event')).offset).toBe(start.offset + 2)
    expect((await client.next('event')).offset).toBe(start.offset + 3)
    client.send(post(4, session))
    expect((await client.next('event')).offset).toBe(start.offset + 4)
  })

  it.each([
    ['unknown-epoch', { epoch: '0123456789abcdef' as Epoch }],
    ['ahead', { offset: 1_000_000 }],
    ['unknown-event', { id: randomUUID() as EventId }],
  ])('[S3] answers a cursor with %s by a reset and a snapshot', async (reason, forged) => {
    const { client, session } = await signedIn()
    client.send(post(1, session))
    await client.next('result')
    client.send({ t: 'subscribe', channel: CHAT, credit: 4 })
    const { epoch, offset, id } = await client.next('snapshot')
    client.send({ t: 'unsubscribe', channel: CHAT })
    client.send({ t: 'subscribe', channel: CHAT, cursor: { epoch, offset, id, ...forged }, credit: 4 })
    expect(await client.next('reset')).toMatchObject({ channel: CHAT, reason })
    expect(await client.next('snapshot')).toMatchObject({ epoch, offset, last: true })
  })

  it('[S5] reads a log from its start, and nothing else', async () => {
    const { client, session } = await signedIn()
    client.send(post(1, session))
    await client.next('result')
    client.send({ t: 'subscribe', channel: CHAT, from: 'start', credit: 4 })
    const { offset, top } = await client.next('subscribed')
    expect(offset).toBe(0)
    for (let expected = 1; expected <= top; expected += 1) expect((await client.next('event')).offset).toBe(expected)
    client.send({ t: 'subscribe', channel: 'orders/line-3', from: 'start', credit: 4 })
    expect(await client.next('unsubscribed')).toMatchObject({ channel: 'orders/line-3', code: 'not-a-log' })
  })

  it.each([
    ['unknown-channel', 'chat/line-9'],
    ['unknown-channel', 'weather/line-3'],
    ['unknown-channel', '../../etc/passwd'],
    ['forbidden', 'chat/line-1'],
    ['forbidden', 'prefs/lee'],
  ])('[S8] answers %s for %s', async (code, channel) => {
    const { client } = await signedIn()
    client.send({ t: 'subscribe', channel, credit: 1 })
    expect(await client.next('unsubscribed')).toMatchObject({ channel, code })
  })

  it('[S8] asks for a person where a device alone may not read, and refuses a second subscription', async () => {
    const { client } = await greeted()
    client.send({ t: 'subscribe', channel: CHAT, credit: 1 })
    expect(await client.next('unsubscribed')).toMatchObject({ code: 'sign-in-needed' })
    client.send({ t: 'subscribe', channel: URGENT, credit: 1 })
    client.send({ t: 'subscribe', channel: URGENT, credit: 1 })
    expect(await client.next('error')).toMatchObject({ code: 'already-subscribed', channel: URGENT })
  })

  it('[S6] refuses credit that was not earned', async () => {
    const { client } = await greeted()
    client.send({ t: 'subscribe', channel: URGENT, credit: 4 })
    await client.next('snapshot')
    client.send({ t: 'credit', channel: URGENT, pages: 4 })
    expect(await client.next('error')).toMatchObject({ code: 'bad-credit', channel: URGENT })
  })

  it('an alert raised over HTTP is on every device within the tick, with the same bytes', async () => {
    const [one, two] = [await greeted(), await greeted()]
    for (const { client } of [one, two]) {
      client.send({ t: 'subscribe', channel: URGENT, credit: 4 })
      await client.next('snapshot')
    }
    const response = await fetch(`${url()}/api/alerts`, {
      method: 'POST',
      headers: { authorization: 'Bearer demo-key', 'content-type': 'application/json' },
      body: JSON.stringify({ priority: 'P0', area: 'line-3', title: '<img src=x onerror=alert(1)>' }),
    })
    expect(response.status).toBe(201)
    const events = [await one.client.next('event'), await two.client.next('event')]
    expect(events[0]).toEqual(events[1])
    expect(events[0]).toMatchObject({
      type: 'alert.raised',
      by: 'demo-key',
      data: { record: { title: '<img src=x onerror=alert(1)>', acknowledged: null } },
    })
  })
})

describe('heartbeat', () => {
  it('[H4] [P4] records per alert and device that it was sent and received, once', async () => {
    const { client, device } = await greeted()
    client.send({ t: 'subscribe', channel: URGENT, credit: 4 })
    const { epoch } = await client.next('snapshot')
    const headers = { authorization: 'Bearer demo-key', 'content-type': 'application/json' }
    const body = JSON.stringify({ priority: 'P1', area: 'line-3', title: 'Followed' })
    const raised = (await (await fetch(`${url()}/api/alerts`, { method: 'POST', headers, body })).json()) as {
      id: string
    }
    const { offset } = await client.next('event')
    client.send({ t: 'ping', nonce: 'not yet applied', urgent: { epoch, offset: offset - 1 } })
    await client.next('pong')
    client.send({ t: 'ping', nonce: 'now applied', urgent: { epoch, offset } })
    client.send({ t: 'ping', nonce: 'forged beyond', urgent: { epoch, offset: offset + 100 } })
    await client.next('pong')
    await client.next('pong')
    const evidence = async () => {
      const answer = await fetch(`${url()}/api/alerts/${raised.id}/evidence`, { headers })
      return JSON.stringify(await answer.json())
    }
    await expect.poll(evidence).toContain('"received"')
    expect((await evidence()).match(new RegExp(device.id, 'g'))).toHaveLength(2)
  })

  it('[H1] names per channel what was written to this connection, and the top', async () => {
    const { client, session } = await signedIn()
    client.send({ t: 'subscribe', channel: CHAT, credit: 4 })
    const { epoch, offset } = await client.next('snapshot')
    client.send(post(1, session))
    await client.next('event')
    client.send({ t: 'ping', nonce: 'heartbeat' })
    expect(await client.next('pong')).toMatchObject({
      nonce: 'heartbeat',
      channels: { [CHAT]: { epoch, written: offset + 1, top: offset + 1 } },
    })
  })
})

it('[E1, E2, P4] stores a receipt of every kind, the same one once, and answers it', async () => {
  const { client } = await greeted()
  const { id: alert } = await raise()
  const items = RECEIPT_KINDS.map((kind) => ({ alert, kind, agoMs: 5 }))
  client.send({ t: 'receipts', ref: 8, items })
  client.send({ t: 'receipts', ref: 9, items: [{ alert, kind: 'notified', agoMs: 0 }] })
  expect(await client.next('receipted')).toEqual({ t: 'receipted', ref: 8 })
  expect(await client.next('receipted')).toEqual({ t: 'receipted', ref: 9 })
  const response = await fetch(`${url()}/api/alerts/${alert}/evidence`, {
    headers: { authorization: 'Bearer demo-key' },
  })
  const told = (await response.json()) as { receipts: readonly { kind: string }[] }
  expect(told.receipts.map(({ kind }) => kind).toSorted()).toEqual([...RECEIPT_KINDS].toSorted())
})

it('[E3] [P8] answers receipts of an alert that never was, stores none of them, and counts them', async () => {
  const { client } = await greeted()
  const before = await dropped()
  const never = randomUUID() as CommandId
  const items = RECEIPT_KINDS.map((kind) => ({ alert: never, kind, agoMs: 5 }))
  client.send({ t: 'receipts', ref: 7, items })
  expect(await client.next('receipted')).toEqual({ t: 'receipted', ref: 7 })
  const { status } = await fetch(`${url()}/api/alerts/${never}/evidence`, { headers: KEY })
  expect([status, (await dropped()) - before]).toEqual([404, RECEIPT_KINDS.length])
})

it('[E3] [P8] takes receipts no faster than the rate of their device, answers them all and refuses none', async () => {
  const { client } = await greeted()
  const items = Array.from({ length: LIMITS.maxReceipts }, () => ({
    alert: randomUUID() as CommandId,
    kind: 'heard' as const,
    agoMs: 0,
  }))
  const { perSecond, burst } = PACE_RATES.receipts
  const batches = Math.ceil((burst + perSecond) / LIMITS.maxReceipts) + 1
  const startedAt = performance.now()
  for (let ref = 1; ref <= batches; ref += 1) client.send({ t: 'receipts', ref, items })
  for (let ref = 1; ref <= batches; ref += 1) expect((await client.next('receipted')).ref).toBe(ref)
  // A second's worth beyond the burst: sooner is impossible, however fast or slow the machine.
  expect(performance.now() - startedAt).toBeGreaterThan(1_000)
  expect(client.received).toEqual([])
})

async function raise(): Promise<{ readonly id: CommandId }> {
  const body = JSON.stringify({ priority: 'P3', area: 'line-3', title: 'Evidence' })
  const headers = { ...KEY, 'content-type': 'application/json' }
  const response = await fetch(`${url()}/api/alerts`, { method: 'POST', headers, body })
  return (await response.json()) as { readonly id: CommandId }
}

async function dropped(): Promise<number> {
  const metrics = await (await fetch(`${url()}/metrics`)).text()
  return Number(/^andon_receipts_dropped (\d+)$/m.exec(metrics)?.[1])
}
