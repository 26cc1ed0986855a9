/** Who begins a message and does not end it: what came of it has to be held until it is whole. */
import { afterEach, describe, expect, it } from 'vitest'
import type { ServerFrameOf } from '../../relay/protocol/frames.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { createDevice, helloOf } from '../support/wire-client.ts'
import { besiegeFloor, SITE_KEY } from './besieged-floor.ts'
import { frame, OPCODE, RawWebSocket } from './raw-websocket.ts'

const floor = besiegeFloor()
const MB = 1024 * 1024
const open: RawWebSocket[] = []
afterEach(() => {
  for (const each of open.splice(0)) each.socket.destroy()
})

async function dial(): Promise<RawWebSocket> {
  const raw = await RawWebSocket.open(floor.url())
  open.push(raw)
  return raw
}

/** A device that nobody knows, welcomed. */
async function welcomed(): Promise<RawWebSocket> {
  const raw = await dial()
  const { nonce } = JSON.parse(await raw.text()) as ServerFrameOf<'challenge'>
  raw.write(frame(OPCODE.text, JSON.stringify(await helloOf(await createDevice(), nonce))))
  await raw.count(OPCODE.text, 2)
  return raw
}

async function metric(name: string): Promise<number> {
  const text = await (
    await fetch(`${floor.url()}/metrics`, { headers: { authorization: `Bearer ${SITE_KEY}` } })
  ).text()
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1])
}

describe('a message that does not end [V23, P8]', () => {
  const beginning = (bytes: number): Buffer => frame(OPCODE.text, ' '.repeat(bytes), { claims: LIMITS.maxFrameBytes })

  it('of whoever has not said hello ends the connection at the room of a greeting, of one and of many', async () => {
    const many = await Promise.all(Array.from({ length: 100 }, dial))
    for (const each of many) each.write(beginning(2 * LIMITS.maxGreetingBytes))
    expect(await Promise.all(many.map((each) => each.closed()))).toEqual(many.map(() => 4413))
    await expect.poll(() => metric('andon_held_bytes'), { timeout: 30_000 }).toBe(0)
  })

  it('is no other in fragments, or with pings between them', async () => {
    const raw = await dial()
    const part = (opcode: number): Buffer => frame(opcode, ' '.repeat(1_000), { fin: false })
    raw.write(part(OPCODE.text))
    for (let count = 0; count < 9; count += 1) raw.write(frame(OPCODE.ping), part(OPCODE.continuation))
    expect(await raw.closed()).toBe(4413)
  })

  it('of devices that nobody knows costs those behind one address that hold most, and nobody beside them', async () => {
    const small = await welcomed()
    const ping = frame(OPCODE.text, JSON.stringify({ t: 'ping', nonce: 'still here' }))
    small.write(ping.subarray(0, 20))
    const many = await Promise.all(Array.from({ length: 160 }, welcomed))
    for (const each of many) each.write(beginning(240 * 1024))
    await expect
      .poll(() => metric('andon_held_too_much'), { timeout: 30_000 })
      .toBeGreaterThan(160 - (32 * MB) / (240 * 1024))
    expect(await metric('andon_held_bytes')).toBeLessThanOrEqual(32 * MB)
    const before = await small.count(OPCODE.text, 2)
    small.write(ping.subarray(20))
    expect(await small.count(OPCODE.text, before + 1)).toBe(before + 1)
  })
})
