import { Writable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { MAX_UNREAD_BYTES, StreamOutput } from './cli-output.ts'

/** A pipe whose reader reads when told. */
class SlowPipe extends Writable {
  readonly chunks: string[] = []
  #release: (() => void) | null = null

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.chunks.push(chunks.map(({ chunk }) => chunk.toString()).join(''))
    this.#release = done
  }
  read(): void {
    this.#release?.()
  }
}

describe('the lines of stdout', () => {
  it('leave in one write per turn, in order', async () => {
    const pipe = new SlowPipe()
    const output = new StreamOutput(pipe, () => undefined)
    output.print({ kind: 'saved', ref: 'a' })
    output.print({ kind: 'saved', ref: 'b' })
    await nextTurn()
    expect(pipe.chunks).toEqual(['{"kind":"saved","ref":"a"}\n{"kind":"saved","ref":"b"}\n'])
  })

  it('make who asks wait until the reader has caught up [P8]', async () => {
    const pipe = new SlowPipe()
    const output = new StreamOutput(pipe, () => undefined)
    await output.caughtUp()
    output.print({ kind: 'event', data: 'x'.repeat(100_000) })
    let hasCaughtUp = false
    const waiting = output.caughtUp().then(() => (hasCaughtUp = true))
    await nextTurn()
    expect(hasCaughtUp).toBe(false)
    pipe.read()
    await waiting
  })

  it('fail once when nobody reads them, beyond the limit [P8]', () => {
    const failures: string[] = []
    const output = new StreamOutput(new SlowPipe(), (why) => failures.push(why))
    const line = { kind: 'event', data: 'x'.repeat(MAX_UNREAD_BYTES / 4) }
    for (let index = 0; index < 8; index++) output.print(line)
    expect(failures).toEqual(['stalled'])
  })

  it('fail once when the reader is gone, and flushing does not wait for it', async () => {
    const failures: string[] = []
    const pipe = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EPIPE')) })
    const output = new StreamOutput(pipe, (why) => failures.push(why))
    output.print({ kind: 'saved', ref: 'a' })
    await output.flushed()
    output.print({ kind: 'saved', ref: 'b' })
    await output.flushed()
    expect(failures).toEqual(['closed'])
  })

  it('are flushed at the end', async () => {
    const pipe = new SlowPipe()
    const output = new StreamOutput(pipe, () => undefined)
    output.print({ kind: 'saved', ref: 'a' })
    const flushed = output.flushed()
    await nextTurn()
    pipe.read()
    await flushed
    expect(pipe.chunks.join('')).toBe('{"kind":"saved","ref":"a"}\n')
  })
})
