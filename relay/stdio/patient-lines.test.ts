import { describe, expect, it } from 'vitest'
import { FIRST_RETRY_MS, MAX_RETRY_MS, PatientLines, type Taken } from './patient-lines.ts'

/** A pipe of so many bytes, whose reader reads when told. */
class Pipe {
  text = ''
  #room: number
  readonly #capacity: number
  constructor(capacity: number) {
    this.#capacity = capacity
    this.#room = capacity
  }
  readonly take = (bytes: Uint8Array): Taken => {
    if (this.#room === 0) return 'full'
    const taken = Math.min(this.#room, bytes.length)
    this.#room -= taken
    this.text += Buffer.from(bytes.subarray(0, taken)).toString()
    return taken
  }
  read(): void {
    this.#room = this.#capacity
  }
}

function floor(capacity: number, maxBytes = 100) {
  const pipe = new Pipe(capacity)
  const timers: { ms: number; run: () => void }[] = []
  const lines = new PatientLines({
    write: pipe.take,
    after: (ms, run) => timers.push({ ms, run }),
    lost: (count) => `lost ${count}\n`,
    maxBytes,
  })
  return { pipe, timers, lines, tick: () => timers.shift()?.run() }
}

describe('[R50] [P8] lines to somebody who may stop reading', () => {
  it('are handed over at once while they are read', () => {
    const { pipe, lines, timers } = floor(1000)
    lines.write('one\n')
    lines.write('two\n')
    expect(pipe.text).toBe('one\ntwo\n')
    expect(timers).toEqual([])
  })

  it('wait in order when they are not, and go on where one was cut', () => {
    const { pipe, lines, tick, timers } = floor(6)
    for (const line of ['one\n', 'two\n', 'three\n']) lines.write(line)
    expect(pipe.text).toBe('one\ntw')
    expect(timers).toHaveLength(1)
    pipe.read()
    tick()
    expect(pipe.text).toBe('one\ntwo\nthre')
    pipe.read()
    tick()
    expect(pipe.text).toBe('one\ntwo\nthree\n')
    expect(lines.waitingBytes).toBe(0)
    expect(timers).toEqual([])
  })

  it('are dropped beyond the bound, and their number stands in their place once there is room', () => {
    const { pipe, lines, tick } = floor(5, 10)
    for (let index = 0; index < 10; index += 1) lines.write(`${index}\n`)
    expect(lines.waitingBytes).toBeLessThanOrEqual(10)
    pipe.read()
    tick()
    lines.write('x\n')
    for (let turn = 0; turn < 10; turn += 1) {
      pipe.read()
      tick()
    }
    expect(pipe.text).toBe('0\n1\n2\n3\n4\n5\n6\nlost 3\nx\n')
    lines.write('y\n')
    expect(pipe.text.endsWith('x\ny\n')).toBe(true)
  })

  it('say what is missing as soon as everything else is out, without waiting for another line', () => {
    const { pipe, lines, tick } = floor(4, 4)
    for (const line of ['ab\n', 'cd\n', 'ef\n', 'gh\n']) lines.write(line)
    for (let turn = 0; turn < 5; turn += 1) {
      pipe.read()
      tick()
    }
    expect(pipe.text).toBe('ab\ncd\nlost 2\n')
  })

  it('are tried again after longer and longer pauses, and after a short one when somebody had read', () => {
    const { pipe, lines, timers } = floor(1)
    lines.write('x\n')
    const pauses: number[] = []
    for (let turn = 0; turn < 8; turn += 1) {
      const timer = timers.shift()
      pauses.push(timer?.ms ?? 0)
      timer?.run()
    }
    expect(pauses).toEqual([FIRST_RETRY_MS, 40, 80, 160, 320, 640, MAX_RETRY_MS, MAX_RETRY_MS])
    pipe.read()
    timers.shift()?.run()
    pipe.read()
    lines.write('y\n')
    expect(timers.map(({ ms }) => ms)).toEqual([FIRST_RETRY_MS])
  })
})
