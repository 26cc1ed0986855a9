import { randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { channelName } from '../../../relay/protocol/channels.ts'
import type { Cursor, Epoch, EventId } from '../../../relay/protocol/ids.ts'
import { LIMITS } from '../../../relay/protocol/limits.ts'
import type { WireClient } from '../../support/wire-client.ts'
import type { Case } from '../case.ts'
import { demand, demandEqual, demandThat, Mismatch, SENTENCE } from '../expecting.ts'
import { URGENT, type SignedIn, type Visitor } from '../visitor.ts'

export const channels: readonly Case[] = [
  {
    rules: ['S1'],
    says: 'offsets count without a gap, and an event keeps its offset and id for every reader',
    async run(visitor) {
      const poster = await visitor.signedIn()
      await postMany(poster, visitor, 5)
      const [one, two] = [await visitor.readChat(), await visitor.readChat()]
      const first = one[0]?.offset ?? 1
      demandEqual(
        one.map(({ offset }) => offset),
        one.map((_line, index) => first + index),
        'offsets',
      )
      demandEqual(two.slice(0, one.length), one, 'the same log for a second reader')
    },
  },
  {
    rules: ['S2'],
    says: 'a cursor that matches is answered by subscribed, then by every later event once and in order, live ones too',
    async run(visitor) {
      const poster = await visitor.signedIn()
      const { client } = await visitor.signedIn()
      const cursor = await cursorAtTop(client, visitor)
      await postMany(poster, visitor, 3)
      client.send({ t: 'subscribe', channel: visitor.chat, cursor, credit: 4 })
      const { epoch, offset } = cursor
      demand(await client.next('subscribed'), { epoch, offset, id: cursor.id, top: offset + 3 })
      await postMany(poster, visitor, 2, 4)
      await demandContiguous(visitor, client, { after: offset, count: 5 })
    },
  },
  ...(
    [
      ['unknown-epoch', 'of another epoch', { epoch: '0123456789abcdef' as Epoch }],
      ['ahead', 'above the top', { offset: 1_000_000_000 }],
      ['unknown-event', 'with another event at its offset', { id: randomUUID() as EventId }],
    ] as const
  ).map(([reason, what, forged]): Case => ({
    rules: ['S3'],
    says: `a cursor ${what} is answered by reset, ${reason}, then a snapshot; other readers are left alone`,
    async run(visitor) {
      const poster = await visitor.signedIn()
      await postMany(poster, visitor, 1)
      const other = await visitor.signedIn()
      const before = await subscribeAtTop(other.client, visitor)
      const { client } = await visitor.signedIn()
      const cursor = await cursorAtTop(client, visitor)
      client.send({ t: 'subscribe', channel: visitor.chat, cursor: { ...cursor, ...forged }, credit: 4 })
      demand(await client.next('reset'), { channel: visitor.chat, reason })
      demand(await client.next('snapshot'), { channel: visitor.chat, epoch: cursor.epoch, page: 0 })
      await postMany(poster, visitor, 1, 2)
      await demandContiguous(visitor, other.client, { after: before.offset, count: 1 })
      demandEqual(
        other.client.received.filter((frame) => frame.t === 'reset'),
        [],
        'resets of another reader',
      )
    },
  })),
  {
    rules: ['S4'],
    says: 'without a cursor a log begins with its last events, then goes on after the cursor that the snapshot names',
    async run(visitor) {
      const poster = await visitor.signedIn()
      await postMany(poster, visitor, 3)
      const { client } = await visitor.signedIn()
      client.send({ t: 'subscribe', channel: visitor.chat, credit: 4 })
      const { events = [], offset, id } = demand(await client.next('snapshot'), { page: 0, last: true })
      demandThat(events.length <= LIMITS.logSnapshotEvents, `at most ${LIMITS.logSnapshotEvents} events`, events.length)
      demandEqual([events.at(-1)?.offset, events.at(-1)?.id], [offset, id], 'the cursor at the last event')
      await postMany(poster, visitor, 1, 4)
      await demandContiguous(visitor, client, { after: offset, count: 1 })
    },
  },
  {
    rules: ['S4', 'S6'],
    says: 'a large state comes in pages, one per credit, all with the cursor from before page one, each record with its offset',
    async run(visitor) {
      const expected = await raiseMany(visitor)
      const { client } = await visitor.greeted()
      const channel = channelName('alerts', visitor.target.area)
      client.send({ t: 'subscribe', channel, credit: 1 })
      const first = demand(await client.next('snapshot'), { page: 0, last: false })
      const keys = new Set<string>()
      for (let page = first; ;) {
        const { epoch, offset, id } = first
        demand(page, { epoch, offset, id }, 'a page')
        const records = page.records ?? []
        for (const record of records) {
          demandThat(record.offset > 0, 'an offset on every record', record.key)
          keys.add(record.key)
        }
        demandSize(
          page,
          records.map(({ record }) => record),
        )
        if (page.last) break
        await visitor.settled(client)
        const early = client.received.filter((frame) => frame.t === 'snapshot')
        demandEqual(early, [], 'pages without credit')
        client.send({ t: 'credit', channel, pages: 1 })
        page = demand(await client.next('snapshot'), { page: page.page + 1 })
      }
      demandEqual(
        expected.filter((id) => !keys.has(id)),
        [],
        'records missing from the snapshot',
      )
    },
  },
  {
    rules: ['S5'],
    says: 'from start reads a log from its oldest event; on a state it is not-a-log',
    async run(visitor) {
      const poster = await visitor.signedIn()
      await postMany(poster, visitor, 2)
      const { client } = await visitor.signedIn()
      client.send({ t: 'subscribe', channel: visitor.chat, from: 'start', credit: 4 })
      const { offset, top } = await client.next('subscribed')
      await demandContiguous(visitor, client, { after: offset, count: top - offset })
      const orders = `orders/${visitor.target.area}`
      client.send({ t: 'subscribe', channel: orders, from: 'start', credit: 4 })
      demand(await client.next('unsubscribed'), { channel: orders, code: 'not-a-log', message: SENTENCE })
    },
  },
  {
    rules: ['C2', 'S6', 'S7'],
    says: 'catch-up comes in pages of at most 64 KB, stops when its credit is used up, and goes on without gap or repeat when more comes',
    async run(visitor) {
      const poster = await visitor.signedIn()
      const { client } = await visitor.signedIn()
      const cursor = await cursorAtTop(client, visitor)
      const count = await postLarge(poster, visitor)
      client.send({ t: 'subscribe', channel: visitor.chat, cursor, credit: 1 })
      await client.next('subscribed')
      const page = await client.next('page')
      demandThat(page.events.length < count, 'a first page that is not everything', page.events.length)
      await visitor.settled(client)
      demandEqual(
        client.received.filter((frame) => frame.t === 'page' || frame.t === 'event'),
        [],
        'frames without credit',
      )
      client.send({ t: 'credit', channel: visitor.chat, pages: 1 })
      const seen = [...page.events, ...(await visitor.readOn(client, visitor.chat, count - page.events.length))]
      demandEqual(offsetsOf(seen), counting(cursor.offset, count), 'offsets')
      // Last, so that a server that only counts wrongly is seen to do the rest right.
      demandSize(
        page,
        page.events.map(({ data }) => data),
      )
    },
  },
  {
    rules: ['S6'],
    says: 'live events cost no credit',
    async run(visitor) {
      const poster = await visitor.signedIn()
      const { client } = await visitor.signedIn()
      const { offset } = await subscribeAtTop(client, visitor)
      await postMany(poster, visitor, 10)
      for (let next = offset + 1; next <= offset + 10; next += 1) demand(await client.next('event'), { offset: next })
    },
  },
  {
    rules: ['S6'],
    says: 'more than four pages outstanding is bad-credit, and the subscription lives on',
    async run(visitor) {
      const { client } = await visitor.greeted()
      client.send({ t: 'subscribe', channel: URGENT, credit: 4 })
      await client.next('snapshot')
      client.send({ t: 'credit', channel: URGENT, pages: 4 })
      demand(await client.next('error'), { code: 'bad-credit', channel: URGENT, message: SENTENCE })
      demand(await visitor.settled(client), { channels: { [URGENT]: {} } }, 'a pong')
    },
  },
  {
    rules: ['S7'],
    says: 'readers that come in the middle of a stream see every event after their cursor once',
    async run(visitor) {
      const poster = await visitor.signedIn()
      const readers: SignedIn[] = []
      for (let count = 0; count < 3; count += 1) readers.push(await visitor.signedIn())
      const cursor = await cursorAtTop(poster.client, visitor)
      const batch = 20
      for (const [index, { client }] of readers.entries()) {
        const posting = postMany(poster, visitor, batch, 1 + index * batch)
        client.send({ t: 'subscribe', channel: visitor.chat, cursor, credit: 4 })
        await posting
      }
      for (const { client } of readers) {
        await client.next('subscribed')
        await demandContiguous(visitor, client, { after: cursor.offset, count: batch * readers.length })
      }
    },
  },
  ...(
    [
      ['unknown-channel', 'an area that does not exist', () => 'chat/no-such-area'],
      ['unknown-channel', 'a domain that does not exist', ({ target }: Visitor) => `weather/${target.area}`],
      ['unknown-channel', 'what is no name', () => '../../etc/passwd'],
      ['forbidden', "an area that is not the person's", ({ target }: Visitor) => `chat/${target.otherArea}`],
      ['forbidden', "somebody else's preferences", ({ target }: Visitor) => `prefs/${target.stranger}`],
    ] as const
  ).map(([code, what, channelOf]): Case => ({
    rules: ['S8'],
    says: `${what} is answered by unsubscribed, ${code}`,
    async run(visitor) {
      const { client } = await visitor.signedIn()
      const channel = channelOf(visitor)
      client.send({ t: 'subscribe', channel, credit: 1 })
      demand(await client.next('unsubscribed'), { channel, code, message: SENTENCE })
    },
  })),
  {
    rules: ['S8'],
    says: 'a device with nobody signed in reads alerts, and needs a sign-in for chat, orders and preferences',
    async run(visitor) {
      const { area, user } = visitor.target
      const { client } = await visitor.greeted()
      for (const channel of [`chat/${area}`, `orders/${area}`, `prefs/${user.name}`]) {
        client.send({ t: 'subscribe', channel, credit: 1 })
        demand(await client.next('unsubscribed'), { channel, code: 'sign-in-needed', message: SENTENCE })
      }
      client.send({ t: 'subscribe', channel: URGENT, credit: 1 })
      await client.next('snapshot')
    },
  },
  {
    rules: ['S8'],
    says: 'a second subscription on a channel is already-subscribed, and the first lives on',
    async run(visitor) {
      const { client } = await visitor.greeted()
      for (let count = 0; count < 2; count += 1) client.send({ t: 'subscribe', channel: URGENT, credit: 1 })
      demand(await client.next('error'), { code: 'already-subscribed', channel: URGENT, message: SENTENCE })
      await client.next('snapshot')
      demand(await visitor.settled(client), { channels: { [URGENT]: {} } }, 'a pong')
    },
  },
  {
    rules: ['S9'],
    says: 'an urgent event does not wait for a catch-up that is under way',
    async run(visitor) {
      const poster = await visitor.signedIn()
      const { client } = await visitor.signedIn()
      client.send({ t: 'subscribe', channel: URGENT, credit: 4 })
      await client.next('snapshot', (page) => page.last)
      const cursor = await cursorAtTop(client, visitor)
      const count = await postLarge(poster, visitor)
      client.send({ t: 'subscribe', channel: visitor.chat, cursor, credit: 1 })
      const page = await client.next('page')
      const title = `conformance ${uuidv7()}`
      await visitor.raise({ title })
      await client.next('event', (event) => event.channel === URGENT && JSON.stringify(event.data).includes(title))
      client.send({ t: 'credit', channel: visitor.chat, pages: 1 })
      await visitor.readOn(client, visitor.chat, count - page.events.length)
    },
  },
]

/** Posts by a person whose outbox is otherwise empty; resolves when all of them are applied. */
async function postMany({ client, grant }: SignedIn, visitor: Visitor, count: number, firstSeq = 1): Promise<void> {
  const texts = Array.from({ length: count }, (_, index) => `conformance ${index}`)
  await postTexts(client, visitor, { texts, firstSeq, session: grant.session })
}

/**
 * Several pages of chat, and more messages than a server may want to close the chase with from memory. Letters of three
 * bytes, as half of our users write them, tell a limit in bytes from one in characters. Resolves with their number.
 */
async function postLarge({ client, grant }: SignedIn, visitor: Visitor): Promise<number> {
  const texts = Array.from({ length: LIMITS.maxPageItems + 200 }, () => '가'.repeat(100))
  await postTexts(client, visitor, { texts, firstSeq: 1, session: grant.session })
  return texts.length
}

async function postTexts(
  client: WireClient,
  visitor: Visitor,
  { texts, firstSeq, session }: { texts: readonly string[]; firstSeq: number; session: SignedIn['grant']['session'] },
): Promise<void> {
  // As a relay does: no more under way than may be, and what is answered is confirmed (W4).
  for (let from = 0; from < texts.length; from += LIMITS.maxInFlight) {
    const some = texts.slice(from, from + LIMITS.maxInFlight)
    const seq = firstSeq + from
    for (const [index, text] of some.entries()) client.send(visitor.post(text, { seq: seq + index, session }))
    for (const index of some.keys()) demand(await client.next('result'), { seq: seq + index, outcome: 'applied' })
    client.send({ t: 'confirm', lane: 'normal', upTo: seq + some.length - 1 })
  }
}

/** More than one page of alerts that bother nobody (P3), taken back after the case. Resolves with their ids. */
async function raiseMany(visitor: Visitor): Promise<readonly string[]> {
  const body = '나'.repeat(LIMITS.maxBody)
  // Several pages whether a server counts bytes or, against the rule, letters.
  const count = Math.ceil((2 * LIMITS.maxPageBytes) / LIMITS.maxBody)
  const ids: string[] = []
  for (let index = 0; index < count; index += 1) {
    ids.push(await visitor.raise({ title: `conformance ${index}`, priority: 'P3', body }))
  }
  return ids
}

async function subscribeAtTop(client: WireClient, visitor: Visitor): Promise<Cursor> {
  client.send({ t: 'subscribe', channel: visitor.chat, credit: 1 })
  const { epoch, offset, id } = await client.next('snapshot', (page) => page.channel === visitor.chat)
  return { epoch, offset, id }
}

async function cursorAtTop(client: WireClient, visitor: Visitor): Promise<Cursor> {
  const cursor = await subscribeAtTop(client, visitor)
  client.send({ t: 'unsubscribe', channel: visitor.chat })
  await client.next('unsubscribed')
  if (cursor.id === null && cursor.offset > 0) throw new Mismatch('an id with every offset above 0', cursor)
  return cursor
}

/** Bytes, not letters: of the items of a page, and of the frame around them (limits.ts). */
function demandSize(page: object, items: readonly unknown[]): void {
  const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value))
  const ofItems = items.reduce<number>((sum, item) => sum + bytesOf(item), 0)
  const isSmall = items.length <= 1 || ofItems <= LIMITS.maxPageBytes
  demandThat(isSmall, `a page with at most ${LIMITS.maxPageBytes} bytes of items`, `${ofItems} bytes of items`)
  const ofFrame = bytesOf(page)
  demandThat(ofFrame <= LIMITS.maxFrameBytes, `a frame of at most ${LIMITS.maxFrameBytes} bytes`, `${ofFrame} bytes`)
}

async function demandContiguous(
  visitor: Visitor,
  client: WireClient,
  { after, count }: { readonly after: number; readonly count: number },
): Promise<void> {
  const events = await visitor.readOn(client, visitor.chat, count)
  demandEqual(offsetsOf(events), counting(after, count), 'offsets')
}

function offsetsOf(events: readonly { readonly offset: number }[]): readonly number[] {
  return events.map(({ offset }) => offset)
}

function counting(after: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => after + 1 + index)
}
