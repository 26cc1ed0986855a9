/** What can be sent to the ways that go by requests: links of others, batches out of order, and readers that do not read. */
import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { CLOSE } from '../../relay/protocol/close-codes.ts'
import { LINK_HEADER, WAY_LIMITS, WAY_PATHS } from '../../relay/protocol/ways.ts'
import { ask, openPoll, openStream, readUntil } from '../support/way-requests.ts'
import { createDevice, helloOf, WireClient } from '../support/wire-client.ts'
import { besiegeFloor } from './besieged-floor.ts'

const floor = besiegeFloor()
const MB = 1024 * 1024
const ping = { t: 'ping', nonce: 'still here' }
const NOBODY = 'x'.repeat(43)

/** A device on a stream, and the nonce behind its link is spent. */
async function welcomedStream() {
  const opened = await openStream(floor.url())
  const nonce = /"nonce":"([^"]+)"/.exec(await readUntil(opened.response, '\n\n'))?.[1] ?? ''
  const hello = await helloOf(await createDevice(), nonce)
  await up(opened.link, { batch: 1, frames: [hello] })
  await readUntil(opened.response, '"t":"welcome"')
  return opened
}

function up(link: string, body: object | string) {
  return ask(floor.url(), WAY_PATHS.frames, { link, body })
}
function poll(link: string, body: object) {
  return ask(floor.url(), WAY_PATHS.poll, { link, body })
}

/** How a stream ends: the code of its row. */
async function ending(response: IncomingMessage): Promise<number> {
  return Number(/event: close\ndata: \{"code":(\d+)/.exec(await readUntil(response, 'event: close'))?.[1])
}

describe('a link [N2, N10]', () => {
  it('of somebody else is none: not by a guess, not on the other way, not once it is over', async () => {
    const { response, link } = await welcomedStream()
    const { link: polled } = await openPoll(floor.url())
    const answers = [
      await up(NOBODY, { batch: 2, frames: [ping] }),
      await up(polled, { batch: 2, frames: [ping] }),
      await poll(link, { batch: 2, ack: 0, holdMs: 0, frames: [] }),
      await up(`${link}, ${link}`, { batch: 2, frames: [ping] }),
    ]
    response.destroy()
    await expect.poll(async () => (await up(link, { batch: 2, frames: [ping] })).status).toBe(404)
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual(answers.map(() => [404, 'unknown-link']))
  })

  it('is not opened by a page of somebody else, nor under a name that is not the server’s', async () => {
    for (const [headers, code] of [
      [{ origin: 'https://evil.example' }, 'bad-origin'],
      // An image of a foreign page, which has no origin.
      [{ 'sec-fetch-site': 'cross-site' }, 'bad-origin'],
      [{ host: 'evil.example' }, 'bad-host'],
    ] as const) {
      const { first } = await openPoll(floor.url(), { headers })
      const { response, status } = await openStream(floor.url(), { headers })
      expect([first.status, first.body.code, status]).toEqual([403, code, 403])
      expect(JSON.parse(await readUntil(response, '}'))).toMatchObject({ status: 403, code })
    }
  })

  it('is answered with what counts there, and not with what pages are told in many words', async () => {
    const { first } = await openPoll(floor.url())
    expect(first.headers).toMatchObject({
      'cache-control': 'no-store, no-transform',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
    })
    expect(Object.keys(first.headers)).not.toContain('content-security-policy')
    expect(JSON.stringify(first.headers).length).toBeLessThan(600)
  })

  it('that nobody greets on is over after the patience of a greeting, a thousand of them as well, and hurts nobody', async () => {
    const open = await Promise.all(Array.from({ length: 1_000 }, () => openStream(floor.url())))
    expect(new Set(open.map(({ status }) => status))).toEqual(new Set([200]))
    const client = new WireClient(floor.url(), { way: 'stream' })
    await client.greet(await createDevice())
    client.close()
    const codes = await Promise.all(open.map(({ response }) => ending(response)))
    // Whoever comes when the door is full costs a silent one its place.
    expect(codes.filter((code) => code !== CLOSE.silent.code && code !== CLOSE.overloaded.code)).toEqual([])
    expect(codes.filter((code) => code === CLOSE.silent.code).length).toBeGreaterThan(900)
  }, 180_000)

  it('cannot be opened twice on one connection', async () => {
    const { port, host } = new URL(floor.url())
    const get = `GET /sync/stream HTTP/1.1\r\nHost: ${host}\r\n\r\n`
    expect(Number(port)).toBeGreaterThan(0)
    const said = await floor.exchange(get + get + get)
    expect(said.split('HTTP/1.1 200').length - 1).toBe(1)
  }, 30_000)
})

describe('a batch [N3, N4, N10]', () => {
  it('that is replayed is taken once', async () => {
    const { response, link } = await welcomedStream()
    const body = { batch: 2, frames: [ping] }
    for (let times = 0; times < 5; times += 1) expect((await up(link, body)).body).toEqual({ ack: 2 })
    await up(link, { batch: 3, frames: [], close: { code: 1000, says: '' } })
    const text = await readUntil(response, 'event: close')
    expect(text.split('"t":"pong"').length - 1).toBe(1)
  })

  it.each([
    ['far ahead', [7]],
    ['long gone', [2, 3, 4, 2]],
    ['ahead of one that never comes', [3]],
  ])('%s is bad-batch and ends the link', async (_what, batches) => {
    const { response, link } = await welcomedStream()
    const closed = ending(response)
    let last = { status: 0, code: '' as string | undefined }
    for (const batch of batches) {
      const { status, body } = await up(link, { batch, frames: [] })
      last = { status, code: body.code }
    }
    expect([last, await closed]).toEqual([{ status: 409, code: 'bad-batch' }, CLOSE.badFrame.code])
  })

  it.each([
    ['text that is no JSON', '{'],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0xff, 0x7d]).toString('latin1')],
    ['lists in lists in lists', `{"batch":2,"frames":[{"t":${'['.repeat(100_000)}${']'.repeat(100_000)}}]}`],
    ['more frames than any relay sends', { batch: 2, frames: Array.from({ length: 2_000 }, () => ping) }],
  ])('of %s ends its link, and no other', async (_what, body) => {
    const [bad, good] = [await welcomedStream(), await welcomedStream()]
    const { status } = await up(bad.link, body)
    expect([200, 409, 413]).toContain(status)
    expect(await ending(bad.response)).toBeGreaterThanOrEqual(4400)
    expect((await up(good.link, { batch: 2, frames: [ping] })).body).toEqual({ ack: 2 })
    good.response.destroy()
  })

  it.each(['stream', 'poll'] as const)('of ten megabytes is 413 on %s, and read by nobody', async (way) => {
    const { link, response } =
      way === 'stream' ? await welcomedStream() : { ...(await openPoll(floor.url())), response: null }
    const path = way === 'stream' ? WAY_PATHS.frames : WAY_PATHS.poll
    const { status, body } = await ask(floor.url(), path, { link, body: ' '.repeat(10 * MB) })
    expect([status, body.code]).toEqual([413, 'frame-too-large'])
    if (response !== null) expect(await ending(response)).toBe(CLOSE.frameTooLarge.code)
  })

  it('of ten megabytes that does not say so is stopped at the bound', async () => {
    const { link, response } = await welcomedStream()
    const request = httpRequest(new URL(WAY_PATHS.frames, floor.url()), {
      method: 'POST',
      headers: { [LINK_HEADER]: link, 'transfer-encoding': 'chunked' },
    })
    request.on('error', () => {})
    const answered = once(request, 'response') as Promise<[IncomingMessage]>
    for (let sent = 0; sent < 10 * MB; sent += WAY_LIMITS.maxBatchBytes)
      request.write(' '.repeat(WAY_LIMITS.maxBatchBytes))
    const [{ statusCode }] = await answered
    request.destroy()
    expect([statusCode, await ending(response)]).toEqual([413, CLOSE.frameTooLarge.code])
  })

  it('of more than a greeting before the greeting ends the link', async () => {
    const { link, response } = await openStream(floor.url())
    const { status } = await up(link, { batch: 1, frames: [{ t: 'x'.repeat(9_000) }] })
    expect([status, await ending(response)]).toEqual([413, CLOSE.frameTooLarge.code])
    const { link: polled } = await openPoll(floor.url())
    const answer = await poll(polled, { batch: 2, ack: 1, holdMs: 0, frames: [{ t: 'x'.repeat(9_000) }] })
    expect(answer.body.close?.code).toBe(CLOSE.frameTooLarge.code)
  })
})

describe('whoever does not read [N7, N10, V2]', () => {
  const flood = Array.from({ length: 1_000 }, () => ping)

  it('a stream is closed when too much waits for it', async () => {
    const { link } = await welcomedStream()
    let status = 200
    for (let batch = 2; status === 200; batch += 1) ({ status } = await up(link, { batch, frames: flood }))
    expect(status).toBe(404)
  }, 180_000)

  it('what a poll is answered is closed when too much is kept for it', async () => {
    const { link, nonce } = await openPoll(floor.url())
    const hello = await helloOf(await createDevice(), nonce)
    await poll(link, { batch: 2, ack: 1, holdMs: 1_000, frames: [hello] })
    let status = 200
    for (let batch = 3; status === 200; batch += 1)
      ({ status } = await poll(link, { batch, ack: 1, holdMs: 0, frames: flood }))
    expect(status).toBe(404)
  }, 180_000)
})
