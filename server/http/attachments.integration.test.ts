import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { v4 as uuidv4 } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MessageFile } from '../../relay/protocol/attachments.ts'
import type { CommandId, DeviceId } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { bomb, hashOf, named, noise, phonePhoto, SharingPerson } from '../testing/attachments.ts'
import { DEVICE, LINK, openFloor, OTHER_DEVICE, problemIn, type Floor } from '../testing/http-floor.ts'
import { sha256 } from './hashes.ts'

let floor: Floor
let kim: SharingPerson
beforeAll(async () => {
  floor = await openFloor()
  kim = new SharingPerson(floor)
  await kim.signIn('kim', '1111')
})
afterAll(() => floor.close())

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

describe('a photo', () => {
  it('[O4] [O5] comes in pieces, is looked at, and is then in its message and handed out', async () => {
    const bytes = await phonePhoto({ width: 3000, height: 2000 })
    const hash = hashOf(bytes)
    const id = await kim.share([named(bytes, 'image/jpeg', '누유.jpg')])
    expect((await kim.state(id, hash)).json()).toEqual({ offset: 0, end: null })
    expect(problemIn(await kim.read(id, hash)).code).toBe('file-awaited')
    expect((await kim.piece(id, hash, { offset: 0, bytes: bytes.subarray(0, 1000) })).json()).toEqual({
      offset: 1000,
      end: null,
    })
    expect((await kim.state(id, hash)).json()).toEqual({ offset: 1000, end: null })
    await kim.piece(id, hash, { offset: 1000, bytes: bytes.subarray(1000) })
    await floor.attachments.desk.idle()
    expect((await kim.state(id, hash)).json()).toEqual({ offset: bytes.length, end: 'stored' })
    const [file] = await kim.filesOf(id)
    expect(file?.end).toMatchObject({ how: 'stored', type: 'image/jpeg', width: 1707, height: 2560 })

    const whole = await kim.read(id, hash)
    const { end } = file as MessageFile & { end: { hash: string; size: number } }
    expect(hashOf(whole.rawPayload)).toBe(end.hash)
    expect(whole.rawPayload.length).toBe(end.size)
    const small = await sharp((await kim.read(id, hash, { query: '?size=small' })).rawPayload).metadata()
    expect([small.width, small.height]).toEqual([320, 480])
  })

  it('[O5] is turned upright, and nothing is left of where and with what it was taken', async () => {
    const bytes = await phonePhoto()
    const before = await sharp(bytes).metadata()
    expect(before.exif?.includes('Pocket 7')).toBe(true)
    const { id, file } = await kim.settled(bytes, 'image/jpeg')
    for (const query of ['', '?size=small']) {
      const { rawPayload } = await kim.read(id, file.hash, { query })
      const after = await sharp(rawPayload).metadata()
      expect(after).toMatchObject({ format: 'jpeg', width: 480 * (query === '' ? 1 : 0.75) })
      expect([after.exif, after.icc, after.xmp, after.iptc, after.orientation]).toEqual(Array(5).fill(undefined))
      expect(rawPayload.includes('Pocket 7')).toBe(false)
    }
  })

  it('[O5] keeps what is transparent', async () => {
    const background = { r: 0, g: 200, b: 0, alpha: 0.5 }
    const bytes = await sharp({ create: { width: 64, height: 32, channels: 4, background } })
      .png()
      .toBuffer()
    const { id, file } = await kim.settled(bytes, 'image/png', 'sketch.png')
    expect(file.end).toMatchObject({ how: 'stored', type: 'image/webp', width: 64, height: 32 })
    const { headers } = await kim.read(id, file.hash)
    expect(headers['content-type']).toBe('image/webp')
    expect(headers['content-disposition']).toBe(`inline; filename="sketch.webp"; filename*=UTF-8''sketch.webp`)
  })

  it('[O6] is handed out as what it is, and as nothing else', async () => {
    const { id, file } = await kim.settled(await noise(1), 'image/jpeg', `금형 "1" (7)'*.jpeg`)
    const { headers } = await kim.read(id, file.hash)
    expect(headers).toMatchObject({
      'content-type': 'image/jpeg',
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, no-store',
      'content-security-policy': "default-src 'none'; sandbox",
      'content-disposition': `inline; filename="__ _1_ (7)__.jpg"; filename*=UTF-8''%EA%B8%88%ED%98%95%20%221%22%20%287%29%27%2A.jpg`,
    })
  })
})

describe('a file', () => {
  it.each([
    ['application/pdf', '%PDF-1.7\n<html><script>alert(1)</script></html>', 'application/pdf'],
    ['text/plain', '<!doctype html><script>alert(1)</script> 금형', 'text/plain'],
    ['text/csv', 'machine,count\npress-2,7\n', 'text/csv'],
  ] as const)('[O5] [O6] of the type %s is kept as it is, and only ever saved', async (type, text, served) => {
    const { id, file } = await kim.settled(Buffer.from(text), type, 'report.html')
    expect(file.end).toEqual({ how: 'stored', hash: file.hash, type, size: file.size, width: null, height: null })
    const { headers, body } = await kim.read(id, file.hash)
    expect(body).toBe(text)
    expect(headers).toMatchObject({
      'content-type': served,
      'x-content-type-options': 'nosniff',
      'content-disposition': `attachment; filename="report.html"; filename*=UTF-8''report.html`,
    })
  })

  it('[O6] goes on from the byte that is wanted, and comes whole where there is none such', async () => {
    const text = 'machine,count\npress-2,7\n'
    const { id, file } = await kim.settled(Buffer.from(text), 'text/csv', 'count.csv')
    const ranged = (range: string) => kim.read(id, file.hash, { headers: { range } })
    const part = await ranged('bytes=10-')
    expect([part.statusCode, part.body]).toEqual([206, text.slice(10)])
    expect(part.headers).toMatchObject({ 'content-range': `bytes 10-${text.length - 1}/${text.length}` })
    for (const range of ['bytes=0-', `bytes=${text.length}-`, 'bytes=-3', 'bytes=2-4', 'bytes=1-2,4-', 'lines=1-']) {
      const whole = await ranged(range)
      expect([whole.statusCode, whole.body], range).toEqual([200, text])
    }
  })

  it.each([
    // "금형,수량" and a line, as Excel in Korea saves CSV.
    ['CP949', Buffer.from('b1ddc7fc2cbcf6b7ae0d0a', 'hex')],
    ['UTF-16', Buffer.from('\uFEFF금형\t수량\r\n', 'utf16le')],
    ['UTF-16, the other way round', Buffer.from('\uFEFF금형\t수량\r\n', 'utf16le').swap16()],
    ['UTF-8 with its mark', Buffer.from('\uFEFF금형,수량\r\n')],
  ])('[O5] that is a text in %s is kept to the byte', async (_what, bytes) => {
    const { id, file } = await kim.settled(bytes, 'text/csv', 'count.csv')
    expect(file.end).toMatchObject({ how: 'stored', hash: file.hash })
    const { rawPayload, headers } = await kim.read(id, file.hash)
    expect(Buffer.compare(rawPayload, bytes)).toBe(0)
    expect(headers['content-type']).toBe('text/csv')
  })

  it.each([
    ['a page, named PNG', 'image/png', async () => Buffer.from('<html><script>alert(1)</script></html>')],
    ['an SVG, named PNG', 'image/png', async () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')],
    ['a JPEG, named PNG', 'image/png', () => noise(2)],
    ['a JPEG that is cut', 'image/jpeg', async () => (await noise(3)).subarray(0, 4000)],
    ['a page, named PDF', 'application/pdf', async () => Buffer.from('<html>%PDF-1.7')],
    ['a text with a zero byte', 'text/plain', async () => Buffer.from('MZ\u0000')],
    ['a program without a zero byte', 'text/csv', async () => Buffer.from('\u007FELF\u0002\u0001')],
    ['a text with a zero in UTF-16', 'text/csv', async () => Buffer.from('\uFEFFa\u0000b', 'utf16le')],
    ['half a text in UTF-16', 'text/csv', async () => Buffer.from('\uFEFFab', 'utf16le').subarray(0, 5)],
    ['a bomb of 900 million pixels', 'image/png', async () => bomb(30_000)],
  ] as const)('[O5] that is %s is refused, and its message says so', async (_what, type, make) => {
    const { id, file } = await kim.settled(await make(), type)
    expect(file.end).toEqual({ how: 'refused' })
    expect((await kim.state(id, file.hash)).json()).toEqual({ offset: file.size, end: 'refused' })
    expect(problemIn(await kim.read(id, file.hash)).code).toBe('file-lost')
    expect(await incomingOf(id)).toEqual([])
  })
})

async function incomingOf(id: CommandId): Promise<readonly string[]> {
  const names = await readdir(join(floor.folder, 'attachments', 'incoming'), { recursive: true })
  return names.filter((name) => name.includes(id))
}

describe('the way up', () => {
  it('[O4] wants the piece that is next, and says which', async () => {
    const bytes = Buffer.from('0123456789')
    const hash = hashOf(bytes)
    const id = await kim.share([named(bytes, 'text/plain')])
    await kim.piece(id, hash, { offset: 0, bytes: bytes.subarray(0, 4) })
    for (const [offset, piece] of [
      [0, bytes.subarray(0, 4)],
      [5, bytes.subarray(5)],
      [4, Buffer.from('more than there is')],
    ] as const)
      expect(problemIn(await kim.piece(id, hash, { offset, bytes: piece }))).toMatchObject({
        status: 409,
        code: 'file-offset',
        data: { offset: 4 },
      })
    expect((await kim.piece(id, hash, { offset: 4, bytes: bytes.subarray(4) })).json()).toEqual({
      offset: 10,
      end: null,
    })
  })

  it('[O4] begins anew where the bytes are others, and ends refused when they are again and again', async () => {
    const bytes = Buffer.from('what was named')
    const hash = hashOf(bytes)
    const id = await kim.share([named(bytes, 'text/plain')])
    const other = Buffer.from('something else')
    for (let time = 1; time < 3; time += 1) {
      expect(problemIn(await kim.piece(id, hash, { offset: 0, bytes: other }))).toMatchObject({
        status: 422,
        code: 'file-mismatch',
      })
      expect((await kim.state(id, hash)).json()).toEqual({ offset: 0, end: null })
    }
    expect((await kim.piece(id, hash, { offset: 0, bytes: other })).json()).toEqual({ offset: 0, end: 'refused' })
    expect((await kim.filesOf(id))[0]?.end).toEqual({ how: 'refused' })
  })

  it('[O4] wants every byte of every message, whatever is kept already, and keeps it once', async () => {
    const bytes = await noise(4)
    const first = await kim.settled(bytes, 'image/jpeg')
    const { stored } = await floor.attachments.desk.counts()
    const id = await kim.share([named(bytes, 'image/jpeg')])
    expect((await kim.state(id, first.file.hash)).json()).toEqual({ offset: 0, end: null })
    expect(problemIn(await kim.read(id, first.file.hash)).code).toBe('file-awaited')
    await kim.sendAll(id, bytes)
    await floor.attachments.desk.idle()
    expect((await kim.filesOf(id))[0]?.end).toEqual(first.file.end)
    expect((await floor.attachments.desk.counts()).stored).toBe(stored)
  })

  it('[O4] is for the file of a message that is there, in its line', async () => {
    const bytes = Buffer.from('text')
    const id = await kim.share([named(bytes, 'text/plain')])
    const unknown = uuidv4() as CommandId
    for (const response of [
      await kim.state(id, hashOf(Buffer.from('another'))),
      await kim.state(unknown, hashOf(bytes)),
      await kim.state(id, hashOf(bytes), { line: 'line-1' }),
      await kim.piece(unknown, hashOf(bytes), { offset: 0, bytes }),
    ])
      expect(problemIn(response)).toMatchObject({ status: 404, code: 'file-unknown' })
    await kim.withdraw(id)
    expect(problemIn(await kim.piece(id, hashOf(bytes), { offset: 0, bytes })).code).toBe('file-unknown')
  })

  it('[O4] is closed to strangers, and to devices on which its author never signed in', async () => {
    const bytes = Buffer.from('a page')
    const id = await kim.share([named(bytes, 'text/plain')])
    const piece = { offset: 0, bytes, device: OTHER_DEVICE }
    expect(problemIn(await kim.state(id, hashOf(bytes), { device: OTHER_DEVICE }))).toMatchObject({ code: 'forbidden' })
    expect(problemIn(await kim.piece(id, hashOf(bytes), piece))).toMatchObject({ status: 403, code: 'forbidden' })
    await new SharingPerson(floor, OTHER_DEVICE).signIn('lee', '2222')
    expect(problemIn(await kim.state(id, hashOf(bytes), { device: OTHER_DEVICE })).code).toBe('file-unknown')
    expect(problemIn(await kim.piece(id, hashOf(bytes), piece))).toMatchObject({ status: 404, code: 'file-unknown' })
    await new SharingPerson(floor, OTHER_DEVICE).signIn('kim', '1111')
    expect((await kim.state(id, hashOf(bytes), { device: OTHER_DEVICE })).json()).toEqual({ offset: 0, end: null })
  })

  it('[O3] is lost at once where its device says that it never comes, and is said to be, once', async () => {
    const bytes = Buffer.from('half a page')
    const hash = hashOf(bytes)
    const other = Buffer.from('another page')
    const id = await kim.share([named(bytes, 'text/plain'), named(other, 'text/plain')])
    await kim.piece(id, hash, { offset: 0, bytes: bytes.subarray(0, 4) })
    for (let time = 0; time < 2; time += 1)
      expect((await kim.giveUp(id, hash)).json()).toEqual({ offset: bytes.length, end: 'lost' })
    expect((await kim.filesOf(id)).map(({ end }) => end?.how ?? null)).toEqual(['lost', null])
    expect(await incomingOf(id)).toEqual([])
    expect(problemIn(await kim.read(id, hash)).code).toBe('file-lost')
    await kim.sendAll(id, other)
    await floor.attachments.desk.idle()
    expect((await kim.giveUp(id, hashOf(other))).json()).toMatchObject({ end: 'stored' })
    expect((await kim.filesOf(id)).map(({ end }) => end?.how)).toEqual(['lost', 'stored'])
  })

  it('[O3] is not lost where all of it is there, nor by a device that may not bring it', async () => {
    const bytes = Buffer.from('a whole page')
    const hash = hashOf(bytes)
    const id = await kim.share([named(bytes, 'text/plain')])
    const stranger = 'S'.repeat(43) as DeviceId
    floor.links.welcomed(stranger, LINK)
    await new SharingPerson(floor, stranger).signIn('lee', '2222')
    expect(problemIn(await kim.giveUp(id, hash, { device: stranger })).code).toBe('file-unknown')
    await kim.sendAll(id, bytes)
    expect((await kim.giveUp(id, hash)).json()).toMatchObject({ offset: bytes.length })
    await floor.attachments.desk.idle()
    expect((await kim.filesOf(id))[0]?.end?.how).toBe('stored')
  })

  it('[O4] takes no piece that is empty, too large or no bytes, and no address that is none', async () => {
    const bytes = await noise(5, { width: 900, height: 700 })
    const hash = hashOf(bytes)
    const id = await kim.share([named(bytes, 'image/jpeg')])
    const large = Buffer.alloc(LIMITS.maxPieceBytes + 1)
    expect((await kim.piece(id, hash, { offset: 0, bytes: large })).statusCode).toBe(413)
    expect(problemIn(await kim.piece(id, hash, { offset: 0, bytes: Buffer.alloc(0) })).code).toBe('bad-request')
    expect(problemIn(await kim.piece(id, '../'.repeat(5), { offset: 0, bytes })).code).toBe('not-found')
    expect(problemIn(await kim.state(id, '%2e%2e%2f'.repeat(7))).code).toBe('bad-request')
    expect(problemIn(await kim.state(`${id}%2f..` as CommandId, hash)).code).toBe('bad-request')
    expect((await kim.state(id, hash)).json()).toEqual({ offset: 0, end: null })
  })

  it('[O7] takes forty files of one device at the same time, and no more than the site keeps', async () => {
    for (let index = 0; index < LIMITS.maxWaitingFiles; index += 1) {
      const bytes = Buffer.from(`unfinished ${index}`)
      const id = await kim.share([named(bytes, 'text/plain')])
      const taken = await kim.piece(id, hashOf(bytes), { offset: 0, bytes: bytes.subarray(0, 1) })
      // Some are left of the tests before.
      if (taken.statusCode !== 200) break
    }
    const bytes = Buffer.from('one too many')
    const id = await kim.share([named(bytes, 'text/plain')])
    expect(problemIn(await kim.piece(id, hashOf(bytes), { offset: 0, bytes }))).toMatchObject({
      status: 507,
      code: 'files-waiting',
    })
    const { waiting, refused } = await floor.attachments.desk.counts()
    expect(waiting).toBe(LIMITS.maxWaitingFiles)
    const metrics = await floor.call('GET', '/metrics')
    expect(metrics.body).toContain(`andon_attachments_waiting ${LIMITS.maxWaitingFiles}`)
    expect(metrics.body).toContain(`andon_attachments_refused{reason="files-waiting"} ${refused.get('files-waiting')}`)
  })
})

describe('[O6] a file is read', () => {
  /** The forty of kim's device are taken: here she is at the other one. */
  let there: SharingPerson
  beforeAll(async () => {
    there = new SharingPerson(floor, OTHER_DEVICE)
    await there.signIn('kim', '1111')
  })

  it('by whoever may read its message at this moment', async () => {
    const { id, file } = await there.settled(Buffer.from('for everybody'), 'text/plain')
    const lee = new SharingPerson(floor)
    await lee.signIn('lee', '2222')
    const as = async (token: string) => problemIn(await kim.read(id, file.hash, { headers: bearer(token) }))
    const byLee = () => kim.read(id, file.hash, { headers: bearer(lee.accessToken) })
    expect((await byLee()).statusCode).toBe(200)
    const row = await floor.store.operator('lee')
    if (row === null) throw new Error('there is no lee')
    await floor.store.putOperator({ ...row, areas: ['line-1'] })
    expect(await as(lee.accessToken)).toMatchObject({ status: 404, code: 'file-unknown' })
    await floor.store.putOperator(row)
    expect((await byLee()).statusCode).toBe(200)
    await floor.store.putApiKey({
      id: 'k1',
      name: 'MES line 1',
      hash: sha256('line-1-key'),
      role: 'operator',
      areas: ['line-1'],
    })
    expect(await as('line-1-key')).toMatchObject({ status: 404, code: 'file-unknown' })
    expect((await as(floor.deviceToken(DEVICE))).code).toBe('sign-in-needed')
    expect((await as('nobody')).status).toBe(401)
    expect(problemIn(await kim.read(id, file.hash, { query: '?size=large' })).code).toBe('bad-request')
  })

  it('as long as its message is there', async () => {
    const { id, file } = await there.settled(Buffer.from('for a moment'), 'text/plain')
    expect((await kim.read(id, file.hash)).statusCode).toBe(200)
    await there.withdraw(id)
    expect(problemIn(await kim.read(id, file.hash))).toMatchObject({ status: 404, code: 'file-unknown' })
  })
})

it('[O5] what is said to be stored is in its place on the disk, for its owner only', async () => {
  const names = await readdir(join(floor.folder, 'attachments'), { recursive: true })
  const contents = names.filter((name) => /^[0-9a-f]{2}[/\\][0-9a-f]{64}$/.test(name))
  expect(contents.length).toBe((await floor.attachments.desk.counts()).stored)
  for (const name of contents) {
    const path = join(floor.folder, 'attachments', name)
    expect(hashOf(await readFile(path))).toBe(name.slice(3))
    if (process.platform !== 'win32') expect((await stat(path)).mode & 0o077).toBe(0)
  }
})
