import { afterEach, beforeEach, expect, it, vi } from 'vitest'
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
