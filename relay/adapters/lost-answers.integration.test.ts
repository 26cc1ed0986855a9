/** Links by requests, where answers are lost on their way: what was sent is sent again under its number, what came is taken once. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, expect, it } from 'vitest'
import { LINK_HEADER } from '../protocol/ways.ts'
import { pollSocket } from './poll-socket.ts'
import { streamSocket } from './stream-socket.ts'
import type { SocketHandle, WayPort } from '../ports.ts'

const A = '{"t":"a"}'
const B = '{"t":"b"}'
const LINK = { [LINK_HEADER]: 'x'.repeat(43) }

interface Up {
  readonly path: string
  readonly batch: number
  readonly ack: number | undefined
  readonly frames: readonly object[]
}
/** `lost`: the request is taken, and its connection ends in place of an answer. `never`: neither. */
type Answer =
  | 'lost'
  | 'never'
  | {
      readonly status?: number
      readonly type?: string
      readonly headers?: Record<string, string>
      readonly body: object | string
    }

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** A link to a server that answers as `answer` says. `said`: what came of the link, in order. */
async function open(way: WayPort, answer: (up: Up, nth: number) => Answer) {
  const asked: Up[] = []
  const server = createServer((request, response) => void respond(request, response))
  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'GET') {
      response.writeHead(200, { ...LINK, 'content-type': 'text/event-stream' }).flushHeaders()
      return
    }
    const up: Up = { path: request.url ?? '', ...(JSON.parse(await text(request)) as Omit<Up, 'path'>) }
    asked.push(up)
    const said = answer(up, asked.length)
    if (said === 'never') return
    if (said === 'lost') {
      request.socket.destroy()
      return
    }
    const { status = 200, type = 'application/json', headers = {}, body } = said
    response.writeHead(status, { 'content-type': type, ...headers })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const said: string[] = []
  const opened = Promise.withResolvers<void>()
  const over = Promise.withResolvers<void>()
  const handle: SocketHandle = way.open(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, {
    opened: () => opened.resolve(),
    received: (message) => said.push(String(message)),
    closed: (code, _reason, refusal) => {
      said.push(`closed ${code} ${refusal ?? ''}`.trim())
      over.resolve()
    },
  })
  closing.push(() => {
    handle.close(1000, 'end of the test')
    server.closeAllConnections()
    server.close()
  })
  await opened.promise
  return { handle, asked, said, over: over.promise }
}

function down(batch: number, ack: number, ...frames: readonly object[]): Answer {
  return { headers: LINK, body: { batch, ack, frames } }
}
const sentBy = (asked: readonly Up[]) =>
  asked.flatMap(({ batch, frames }) => (frames.length > 0 ? [[batch, frames]] : []))

it('[N4, N7] by poll, a batch whose answer is lost is sent again under its number, and what comes down is taken once', async () => {
  const { handle, asked, said, over } = await open(pollSocket(), ({ batch, frames }, nth) => {
    if (nth === 1) return down(1, 1, { t: 'challenge' })
    // What was held is answered, and lost; the same batch down is in the answer to what comes then.
    if (frames.length === 0) return batch === 2 && asked.length <= 2 ? 'lost' : down(2, batch, { t: 'pong' })
    return asked.filter((each) => each.batch === batch).length < 3
      ? 'lost'
      : {
          headers: LINK,
          body: { batch: 3, ack: batch, frames: [{ t: 'result' }], close: { code: 1000, says: 'done' } },
        }
  })
  await expect.poll(() => said).toContain('{"t":"pong"}')
  handle.send(A)
  handle.send(B)
  await over
  const frames = [{ t: 'a' }, { t: 'b' }]
  const [first] = sentBy(asked)
  expect(sentBy(asked)).toEqual([first, first, first])
  expect(first?.[1]).toEqual(frames)
  expect(said).toEqual(['{"t":"challenge"}', '{"t":"pong"}', '{"t":"result"}', 'closed 1000'])
})

it('[N6, N7] by poll, a held question whose connection died is asked again once a newer one was answered, however often', async () => {
  const isLast = (count: number): boolean => count === 4
  let sentSoFar = 0
  const { handle, asked, said } = await open(pollSocket(), ({ batch, frames }, nth) => {
    if (nth === 1) return down(1, 1, { t: 'challenge' })
    // As if its 204 was lost without a word.
    if (frames.length === 0) return 'never'
    const isRepeat = asked.filter((each) => each.batch === batch).length > 1
    if (isRepeat) return isLast(sentSoFar) ? down(sentSoFar + 2, batch, { t: 'event' }) : 'never'
    return down(sentSoFar + 1, batch, { t: 'pong' })
  })
  await expect.poll(() => asked.length).toBe(2)
  while (!isLast(sentSoFar)) {
    sentSoFar += 1
    handle.send(A)
    // The new one, and a repeat of it: well below the forty seconds after which any answer is lost.
    await expect.poll(() => asked.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(2 + 2 * sentSoFar)
  }
  await expect.poll(() => said).toContain('{"t":"event"}')
  const pongs = Array.from({ length: 4 }, () => '{"t":"pong"}')
  expect(said).toEqual(['{"t":"challenge"}', ...pongs, '{"t":"event"}'])
}, 60_000)

it('[N5] by stream, a batch whose acknowledgement is lost is sent again under its number, and the next one waits for it', async () => {
  const { handle, asked } = await open(streamSocket(), ({ batch }, nth) =>
    nth <= 2 ? 'lost' : { body: { ack: batch } },
  )
  handle.send(A)
  await expect.poll(() => asked.length).toBe(1)
  handle.send(B)
  await expect.poll(() => asked.length).toBe(4)
  const [a, b] = [{ t: 'a' }, { t: 'b' }]
  expect(sentBy(asked)).toEqual([
    [1, [a]],
    [1, [a]],
    [1, [a]],
    [2, [b]],
  ])
})

const PAGE: Answer = { type: 'text/html', body: '<h1>Welcome</h1>' }
const AWAY: Answer = { status: 502, type: 'text/html', body: '<h1>Bad Gateway</h1>' }
const GONE: Answer = { status: 404, type: 'application/problem+json', body: { code: 'unknown-link' } }
const BAD: Answer = { status: 409, type: 'application/problem+json', body: { code: 'bad-batch' } }

it.each<[string, Answer, number, string]>([
  ['no answer comes', 'lost', 4, 'closed 1006 foreign-answer'],
  ['the page of a proxy comes', PAGE, 4, 'closed 1006 foreign-answer'],
  ['the server is away', AWAY, 4, 'closed 1006 foreign-answer'],
  ['the link is over', GONE, 1, 'closed 1001'],
  ['the server refuses it', BAD, 1, 'closed 1006 bad-batch'],
])('[N2, N5] by stream, where %s, a batch is sent no more often than that helps', async (_what, answer, times, end) => {
  const { handle, asked, said, over } = await open(streamSocket(), () => answer)
  handle.send(A)
  await over
  expect([asked.map(({ batch }) => batch), said]).toEqual([Array.from({ length: times }, () => 1), [end]])
})

it.each<[string, Answer, number, string]>([
  ['no answer comes', 'lost', 4, 'closed 1006'],
  ['the server is away', AWAY, 4, 'closed 1006'],
  ['the link is over', GONE, 1, 'closed 1001'],
  ['the server refuses it', BAD, 1, 'closed 1006 bad-batch'],
])('[N2, N4] by poll, where %s, a batch is sent no more often than that helps', async (_what, answer, times, end) => {
  const { handle, asked, said, over } = await open(pollSocket(), ({ frames }, nth) => {
    if (nth === 1) return down(1, 1)
    return frames.length === 0 ? 'never' : answer
  })
  handle.send(A)
  await over
  expect(sentBy(asked).length).toBe(times)
  expect(said).toEqual([end])
})
