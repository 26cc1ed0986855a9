import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_LINE_BYTES, splitLines, type InputLine } from './cli-input.ts'

async function split(...chunks: (string | Uint8Array)[]): Promise<InputLine[]> {
  const lines: InputLine[] = []
  for await (const line of splitLines(
    stream(chunks.map((chunk) => (typeof chunk === 'string' ? Buffer.from(chunk) : chunk))),
  )) {
    lines.push(line)
  }
  return lines
}
async function* stream(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield await Promise.resolve(chunk)
}
const text = (value: string): InputLine => ({ kind: 'text', text: value })

describe('the lines of stdin', () => {
  it('end at a newline, with or without a carriage return, and the last one at the end', async () => {
    expect(await split('a\nb\r\nc')).toEqual([text('a'), text('b'), text('c')])
  })

  it('leave out what is empty', async () => {
    expect(await split('\n\r\n  \n', '\na\n')).toEqual([text('a')])
    expect(await split()).toEqual([])
    expect(await split('')).toEqual([])
  })

  it('are the same however the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'binary' }).map((line) => line.replaceAll(/[\r\n]/g, ''))),
        fc.integer({ min: 1, max: 7 }),
        async (lines, size) => {
          const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''))
          const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
            bytes.subarray(index * size, (index + 1) * size),
          )
          expect(await split(...chunks)).toEqual(await split(bytes))
        },
      ),
    )
  })

  it('may be as long as the limit', async () => {
    expect(await split(`${'x'.repeat(MAX_LINE_BYTES)}\ny\n`)).toEqual([text('x'.repeat(MAX_LINE_BYTES)), text('y')])
  })

  it('are skipped where they are longer, and the next one is read [P8]', async () => {
    const long = 'x'.repeat(MAX_LINE_BYTES + 1)
    expect(await split(`${long}\ny\n`)).toEqual([{ kind: 'too-long' }, text('y')])
    expect(await split(...Array<string>(50).fill(long), '\ny\n')).toEqual([{ kind: 'too-long' }, text('y')])
    expect(await split(long)).toEqual([{ kind: 'too-long' }])
  })

  it('are counted in bytes', async () => {
    expect(await split(`${'가'.repeat(MAX_LINE_BYTES / 2)}\n`)).toEqual([{ kind: 'too-long' }])
  })

  it('are refused where they are not UTF-8, and the next one is read', async () => {
    expect(await split(Uint8Array.of(0x7b, 0xff, 0x7d, 0x0a), 'y\n')).toEqual([{ kind: 'not-utf8' }, text('y')])
  })

  it('may begin with a byte order mark, as some systems write it', async () => {
    expect(await split('\ufeff{}\n')).toEqual([text('{}')])
  })
})
