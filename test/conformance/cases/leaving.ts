import { CLOSE } from '../../../relay/protocol/close-codes.ts'
import type { Case } from '../case.ts'
import { CannotSee, demand, demandEqual, Where } from '../expecting.ts'

const DURATION = new Where('milliseconds', (value) => typeof value === 'number' && value >= 0)

export const leaving: readonly Case[] = [
  {
    rules: ['L2'],
    says: 'a relay may say why it goes; it is not an error, and not required',
    async run(visitor) {
      for (const reason of ['stopping', 'suspending'] as const) {
        const { client } = await visitor.greeted()
        client.send({ t: 'bye', reason })
        client.close()
        await client.closed()
        const errors = client.received.filter((frame) => frame.t === 'error')
        demandEqual(errors, [], 'errors')
      }
    },
  },
  {
    rules: ['L1'],
    says: 'before a planned close the server says bye with the time to wait, then closes with 1001',
    isLast: true,
    async run(visitor) {
      const { drain } = visitor.target
      if (drain === null) throw new CannotSee('no --drain command was given')
      const guests = [await visitor.greeted(), await visitor.signedIn()]
      const draining = drain()
      for (const { client } of guests) {
        demand(await client.next('bye'), { retryAfterMs: DURATION })
        demand(await client.closed(), { code: CLOSE.goingAway.code }, 'a close')
      }
      await draining
    },
  },
]
