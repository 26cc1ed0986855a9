import { access, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { v7 as uuidv7 } from 'uuid'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CommandId, DeviceId, Incarnation } from '../../../relay/protocol/ids.ts'
import { LIMITS } from '../../../relay/protocol/limits.ts'
import { hashOf } from '../../testing/attachments.ts'
import { AttachmentFolder, type DiskRoom } from './attachment-folder.ts'

const GB = 1024 ** 3
const BYTES = Buffer.from('a page')
const FILE = {
  device: 'A'.repeat(43) as DeviceId,
  id: '01890a5d-ac96-774b-bcce-b302099a8057' as CommandId,
  hash: hashOf(BYTES),
  by: 'kim',
}
const PIECE = { offset: 0, bytes: BYTES, size: BYTES.length }

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'andon-folder-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

function open(roomOf?: () => DiskRoom, maxBytes = GB): AttachmentFolder {
  const failed = (what: string, cause: unknown): never => expect.fail(`${what}: ${String(cause)}`)
  return new AttachmentFolder({ folder, maxBytes, failed, ...(roomOf !== undefined && { roomOf }) })
}

it.each([
  ['1 GB of a large disk', { free: GB + BYTES.length, total: 1_000 * GB }],
  ['a twentieth of a small one', { free: GB / 20 + BYTES.length, total: GB }],
])('[O7] %s stays free for everything else', (_what, room) => {
  let free = room.free - 1
  const attachments = open(() => ({ ...room, free }))
  expect(attachments.append(FILE, PIECE)).toEqual({ kind: 'scarce' })
  expect(attachments.received(FILE)).toBe(0)
  free += 1
  expect(attachments.append(FILE, PIECE)).toEqual({ kind: 'taken', received: BYTES.length })
  attachments.close()
})

it('[O8] whoever held another thread that died, and lets go of this one, keeps nothing on the disk', async () => {
  const nowMs = Date.now()
  const before = open()
  before.hold('a backup')
  before.close()
  const attachments = open()
  attachments.begin('store' as Incarnation, nowMs)
  attachments.whole()
  attachments.release('a backup')
  attachments.append(FILE, PIECE)
  attachments.keepFile(FILE, { ...attachments.desk(FILE), nowMs })
  const path = join(folder, 'attachments', FILE.hash.slice(0, 2), FILE.hash)
  await access(path)
  attachments.setNames(FILE, [])
  await expect(access(path)).rejects.toMatchObject({ code: 'ENOENT' })
  attachments.close()
})

describe('[O7] the share of one person', () => {
  const LARGEST = LIMITS.maxAttachmentBytes
  /** Of two files, of a site that keeps twelve. */
  const SITE = 12 * LARGEST
  let seed = 0

  /** Another file of this person, of the largest size unless the bytes are given. */
  function fileOf(by: string, bytes = Buffer.alloc(LARGEST, `${(seed += 1)} `)) {
    const file = { device: FILE.device, id: uuidv7() as CommandId, hash: hashOf(bytes), by }
    return { file, piece: { offset: 0, bytes, size: bytes.length } }
  }

  function begun(): AttachmentFolder {
    const attachments = open(undefined, SITE)
    attachments.begin('store' as Incarnation, 1)
    attachments.whole()
    return attachments
  }

  function bring(attachments: AttachmentFolder, { file, piece }: ReturnType<typeof fileOf>): string {
    const { kind } = attachments.append(file, piece)
    if (kind !== 'taken') return kind
    const kept = attachments.keepFile(file, { ...attachments.desk(file), nowMs: 1 })
    if (kept === 'kept') attachments.drop(file)
    return kept
  }

  it('holds what is on its way and what is kept, and harms nobody else', () => {
    const attachments = begun()
    const [waiting, first, second] = [fileOf('kim'), fileOf('kim'), fileOf('kim', BYTES)]
    expect(attachments.append(waiting.file, waiting.piece)).toMatchObject({ kind: 'taken' })
    expect(bring(attachments, first)).toBe('kept')
    expect(bring(attachments, second)).toBe('over-share')
    expect(attachments.received(second.file)).toBe(0)
    expect(bring(attachments, fileOf('lee'))).toBe('kept')
    attachments.drop(waiting.file)
    expect(bring(attachments, second)).toBe('kept')
    attachments.close()
  })

  it('is known again by the next thread, and is free again of what is taken back', () => {
    const before = begun()
    const [first, waiting] = [fileOf('kim'), fileOf('kim')]
    expect(bring(before, first)).toBe('kept')
    before.append(waiting.file, waiting.piece)
    before.close()
    const attachments = begun()
    expect(bring(attachments, fileOf('kim', BYTES))).toBe('over-share')
    attachments.setNames({ id: first.file.id, by: '' }, [])
    expect(bring(attachments, fileOf('kim', BYTES))).toBe('kept')
    attachments.close()
  })

  it('is the same whether others have brought the same bytes or nobody has', () => {
    const attachments = begun()
    const known = fileOf('lee')
    expect(bring(attachments, known)).toBe('kept')
    const { bytes } = known.piece
    const told = [bytes, undefined].map((first) =>
      [first, undefined, bytes, undefined].map((given) =>
        bring(attachments, fileOf(first === bytes ? 'kim' : 'park', given)),
      ),
    )
    expect(told[0]).toEqual(['kept', 'kept', 'over-share', 'over-share'])
    expect(told[1]).toEqual(told[0])
    attachments.close()
  })

  it('is not passed by a photo that is larger when it is kept than when it came', async () => {
    const attachments = begun()
    expect(bring(attachments, fileOf('kim'))).toBe('kept')
    const { file, piece } = fileOf('kim', BYTES)
    attachments.append(file, piece)
    const made = Buffer.alloc(LARGEST)
    const desk = attachments.desk(file)
    await writeFile(desk.to, made)
    await writeFile(desk.small, BYTES)
    expect(attachments.keepPhoto(file, hashOf(made), { ...desk, nowMs: 1 })).toBe('over-share')
    attachments.close()
  })
})

it('[O8] a list of names of before is brought up to date where it is, and the store is asked anew who names what', () => {
  const first = open()
  first.begin('store' as Incarnation, 1)
  first.whole()
  first.append(FILE, PIECE)
  first.keepFile(FILE, { ...first.desk(FILE), nowMs: 1 })
  first.drop(FILE)
  first.close()
  const file = join(folder, 'attachments', 'names.sqlite')
  const db = new Database(file)
  db.exec(`DROP TABLE names; DROP TABLE people;
    CREATE TABLE names (id TEXT NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (id, hash)) WITHOUT ROWID;
    CREATE INDEX names_by_hash ON names (hash)`)
  db.prepare('INSERT INTO names (id, hash) VALUES (?, ?)').run(FILE.id, FILE.hash)
  db.pragma('user_version = 1')
  db.close()

  const attachments = open()
  expect(attachments.begin('store' as Incarnation, 2)).toEqual({ isWhole: false })
  expect(attachments.counts()).toMatchObject({ stored: 1, bytes: BYTES.length })
  attachments.sweep(Number.MAX_SAFE_INTEGER, 9)
  expect(attachments.counts().stored).toBe(1)
  attachments.setNames(FILE, [FILE.hash])
  attachments.whole()
  attachments.sweep(Number.MAX_SAFE_INTEGER, 9)
  expect(attachments.counts().stored).toBe(1)
  expect(attachments.namers(null, 9)).toEqual([FILE.id])
  attachments.close()
})

it('[O4] what a server before had of a file without saying whose it is goes, and its device begins anew', async () => {
  const device = join(folder, 'attachments', 'incoming', FILE.device)
  await mkdir(device, { recursive: true })
  await writeFile(join(device, `${FILE.id}.${FILE.hash}`), BYTES)
  const attachments = open()
  expect(attachments.received(FILE)).toBe(0)
  expect(attachments.counts()).toEqual({ stored: 0, bytes: 0, waiting: 0 })
  expect(await readdir(device)).toEqual([])
  attachments.close()
})
