/** Who deflates what they send to a server that takes it: bombs, fragments of bombs, and what is no deflate at all. */
import { constants, deflateRawSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { createDevice, helloOf } from '../support/wire-client.ts'
import { besiegeFloor, SITE_KEY } from './besieged-floor.ts'
import { frame, OPCODE, RawWebSocket } from './raw-websocket.ts'

const floor = besiegeFloor({ extra: ['--compress'] })
const RSV1 = 4
const deflated = (text: string | Buffer): Buffer =>
  deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4)
const MEGABYTES = deflated(Buffer.alloc(64 * 1024 * 1024, ' '))

const open = (): Promise<RawWebSocket> =>
  RawWebSocket.open(floor.url(), ['Sec-WebSocket-Extensions: permessage-deflate'])

async function heldBytes(): Promise<number> {
  const answer = await fetch(`${floor.url()}/metrics`, { headers: { authorization: `Bearer ${SITE_KEY}` } })
  return Number(/^andon_held_bytes (\d+)$/m.exec(await answer.text())?.[1])
}

it.each([
  // 64 KB on the wire: where they come in pieces they are longer than a greeting before they are whole.
  ['inflate to 64 MB', [frame(OPCODE.text, MEGABYTES, { rsv: RSV1 })], [1009, 4413]],
  [
    'inflate to just over twice the limit',
    [frame(OPCODE.text, deflated('x'.repeat(2 * LIMITS.maxFrameBytes + 1)), { rsv: RSV1 })],
    [1009],
  ],
  [
    'inflate to more than a greeting has',
    [frame(OPCODE.text, deflated('x'.repeat(LIMITS.maxGreetingBytes + 1)), { rsv: RSV1 })],
    [4413],
  ],
  ['are no deflate', [frame(OPCODE.text, 'hello, server', { rsv: RSV1 })], [1007]],
  ['inflate to what is no UTF-8', [frame(OPCODE.text, deflated(Buffer.from([0xc0, 0xaf])), { rsv: RSV1 })], [1007]],
  [
    'mark a fragment that goes on',
    [frame(OPCODE.text, deflated('{'), { rsv: RSV1, fin: false }), frame(OPCODE.continuation, 'x', { rsv: RSV1 })],
    [1002],
  ],
  ['mark a ping', [frame(OPCODE.ping, 'x', { rsv: RSV1 })], [1002]],
])('[Z3] [C2] messages that %s close the connection', async (_what, frames, codes) => {
  const raw = await open()
  raw.write(...frames)
  expect(codes).toContain(await raw.closed())
})

it('[Z3] [V23] a hundred fragments of bombs that are never whole are held as they came', async () => {
  const bomb = frame(OPCODE.text, deflated(' '.repeat(2 * LIMITS.maxFrameBytes)), { rsv: RSV1, fin: false })
  const raws = await Promise.all(Array.from({ length: 100 }, open))
  for (const raw of raws) raw.write(bomb)
  await expect.poll(heldBytes, { timeout: 30_000 }).toBe(raws.length * bomb.length)
  for (const raw of raws) raw.socket.destroy()
})

it('[Z2] [Z3] who deflates a hello, plain frames beside it, is greeted like anybody', async () => {
  const raw = await open()
  const { nonce } = JSON.parse(await raw.text()) as { nonce: string }
  const hello = JSON.stringify(await helloOf(await createDevice(), nonce))
  raw.write(frame(OPCODE.text, deflated(hello), { rsv: RSV1 }), frame(OPCODE.text, '{"t":"ping","nonce":"ping-0001"}'))
  // Challenge, welcome and pong.
  expect(await raw.count(OPCODE.text, 3)).toBe(3)
  raw.socket.destroy()
})
