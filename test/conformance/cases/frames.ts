import { CLOSE } from '../../../relay/protocol/close-codes.ts'
import { LIMITS } from '../../../relay/protocol/limits.ts'
import { helloOf } from '../../support/wire-client.ts'
import type { Case } from '../case.ts'
import { demand, SENTENCE } from '../expecting.ts'

/** Bad frames within one connection that close it (C1). */
const BAD_FRAMES = 16
/** Beyond twice the limit the WebSocket itself ends (C2; RFC 6455 §7.4.1). */
const MESSAGE_TOO_BIG = 1009

/** A batch is JSON, so its frames are objects of it (N3). */
const WS_ONLY = { ways: ['ws'] } as const

/** A frame that nobody knows, of 7 bytes and these. */
const framed = (text: string): string => `{"":"${text}"}`

export const frames: readonly Case[] = [
  ...(
    [
      ['bad-json', 'text that is no JSON', '{"t":', WS_ONLY],
      ['bad-frame', 'JSON that is no object', '[1,2]', WS_ONLY],
      ['bad-frame', 'an object without "t"', '{"nonce":"12345678"}'],
      ['unknown-frame', 'a frame nobody knows', '{"t":"dance"}'],
      ['bad-frame', 'a frame with a field missing', '{"t":"ping"}'],
      ['bad-frame', 'a frame with a field of another type', '{"t":"ping","nonce":12345678}'],
    ] as const
  ).map(([code, what, text, only = {}]): Case => ({
    rules: ['C1'],
    says: `${what} is ${code} with a sentence, and the connection survives`,
    ...only,
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
      for (let count = 1; count < BAD_FRAMES; count += 1) client.sendRaw('{}')
      await visitor.settled(client)
      client.sendRaw('{}')
      demand(await client.closed(), { code: CLOSE.badFrame.code }, 'a close')
    },
  },
  {
    rules: ['C2'],
    says: 'a frame just below 256 KB is read, one above is frame-too-large, 4413',
    async run(visitor) {
      const { client } = await visitor.greeted()
      client.sendRaw(framed('x'.repeat(LIMITS.maxFrameBytes - 7)))
      demand(await client.next('error'), { code: 'bad-frame' })
      client.sendRaw(framed('x'.repeat(LIMITS.maxFrameBytes - 6)))
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
      client.sendRaw(framed('가'.repeat(Math.floor(LIMITS.maxFrameBytes / 3))))
      demand(await client.closed(), { code: CLOSE.frameTooLarge.code }, 'a close')
    },
  },
  {
    rules: ['C2'],
    says: 'a frame over twice the limit closes the connection at once',
    async run(visitor) {
      const { client } = await visitor.greeted()
      client.sendRaw(framed('x'.repeat(2 * LIMITS.maxFrameBytes)))
      const code = visitor.target.way === 'ws' ? MESSAGE_TOO_BIG : CLOSE.frameTooLarge.code
      demand(await client.closed(), { code }, 'a close')
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
  {
    rules: ['C7'],
    says: 'a device whose name and build hold what acts on a terminal, or nothing to see, is welcomed',
    async run(visitor) {
      const kind = 'headless'
      for (const name of ['\u001b[2J\u202ePress\u0000', '\u3164', '', 'x'.repeat(LIMITS.maxName + 1)]) {
        const { client } = await visitor.greeted(undefined, { name, client: { kind, build: name } })
        await visitor.settled(client)
      }
    },
  },
]
