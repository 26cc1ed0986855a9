import { Duplex } from 'node:stream'
import * as ws from 'ws'
import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { textFrame } from './frame-bytes.ts'
import { Ticks, Writer, type WriterHost, type WriteLane } from './writer.ts'

/** A socket whose writes are collected per call to the system, and taken only when told. */
class SlowSocket extends Duplex {
  readonly batches: string[][] = []
  #done: (() => void) | null = null

  constructor() {
    super({ writableHighWaterMark: 8 })
  }
  override _read(): void {}
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.batches.push([chunk.toString()])
    this.#done = done
  }
  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.batches.push(chunks.map(({ chunk }) => chunk.toString()))
    this.#done = done
  }
  accept(): void {
    const done = this.#done
    this.#done = null
    done?.()
  }
}

const DEAF: WriterHost = { drained: () => {}, overflowed: () => {} }

const nextTick = () => new Promise((resolve) => setImmediate(resolve))

describe('writer', () => {
  it('[V1] [S9] sends what gathered within a tick in one write, urgent first', async () => {
    const socket = new SlowSocket()
    const writer = new Writer(socket, new Ticks(), DEAF)
    writer.write(Buffer.from('chat'), 'normal')
    writer.write(Buffer.from('order'), 'normal')
    writer.write(Buffer.from('fire'), 'urgent')
    expect(socket.batches).toEqual([])
    await nextTick()
    expect(socket.batches).toEqual([['fire', 'chat', 'order']])
  })

  it('[M5] sends live values behind everything else of the tick', async () => {
    const socket = new SlowSocket()
    const writer = new Writer(socket, new Ticks(), DEAF)
    writer.write(Buffer.from('force'), 'live')
    writer.write(Buffer.from('chat'), 'normal')
    writer.write(Buffer.from('fire'), 'urgent')
    await nextTick()
    expect(socket.batches).toEqual([['fire', 'chat', 'force']])
  })

  it('[V2] says so, too, when the system takes at once what was too much while it was gathered', async () => {
    const socket = new Duplex({ read: () => {}, write: (_chunk, _encoding, done) => done() })
    let drained = 0
    const writer = new Writer(socket, new Ticks(), { ...DEAF, drained: () => (drained += 1) })
    writer.write(Buffer.alloc(LIMITS.softBufferBytes), 'normal')
    expect(writer.isFull()).toBe(false)
    await nextTick()
    expect(drained).toBe(0)
    writer.write(Buffer.alloc(LIMITS.softBufferBytes + 1), 'normal')
    expect(writer.isFull()).toBe(true)
    await nextTick()
    expect(drained).toBe(1)
    expect(writer.isFull()).toBe(false)
  })

  it('[V2] is full while the socket holds too much, and no longer', async () => {
    const socket = new SlowSocket()
    const writer = new Writer(socket, new Ticks(), DEAF)
    writer.write(Buffer.alloc(LIMITS.softBufferBytes), 'normal')
    await nextTick()
    expect([writer.isFull(), writer.isBusy()]).toEqual([false, true])
    writer.write(Buffer.alloc(1), 'urgent')
    expect(writer.isFull()).toBe(true)
    await nextTick()
    expect(writer.isFull()).toBe(true)
    socket.accept()
    await nextTick()
    expect([writer.isFull(), writer.isBusy()]).toEqual([false, false])
  })

  it('[V2] counts what waits and says when there is room again', async () => {
    const socket = new SlowSocket()
    let drained = 0
    const writer = new Writer(socket, new Ticks(), { ...DEAF, drained: () => (drained += 1) })
    writer.write(Buffer.alloc(100), 'normal')
    expect(writer.waitingBytes).toBe(100)
    await nextTick()
    expect(writer.waitingBytes).toBe(100)
    expect(drained).toBe(0)
    socket.accept()
    await nextTick()
    expect([writer.waitingBytes, drained]).toEqual([0, 1])
  })

  it.each<WriteLane>(['urgent', 'normal', 'live'])(
    '[V2] says when more than the hard limit of the %s lane is left after the system had its chance',
    async (lane) => {
      const socket = new SlowSocket()
      let overflows = 0
      const writer = new Writer(socket, new Ticks(), { ...DEAF, overflowed: () => (overflows += 1) })
      writer.write(Buffer.alloc(LIMITS.hardBufferBytes), lane)
      await nextTick()
      expect(overflows).toBe(0)
      writer.write(Buffer.alloc(1), lane)
      expect(overflows, 'not before the tick has left').toBe(0)
      await nextTick()
      expect(overflows).toBe(1)
    },
  )

  it('[V2] a burst over the hard limit that the system takes at once is nothing to complain of', async () => {
    const socket = new Duplex({ read: () => {}, write: (_chunk, _encoding, done) => done() })
    let overflows = 0
    const writer = new Writer(socket, new Ticks(), { ...DEAF, overflowed: () => (overflows += 1) })
    writer.write(Buffer.alloc(LIMITS.hardBufferBytes + 1), 'normal')
    await nextTick()
    expect(overflows).toBe(0)
  })

  it('[V1] flushes every joined writer in the same turn, each once', async () => {
    const ticks = new Ticks()
    const sockets = [new SlowSocket(), new SlowSocket()]
    for (const socket of sockets) {
      const writer = new Writer(socket, ticks, DEAF)
      writer.write(Buffer.from('a'), 'normal')
      writer.write(Buffer.from('b'), 'normal')
    }
    await nextTick()
    expect(sockets.map(({ batches }) => batches)).toEqual([[['a', 'b']], [['a', 'b']]])
  })
})

describe('frame bytes', () => {
  it.each([0, 1, 125, 126, 127, 65_535, 65_536, 70_000])('frames %i bytes as ws itself would', (length) => {
    const text = 'x'.repeat(length)
    // `Sender.frame` is what ws writes for one unmasked text message.
    const { Sender } = ws as unknown as { Sender: { frame(data: Buffer, options: object): Buffer[] } }
    const expected = Buffer.concat(
      Sender.frame(Buffer.from(text), { fin: true, rsv1: false, opcode: 1, mask: false, readOnly: true }),
    )
    expect(textFrame(text).equals(expected)).toBe(true)
  })

  it('counts bytes, not characters', () => {
    expect(textFrame('위급')[1]).toBe(6)
  })
})
