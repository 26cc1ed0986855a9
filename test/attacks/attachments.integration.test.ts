/** Photos and files as a way in: of messages of others, out of the folder, into a page, and for the room they take. */
import { readdir } from 'node:fs/promises'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { v7 as uuidv7 } from 'uuid'
import { describe, expect, it } from 'vitest'
import { filePath, type AttachmentType, type UploadState } from '../../relay/protocol/attachments.ts'
import type { CommandId } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { bomb, hashOf, named, noise } from '../../server/testing/attachments.ts'
import { besiegeFloor, command, endsOf, LINE_KEY, SITE_KEY } from './besieged-floor.ts'

const floor = besiegeFloor()
type SignedIn = Awaited<ReturnType<typeof floor.signedIn>>

const OCTETS = { 'content-type': 'application/octet-stream' }

async function shared(author: SignedIn, seq: number, bytes: Buffer, type: AttachmentType = 'text/plain') {
  const id = uuidv7() as CommandId
  const data = { line: 'line-3', text: '', files: [named(bytes, type)] }
  const { session } = author.grant
  expect(await endsOf(author.client, command('chat.share', data, { seq, id, session }))).toEqual(['applied'])
  return { path: `/api/${filePath({ line: 'line-3', id, hash: hashOf(bytes) })}`, id }
}

const state = (path: string, bearer: string) => floor.call(`${path}/upload`, { method: 'GET', bearer })
const piece = (path: string, bearer: string, body: Buffer, offset = 0) =>
  floor.call(`${path}/upload?offset=${offset}`, { method: 'PATCH', bearer, headers: OCTETS, body })

async function brought(path: string, bearer: string, bytes: Buffer): Promise<UploadState['end']> {
  for (;;) {
    const { body } = await state(path, bearer)
    const { offset, end } = body as UploadState
    if (end !== null) return end
    if (offset < bytes.length) await piece(path, bearer, bytes.subarray(offset, offset + LIMITS.maxPieceBytes), offset)
    else await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function onDisk(): Promise<readonly string[]> {
  return await readdir(join(floor.folder(), 'attachments'), { recursive: true })
}

describe('the file of somebody else’s message', () => {
  it('[O4] is spoilt by no device on which its author never signed in, nor learnt of', async () => {
    const kim = await floor.signedIn('kim')
    const bytes = Buffer.from('what kim has photographed')
    const { path } = await shared(kim, 1, bytes)
    const stranger = await floor.stranger()
    const park = await floor.signedIn('park')
    for (let time = 0; time < 4; time += 1) {
      const wrong = Buffer.alloc(bytes.length, time)
      expect((await piece(path, stranger.deviceToken, wrong)).code).toBe('forbidden')
      expect((await piece(path, park.deviceToken, wrong)).code).toBe('file-unknown')
    }
    for (const nobodys of [path, path.replace(/[0-9a-f]{64}$/, '0'.repeat(64))]) {
      expect(await state(nobodys, park.deviceToken)).toMatchObject({ status: 404, code: 'file-unknown' })
      expect(await state(nobodys, stranger.deviceToken)).toMatchObject({ status: 403, code: 'forbidden' })
    }
    // With the very bytes it is no better.
    expect((await piece(path, park.deviceToken, bytes)).code).toBe('file-unknown')
    for (const bearer of ['made-up', SITE_KEY, kim.grant.accessToken])
      expect((await piece(path, bearer, bytes)).code).toBe('bad-token')
    expect(await brought(path, kim.deviceToken, bytes)).toBe('stored')
  })

  it('[O4] whose content is known has to be brought by whoever names it', async () => {
    const kim = await floor.signedIn('kim')
    const bytes = Buffer.from('a secret that park has heard the hash of')
    const { path } = await shared(kim, 1, bytes)
    expect(await brought(path, kim.deviceToken, bytes)).toBe('stored')
    const park = await floor.signedIn('park')
    const own = await shared(park, 1, bytes)
    expect((await state(own.path, park.deviceToken)).body).toEqual({ offset: 0, end: null })
    expect((await floor.call(own.path, { method: 'GET', bearer: park.grant.accessToken })).code).toBe('file-awaited')
  })

  it('[O6] is read by nobody who may not read its line, or is nobody', async () => {
    const kim = await floor.signedIn('kim')
    const bytes = Buffer.from('of line 3')
    const { path, id } = await shared(kim, 1, bytes)
    expect(await brought(path, kim.deviceToken, bytes)).toBe('stored')
    const read = async (bearer: string, at = path) => (await floor.call(at, { method: 'GET', bearer })).code
    expect(await read(SITE_KEY)).toBeNull()
    expect(await read(LINE_KEY)).toBe('file-unknown')
    // As of another line it is not there.
    expect(await read(LINE_KEY, path.replace('line-3', 'line-1'))).toBe('file-unknown')
    expect(await read(kim.deviceToken)).toBe('sign-in-needed')
    expect(await read('made-up')).toBe('bad-key')
    const { session } = kim.grant
    await endsOf(kim.client, command('chat.withdraw', { line: 'line-3', id }, { seq: 2, session }))
    expect(await read(SITE_KEY)).toBe('file-unknown')
  })
})

describe('a way out of the folder', () => {
  it.each([
    ['line-3', '..%2f..%2f..%2fetc%2fpasswd', 'a'.repeat(64)],
    ['line-3', '01930000-0000-7000-8000-000000000000', '..%2f..%2fandon.sqlite'],
    ['..%2f..', '01930000-0000-7000-8000-000000000000', 'a'.repeat(64)],
    ['line-3', '01930000-0000-7000-8000-000000000000', `${'a'.repeat(64)}.small`],
    ['line-3', '01930000-0000-7000-8000-000000000000', 'A'.repeat(64)],
    ['line-3', '01930000-0000-7000-8000-000000000000%00', 'a'.repeat(64)],
  ])('is no address: %s/%s/%s', async (line, id, hash) => {
    const kim = await floor.signedIn('kim')
    const path = `/api/attachments/${line}/${id}/${hash}`
    const before = await onDisk()
    for (const answer of [
      await state(path, kim.deviceToken),
      await piece(path, kim.deviceToken, Buffer.from('x')),
      await floor.call(path, { method: 'GET', bearer: SITE_KEY }),
    ])
      expect([400, 404]).toContain(answer.status)
    expect(await onDisk()).toEqual(before)
  })

  it('is no name either: it is only ever what a browser is told', async () => {
    const kim = await floor.signedIn('kim')
    const bytes = Buffer.from('named by an attacker')
    const id = uuidv7() as CommandId
    const file = { ...named(bytes, 'text/plain'), name: '../../x"; filename=evil.html; \\' }
    const share = { line: 'line-3', text: '', files: [file] }
    const { session } = kim.grant
    expect(await endsOf(kim.client, command('chat.share', share, { seq: 1, id, session }))).toEqual(['applied'])
    const path = `/api/${filePath({ line: 'line-3', id, hash: file.hash })}`
    expect(await brought(path, kim.deviceToken, bytes)).toBe('stored')
    const { headers } = await floor.call(path, { method: 'GET', bearer: SITE_KEY })
    expect(headers.get('content-disposition')).toBe(
      `attachment; filename=".._.._x__ filename_evil.html_ _"; filename*=UTF-8''..%2F..%2Fx%22%3B%20filename%3Devil.html%3B%20%5C`,
    )
    expect(headers.get('content-security-policy')).toBe("default-src 'none'; sandbox")
  })
})

describe('what is no photo', () => {
  it('[O5] is refused, and harms nothing: pages, drawings, bombs', async () => {
    const kim = await floor.signedIn('kim')
    const page = Buffer.from('<!doctype html><script>alert(document.domain)</script>')
    const drawing = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>')
    const whole = await noise(7)
    let seq = 0
    for (const [bytes, type] of [
      [page, 'image/png'],
      [drawing, 'image/webp'],
      [bomb(30_000), 'image/png'],
      [Buffer.concat([whole.subarray(0, 2_000), Buffer.alloc(2_000, 0xff)]), 'image/jpeg'],
      [page, 'application/pdf'],
    ] as const) {
      seq += 1
      const { path } = await shared(kim, seq, bytes, type)
      expect(await brought(path, kim.deviceToken, bytes)).toBe('refused')
      expect((await floor.call(path, { method: 'GET', bearer: SITE_KEY })).code).toBe('file-lost')
    }
  })

  it('[O6] and a PDF that is a page as well is saved, not opened', async () => {
    const kim = await floor.signedIn('kim')
    const bytes = Buffer.from('%PDF-1.7\n<script>alert(document.domain)</script>')
    const { path } = await shared(kim, 1, bytes, 'application/pdf')
    expect(await brought(path, kim.deviceToken, bytes)).toBe('stored')
    const { headers } = await floor.call(path, { method: 'GET', bearer: SITE_KEY })
    expect(headers.get('content-type')).toBe('application/pdf')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-disposition')).toMatch(/^attachment;/)
  })
})

it('[O7] unfinished files of one device take no more than forty places', async () => {
  const kim = await floor.signedIn('kim')
  const codes: (string | null)[] = []
  for (let index = 0; index <= LIMITS.maxWaitingFiles; index += 1) {
    const bytes = Buffer.from(`unfinished ${index}`)
    const { path } = await shared(kim, index + 1, bytes)
    codes.push((await piece(path, kim.deviceToken, bytes.subarray(0, 1))).code as string | null)
  }
  expect(codes).toEqual([...Array<null>(LIMITS.maxWaitingFiles).fill(null), 'files-waiting'])
})

it('[O4] [P8] pieces that are cut off in the middle leave nothing, and take no place', async () => {
  const kim = await floor.signedIn('kim')
  const bytes = Buffer.from('a piece that arrives in the end')
  const { path } = await shared(kim, 1, bytes)
  const url = new URL(`${path}/upload?offset=0`, floor.url())
  const lines = [
    `PATCH ${url.pathname}${url.search} HTTP/1.1`,
    `Host: ${url.host}`,
    `Authorization: Bearer ${kim.deviceToken}`,
    'Content-Type: application/octet-stream',
    `Content-Length: ${bytes.length}`,
  ]
  for (let time = 0; time < 5; time += 1) {
    const socket = connect(Number(url.port), url.hostname)
    socket.write(`${lines.join('\r\n')}\r\n\r\n${bytes.toString().slice(0, 10)}`)
    await once(socket, 'connect')
    // Somebody else is answered behind it: it was read by then.
    expect((await state(path, kim.deviceToken)).body).toEqual({ offset: 0, end: null })
    socket.destroy()
    await once(socket, 'close')
  }
  await expect.poll(async () => (await piece(path, kim.deviceToken, bytes)).status).toBe(200)
})

it('[X8] a piece is refused before it is read: of strangers, under no token, and beyond its bound', async () => {
  const kim = await floor.signedIn('kim')
  const bytes = Buffer.from('text')
  const { path } = await shared(kim, 1, bytes)
  const stranger = await floor.stranger()
  const large = Buffer.alloc(LIMITS.maxPieceBytes + 1)
  expect(await piece(path, stranger.deviceToken, large)).toMatchObject({ status: 403, code: 'forbidden' })
  expect(await piece(path, 'made-up', large)).toMatchObject({ status: 401, code: 'bad-token' })
  expect(await piece(path, kim.deviceToken, large)).toMatchObject({ status: 413, code: 'frame-too-large' })
})
