import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { MemoryEnd, type MemoryWay } from '../testing/memory-end.ts'
import { SharedBytes } from './shared-bytes.ts'
import { Ticks, Writer, type WriterHost, type WriteLane } from './writer.ts'

/** A way that takes one write, and the next only when told. */
class SlowWay implements MemoryWay {
  readonly writes: string[][] = []
  readonly end = new MemoryEnd(this)
  #isFull = false

  carry(parts: readonly SharedBytes[]): number {
    if (this.#isFull) return 0
    this.#isFull = true
    this.writes.push(parts.flatMap(({ messages }) => messages.map(String)))
    return parts.length
  }
  accept(): void {
    this.#isFull = false
    this.end.room()
  }
  carryClose(): void {}
  pause(): void {}
  resume(): void {}
  cut(): void {}
}

/** Takes everything at once. */
function fastEnd(): MemoryEnd {
  const ignored = (): void => {}
  return new MemoryEnd({
    carry: ({ length }) => length,
    carryClose: ignored,
    pause: ignored,
    resume: ignored,
    cut: ignored,
  })
}

function writerOn(
  end: MemoryEnd,
  { ticks = new Ticks(), ...host }: Partial<WriterHost> & { ticks?: Ticks } = {},
): Writer {
  const writer = new Writer(end, ticks, { hasRoom: () => {}, overflowed: () => {}, ...host })
  end.start({ took: () => {}, holding: () => {}, drained: () => writer.drained(), ended: () => {} })
  return writer
}

const text = (words: string): SharedBytes => new SharedBytes([words])
const bytes = (length: number): SharedBytes => text('x'.repeat(length))

const nextTick = () => new Promise((resolve) => setImmediate(resolve))

describe('writer', () => {
  it('[V1] [S9] sends what gathered within a tick in one write, urgent first', async () => {
    const way = new SlowWay()
    const writer = writerOn(way.end)
    writer.write(text('chat'), 'normal')
    writer.write(text('order'), 'normal')
    writer.write(text('fire'), 'urgent')
    expect(way.writes).toEqual([])
    await nextTick()
    expect(way.writes).toEqual([['fire', 'chat', 'order']])
  })

  it('[M5] sends live values behind everything else of the tick', async () => {
    const way = new SlowWay()
    const writer = writerOn(way.end)
    writer.write(text('force'), 'live')
    writer.write(text('chat'), 'normal')
    writer.write(text('fire'), 'urgent')
    await nextTick()
    expect(way.writes).toEqual([['fire', 'chat', 'force']])
  })

  it('[V2] says so, too, when the system takes at once what was too much while it was gathered', async () => {
    let told = 0
    const writer = writerOn(fastEnd(), { hasRoom: () => (told += 1) })
    writer.write(bytes(LIMITS.softBufferBytes), 'normal')
    expect(writer.isFull()).toBe(false)
    await nextTick()
    expect(told).toBe(0)
    writer.write(bytes(LIMITS.softBufferBytes + 1), 'normal')
    expect(writer.isFull()).toBe(true)
    await nextTick()
    expect(told).toBe(1)
    expect(writer.isFull()).toBe(false)
  })

  it('[V2] is full while the end holds too much, and no longer', async () => {
    const way = new SlowWay()
    const writer = writerOn(way.end)
    writer.write(bytes(1), 'urgent')
    await nextTick()
    writer.write(bytes(LIMITS.softBufferBytes), 'normal')
    await nextTick()
    expect([writer.isFull(), writer.isBusy()]).toEqual([false, true])
    writer.write(bytes(1), 'urgent')
    expect(writer.isFull()).toBe(true)
    await nextTick()
    expect(writer.isFull()).toBe(true)
    way.accept()
    expect([writer.isFull(), writer.isBusy()]).toEqual([false, false])
  })

  it('[V2] counts what waits and says when there is room again', async () => {
    const way = new SlowWay()
    let told = 0
    const writer = writerOn(way.end, { hasRoom: () => (told += 1) })
    writer.write(bytes(1), 'normal')
    await nextTick()
    writer.write(bytes(100), 'normal')
    expect(writer.waitingBytes).toBe(100)
    await nextTick()
    expect([writer.waitingBytes, told]).toEqual([100, 0])
    way.accept()
    expect([writer.waitingBytes, told]).toEqual([0, 1])
  })

  it.each<WriteLane>(['urgent', 'normal', 'live'])(
    '[V2] says when more than the hard limit of the %s lane is left after the system had its chance',
    async (lane) => {
      const way = new SlowWay()
      let overflows = 0
      const writer = writerOn(way.end, { overflowed: () => (overflows += 1) })
      writer.write(bytes(1), lane)
      await nextTick()
      writer.write(bytes(LIMITS.hardBufferBytes), lane)
      await nextTick()
      expect(overflows).toBe(0)
      writer.write(bytes(1), lane)
      expect(overflows, 'not before the tick has left').toBe(0)
      await nextTick()
      expect(overflows).toBe(1)
    },
  )

  it('[V2] a burst over the hard limit that the system takes at once is nothing to complain of', async () => {
    let overflows = 0
    const writer = writerOn(fastEnd(), { overflowed: () => (overflows += 1) })
    writer.write(bytes(LIMITS.hardBufferBytes + 1), 'normal')
    await nextTick()
    expect(overflows).toBe(0)
  })

  it('[V1] flushes every joined writer in the same turn, each once', async () => {
    const ticks = new Ticks()
    const ways = [new SlowWay(), new SlowWay()]
    for (const way of ways) {
      const writer = writerOn(way.end, { ticks })
      writer.write(text('a'), 'normal')
      writer.write(text('b'), 'normal')
    }
    await nextTick()
    expect(ways.map(({ writes }) => writes)).toEqual([[['a', 'b']], [['a', 'b']]])
  })
})
