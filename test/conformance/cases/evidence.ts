import { randomUUID } from 'node:crypto'
import type { ClientFrameOf, ReceiptKind } from '../../../relay/protocol/frames.ts'
import type { CommandId } from '../../../relay/protocol/ids.ts'
import { LIMITS } from '../../../relay/protocol/limits.ts'
import type { Case } from '../case.ts'
import { demand, demandEqual } from '../expecting.ts'
import type { Visitor } from '../visitor.ts'

export const evidence: readonly Case[] = [
  {
    rules: ['E1'],
    says: 'receipts are answered by their ref, and what was answered can be read as evidence of this device',
    async run(visitor) {
      const { client, device } = await visitor.greeted()
      const alert = await visitor.raise({ title: 'conformance receipts' })
      client.send(
        receipts(7, [
          [alert, 'heard'],
          [alert, 'displayed'],
        ]),
      )
      demand(await client.next('receipted'), { ref: 7 })
      demandEqual(await kindsOf(visitor, alert, device.id), ['displayed', 'heard'], 'evidence of this device')
    },
  },
  {
    rules: ['E1'],
    says: 'a receipt that is sent again, in another batch, order or connection, is answered again and counts once',
    async run(visitor) {
      const { client, device } = await visitor.greeted()
      const [first, second] = [
        await visitor.raise({ title: 'conformance receipts one' }),
        await visitor.raise({ title: 'conformance receipts two' }),
      ]
      client.send(
        receipts(1, [
          [second, 'displayed'],
          [first, 'displayed'],
          [second, 'displayed'],
        ]),
      )
      demand(await client.next('receipted'), { ref: 1 })
      const before = await visitor.evidence(first)
      const again = await visitor.greeted(device)
      again.client.send(
        receipts(
          1,
          [
            [first, 'displayed'],
            [second, 'displayed'],
          ],
          60_000,
        ),
      )
      demand(await again.client.next('receipted'), { ref: 1 })
      demandEqual(await visitor.evidence(first), before, 'evidence after it was sent again')
      demandEqual(await kindsOf(visitor, second, device.id), ['displayed'], 'evidence of the second alert')
    },
  },
  {
    rules: ['E1'],
    says: 'the same receipt of two devices is evidence of both',
    async run(visitor) {
      const alert = await visitor.raise({ title: 'conformance receipts of two' })
      for (const { client, device } of [await visitor.greeted(), await visitor.greeted()]) {
        client.send(receipts(1, [[alert, 'displayed']]))
        demand(await client.next('receipted'), { ref: 1 })
        demandEqual(await kindsOf(visitor, alert, device.id), ['displayed'], 'evidence of this device')
      }
    },
  },
  {
    rules: ['E2'],
    says: 'whether the platform took the native notification is evidence of the device, either way',
    async run(visitor) {
      const alert = await visitor.raise({ title: 'conformance notification', priority: 'P0' })
      for (const kind of ['notified', 'not-notified'] as const) {
        const { client, device } = await visitor.greeted()
        client.send(receipts(1, [[alert, kind]]))
        demand(await client.next('receipted'), { ref: 1 })
        demandEqual(await kindsOf(visitor, alert, device.id), [kind], 'evidence of this device')
      }
    },
  },
  {
    rules: ['E2'],
    says: 'a summary of several alerts is a receipt for each of them',
    async run(visitor) {
      const { client, device } = await visitor.greeted()
      const alerts = [
        await visitor.raise({ title: 'conformance summary one' }),
        await visitor.raise({ title: 'conformance summary two' }),
      ]
      client.send(
        receipts(
          1,
          alerts.map((alert) => [alert, 'notified']),
        ),
      )
      demand(await client.next('receipted'), { ref: 1 })
      for (const alert of alerts)
        demandEqual(await kindsOf(visitor, alert, device.id), ['notified'], 'evidence of this device')
    },
  },
  {
    rules: ['E3'],
    says: 'a receipt of an alert that never was is answered like any other and leaves nothing; the others of its batch count',
    async run(visitor) {
      const { client, device } = await visitor.greeted()
      const alert = await visitor.raise({ title: 'conformance receipts' })
      const never = randomUUID()
      client.send(
        receipts(1, [
          [never, 'displayed'],
          [alert, 'displayed'],
        ]),
      )
      demand(await client.next('receipted'), { ref: 1 })
      demandEqual(await visitor.evidence(never), [], 'evidence of an alert that never was')
      demandEqual(await kindsOf(visitor, alert, device.id), ['displayed'], 'evidence of this device')
    },
  },
  {
    rules: ['E1', 'C1'],
    says: 'a receipt of a kind that does not exist, and one receipt too many, are refused with a sentence',
    async run(visitor) {
      const { client } = await visitor.greeted()
      const alert = randomUUID()
      client.sendRaw(JSON.stringify({ t: 'receipts', ref: 1, items: [{ alert, kind: 'guessed', agoMs: 0 }] }))
      demand(await client.next('error'), { code: 'bad-frame' })
      const many = Array.from({ length: LIMITS.maxReceipts + 1 }, (): readonly [string, ReceiptKind] => [
        alert,
        'heard',
      ])
      client.send(receipts(2, many))
      demand(await client.next('error'), { code: 'bad-frame' })
      await visitor.settled(client)
    },
  },
]

function receipts(
  ref: number,
  items: readonly (readonly [string, ReceiptKind])[],
  agoMs = 0,
): ClientFrameOf<'receipts'> {
  return { t: 'receipts', ref, items: items.map(([alert, kind]) => ({ alert: alert as CommandId, kind, agoMs })) }
}

/** What this device has said about an alert, by name; what the server knows by itself is left out. */
async function kindsOf(visitor: Visitor, alert: string, device: string): Promise<readonly string[]> {
  const all = await visitor.evidence(alert)
  const own = all.filter((each) => each.device === device).map(({ kind }) => kind)
  return own.filter((kind) => kind !== 'sent' && kind !== 'received').toSorted()
}
