import { randomUUID } from 'node:crypto'
import { channelName } from '../../../relay/protocol/channels.ts'
import type { CommandId } from '../../../relay/protocol/ids.ts'
import type { Case } from '../case.ts'
import { demand, demandEqual, SENTENCE } from '../expecting.ts'
import type { Guest, SignedIn, Visitor } from '../visitor.ts'

export const rejections: readonly Case[] = [
  {
    rules: ['D1', 'D2'],
    says: 'what was rejected stands in the list of the area that it names, and in the inbox of its author',
    async run(visitor) {
      const kim = await visitor.signedIn()
      const id = await rejected(visitor, kim, { line: visitor.target.area, text: '' })
      const park = await visitor.signedIn(visitor.target.supervisor)
      const found = await listed(visitor, park, id)
      const { area, user } = visitor.target
      demand(found ?? {}, {
        type: 'chat.post',
        by: user.name,
        area,
        code: 'bad-command',
        message: SENTENCE,
        closed: null,
      })
      const inbox = channelName('inbox', user.name)
      kim.client.send({ t: 'subscribe', channel: inbox, from: 'start', credit: 4 })
      const { offset, top } = await kim.client.next('subscribed')
      const events = await visitor.readOn(kim.client, inbox, top - offset)
      const told = events.filter(({ type, cause }) => type === 'command.rejected' && cause === id)
      demandEqual(told.length, 1, 'times in the inbox')
    },
  },
  {
    rules: ['D2'],
    says: 'a rejected command that names no area stands in the first of its author’s',
    async run(visitor) {
      const id = await rejected(visitor, await visitor.signedIn(), null)
      const found = await listed(visitor, await visitor.signedIn(visitor.target.supervisor), id)
      demand(found ?? {}, { type: 'chat.post', area: visitor.target.area })
    },
  },
  {
    rules: ['D3'],
    says: 'a person who does not supervise may not read the list, and nobody signed in may not either',
    async run(visitor) {
      const channel = channelName('rejections', visitor.target.area)
      const kim = await visitor.signedIn()
      kim.client.send({ t: 'subscribe', channel, credit: 1 })
      demand(await kim.client.next('unsubscribed'), { channel, code: 'forbidden' })
      const { client } = await visitor.greeted()
      client.send({ t: 'subscribe', channel, credit: 1 })
      demand(await client.next('unsubscribed'), { channel, code: 'sign-in-needed' })
    },
  },
  {
    rules: ['D4'],
    says: 'the author takes it out of the list, with a reason, and a second time is no error',
    async run(visitor) {
      const kim = await visitor.signedIn()
      const id = await rejected(visitor, kim, { line: visitor.target.area, text: '' })
      const { client, grant } = kim
      for (const [seq, data] of [
        [2, { id, how: 'discarded', reason: randomUUID() }],
        [3, { id, how: 'discarded', reason: randomUUID() }],
      ] as const) {
        client.send(visitor.command('rejection.close', data, { seq, session: grant.session }))
        demand(await client.next('result'), { seq, outcome: 'applied' })
      }
      const found = await listed(visitor, await visitor.signedIn(visitor.target.supervisor), id)
      demandEqual(found, undefined, 'in the list')
    },
  },
  {
    rules: ['D7'],
    says: 'what a device reports that it put to review stands in the list, once, under the author the server knows',
    async run(visitor) {
      const kim = await visitor.signedIn()
      const { area, user, supervisor } = visitor.target
      const reported = visitor.post('never sent', { seq: 9, session: kim.grant.session })
      const { id, type, data } = reported
      const command = { id, type, data, session: kim.grant.session, by: user.name }
      for (const seq of [1, 2]) {
        kim.client.send(visitor.command('outbox.report', { code: 'outbox-forked', command }, { seq }))
        demand(await kim.client.next('result'), { seq, outcome: 'applied' })
      }
      const found = await listed(visitor, await visitor.signedIn(supervisor), id)
      demand(found ?? {}, { type, by: user.name, area, code: 'outbox-forked', message: SENTENCE, closed: null })
    },
  },
]

/** Sends one command that cannot be accepted, as the first of its lane. */
async function rejected(visitor: Visitor, { client, grant }: SignedIn, data: unknown): Promise<CommandId> {
  const command = visitor.command('chat.post', data, { seq: 1, session: grant.session })
  client.send(command)
  demand(await client.next('result'), { outcome: 'rejected', code: 'bad-command' })
  return command.id
}

async function listed(visitor: Visitor, { client }: Guest, id: CommandId): Promise<object | undefined> {
  const channel = channelName('rejections', visitor.target.area)
  client.send({ t: 'subscribe', channel, credit: 4 })
  for (;;) {
    const { records = [], last } = await client.next('snapshot')
    const found = records.find(({ key }) => key === id)
    if (found !== undefined) return found.record as object
    if (last) return undefined
    client.send({ t: 'credit', channel, pages: 1 })
  }
}
