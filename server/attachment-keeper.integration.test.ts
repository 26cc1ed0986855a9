import { cp, mkdir, readdir, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { v4 as uuidv4, v5 as uuidv5 } from 'uuid'
import pino from 'pino'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { ContentHash, MessageFile } from '../relay/protocol/attachments.ts'
import { channelName } from '../relay/protocol/channels.ts'
import type { CommandId, Incarnation } from '../relay/protocol/ids.ts'
import { LIMITS } from '../relay/protocol/limits.ts'
import { AttachmentKeeper, UNNAMED_MS } from './attachment-keeper.ts'
import { openAttachments } from './compose-attachments.ts'
import { hashOf, named, noise, SharingPerson } from './testing/attachments.ts'
import { openFloor, OTHER_DEVICE, problemIn, type Floor } from './testing/http-floor.ts'
import { TimerClock } from './timer-clock.ts'

let floor: Floor
let kim: SharingPerson
beforeEach(async () => {
  floor = await openFloor()
  kim = new SharingPerson(floor)
  await kim.signIn('kim', '1111')
  await floor.attachments.keeper.look()
})
afterEach(() => floor.close())

/** Content on the disk, small ones included, and what is on its way. */
async function onDisk(): Promise<readonly string[]> {
  const names = await readdir(join(floor.folder, 'attachments'), { recursive: true })
  return names.filter((name) => /[0-9a-f]{64}/.test(name)).toSorted((one, other) => (one < other ? -1 : 1))
}

function contentOf({ end }: MessageFile): ContentHash {
  if (end?.how !== 'stored') throw new Error('it is not stored')
  return end.hash
}

it('[O8] what is taken back leaves the disk at once, unless another message names it', async () => {
  const bytes = await noise(1)
  const [first, second] = [await kim.settled(bytes, 'image/jpeg'), await kim.settled(bytes, 'image/jpeg')]
  const hash = contentOf(first.file)
  const both = [hash, `${hash}.small`].map((name) => join(hash.slice(0, 2), name))
  expect(await onDisk()).toEqual(both)
  await kim.withdraw(first.id)
  expect((await floor.attachments.desk.counts()).stored).toBe(1)
  expect(await onDisk()).toEqual(both)
  expect((await kim.read(second.id, second.file.hash)).statusCode).toBe(200)
  await kim.withdraw(second.id)
  expect((await floor.attachments.desk.counts()).stored).toBe(0)
  expect(await onDisk()).toEqual([])
})

it('[K2] of a message that was taken back no name and no hash of a file is left in the log', async () => {
  const log = async () => {
    const channel = channelName('chat', 'line-3')
    const page = await floor.store.events(channel, await floor.store.oldest(channel), {
      maxItems: 99,
      maxBytes: 99_999,
    })
    return JSON.stringify(page)
  }
  const { id, file } = await kim.settled(Buffer.from('a secret'), 'text/plain', 'salaries.txt')
  const photo = await kim.settled(await noise(3), 'image/jpeg', 'salaries.jpg')
  expect(await log()).toContain('salaries')
  await kim.withdraw(id)
  await kim.withdraw(photo.id)
  const left = await log()
  expect(left).toContain('chat.filed')
  for (const secret of ['salaries', file.hash, photo.file.hash, contentOf(photo.file)])
    expect(left).not.toContain(secret)
})

it('[O8] what was taken back without anybody hearing of it goes with the next look', async () => {
  const { id } = await kim.settled(Buffer.from('a secret'), 'text/plain')
  await kim.withdraw(id, false)
  expect(await onDisk()).toHaveLength(1)
  await floor.attachments.keeper.look()
  expect(await onDisk()).toEqual([])
})

it('[O8] it goes with a message that is not kept any more', async () => {
  const gone = await kim.settled(Buffer.from('a month ago'), 'text/plain')
  const kept = await kim.settled(Buffer.from('today'), 'text/plain')
  const { files } = floor.attachments
  const store = {
    ...floor.store,
    message: (id: CommandId) => (id === gone.id ? Promise.resolve(null) : floor.store.message(id)),
  }
  await new AttachmentKeeper({ ...keeping(), files, store }).look()
  expect(await onDisk()).toEqual([join(contentOf(kept.file).slice(0, 2), contentOf(kept.file))])
})

function keeping() {
  return {
    whole: () => undefined,
    nowMs: () => floor.clock.ms,
    log: { error: (what: unknown) => expect.fail(JSON.stringify(what)) },
  }
}

it('[O8] nothing goes while somebody copies it, and it goes afterwards', async () => {
  const { id } = await kim.settled(Buffer.from('in a backup'), 'text/plain')
  const release = await floor.attachments.files.hold()
  await kim.withdraw(id)
  await floor.attachments.keeper.look()
  expect(await onDisk()).toHaveLength(1)
  await release()
  await floor.attachments.keeper.look()
  expect(await onDisk()).toEqual([])
})

it('[O8] content that nobody names goes after a week, also of another store, and what is named stays', async () => {
  const { file } = await kim.settled(await noise(2), 'image/jpeg')
  const stays = await onDisk()
  const left = hashOf(Buffer.from('left behind'))
  const path = join(floor.folder, 'attachments', left.slice(0, 2), left)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, 'left behind')
  // As after a restore: nothing is known of who names what.
  await floor.attachments.files.begin('another' as Incarnation, floor.clock.ms)
  const keeper = new AttachmentKeeper({ ...keeping(), files: floor.attachments.files, store: floor.store })
  await keeper.look()
  expect((await floor.attachments.desk.counts()).stored).toBe(2)
  floor.clock.ms += UNNAMED_MS - 1
  await keeper.look()
  expect(await onDisk()).toHaveLength(3)
  floor.clock.ms += 2
  await keeper.look()
  expect(await onDisk()).toEqual(stays)
  expect(stays).toContain(join(contentOf(file).slice(0, 2), contentOf(file)))
})

it('[O8] before it is known who names what, what is taken back waits for it', async () => {
  const bytes = Buffer.from('named twice')
  const [first, second] = [await kim.settled(bytes, 'text/plain'), await kim.settled(bytes, 'text/plain')]
  await floor.attachments.files.begin('another' as Incarnation, floor.clock.ms)
  await kim.withdraw(first.id)
  const keeper = new AttachmentKeeper({ ...keeping(), files: floor.attachments.files, store: floor.store })
  await keeper.look()
  expect(await onDisk()).toHaveLength(1)
  expect((await kim.read(second.id, second.file.hash)).statusCode).toBe(200)
  await kim.withdraw(second.id)
  expect((await floor.attachments.desk.counts()).stored).toBe(0)
})

it('[O8] before it is known which store it is of, as in the first moment after a restore, nothing goes', async () => {
  const { id } = await kim.settled(Buffer.from('text'), 'text/plain')
  const again = openAttachments({
    ...keeping(),
    folder: await copied(join(floor.folder, 'attachments')),
    maxBytes: LIMITS.maxAttachmentBytes,
    store: floor.store,
    submit: () => expect.fail('nothing is settled'),
    newId: () => uuidv4() as CommandId,
    isAlone: true,
    log: pino({ level: 'silent' }),
  })
  try {
    await again.files.setNames({ id, by: '' }, [])
    expect((await again.files.counts()).stored).toBe(1)
    await again.keeper.look()
    expect((await again.files.counts()).stored).toBe(0)
  } finally {
    await again.stop()
  }
})

/** As a process that was killed would leave it. */
async function copied(from: string): Promise<string> {
  const folder = join(floor.folder, 'another')
  await cp(from, join(folder, 'attachments'), { recursive: true })
  return folder
}

it('[O5] a file that was whole when its process died is looked at by the next one', async () => {
  const bytes = await noise(3)
  const id = await kim.share([named(bytes, 'image/jpeg')])
  const file = { device: kim.device, id, hash: hashOf(bytes), by: 'kim' }
  await floor.attachments.files.append(file, { offset: 0, bytes, size: bytes.length })
  await floor.attachments.keeper.look()
  await floor.attachments.desk.idle()
  expect((await kim.filesOf(id))[0]?.end).toMatchObject({ how: 'stored' })
  expect((await floor.attachments.desk.counts()).waiting).toBe(0)
})

it('[O5] what was kept before its process died, and never said so, is kept once and said', async () => {
  const bytes = await noise(4)
  const id = await kim.share([named(bytes, 'image/jpeg')])
  const file = { device: kim.device, id, hash: hashOf(bytes), by: 'kim' }
  const { files, keeper, desk } = floor.attachments
  await files.append(file, { offset: 0, bytes, size: bytes.length })
  await files.keep(file, 'image/jpeg', floor.clock.ms)
  await keeper.look()
  await desk.idle()
  expect((await kim.filesOf(id))[0]?.end).toMatchObject({ how: 'stored' })
  expect(await onDisk()).toHaveLength(2)
})

it('[O3] [O7] after seven days it is lost, and what has come of it goes', async () => {
  const bytes = await noise(5)
  const id = await kim.share([named(bytes, 'image/jpeg')])
  await kim.piece(id, hashOf(bytes), { offset: 0, bytes: bytes.subarray(0, 100) })
  await floor.attachments.keeper.look()
  expect(await onDisk()).toHaveLength(1)
  floor.clock.ms += LIMITS.attachmentMs + 60_000
  const { store, submit } = floor
  const now = () => new Date(floor.clock.ms).toISOString()
  const idOf = (name: string) => uuidv5(name, uuidv5.URL) as CommandId
  const log = { warn: () => undefined, error: () => undefined }
  await new TimerClock({ store, submit, now, idOf, log }).tick()
  floor.clock.ms = Date.now()
  expect((await kim.filesOf(id))[0]?.end).toEqual({ how: 'lost' })
  expect((await kim.state(id, hashOf(bytes))).json()).toEqual({ offset: bytes.length, end: 'lost' })
  const late = await kim.piece(id, hashOf(bytes), { offset: 100, bytes: bytes.subarray(100) })
  expect(late.json()).toEqual({ offset: bytes.length, end: 'lost' })
  expect(problemIn(await kim.read(id, hashOf(bytes)))).toMatchObject({ status: 410, code: 'file-lost' })
  await floor.attachments.keeper.look()
  expect(await onDisk()).toEqual([])
})

it('[O7] what has lain unfinished for seven days goes, and so does that of no message', async () => {
  const bytes = Buffer.from('unfinished')
  const { files, keeper } = floor.attachments
  const id = await kim.share([named(bytes, 'text/plain')])
  const file = { device: kim.device, id, hash: hashOf(bytes), by: 'kim' }
  await files.append(file, { offset: 0, bytes: bytes.subarray(0, 3), size: bytes.length })
  await files.append({ ...file, id: uuidv4() as CommandId }, { offset: 0, bytes, size: bytes.length })
  await keeper.look()
  expect(await onDisk()).toEqual([join('incoming', kim.device, `${id}.${hashOf(bytes)}.kim`)])
  const old = new Date(floor.clock.ms - LIMITS.attachmentMs)
  await utimes(join(floor.folder, 'attachments', 'incoming', kim.device, `${id}.${hashOf(bytes)}.kim`), old, old)
  await keeper.look()
  expect(await onDisk()).toEqual([])
})

it('[O7] beyond the bytes that the site keeps nothing is taken, and it is again when there is room', async () => {
  const full = 20 * LIMITS.maxAttachmentBytes
  const bytes = Buffer.alloc(LIMITS.maxAttachmentBytes)
  const { files } = floor.attachments
  const file = { device: kim.device, hash: hashOf(bytes) }
  for (let index = 0; index * bytes.length < full; index += 1)
    await files.append(
      { ...file, id: uuidv4() as CommandId, by: `person-${index}` },
      { offset: 0, bytes, size: bytes.length },
    )
  const text = Buffer.from('no room')
  const id = await kim.share([named(text, 'text/plain')])
  expect(problemIn(await kim.piece(id, hashOf(text), { offset: 0, bytes: text }))).toMatchObject({
    status: 507,
    code: 'files-full',
  })
  await floor.attachments.keeper.look()
  expect((await kim.piece(id, hashOf(text), { offset: 0, bytes: text })).statusCode).toBe(200)
})

it('[O7] beyond the share of one person nothing of theirs is taken, whatever others have, until they take something back', async () => {
  const { files, keeper } = floor.attachments
  const { id: kept } = await kim.settled(Buffer.from('kept'), 'text/plain')
  const bytes = Buffer.alloc(LIMITS.maxAttachmentBytes)
  const file = { device: kim.device, hash: hashOf(bytes), by: 'kim' }
  // An eighth of the site is two and a half files.
  for (const size of [1, 1, 0.5])
    await files.append(
      { ...file, id: uuidv4() as CommandId },
      {
        offset: 0,
        bytes: bytes.subarray(0, size * bytes.length - (size === 1 ? 0 : 'kept'.length)),
        size: bytes.length,
      },
    )
  const text = Buffer.from('over')
  const brought = async (person: SharingPerson) => {
    const id = await person.share([named(text, 'text/plain')])
    return await person.piece(id, hashOf(text), { offset: 0, bytes: text })
  }
  expect(problemIn(await brought(kim))).toMatchObject({ status: 507, code: 'files-share' })
  const lee = new SharingPerson(floor, OTHER_DEVICE)
  await lee.signIn('lee', '2222')
  expect((await brought(lee)).statusCode).toBe(200)
  await kim.signIn('kim', '1111')
  await kim.withdraw(kept)
  expect((await brought(kim)).statusCode).toBe(200)
  await keeper.look()
})

it('[O7] whose message names what is known again of a store that was restored', async () => {
  const bytes = Buffer.from('kept')
  await kim.settled(bytes, 'text/plain')
  const { files, keeper } = floor.attachments
  await files.begin('another' as Incarnation, floor.clock.ms)
  await keeper.look()
  const largest = Buffer.alloc(LIMITS.maxAttachmentBytes)
  const append = (index: number, length: number) =>
    files.append(
      { device: kim.device, id: uuidv4() as CommandId, hash: hashOf(Buffer.from(`${index}`)), by: 'kim' },
      { offset: 0, bytes: largest.subarray(0, length), size: largest.length },
    )
  for (const index of [1, 2]) expect((await append(index, largest.length)).kind).toBe('taken')
  expect((await append(3, largest.length / 2 - bytes.length + 1)).kind).toBe('over-share')
  expect((await append(3, largest.length / 2 - bytes.length)).kind).toBe('taken')
})
