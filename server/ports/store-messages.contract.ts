import { describe, expect, it } from 'vitest'
import { channelName, type ChannelName } from '../../relay/protocol/channels.ts'
import type { Submission } from './submission.ts'
import { CHAT, commandId, epochOf, PAGE, post, raise, verdictOf, type Bench } from './store-samples.contract.ts'

/** What is said in the chat of a line: answered, taken back, told to whom it names, and read. */
export function messagesContract(bench: Bench): void {
  describe('messages', () => {
    const INBOX = channelName('inbox', 'lee')
    const make = (seq: number, type: string, data: object): Submission => ({
      ...post(seq, ''),
      type,
      data: { line: 'line-3', ...data },
    })
    const all = async (channel: ChannelName) => {
      const { events } = await bench.store.events(
        channel,
        { epoch: await epochOf(bench.store, channel), offset: 0 },
        PAGE,
      )
      return events
    }
    const end = async (submission: Submission) => {
      const verdict = verdictOf(await bench.store.submit(submission))
      return verdict.kind === 'done' ? verdict.outcome : verdict.kind
    }
    const addLee = async () =>
      await bench.store.putOperator({ id: 'lee', role: 'operator', areas: ['line-3'], pinHash: 'x', status: 'active' })

    it('[K1] an answer carries who and what it answers, found by the id of its command, across a reopen', async () => {
      await bench.store.submit(post(1, 'The bearing is hot'))
      await bench.reopen()
      await bench.store.submit(make(2, 'chat.say', { text: 'Greased', reply: { to: 'message', id: commandId(1) } }))
      expect((await all(CHAT)).at(-1)?.data).toEqual({
        line: 'line-3',
        text: 'Greased',
        reply: { to: 'message', id: commandId(1), by: 'kim', text: 'The bearing is hot' },
      })
    })

    it('[K1] an alert that has ended is answered for as long as its past is kept', async () => {
      const alert = raise(1, 'P1')
      await bench.store.submit(alert)
      for (const [seq, type] of [
        [2, 'alert.ack'],
        [3, 'alert.resolve'],
      ] as const)
        await bench.store.submit({ ...raise(seq, 'P1'), type, data: { id: alert.id } })
      expect(await bench.store.record('alerts', alert.id)).toBeNull()
      const say = make(1, 'chat.say', { text: 'It was the pump', reply: { to: 'alert', id: alert.id } })
      expect(await end(say)).toMatchObject({ outcome: 'applied' })
    })

    it('[K1] [W5] what answers nothing is refused, and the lane goes on', async () => {
      const reply = { to: 'message', id: commandId(99) }
      expect(await end(make(1, 'chat.say', { text: 'Yes', reply }))).toMatchObject({ code: 'message-not-found' })
      expect(await end(post(2, 'Anybody?'))).toMatchObject({ outcome: 'applied' })
    })

    it('[K2] what is taken back is in no page any more, and keeps its place, id and time', async () => {
      await addLee()
      await bench.store.submit(make(1, 'chat.say', { text: 'Kim earns a lot', mentions: ['lee'] }))
      await bench.store.submit(post(2, 'Next'))
      const before = await all(CHAT)
      await bench.store.submit(make(3, 'chat.withdraw', { id: commandId(1) }))
      await bench.reopen()
      const after = await all(CHAT)
      const at = after.at(-1)?.at
      expect(after.map(({ data }) => data)).toEqual([
        { line: 'line-3', withdrawn: { by: 'kim', at } },
        { line: 'line-3', text: 'Next' },
        { line: 'line-3', id: commandId(1), by: 'kim' },
      ])
      const place = ({ offset, id, type, cause }: (typeof after)[number]) => ({ offset, id, type, cause })
      expect(after.slice(0, 2).map(place)).toEqual(before.map(place))
      expect(await bench.store.lastEvents(CHAT, 2, PAGE)).toEqual(after.slice(0, 2))
      expect(JSON.stringify([...after, ...(await all(INBOX))])).not.toContain('earns')
    })

    it('[K2] what is taken back is quoted no more by what answered it, now or in the same moment', async () => {
      await bench.store.submit(post(1, 'Kim earns a lot'))
      const reply = { to: 'message', id: commandId(1) }
      await bench.store.submit(make(2, 'chat.say', { text: 'How much?', reply }))
      await bench.store.submit(
        make(3, 'chat.say', { text: `"reply":{"to":"message","id":"${commandId(1)}"`, reply: null }),
      )
      await Promise.all([
        bench.store.submit(make(4, 'chat.say', { text: 'Too much', reply })),
        bench.store.submit(make(5, 'chat.withdraw', { id: commandId(1) })),
      ])
      await bench.store.submit(make(6, 'chat.say', { text: 'Who?', reply }))
      await bench.reopen()
      const events = await all(CHAT)
      const empty = { ...reply, by: 'kim', text: '' }
      expect(events.map(({ data }) => data)).toMatchObject([
        { withdrawn: { by: 'kim' } },
        { text: 'How much?', reply: empty },
        { text: `"reply":{"to":"message","id":"${commandId(1)}"` },
        { text: 'Too much', reply: empty },
        { id: commandId(1) },
        { text: 'Who?', reply: empty },
      ])
      expect(JSON.stringify(events)).not.toContain('earns')
    })

    it('[K2] whoever was told that a message names them is told that it was taken back, and nobody else', async () => {
      await addLee()
      await bench.store.putOperator({
        id: 'park',
        role: 'operator',
        areas: ['line-1'],
        pinHash: 'x',
        status: 'active',
      })
      await bench.store.submit(make(1, 'chat.say', { text: 'Kim earns a lot', mentions: ['lee', 'park'] }))
      const before = (await all(INBOX)).at(-1)?.offset ?? 0
      const { events } = await bench.store.submit(make(2, 'chat.withdraw', { id: commandId(1) }))
      const silent = { line: 'line-3', id: commandId(1), by: 'kim', text: null }
      expect(events.map(({ channel, event: { type, data } }) => ({ channel, type, data }))).toEqual([
        { channel: CHAT, type: 'chat.withdrawn', data: { line: 'line-3', id: commandId(1), by: 'kim' } },
        { channel: INBOX, type: 'chat.mentioned', data: silent },
      ])
      await bench.reopen()
      expect((await all(INBOX)).slice(-2)).toMatchObject([
        { offset: before, type: 'chat.mentioned', data: silent },
        { offset: before + 1, type: 'chat.mentioned', data: silent },
      ])
    })

    it('a message is found by the id of its command, as it is now, and only a message', async () => {
      expect(await bench.store.message(commandId(1))).toBeNull()
      await bench.store.submit(post(1, 'The bearing is hot'))
      const raised = raise(1, 'P1')
      await bench.store.submit(raised)
      expect(await bench.store.message(raised.id)).toBeNull()
      const said = { offset: 1, type: 'chat.posted', by: 'kim', cause: commandId(1) }
      expect(await bench.store.message(commandId(1))).toMatchObject({
        channel: CHAT,
        event: { ...said, data: { line: 'line-3', text: 'The bearing is hot' } },
      })
      await bench.store.submit(make(2, 'chat.withdraw', { id: commandId(1) }))
      await bench.reopen()
      expect(await bench.store.message(commandId(1))).toMatchObject({
        channel: CHAT,
        event: { ...said, data: { line: 'line-3', withdrawn: { by: 'kim' } } },
      })
    })

    it('[K3] whoever is named is told in the transaction of the message; nobody for a message that is refused', async () => {
      await addLee()
      await bench.store.submit(post(1, 'Good morning'))
      await bench.store.submit(make(2, 'chat.say', { text: 'Look at this', mentions: ['lee'] }))
      await bench.store.submit(make(3, 'chat.say', { text: 'And this', mentions: ['lee', 'nobody'] }))
      const told = (await all(INBOX)).filter(({ type }) => type === 'chat.mentioned')
      expect(told.map(({ by, cause, data }) => ({ by, cause, data }))).toEqual([
        {
          by: 'kim',
          cause: commandId(2),
          data: { line: 'line-3', id: commandId(2), by: 'kim', text: 'Look at this', offset: 2 },
        },
      ])
    })

    it('[K4] what is read moves forward only, and is there for every device', async () => {
      const prefs = channelName('prefs', 'kim')
      for (const seq of [1, 2]) await bench.store.submit(post(seq, `${seq}`))
      const read = async (seq: number, message: number) => await end(make(seq, 'chat.read', { id: commandId(message) }))
      expect(await read(3, 2)).toMatchObject({ outcome: 'applied', offsets: { [prefs]: 1 } })
      expect(await read(4, 1)).toMatchObject({ outcome: 'applied', offsets: {} })
      await bench.reopen()
      const { records } = await bench.store.records(prefs, null, PAGE)
      expect(records).toMatchObject([{ key: 'read-line-3', record: { offset: 2 } }])
    })
  })
}
