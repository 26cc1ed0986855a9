import { randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import type { Incarnation } from '../../../relay/protocol/ids.ts'
import { createDevice } from '../../support/wire-client.ts'
import type { Case } from '../case.ts'
import { demand, demandEqual, SENTENCE, Where } from '../expecting.ts'
import type { SignedIn, Visitor } from '../visitor.ts'

const POSITIVE = new Where('a whole number above 0', (value) => Number.isSafeInteger(value) && Number(value) > 0)

export const commands: readonly Case[] = [
  {
    rules: ['W1'],
    says: 'a lane is taken in order, each command once, and the results come in that order',
    async run(visitor) {
      const { client, grant } = await visitor.signedIn()
      const text = marker()
      const sent = [1, 2, 3].map((seq) => visitor.post(`${text} ${seq}`, { seq, session: grant.session }))
      for (const command of sent) client.send(command)
      for (const { seq, id } of sent) {
        demand(await client.next('result'), { lane: 'normal', seq, id, outcome: 'applied' })
      }
      demandEqual(await written(visitor, text), [`${text} 1`, `${text} 2`, `${text} 3`], 'chat')
    },
  },
  {
    rules: ['W1'],
    says: 'a result names the offset that its command produced',
    async run(visitor) {
      const { client, grant } = await visitor.signedIn()
      const text = marker()
      client.send(visitor.post(text, { seq: 1, session: grant.session }))
      const { offsets } = demand(await client.next('result'), { offsets: { [visitor.chat]: POSITIVE } })
      const found = (await visitor.readChat()).find((line) => line.text === text)
      demandEqual(found?.offset, offsets?.[visitor.chat], 'offset in the log')
    },
  },
  {
    rules: ['W2'],
    says: 'a sequence above mark + 1 is answered by expect, and nothing is changed',
    async run(visitor) {
      const { client, grant } = await visitor.signedIn()
      const { session } = grant
      const text = marker()
      client.send(visitor.post(`${text} 3`, { seq: 3, session }))
      demandEqual(await client.next('expect'), { t: 'expect', lane: 'normal', seq: 1 }, 'an answer')
      demandEqual(await written(visitor, text), [], 'chat')
      for (const seq of [1, 2, 3]) client.send(visitor.post(`${text} ${seq}`, { seq, session }))
      for (const seq of [1, 2, 3]) demand(await client.next('result'), { seq, outcome: 'applied' })
    },
  },
  {
    rules: ['W3', 'W4'],
    says: 'a repeat with the same id is answered by its stored result, on a new connection too, and has no second effect',
    async run(visitor) {
      const first = await visitor.signedIn()
      const text = marker()
      const command = visitor.post(text, { seq: 1, session: first.grant.session })
      first.client.send(command)
      const result = await first.client.next('result')
      first.client.send(command)
      demandEqual(await first.client.next('result'), result, 'the same result')
      const { client } = await visitor.greeted(first.device)
      client.send(command)
      demandEqual(await client.next('result'), result, 'the same result')
      demandEqual(await written(visitor, text), [text], 'chat')
    },
  },
  {
    rules: ['W3'],
    says: 'a taken sequence with another id is outbox-forked, and nothing is changed',
    async run(visitor) {
      const { client, grant } = await visitor.signedIn()
      const { session } = grant
      const text = marker()
      client.send(visitor.post(`${text} first`, { seq: 1, session }))
      await client.next('result')
      client.send(visitor.post(`${text} other`, { seq: 1, session }))
      demand(await client.next('outbox-forked'), { lane: 'normal', seq: 1, message: SENTENCE })
      demandEqual(await written(visitor, text), [`${text} first`], 'chat')
    },
  },
  {
    rules: ['W3'],
    says: 'what a copied outbox sends behind the fork is not taken because its sequence fits, and neither is what comes later',
    async run(visitor) {
      const { client, grant } = await visitor.signedIn()
      const { session } = grant
      const text = marker()
      client.send(visitor.post(`${text} first`, { seq: 1, session }))
      await client.next('result')
      for (const seq of [1, 2]) client.send(visitor.post(`${text} copy ${seq}`, { seq, session }))
      for (const seq of [1, 2]) demand(await client.next('outbox-forked'), { lane: 'normal', seq })
      client.send(visitor.post(`${text} later`, { seq: 2, session }))
      demand(await client.next('outbox-forked'), { lane: 'normal', seq: 2 })
      demandEqual(await written(visitor, text), [`${text} first`], 'chat')
    },
  },
  {
    rules: ['W3', 'W4'],
    says: 'a result that was confirmed is forgotten: its sequence again is outbox-forked',
    async run(visitor) {
      const { client, grant } = await visitor.signedIn()
      const { session } = grant
      const text = marker()
      const sent = [1, 2].map((seq) => visitor.post(`${text} ${seq}`, { seq, session }))
      for (const command of sent) client.send(command)
      for (const { seq } of sent) demand(await client.next('result'), { seq, outcome: 'applied' })
      client.send({ t: 'confirm', lane: 'normal', upTo: 1 })
      for (const command of sent.toReversed()) client.send(command)
      demand(await client.next('result'), { seq: 2, outcome: 'applied' }, 'what was not confirmed: a frame')
      demand(await client.next('outbox-forked'), { lane: 'normal', seq: 1 })
      demandEqual(await written(visitor, text), [`${text} 1`, `${text} 2`], 'chat')
    },
  },
  ...(
    [
      ['bad-command', 'alert.raise', { priority: 'P9', area: 'AREA', title: 'x' }],
      ['bad-command', 'alert.raise', { priority: 'P1', area: 'AREA' }],
      ['unknown-area', 'alert.raise', { priority: 'P1', area: 'no-such-area', title: 'x' }],
      ['alert-not-found', 'alert.ack', { id: '00000000-0000-7000-8000-00000000dead' }],
    ] as const
  ).map(([code, type, data]): Case => ({
    rules: ['W5'],
    says: `${type} with ${JSON.stringify(data)} is rejected, ${code}, with a sentence, and the lane goes on`,
    async run(visitor) {
      const { client, grant } = await visitor.signedIn()
      const { session } = grant
      const own = 'area' in data && data.area === 'AREA' ? { ...data, area: visitor.target.area } : data
      client.send(visitor.command(type, own, { seq: 1, lane: 'urgent', session }))
      demand(await client.next('result'), { seq: 1, outcome: 'rejected', code, message: SENTENCE })
      client.send(visitor.command(type, own, { seq: 2, lane: 'urgent', session }))
      demand(await client.next('result'), { seq: 2, outcome: 'rejected', code })
    },
  })),
  {
    rules: ['W5'],
    says: 'a command nobody knows is rejected, unknown-command, and the lane goes on',
    async run(visitor) {
      const { client, grant } = await visitor.signedIn()
      const { session } = grant
      client.send(visitor.command('coffee.brew', {}, { seq: 1, session }))
      demand(await client.next('result'), { seq: 1, outcome: 'rejected', code: 'unknown-command', message: SENTENCE })
      client.send(visitor.post(marker(), { seq: 2, session }))
      demand(await client.next('result'), { seq: 2, outcome: 'applied' })
    },
  },
  {
    rules: ['W6'],
    says: 'a command sent with giveUp is tried once more: what can be carried out is, and the lane goes on',
    async run(visitor) {
      const { client, grant } = await visitor.signedIn()
      const { session } = grant
      const text = marker()
      client.send({ ...visitor.post(`${text} late`, { seq: 1, session }), giveUp: true })
      demand(await client.next('result'), { seq: 1, outcome: 'applied' })
      client.send(visitor.post(`${text} next`, { seq: 2, session }))
      demand(await client.next('result'), { seq: 2, outcome: 'applied' })
      demandEqual(await written(visitor, text), [`${text} late`, `${text} next`], 'chat')
    },
  },
  {
    rules: ['W7'],
    says: 'a command in a lane that its type never stood in is rejected, wrong-lane, and the lane goes on',
    async run(visitor) {
      const { client, grant } = await visitor.signedIn()
      const command = visitor.post(marker(), { seq: 1, session: grant.session })
      client.send({ ...command, lane: 'urgent' })
      demand(await client.next('result'), {
        lane: 'urgent',
        seq: 1,
        outcome: 'rejected',
        code: 'wrong-lane',
        message: SENTENCE,
      })
      client.send({ ...visitor.post(marker(), { seq: 1, session: grant.session }) })
      demand(await client.next('result'), { lane: 'normal', seq: 1, outcome: 'applied' })
    },
  },
  {
    rules: ['W7'],
    says: 'a lane that waits at a hole does not hold up the other one',
    async run(visitor) {
      const signedIn = await visitor.signedIn()
      const { client, grant } = signedIn
      const { session } = grant
      client.send(visitor.post(marker(), { seq: 7, session }))
      client.send(raise(visitor, signedIn, { seq: 1, title: marker() }))
      demand(await client.next('result'), { lane: 'urgent', seq: 1, outcome: 'applied' })
      demand(await client.next('expect'), { lane: 'normal', seq: 1 })
    },
  },
  {
    rules: ['W8'],
    says: 'what needs a person is rejected without a session (sign-in-needed), and with one of another device (session-unknown)',
    async run(visitor) {
      const { grant } = await visitor.signedIn()
      const { client } = await visitor.greeted()
      client.send(visitor.post(marker(), { seq: 1 }))
      demand(await client.next('result'), { seq: 1, outcome: 'rejected', code: 'sign-in-needed', message: SENTENCE })
      client.send(visitor.post(marker(), { seq: 2, session: grant.session }))
      demand(await client.next('result'), { seq: 2, outcome: 'rejected', code: 'session-unknown', message: SENTENCE })
    },
  },
  {
    rules: ['W8'],
    says: "what the author's rights do not cover is rejected, forbidden",
    async run(visitor) {
      const { client, grant } = await visitor.signedIn()
      const data = { line: visitor.target.otherArea, text: marker() }
      client.send(visitor.command('chat.post', data, { seq: 1, session: grant.session }))
      demand(await client.next('result'), { seq: 1, outcome: 'rejected', code: 'forbidden', message: SENTENCE })
    },
  },
  {
    rules: ['W8', 'W11', 'C8'],
    says: 'a session that was signed out still authors what had a number before, needs no auth for it, and nothing more',
    async run(visitor) {
      const { device, grant, client } = await visitor.signedIn()
      const { session } = grant
      const text = marker()
      const end = visitor.command('session.end', { session }, { seq: 1, session })
      client.send({ ...end, urgentUpTo: 1 })
      demand(await client.next('result'), { seq: 1, outcome: 'applied' })
      const again = await visitor.greeted(device)
      const alert = { priority: 'P3', area: visitor.target.area, title: text }
      for (const seq of [1, 2]) {
        const command = visitor.command('alert.raise', alert, { seq, session, lane: 'urgent' })
        visitor.leaveNoAlert(command.id)
        again.client.send(command)
      }
      again.client.send(visitor.post(text, { seq: 2, session }))
      const isUrgent = ({ lane }: { readonly lane: string }) => lane === 'urgent'
      demand(await again.client.next('result', isUrgent), { seq: 1, outcome: 'applied' })
      demand(await again.client.next('result', isUrgent), { seq: 2, outcome: 'rejected', code: 'session-ended' })
      const late = await again.client.next('result', ({ lane }) => lane === 'normal')
      demand(late, { seq: 2, outcome: 'rejected', code: 'session-ended', message: SENTENCE })
      demandEqual(await written(visitor, text), [], 'chat')
    },
  },
  {
    rules: ['W8'],
    says: 'a session that was revoked authors nothing more: session-revoked',
    async run(visitor) {
      const { client, grant, welcome } = await visitor.signedIn()
      await visitor.revokeSession(welcome.deviceToken, grant)
      client.send(visitor.post(marker(), { seq: 1, session: grant.session }))
      demand(await client.next('result'), { seq: 1, outcome: 'rejected', code: 'session-revoked', message: SENTENCE })
    },
  },
  {
    rules: ['W9'],
    says: 'the id of a created record is the id of its command',
    async run(visitor) {
      const { client } = await visitor.greeted()
      client.send({ t: 'subscribe', channel: 'alerts/urgent', credit: 4 })
      await client.next('snapshot', (page) => page.last)
      const signedIn = await visitor.signedIn()
      const command = raise(visitor, signedIn, { seq: 1, title: marker() })
      signedIn.client.send(command)
      const event = await client.next('event', ({ cause }) => cause === command.id)
      demand(event, { type: 'alert.raised', data: { key: command.id, record: { id: command.id } } })
    },
  },
  {
    rules: ['W10'],
    says: 'the first contact is new, with marks at 0',
    async run(visitor) {
      demand((await visitor.greeted()).welcome, { outbox: 'new', marks: { urgent: 0, normal: 0 } })
    },
  },
  {
    rules: ['W10'],
    says: 'a known outbox finds its marks again',
    async run(visitor) {
      const { client, device, grant, welcome } = await visitor.signedIn()
      client.send(visitor.post(marker(), { seq: 1, session: grant.session }))
      await client.next('result')
      const outbox = { epoch: device.epoch, incarnation: welcome.incarnation, oldest: { urgent: 1, normal: 2 } }
      const again = await visitor.greeted(device, { outbox })
      demand(again.welcome, { outbox: 'known', marks: { urgent: 0, normal: 1 }, incarnation: welcome.incarnation })
    },
  },
  {
    rules: ['W10'],
    says: 'an outbox of another incarnation is adopted: its marks become oldest − 1, and it goes on from there',
    async run(visitor) {
      const device = await createDevice()
      const incarnation = randomUUID() as Incarnation
      const outbox = { epoch: device.epoch, incarnation, oldest: { urgent: 1, normal: 9 } }
      const guest = await visitor.greeted(device, { outbox })
      demand(guest.welcome, { outbox: 'adopted', marks: { urgent: 0, normal: 8 } })
      const { client, grant } = await visitor.signedIn(visitor.target.user, guest)
      client.send(visitor.post(marker(), { seq: 9, session: grant.session }))
      demand(await client.next('result'), { seq: 9, outcome: 'applied' })
    },
  },
  {
    rules: ['W10'],
    says: 'an outbox with history that this incarnation does not know is forgotten, with marks at 0',
    async run(visitor) {
      const { welcome } = await visitor.greeted()
      const device = await createDevice()
      const { incarnation } = welcome
      const outbox = { epoch: device.epoch, incarnation, oldest: { urgent: 1, normal: 5 } }
      demand((await visitor.greeted(device, { outbox })).welcome, {
        outbox: 'forgotten',
        marks: { urgent: 0, normal: 0 },
      })
    },
  },
]

/** A text that no other message of the floor has. */
function marker(): string {
  return `conformance ${uuidv7()}`
}

/** Messages that begin so, in the order of the log. */
async function written(visitor: Visitor, beginning: string): Promise<readonly string[]> {
  return (await visitor.readChat()).map(({ text }) => text).filter((text) => text.startsWith(beginning))
}

/** An urgent alert by this person, taken back after the case. */
function raise(visitor: Visitor, { grant }: SignedIn, { seq, title }: { seq: number; title: string }) {
  const data = { priority: 'P1', area: visitor.target.area, title }
  const command = visitor.command('alert.raise', data, { seq, lane: 'urgent', session: grant.session })
  visitor.leaveNoAlert(command.id)
  return command
}
