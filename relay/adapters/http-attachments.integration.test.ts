import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import { expect, it, onTestFinished, vi } from 'vitest'
import type { ContentHash, FilePlace } from '../protocol/attachments.ts'
import { LIMITS } from '../protocol/limits.ts'
import type { CommandId } from '../protocol/ids.ts'
import { httpAttachments } from './http-attachments.ts'

const PLACE: FilePlace = {
  line: 'line-3',
  id: '01900000-0000-7000-8000-000000000001' as CommandId,
  hash: 'ab'.repeat(32) as ContentHash,
}
const PATH = `/floor/api/attachments/line-3/${PLACE.id}/${PLACE.hash}`

interface Asked {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly bearer: string | undefined
  readonly body: Buffer
}

/** A server that answers as it is told, on a real socket. */
async function answering(answer: (response: ServerResponse, asked: Asked) => void) {
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const { method, url, headers } = request
      const one = { method, url, bearer: headers.authorization, body }
      asked.push(one)
      answer(response, one)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  return { asked, port: httpAttachments({ serverUrl: `http://127.0.0.1:${port}/floor/` }) }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

const json = (response: ServerResponse, status: number, body: unknown) =>
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
const never = () => new AbortController().signal

it('[R89] asks for the byte that is wanted, and brings a piece from there, as the device', async () => {
  const { asked, port } = await answering((response, { method }) =>
    json(response, 200, { offset: method === 'PATCH' ? 6 : 3, end: null }),
  )
  expect(await port.state(PLACE, 'device', never())).toEqual({ ok: true, value: { offset: 3, end: null } })
  const piece = { offset: 3, bytes: new Uint8Array([1, 2, 3]) }
  expect(await port.send(PLACE, piece, 'device', never())).toEqual({ ok: true, value: { offset: 6, end: null } })
  expect(asked.map(({ method, url, bearer }) => [method, url, bearer])).toEqual([
    ['GET', `${PATH}/upload`, 'Bearer device'],
    ['PATCH', `${PATH}/upload?offset=3`, 'Bearer device'],
  ])
  expect([...(asked[1]?.body ?? [])]).toEqual([1, 2, 3])
})

it('[R89] says what will never come, as the device', async () => {
  const { asked, port } = await answering((response) => json(response, 200, { offset: 10, end: 'lost' }))
  expect(await port.giveUp(PLACE, 'device', never())).toEqual({ ok: true, value: { offset: 10, end: 'lost' } })
  expect(asked).toMatchObject([{ method: 'DELETE', url: `${PATH}/upload`, bearer: 'Bearer device' }])
})

it.each([
  [409, 'file-offset'],
  [404, 'file-unknown'],
  [422, 'file-mismatch'],
  [507, 'files-full'],
])('[R89] says what the server says: %i %s', async (status, code) => {
  const { port } = await answering((response) => json(response, status, { code, detail: 'No.' }))
  expect(await port.state(PLACE, 'device', never())).toMatchObject({ ok: false, code })
})

it('[R89] takes what is no answer of Andon’s for none', async () => {
  const answers = ['<html>', JSON.stringify({ offset: -1, end: null }), JSON.stringify({ offset: 0, end: 'eaten' })]
  for (const answer of answers) {
    const { port } = await answering((response) => response.writeHead(200).end(answer))
    expect(await port.state(PLACE, 'device', never())).toMatchObject({ ok: false, code: 'unreachable' })
  }
  const proxy = await answering((response) => response.writeHead(404).end('not found'))
  expect(await proxy.port.state(PLACE, 'device', never())).toMatchObject({ ok: false, code: 'unreachable' })
})

it('[R89] ends a piece at once when it is aborted', async () => {
  const { port } = await answering(() => undefined)
  const cut = new AbortController()
  const sent = port.send(PLACE, { offset: 0, bytes: new Uint8Array(10) }, 'device', cut.signal)
  cut.abort()
  expect(await sent).toMatchObject({ ok: false, code: 'unreachable' })
})

it('[R90] reads a file as the person, whole or small, and knows what it is', async () => {
  const { asked, port } = await answering((response) =>
    response.writeHead(200, { 'Content-Type': 'image/webp' }).end(Buffer.from([9, 8, 7])),
  )
  const file = { type: 'image/webp', bytes: new Uint8Array([9, 8, 7]) }
  expect(await port.read(PLACE, 'small', 'person')).toEqual({ ok: true, value: file })
  expect(await port.read(PLACE, 'whole', 'person')).toEqual({ ok: true, value: file })
  expect(asked.map(({ url, bearer }) => [url, bearer])).toEqual([
    [`${PATH}?size=small`, 'Bearer person'],
    [PATH, 'Bearer person'],
  ])
})

it('[R90] ends the way of a file at once when it is held, and goes on when that is over', async () => {
  const over = Promise.withResolvers<void>()
  let answers = 0
  const { asked, port } = await answering((response) => {
    answers += 1
    response.writeHead(200, { 'Content-Type': 'text/csv' })
    if (answers > 1) return response.end('press-2')
    response.write('press')
    return response.on('close', over.resolve)
  })
  const read = port.read(PLACE, 'whole', 'person')
  await vi.waitFor(() => expect(asked).toHaveLength(1))
  port.hold(true)
  await over.promise
  port.hold(false)
  expect(await read).toMatchObject({ ok: true, value: { bytes: new Uint8Array(Buffer.from('press-2')) } })
})

it('[R90] takes nothing of another kind, nothing larger than a file may be, and no half of one', async () => {
  const page = await answering((response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>'))
  expect(await page.port.read(PLACE, 'whole', 'person')).toMatchObject({ ok: false, code: 'unreachable' })
  const large = await answering((response) =>
    response.writeHead(200, { 'Content-Type': 'image/jpeg' }).end(Buffer.alloc(LIMITS.maxAttachmentBytes + 1)),
  )
  expect(await large.port.read(PLACE, 'whole', 'person')).toMatchObject({ ok: false, code: 'file-too-large' })
  const half = await answering((response) => {
    response.writeHead(200, { 'Content-Type': 'image/jpeg', 'Content-Length': '100' }).write('half')
    setImmediate(() => response.destroy())
  })
  expect(await half.port.read(PLACE, 'whole', 'person')).toMatchObject({ ok: false, code: 'unreachable' })
  const gone = await answering((response) => json(response, 410, { code: 'file-lost' }))
  expect(await gone.port.read(PLACE, 'whole', 'person')).toMatchObject({ ok: false, code: 'file-lost' })
})
