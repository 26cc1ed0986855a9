import { describe, expect, it } from 'vitest'
import type { CommandId } from './protocol/ids.ts'
import { LIMITS } from './protocol/limits.ts'
import { FIRST_PIECE_BYTES, MIN_PIECE_BYTES } from './core/files/pace.ts'
import { Floor, type FakeWindow } from './testing/floor.ts'
import { hashOf, MemoryAttachments } from './testing/memory-attachments.ts'
import { ModelAttachments, nameOf, photo } from './testing/model-attachments.ts'
import { settle } from './testing/virtual-clock.ts'

type Named = ReturnType<typeof photo>['named']

/** Somebody is signed in on a device that has a camera. */
async function camera() {
  const attachments = new MemoryAttachments()
  const files = new ModelAttachments()
  const floor = await new Floor({ attachments, files }).live()
  await floor.relay.signIn('kim', '1111')
  await floor.serve()
  const window = floor.window()
  return { attachments, files, floor, window }
}

let messages = 0
const freshId = () => `01900000-0000-7000-8000-${String(++messages).padStart(12, '0')}` as CommandId

async function attach(window: FakeWindow, bytes: Uint8Array, ref = 'a'): Promise<string> {
  const before = window.heard.length
  window.say({ t: 'attach', ref, bytes })
  await settle()
  const answer = window.heard.slice(before).find((message) => message.t === 'kept' || message.t === 'reply')
  return answer?.t === 'kept' ? 'kept' : answer?.t === 'reply' && !answer.ok ? answer.code : 'no answer'
}

/** Says that it is sent, and lets the server know which files the message has. Returns its id. */
function share(window: FakeWindow, files: ModelAttachments, ...named: readonly Named[]): CommandId {
  const id = freshId()
  for (const { hash } of named) files.named.add(nameOf({ line: 'line-3', id, hash }))
  const data = { line: 'line-3', text: '', files: named }
  window.say({ t: 'command', ref: id, id, type: 'chat.share', data })
  return id
}

/** What of a file has come to the server, by its hash. */
const cameAs = (files: ModelAttachments, name: string) => hashOf(files.came.get(name) ?? new Uint8Array())

/** Time passes on a link that answers its pings. */
async function pass(floor: Floor, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 5_000) {
    await floor.clock.advance(Math.min(left, 5_000))
    await floor.serve()
  }
}

const codes = (window: FakeWindow) => window.of('reply').map((reply) => (reply.ok ? 'ok' : reply.code))
const told = (floor: Floor) => floor.bus.flatMap(({ body }) => (body.t === 'files' ? [body.files] : []))
const now = (floor: Floor) => told(floor).at(-1)

describe('[R88] bytes on the device', () => {
  it('are on its disk before that is said, and before the message is taken', async () => {
    const { attachments, files, floor, window } = await camera()
    const one = photo(1, 1_000)
    share(window, files, one.named)
    expect(codes(window)).toEqual(['file-missing'])
    expect(await attach(window, one.bytes)).toBe('kept')
    expect([...attachments.held.keys()]).toEqual([one.named.hash])
    share(window, files, one.named)
    await floor.serve()
    expect(codes(window).at(-1)).toBe('ok')
    expect(floor.server.effects.map(({ type }) => type)).toContain('chat.share')
  })

  it('are refused in words: nobody signed in, too large, no room on the disk, not the size that was named', async () => {
    const { attachments, files, floor, window } = await camera()
    expect(await attach(window, new Uint8Array(LIMITS.maxAttachmentBytes + 1))).toBe('file-too-large')
    attachments.failing = true
    expect(await attach(window, photo(1, 10).bytes)).toBe('storage-failed')
    attachments.failing = false
    await attach(window, photo(2, 10).bytes)
    share(window, files, { ...photo(2, 10).named, size: 11 })
    expect(codes(window).at(-1)).toBe('file-missing')
    await floor.relay.signOut()
    expect(await attach(window, photo(3, 10).bytes)).toBe('sign-in-needed')
  })

  it('have a bound on a device, in number and in sum, which windows know before somebody shoots [R91]', async () => {
    const { floor, window } = await camera()
    for (let n = 0; n < LIMITS.maxWaitingFiles; n += 1)
      expect(await attach(window, photo(n, 10 + n).bytes)).toBe('kept')
    expect(await attach(window, photo(99, 10).bytes)).toBe('files-waiting')
    await floor.clock.advance(1_000)
    expect(now(floor)).toMatchObject({ count: LIMITS.maxWaitingFiles, waiting: [] })
    const many = Math.floor(LIMITS.maxWaitingFileBytes / LIMITS.maxAttachmentBytes)
    expect(many).toBeGreaterThanOrEqual(LIMITS.maxWaitingFiles)
  })

  it('that no message names go: after a day, with their person, and at the next start', async () => {
    const { attachments, files, floor, window } = await camera()
    await attach(window, photo(1, 10).bytes)
    await floor.clock.advance(25 * 3_600_000)
    expect(attachments.held.size).toBe(0)
    await attach(window, photo(2, 10).bytes)
    await floor.relay.signOut()
    await settle()
    expect(attachments.held.size).toBe(0)
    await attachments.keep(photo(3, 10).bytes)
    const next = await floor.again().live()
    expect(attachments.held.size).toBe(0)
    expect(next.logged.filter(({ level }) => level === 'error')).toEqual([])
    expect(files.asked).toEqual([])
  })

  it('stay with a message that was rejected until somebody has read why: it can be sent again', async () => {
    const { attachments, files, floor, window } = await camera()
    const one = photo(1, 1_000)
    await attach(window, one.bytes)
    floor.server.decide = () => ({ outcome: 'rejected', code: 'forbidden' })
    const refused = share(window, files, one.named)
    await floor.serve()
    await floor.clock.advance(60_000)
    expect([...attachments.held.keys()]).toEqual([one.named.hash])
    const next = await floor.again().live()
    await next.relay.signIn('kim', '1111')
    await next.serve()
    const again = next.window()
    floor.server.decide = () => ({ outcome: 'applied' })
    share(again, files, one.named)
    again.say({ t: 'dismiss', id: refused })
    await next.serve()
    expect([...attachments.held.keys()]).toEqual([one.named.hash])
    floor.server.decide = () => ({ outcome: 'rejected', code: 'forbidden' })
    const other = photo(2, 10)
    await attach(again, other.bytes)
    const discarded = share(again, files, other.named)
    await next.serve()
    expect(attachments.held.size).toBe(2)
    again.say({ t: 'dismiss', id: discarded })
    await settle()
    expect([...attachments.held.keys()]).toEqual([one.named.hash])
  })

  it('are named in the same write as their message: a disk that refuses it names nothing', async () => {
    const { attachments, files, floor, window } = await camera()
    const one = photo(1, 10)
    await attach(window, one.bytes)
    floor.store.failing = true
    share(window, files, one.named)
    await settle()
    expect(codes(window).at(-1)).toBe('storage-failed')
    floor.store.failing = false
    await floor.clock.advance(2_000)
    expect(attachments.held.size).toBe(0)
    expect(floor.disk.rows('meta').filter(({ key }) => key.startsWith('file:'))).toEqual([])
  })
})

/** A message with one photo of so many bytes, applied, and nothing of the photo sent yet. */
async function shared(size: number) {
  const made = await camera()
  const one = photo(1, size)
  await attach(made.window, one.bytes)
  const id = share(made.window, made.files, one.named)
  await made.floor.serve()
  return { ...made, one, id, name: nameOf({ line: 'line-3', id, hash: one.named.hash }) }
}

async function serve(floor: Floor, files: ModelAttachments): Promise<void> {
  while (files.isAsked) {
    files.serve()
    await settle()
  }
  await floor.serve()
}

describe('[R89] bytes on their way', () => {
  it('go piece by piece, and leave the device when the server has stored them', async () => {
    const { attachments, files, floor, one, name } = await shared(100_000)
    await serve(floor, files)
    expect(cameAs(files, name)).toBe(one.named.hash)
    expect(files.asked.slice(0, 2)).toEqual(['ask device-token', `piece 0+${FIRST_PIECE_BYTES} device-token`])
    expect(attachments.held.size).toBe(1)
    files.look()
    await floor.clock.advance(2_000)
    await serve(floor, files)
    await settle()
    expect(attachments.held.size).toBe(0)
    expect(floor.disk.rows('meta').filter(({ key }) => key.startsWith('file:'))).toEqual([])
    await floor.clock.advance(3_600_000)
    expect(files.isAsked).toBe(false)
    expect(now(floor)).toEqual({ count: 0, bytes: 0, waiting: [] })
  })

  it('wait for the answer to their message, and for a connection', async () => {
    const { files, floor, window } = await camera()
    const one = photo(1, 10)
    await attach(window, one.bytes)
    floor.server.decide = () => ({ afterMs: 5_000, code: 'busy' })
    share(window, files, one.named)
    await floor.serve()
    await pass(floor, 60_000)
    expect(files.asked).toEqual([])
    floor.server.decide = () => ({ outcome: 'applied' })
    await pass(floor, 60_000)
    expect(files.asked).toHaveLength(1)
    floor.wire.cut()
    expect(files.isAsked).toBe(false)
  })

  it('make room for an urgent command before it is sent, and go on when it has its answer [P3]', async () => {
    const { files, floor, window, one, name } = await shared(100_000)
    files.serve()
    await settle()
    expect(files.isAsked).toBe(true)
    const id = freshId()
    const data = { priority: 'P0', area: 'line-3', title: 'Fire', body: null }
    window.say({ t: 'command', ref: id, id, type: 'alert.raise', data })
    expect(files.isAsked).toBe(false)
    const before = files.asked.length
    await floor.clock.advance(5_000)
    expect(files.asked).toHaveLength(before)
    await floor.serve()
    expect(floor.appliedIds()).toContain(id)
    // The piece that was cut off has come all the same: nothing of it is sent twice.
    files.serve()
    await settle()
    await serve(floor, files)
    expect(cameAs(files, name)).toBe(one.named.hash)
  })

  it('go on after a kill, from the byte that the server wants', async () => {
    const { files, floor, one, name } = await shared(100_000)
    files.serve()
    await settle()
    files.serve()
    await settle()
    const next = await floor.again().live()
    files.asked.length = 0
    await serve(next, files)
    await serve(next, files)
    expect(cameAs(files, name)).toBe(one.named.hash)
    expect(files.asked.filter((each) => each.startsWith('piece 0+'))).toEqual([])
  })

  it('come in pieces of a quarter of a second of what the link carries, within bounds', async () => {
    const { files, floor } = await shared(3_000_000)
    files.serve()
    await settle()
    const sizes: number[] = []
    const take = async (ms: number) => {
      const [, piece = ''] = /\+(\d+) /.exec(files.asked.at(-1) ?? '') ?? []
      sizes.push(Number(piece))
      await pass(floor, ms)
      files.serve()
      await settle()
    }
    for (const ms of [125, 10, 1, 1, 2_000, 20_000, 250]) await take(ms)
    const [first = 0, second = 0] = sizes
    expect([first, second]).toEqual([FIRST_PIECE_BYTES, FIRST_PIECE_BYTES * 2])
    expect(sizes.slice(2)).toEqual([4 * first, 8 * first, 8 * first, first, MIN_PIECE_BYTES])
    expect(8 * first).toBe(LIMITS.maxPieceBytes)
  })

  it('are tried later when anything goes wrong, and asked where to go on', async () => {
    const { files, floor, one, name } = await shared(50_000)
    files.serve()
    await settle()
    for (const code of ['unreachable', 'file-offset', 'unavailable', 'file-mismatch', 'rate-limited'] as const) {
      files.serve(code)
      await pass(floor, 31_000)
      expect(files.asked.at(-1)).toBe('ask device-token')
    }
    await serve(floor, files)
    expect(cameAs(files, name)).toBe(one.named.hash)
  })

  it.each([
    ['is full', 'files-full'],
    ['has as many of this device as may be', 'files-waiting'],
  ] as const)('are offered a minute later to a server that %s, which is said', async (_why, code) => {
    const { files, floor } = await shared(50_000)
    files.serve(code)
    await pass(floor, 50_000)
    expect(now(floor)?.waiting).toMatchObject([{ sent: 0, trouble: code, isLost: false }])
    expect(files.asked).toHaveLength(1)
    await pass(floor, 30_000)
    expect(files.asked).toHaveLength(2)
    await serve(floor, files)
    await floor.clock.advance(1_000)
    expect(now(floor)?.waiting).toMatchObject([{ sent: 50_000, trouble: null }])
  })

  it.each(['lost', 'refused'] as const)('leave the device where the server says that they are %s', async (end) => {
    const { attachments, files, floor, name } = await shared(10)
    files.ends.set(name, end)
    await serve(floor, files)
    await settle()
    expect(attachments.held.size).toBe(0)
  })

  it('leave the device when their message was taken back meanwhile', async () => {
    const { attachments, files, floor } = await shared(10)
    files.named.clear()
    await serve(floor, files)
    await settle()
    expect(attachments.held.size).toBe(0)
  })

  it('that this disk has lost hold nobody up, and the server is told, whatever it takes', async () => {
    const { attachments, files, floor, window, name } = await shared(10)
    attachments.held.clear()
    const other = photo(2, 10)
    await attach(window, other.bytes)
    const id = share(window, files, other.named)
    await floor.serve()
    await serve(floor, files)
    expect(floor.logged.find(({ event }) => event === 'file-ended')?.fields).toMatchObject({ how: 'file-missing' })
    for (let again = 0; again < 2; again += 1) {
      await pass(floor, 5_000)
      files.serve('unreachable')
      await pass(floor, 60_000)
    }
    await serve(floor, files)
    expect(cameAs(files, nameOf({ line: 'line-3', id, hash: other.named.hash }))).toBe(other.named.hash)
    expect(files.ends.get(name)).toBe('lost')
    const { length } = files.asked.filter((each) => each === 'give up device-token')
    await pass(floor, 120_000)
    expect(files.asked.filter((each) => each === 'give up device-token')).toHaveLength(length)
  })

  it('that this disk has lost may be chosen again, before the server is told', async () => {
    const { attachments, files, floor, window, one, name } = await shared(10)
    attachments.held.clear()
    files.serve()
    await pass(floor, 2_000)
    share(window, files, one.named)
    expect(codes(window).at(-1)).toBe('file-missing')
    expect(await attach(window, one.bytes)).toBe('kept')
    files.serve()
    await settle()
    expect(files.ends.get(name)).toBe('lost')
    const id = share(window, files, one.named)
    await floor.serve()
    await serve(floor, files)
    expect(cameAs(files, nameOf({ line: 'line-3', id, hash: one.named.hash }))).toBe(one.named.hash)
  })

  it('of two messages stay for the second one when the first has come', async () => {
    const { attachments, files, floor, window, one } = await shared(10)
    share(window, files, one.named)
    await floor.serve()
    for (const round of [1, 2]) {
      await serve(floor, files)
      files.look()
      await floor.clock.advance(2_000)
      await serve(floor, files)
      expect(attachments.held.size, `round ${round}`).toBeLessThanOrEqual(1)
    }
    expect(files.late).toEqual([])
    expect([...files.ends.values()]).toEqual(['stored', 'stored'])
    expect(attachments.held.size).toBe(0)
  })
})

describe('[R90] bytes for windows', () => {
  const PHOTO = { type: 'image/jpeg', bytes: new Uint8Array([1, 2, 3]) } as const

  it('of one’s own message come from this device, also without a connection, until they are stored', async () => {
    const { floor, window, one, id, files } = await shared(10)
    floor.wire.cut()
    window.say({ t: 'file', ref: 'f', line: 'line-3', id, hash: one.named.hash, small: true })
    await settle()
    expect(window.of('file')).toEqual([{ t: 'file', ref: 'f', file: { type: 'image/jpeg', bytes: one.bytes } }])
    expect(files.readAs).toEqual([])
  })

  it('come from the server as the person who is signed in, and go to the window that asked', async () => {
    const { files, floor, window } = await camera()
    const other = floor.window()
    const place = { line: 'line-3', id: freshId(), hash: photo(7, 1).named.hash }
    files.stored.set(nameOf(place), { ok: true, value: PHOTO })
    window.say({ t: 'file', ref: 'f', ...place })
    await settle()
    expect(files.readAs).toEqual([expect.stringMatching(/^whole token-of-kim/)])
    expect(window.of('file')).toEqual([{ t: 'file', ref: 'f', file: PHOTO }])
    expect(other.of('file')).toEqual([])
    expect(await floor.relay.readFile(place, 'small')).toEqual({ ok: true, value: PHOTO })
    expect(JSON.stringify([window.heard, floor.bus, floor.observed])).not.toContain('token-of')
  })

  it('are refused in words, and beyond a bounded number at a time', async () => {
    const { files, floor, window } = await camera()
    const place = { line: 'line-3', id: freshId(), hash: photo(7, 1).named.hash }
    for (let n = 0; n <= LIMITS.maxFileReads; n += 1) window.say({ t: 'file', ref: `f${n}`, ...place })
    expect(codes(window)).toEqual(['rate-limited'])
    await settle()
    expect(codes(window).slice(1)).toEqual(Array.from({ length: LIMITS.maxFileReads }, () => 'file-awaited'))
    floor.wire.cut()
    window.say({ t: 'file', ref: 'late', ...place })
    window.say({ t: 'file', ref: 'bad', ...place, hash: 'none' })
    await floor.relay.signOut()
    window.say({ t: 'file', ref: 'out', ...place })
    expect(codes(window).slice(-3)).toEqual(['unreachable', 'bad-frame', 'sign-in-needed'])
    expect(files.readAs).toHaveLength(LIMITS.maxFileReads)
  })

  it('wait while an urgent command has no durable answer [P3]', async () => {
    const { files, floor, window } = await camera()
    const id = freshId()
    window.say({
      t: 'command',
      ref: id,
      id,
      type: 'alert.raise',
      data: { priority: 'P0', area: 'line-3', title: 'Fire', body: null },
    })
    expect(files.isHeld).toBe(true)
    await floor.serve()
    await settle()
    expect(floor.appliedIds()).toContain(id)
    expect(files.isHeld).toBe(false)
  })

  it('that came after their person has left are shown to nobody', async () => {
    const { files, floor, window } = await camera()
    const place = { line: 'line-3', id: freshId(), hash: photo(7, 1).named.hash }
    files.stored.set(nameOf(place), { ok: true, value: PHOTO })
    window.say({ t: 'file', ref: 'f', ...place })
    void floor.relay.signOut()
    await settle()
    expect(window.of('file')).toEqual([])
  })
})

describe('[R91] what windows are told of files', () => {
  it('is how many there are, and how far those of this person are', async () => {
    const { files, floor, window, id, one } = await shared(100_000)
    files.serve()
    await settle()
    files.serve()
    await floor.clock.advance(1_000)
    const way = { size: 100_000, sent: FIRST_PIECE_BYTES, trouble: null, isLost: false }
    const file = { line: 'line-3', id, hash: one.named.hash, type: one.named.type, ...way }
    expect(now(floor)).toEqual({ count: 1, bytes: 100_000, waiting: [file] })
    window.say({ t: 'view' })
    expect(window.of('view').at(-1)?.view.files).toEqual(now(floor))
  })

  it('names nothing of a person before, whose files go on under their author [P9]', async () => {
    const { files, floor, window, id, one, name } = await shared(100_000)
    await floor.relay.signIn('park', '1111')
    await floor.serve()
    expect(now(floor)).toEqual({ count: 1, bytes: 100_000, waiting: [] })
    window.say({ t: 'file', ref: 'f', line: 'line-3', id, hash: one.named.hash })
    await settle()
    expect(window.of('file')).toEqual([])
    await serve(floor, files)
    expect(cameAs(files, name)).toBe(one.named.hash)
  })

  it.each([
    ['file-missing', 'give up device-token'],
    ['forbidden', 'ask device-token'],
  ] as const)('is that one is lost (%s), until its author has read it', async (code, last) => {
    const { attachments, files, floor, id, name } = await shared(10)
    if (code === 'file-missing') attachments.held.clear()
    files.serve(code === 'forbidden' ? code : 'answer')
    await pass(floor, 2_000)
    expect(files.asked.at(-1)).toBe(last)
    expect(now(floor)?.waiting).toMatchObject([{ line: 'line-3', id, trouble: code, isLost: true }])
    await serve(floor, files)
    expect(files.ends.get(name)).toBe(code === 'file-missing' ? 'lost' : undefined)
    await floor.relay.signIn('park', '1111')
    await floor.serve()
    expect(now(floor)?.waiting).toEqual([])
    const next = await floor.again().live()
    await next.relay.signIn('kim', '1111')
    await next.serve()
    await pass(next, 120_000)
    expect(files.asked.at(-1)).toBe(last)
    expect(now(next)?.waiting).toMatchObject([{ id, trouble: code, isLost: true }])
    next.window().say({ t: 'dismiss', id })
    await pass(next, 1_000)
    expect(now(next)).toEqual({ count: 0, bytes: 0, waiting: [] })
    expect(attachments.held.size).toBe(0)
  })

  it('is not that one is lost which its author has read of before the server was told, and that is told still', async () => {
    const { attachments, files, floor, window, id, name } = await shared(10)
    attachments.held.clear()
    files.serve()
    await pass(floor, 2_000)
    window.say({ t: 'dismiss', id })
    await pass(floor, 1_000)
    expect(now(floor)?.waiting).toEqual([])
    await serve(floor, files)
    expect(files.ends.get(name)).toBe('lost')
    expect(floor.disk.rows('meta').filter(({ key }) => key.startsWith('file:'))).toEqual([])
  })

  it('ends with the week of one that is lost, whoever reads it', async () => {
    const { attachments, files, floor } = await shared(10)
    attachments.held.clear()
    await serve(floor, files)
    await pass(floor, 2_000)
    await serve(floor, files)
    expect(now(floor)?.waiting).toHaveLength(1)
    floor.clock.jump(7 * 24 * 3_600_000)
    await floor.clock.advance(2 * 3_600_000)
    expect(floor.disk.rows('meta').filter(({ key }) => key.startsWith('file:'))).toEqual([])
  })

  it.each(['unavailable', 'storage-failed'] as const)('is why one goes no further now (%s)', async (code) => {
    const { files, floor } = await shared(50_000)
    files.serve(code)
    await floor.clock.advance(300)
    expect(now(floor)?.waiting).toMatchObject([{ trouble: code, isLost: false }])
    await pass(floor, 31_000)
    await serve(floor, files)
    await floor.clock.advance(1_000)
    expect(now(floor)?.waiting).toMatchObject([{ trouble: null }])
  })

  it('comes at most four times a second while bytes move', async () => {
    const { files, floor } = await shared(3_000_000)
    const before = told(floor).length
    for (let n = 0; n < 50; n += 1) {
      files.serve()
      await floor.clock.advance(10)
    }
    expect(told(floor).length - before).toBeLessThanOrEqual(4)
  })
})

it('[R89] looks at nothing twice in a storm of answers that bring it no further', async () => {
  const { files, floor, name } = await shared(50_000)
  files.serve()
  await settle()
  // A server that says after each piece that it has none of it.
  for (let n = 0; n < 20; n += 1) {
    files.came.set(name, new Uint8Array())
    files.serve()
    files.came.set(name, new Uint8Array())
    await floor.clock.advance(1_000)
  }
  expect(files.asked.length).toBeLessThan(45)
})
