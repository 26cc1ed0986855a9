import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ContentHash } from '../protocol/attachments.ts'
import type { CommandId } from '../protocol/ids.ts'
import { httpAttachments } from './http-attachments.ts'

const PLACE = { line: 'line-3', id: '01900000-0000-7000-8000-000000000001' as CommandId, hash: 'ab' as ContentHash }
const PIECE = new Uint8Array(1_000)

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A server whose bytes come when they are given. */
function slow() {
  let body: ReadableStreamDefaultController<Uint8Array> | null = null
  const stream = new ReadableStream<Uint8Array>({ start: (controller) => void (body = controller) })
  const answer: typeof fetch = (_url, init) => {
    init?.signal?.addEventListener('abort', () => body?.error(new Error('aborted')))
    return Promise.resolve(new Response(stream, { headers: { 'Content-Type': 'application/pdf' } }))
  }
  return {
    port: httpAttachments({ serverUrl: 'http://floor/', fetch: answer }),
    give: () => body?.enqueue(PIECE),
    end: () => body?.close(),
  }
}

it('reads a file for as long as its bytes come, however slow', async () => {
  const { port, give, end } = slow()
  const read = port.read(PLACE, 'whole', 'person')
  for (let n = 0; n < 20; n += 1) {
    await vi.advanceTimersByTimeAsync(15_000)
    give()
  }
  end()
  expect(await read).toMatchObject({ ok: true, value: { type: 'application/pdf' } })
  expect(vi.getTimerCount()).toBe(0)
})

it('gives up a file whose server has fallen silent', async () => {
  const { port, give } = slow()
  const read = port.read(PLACE, 'whole', 'person')
  give()
  await vi.advanceTimersByTimeAsync(21_000)
  expect(await read).toMatchObject({ ok: false, code: 'unreachable' })
})

describe('[R90] a file that is held, because something urgent is on its way,', () => {
  const TEXT = 'machine,count\npress-2,7\n'

  /** A server of which each answer gives five more letters, and the rest when it is let. */
  function handingOut({ knowsRanges }: { readonly knowsRanges: boolean }) {
    const asked: number[] = []
    const bodies: ReadableStreamDefaultController<Uint8Array>[] = []
    const answer: typeof fetch = (_url, init) => {
      const range = new Headers(init?.headers).get('Range') ?? ''
      const from = Number(/^bytes=(\d+)-$/.exec(range)?.[1] ?? 0)
      asked.push(from)
      const begin = knowsRanges ? from : 0
      const stream = new ReadableStream<Uint8Array>({
        start(body) {
          body.enqueue(Buffer.from(TEXT.slice(begin, begin + 5)))
          bodies.push(body)
          init?.signal?.addEventListener('abort', () => body.error(new Error('aborted')))
        },
      })
      const headers = { 'Content-Type': 'text/csv', 'Content-Range': `bytes ${begin}-23/24` }
      return Promise.resolve(new Response(stream, { status: begin > 0 ? 206 : 200, headers }))
    }
    const end = (begin: number): void => {
      bodies.at(-1)?.enqueue(Buffer.from(TEXT.slice(begin + 5)))
      bodies.at(-1)?.close()
    }
    return { port: httpAttachments({ serverUrl: 'http://floor/', fetch: answer }), asked, end }
  }

  it.each([
    ['goes on where it was', true, 10],
    ['begins anew with a server that cannot go on', false, 0],
  ])('is asked for by nobody meanwhile, and %s', async (_what, knowsRanges, last) => {
    const { port, asked, end } = handingOut({ knowsRanges })
    const read = port.read(PLACE, 'whole', 'person')
    for (const expected of [0, 5]) {
      await vi.advanceTimersByTimeAsync(1_000)
      expect(asked.at(-1)).toBe(expected)
      port.hold(true)
      await vi.advanceTimersByTimeAsync(1_000)
      expect(asked.at(-1)).toBe(expected)
      port.hold(false)
    }
    await vi.advanceTimersByTimeAsync(1_000)
    expect(asked).toEqual([0, 5, knowsRanges ? 10 : 5])
    end(last)
    expect(await read).toEqual({ ok: true, value: { type: 'text/csv', bytes: new Uint8Array(Buffer.from(TEXT)) } })
  })

  it('is given up where that lasts', async () => {
    const { port } = handingOut({ knowsRanges: true })
    port.hold(true)
    const read = port.read(PLACE, 'whole', 'person')
    await vi.advanceTimersByTimeAsync(21_000)
    expect(await read).toMatchObject({ ok: false, code: 'unreachable' })
    expect(vi.getTimerCount()).toBe(0)
  })
})
