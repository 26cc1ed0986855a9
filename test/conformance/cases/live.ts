import type { ServerFrameOf } from '../../../relay/protocol/frames.ts'
import { channelName } from '../../../relay/protocol/channels.ts'
import type { Epoch, EventId } from '../../../relay/protocol/ids.ts'
import type { TelemetryValue } from '../../../relay/protocol/telemetry.ts'
import type { WireClient } from '../../support/wire-client.ts'
import type { Case } from '../case.ts'
import { demand, demandEqual, demandThat } from '../expecting.ts'
import type { Visitor } from '../visitor.ts'

export const live: readonly Case[] = [
  {
    rules: ['M1', 'M2', 'M13'],
    says: 'a live channel begins with what is current, its number and its age, whatever cursor was named, and is in no heartbeat',
    async run(visitor) {
      await visitor.sample(1)
      await shown(visitor, 1)
      const { client } = await visitor.greeted()
      const cursor = {
        epoch: '0123456789abcdef' as Epoch,
        offset: 9,
        id: '00000000-0000-7000-8000-000000000001' as EventId,
      }
      client.send({ t: 'subscribe', channel: visitor.probe, cursor, credit: 1 })
      const begun = await client.next('subscribed')
      demand(begun, { channel: visitor.probe, offset: 0, id: null, top: 0 })
      demandThat((begun.values ?? 0) > 0, 'the number of values that follow', begun)
      const frame = await client.next('live', of(visitor))
      demand(frame, { key: 'value' })
      demandEqual(valueOf(frame), 1, 'value')
      demandThat(frame.ttlMs > 0, 'a value that is current', frame.ttlMs)
      const { channels } = await visitor.settled(client)
      demandThat(!(visitor.probe in channels), 'a heartbeat without live channels', channels)
    },
  },
  {
    rules: ['M1'],
    says: 'a live channel cannot be read from its start',
    async run(visitor) {
      const { client } = await visitor.greeted()
      client.send({ t: 'subscribe', channel: visitor.probe, from: 'start', credit: 1 })
      demand(await client.next('unsubscribed'), { channel: visitor.probe, code: 'not-a-log' })
    },
  },
  {
    rules: ['M3', 'M4'],
    says: 'of a key the latest value comes, and never an older one after it',
    async run(visitor) {
      await visitor.sample(0)
      await shown(visitor, 0)
      const readers = [await subscribed(visitor), await subscribed(visitor)]
      for (let value = 1; value <= 20; value += 1) await visitor.sample(value)
      for (const client of readers) {
        const values: number[] = []
        while (values.at(-1) !== 20) values.push(valueOf(await client.next('live', of(visitor))))
        demandEqual(
          values,
          values.toSorted((a, b) => a - b),
          'values in the order of their making',
        )
      }
    },
  },
  {
    rules: ['M1'],
    says: 'after unsubscribed nothing of the channel comes any more',
    async run(visitor) {
      await visitor.sample(1)
      const client = await subscribed(visitor)
      client.send({ t: 'unsubscribe', channel: visitor.probe })
      await client.next('unsubscribed')
      const other = await subscribed(visitor)
      await visitor.sample(2)
      await other.next('live', (frame) => of(visitor)(frame) && valueOf(frame) === 2)
      await visitor.settled(client)
      const late = client.received.filter((frame) => frame.t === 'live' && of(visitor)(frame) && valueOf(frame) === 2)
      demandEqual(late, [], 'live values after the end')
    },
  },
  {
    rules: ['M6'],
    says: 'a machine that a sample told of is described in the equipment of its area',
    async run(visitor) {
      await visitor.sample(1, { signal: 'described', unit: 'bar' })
      const { client } = await visitor.greeted()
      const { area } = visitor.target
      const channel = channelName('equipment', area)
      client.send({ t: 'subscribe', channel, credit: 4 })
      const records = new Map<string, unknown>()
      for (let isLast = false; !isLast;) {
        const page = await client.next('snapshot', (frame) => frame.channel === channel)
        for (const { key, record } of page.records ?? []) records.set(key, record)
        client.send({ t: 'credit', channel, pages: 1 })
        isLast = page.last
      }
      const found = [...records].find(([key]) => key === visitor.probe.slice('telemetry/'.length))?.[1]
      demand(found ?? {}, { area, simulated: false })
      const { signals } = found as { readonly signals: readonly { readonly name: string; readonly unit: string }[] }
      demandEqual(signals.find(({ name }) => name === 'described')?.unit, 'bar', 'unit')
    },
  },
]

async function subscribed(visitor: Visitor): Promise<WireClient> {
  const { client } = await visitor.greeted()
  client.send({ t: 'subscribe', channel: visitor.probe, credit: 1 })
  await client.next('subscribed')
  return client
}

/** More connections in a row than there are nodes begin with it. */
const IN_A_ROW = 6

/** Every server has heard of it: of several the one that took it tells the others. */
async function shown(visitor: Visitor, value: number): Promise<void> {
  if (!visitor.target.hasNodes) return
  let inARow = 0
  await visitor.until(`the value ${value} at every server`, async () => {
    const { client } = await visitor.greeted()
    client.send({ t: 'subscribe', channel: visitor.probe, credit: 1 })
    const { values = 0 } = await client.next('subscribed')
    const isShown = values > 0 && valueOf(await client.next('live', of(visitor))) === value
    client.close()
    inARow = isShown ? inARow + 1 : 0
    return inARow === IN_A_ROW
  })
}

function of(visitor: Visitor): (frame: ServerFrameOf<'live'>) => boolean {
  return (frame) => frame.channel === visitor.probe && frame.key === 'value'
}

function valueOf({ value }: ServerFrameOf<'live'>): number {
  return (value as TelemetryValue).value
}
