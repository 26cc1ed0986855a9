import { CLOSE } from '../../../relay/protocol/close-codes.ts'
import { LIMITS } from '../../../relay/protocol/limits.ts'
import { helloOf } from '../../support/wire-client.ts'
import type { Case } from '../case.ts'
import { demand, demandThat, SENTENCE } from '../expecting.ts'

/** Bad frames within one connection that close it (C1). */
const BAD_FRAMES = 16
/** Beyond twice the limit the WebSocket itself ends (C2; RFC 6455 §7.4.1). */
const MESSAGE_TOO_BIG = 1009

export const frames: readonly Case[] = [
  ...(
    [
      ['bad-json', 'text that is no JSON', '{"t":'],
      ['bad-frame', 'JSON that is no object', '[1,2]'],
      ['bad-frame', 'an object without "t"', '{"nonce":"12345678"}'],
      ['unknown-frame', 'a frame nobody knows', '{"t":"dance"}'],
      ['bad-frame', 'a frame with a field missing', '{"t":"ping"}'],
      ['bad-frame', 'a frame with a field of another type', '{"t":"ping","nonce":12345678}'],
    ] as const
  ).map(([code, what, text]): Case => ({
    rules: ['C1'],
    says: `${what} is ${code} with a sentence, and the connection survives`,
    async run(visitor) {
      const { client } = await visitor.greeted()
      client.sendRaw(text)
      demand(await client.next('error'), { code, message: SENTENCE })
      await visitor.settled(client)
    },
  })),
  {
    rules: ['C1'],
    says: 'fifteen bad frames are survived, the sixteenth closes with 4400',
    async run(visitor) {
      const { client } = await visitor.greeted()
      for (let count = 1; count < BAD_FRAMES; count += 1) client.sendRaw('{')
      await visitor.settled(client)
      client.sendRaw('{')
      demand(await client.closed(), { code: CLOSE.badFrame.code }, 'a close')
    },
  },
  {
    rules: ['C2'],
    says: 'a frame just below 256 KB is read, one above is frame-too-large, 4413',
    async run(visitor) {
      const { client } = await visitor.greeted()
      client.sendRaw('x'.repeat(LIMITS.maxFrameBytes))
      demand(await client.next('error'), { code: 'bad-json' })
      client.sendRaw('x'.repeat(LIMITS.maxFrameBytes + 1))
      demand(await client.next('error'), { code: 'frame-too-large', message: SENTENCE })
      demand(await client.closed(), { code: CLOSE.frameTooLarge.code }, 'a close')
    },
  },
  {
    rules: ['C2'],
    says: 'the limit counts bytes, not characters',
    async run(visitor) {
      const { client } = await visitor.greeted()
      // Three bytes each in UTF-8.
      client.sendRaw('가'.repeat(Math.floor(LIMITS.maxFrameBytes / 3) + 1))
      demand(await client.closed(), { code: CLOSE.frameTooLarge.code }, 'a close')
    },
  },
  {
    rules: ['C2'],
    says: 'a frame over twice the limit closes with 1009',
    async run(visitor) {
      const { client } = await visitor.greeted()
      client.sendRaw('x'.repeat(2 * LIMITS.maxFrameBytes + 1))
      demand(await client.closed(), { code: MESSAGE_TOO_BIG }, 'a close')
    },
  },
  {
    rules: ['C2'],
    says: 'a binary message is bad-frame, and the connection survives',
    async run(visitor) {
      const { client } = await visitor.greeted()
      client.sendRaw(Buffer.from(JSON.stringify({ t: 'ping', nonce: '12345678' })))
      demand(await client.next('error'), { code: 'bad-frame', message: SENTENCE })
      const { received } = client
      await visitor.settled(client)
      demandThat(!received.some((frame) => frame.t === 'pong'), 'no answer to a binary frame', received)
    },
  },
  {
    rules: ['C3'],
    says: 'a second hello is unexpected-frame, and the connection survives',
    async run(visitor) {
      const { client, device } = await visitor.greeted()
      client.send(await helloOf(device, 'after welcome'))
      demand(await client.next('error'), { code: 'unexpected-frame', message: SENTENCE, about: 'hello' })
      await visitor.settled(client)
    },
  },
  {
    rules: ['C4'],
    says: 'the server is strict: a field that does not belong is bad-frame',
    async run(visitor) {
      const { client } = await visitor.greeted()
      client.sendRaw(JSON.stringify({ t: 'ping', nonce: '12345678', urgnet: { epoch: '0'.repeat(16), offset: 0 } }))
      demand(await client.next('error'), { code: 'bad-frame', message: SENTENCE })
      await visitor.settled(client)
    },
  },
]
