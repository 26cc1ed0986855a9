import { joinMessage } from '../../../relay/protocol/binary.ts'
import { CLOSE } from '../../../relay/protocol/close-codes.ts'
import type { ServerFrameOf } from '../../../relay/protocol/frames.ts'
import { LIMITS } from '../../../relay/protocol/limits.ts'
import { helloOf, type WireClient } from '../../support/wire-client.ts'
import type { Case } from '../case.ts'
import { demand, demandEqual, demandThat, SENTENCE } from '../expecting.ts'
import type { Guest, Visitor } from '../visitor.ts'

/** Bad frames within one connection that close it (C1). */
const BAD_FRAMES = 16
const PING = '{"t":"ping","nonce":"12345678"}'
/** A binary message with this header and so many bytes behind it. */
const binary = (header: string, length = 0): Buffer => Buffer.from(joinMessage(header, new Uint8Array(length)))

/** A connection that takes binary messages; the server's word that it does is looked at first. */
async function greeted(visitor: Visitor): Promise<Guest> {
  const { takes } = await visitor.connect().next('challenge')
  demandThat(takes?.includes('bytes') === true, '"bytes" in challenge.takes', takes)
  return visitor.greeted(undefined, { takes: ['bytes'] })
}

/** The pongs to these nonces, in the order in which they came. */
async function pongs(client: WireClient, count: number): Promise<readonly ServerFrameOf<'pong'>[]> {
  const heard: ServerFrameOf<'pong'>[] = []
  while (heard.length < count) heard.push(await client.next('pong'))
  return heard
}

async function demandRefusal(visitor: Visitor, client: WireClient, message: Buffer, code: string): Promise<void> {
  client.sendRaw(message)
  demand(await client.next('error'), { code, message: SENTENCE })
  await visitor.settled(client)
}

export const bytes: readonly Case[] = [
  {
    rules: ['B1', 'B2', 'N13'],
    says: 'a binary ping of a trial is brought back byte by byte in a binary pong, in its place between text frames',
    async run(visitor) {
      const { client, device } = await greeted(visitor)
      const trial = visitor.beside(client)
      await trial.greet(device, { trial: true, takes: ['bytes', 'what a later relay takes'] })
      const pad = Uint8Array.from({ length: LIMITS.maxPadBytes }, (_, at) => at)
      trial.send({ t: 'ping', nonce: 'text before' })
      trial.send({ t: 'ping', nonce: 'in bytes', pad })
      trial.send({ t: 'ping', nonce: 'text behind', pad: 3 })
      const heard = await pongs(trial, 3)
      demandEqual(
        heard.map(({ nonce }) => nonce),
        ['text before', 'in bytes', 'text behind'],
        'nonces',
      )
      const [before, inBytes, behind] = heard.map((pong) => pong.pad)
      demandThat(inBytes instanceof Uint8Array && Buffer.from(inBytes).equals(pad), 'the bytes of the ping', inBytes)
      demandEqual([before, behind?.length], [undefined, 3], 'pads of the text frames')
      await visitor.settled(client)
    },
  },
  {
    rules: ['B1', 'B2'],
    says: 'a binary ping outside of a trial is answered as a ping, and without its bytes',
    async run(visitor) {
      const { client } = await greeted(visitor)
      client.send({ t: 'ping', nonce: 'in bytes', pad: new Uint8Array(9) })
      const { nonce, pad } = await client.next('pong')
      demandEqual([nonce, pad], ['in bytes', undefined], 'nonce and pad')
    },
  },
  {
    rules: ['B2', 'B3'],
    says: 'a binary message of whoever did not say "bytes" is bad-frame, and nobody is sent one unasked',
    async run(visitor) {
      const { client, device } = await visitor.greeted(undefined, { takes: ['something else'] })
      await demandRefusal(visitor, client, binary(PING, 1), 'bad-frame')
      demandThat(!client.received.some(({ t }) => t === 'pong'), 'no answer to a binary frame', client.received)
      const trial = visitor.beside(client)
      await trial.greet(device, { trial: true })
      trial.send({ t: 'ping', nonce: 'text only', pad: LIMITS.maxPadBytes })
      const { pad } = await trial.next('pong')
      demandThat(typeof pad === 'string' && pad.length === LIMITS.maxPadBytes, 'as many characters', pad)
    },
  },
  {
    rules: ['B3', 'G1'],
    says: 'a binary message before the greeting is bad-frame, and the greeting goes on',
    async run(visitor) {
      const { device } = await visitor.greeted()
      const client = visitor.connect()
      const { nonce } = await client.next('challenge')
      const hello = { ...(await helloOf(device, nonce)), takes: ['bytes'] }
      for (const header of [PING, JSON.stringify(hello)]) {
        client.sendRaw(binary(header))
        demand(await client.next('error'), { code: 'bad-frame', message: SENTENCE })
      }
      client.send(hello)
      await client.next('welcome')
      await visitor.settled(client)
    },
  },
  {
    rules: ['B3', 'C2', 'G4'],
    says: 'a binary message over 8 KB before the greeting is frame-too-large, 4413',
    async run(visitor) {
      const client = visitor.connect()
      await client.next('challenge')
      client.sendRaw(binary(PING, LIMITS.maxGreetingBytes))
      demand(await client.next('error'), { code: 'frame-too-large' })
      demand(await client.closed(), { code: CLOSE.frameTooLarge.code }, 'a close')
    },
  },
  ...(
    [
      ['bad-frame', 'nothing at all', Buffer.alloc(0)],
      ['bad-frame', 'half a length', Buffer.from([0])],
      ['bad-frame', 'a header that is not whole', binary(PING).subarray(0, -1)],
      ['bad-frame', 'a length that nothing follows', Buffer.from([255, 255])],
      ['bad-frame', 'a header over 8 KB', binary(PING.padEnd(LIMITS.maxHeaderBytes + 1))],
      ['bad-json', 'a header that is no JSON', binary('{"t":')],
      ['bad-json', 'a header that is not UTF-8', Buffer.from([0, 1, 255])],
      ['bad-json', 'JSON without a length before it', Buffer.from(`\u0000\u0001${PING}`)],
      ['bad-frame', 'a header that is no object', binary('[1,2]')],
      ['unknown-frame', 'a frame nobody knows', binary('{"t":"dance"}', 3)],
      ['bad-frame', 'a frame that has no bytes', binary('{"t":"deauth"}', 3)],
      ['bad-frame', 'a header that holds its payload', binary('{"t":"ping","nonce":"12345678","pad":3}', 3)],
      ['bad-frame', 'a header with a field missing', binary('{"t":"ping"}', 3)],
      ['bad-frame', 'more bytes than the field may have', binary(PING, LIMITS.maxPadBytes + 1)],
    ] as const
  ).map(([code, what, message]): Case => ({
    rules: ['B3', 'C1'],
    says: `a binary message of ${what} is ${code} with a sentence, and the connection survives`,
    async run(visitor) {
      const { client } = await greeted(visitor)
      await demandRefusal(visitor, client, message, code)
    },
  })),
  {
    rules: ['B3', 'C1'],
    says: 'fifteen bad binary messages are survived, the sixteenth closes with 4400',
    async run(visitor) {
      const { client } = await greeted(visitor)
      for (let count = 1; count < BAD_FRAMES; count += 1) client.sendRaw(Buffer.from([0]))
      await visitor.settled(client)
      client.sendRaw(Buffer.from([0]))
      demand(await client.closed(), { code: CLOSE.badFrame.code }, 'a close')
    },
  },
  {
    rules: ['C2'],
    says: 'a binary message of 256 KB is read, one above is frame-too-large, 4413, and base64 does not count',
    async run(visitor) {
      const { client } = await greeted(visitor)
      const room = LIMITS.maxFrameBytes - binary(PING).length
      await demandRefusal(visitor, client, binary(PING, room), 'bad-frame')
      client.sendRaw(binary(PING, room + 1))
      demand(await client.next('error'), { code: 'frame-too-large', message: SENTENCE })
      demand(await client.closed(), { code: CLOSE.frameTooLarge.code }, 'a close')
    },
  },
]
