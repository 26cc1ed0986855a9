/** The folder on a real disk that others fill to its last byte. */
import { access, readdir, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { v7 as uuidv7 } from 'uuid'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { CommandId, DeviceId, Incarnation } from '../../../relay/protocol/ids.ts'
import { Machine, type Disk } from '../../../test/support/machine.ts'
import { hashOf } from '../../testing/attachments.ts'
import { AttachmentFolder, type DiskRoom } from './attachment-folder.ts'

const GB = 1024 ** 3
const BYTES = Buffer.alloc(200_000, 'a page')

let machine: Machine
let disk: Disk | null
beforeEach(() => {
  machine = new Machine()
  disk = machine.makeDisk('disk', 8)
})
afterEach(() => machine.clear())

function newFile(device = 'A') {
  return { device: device.repeat(43) as DeviceId, id: uuidv7() as CommandId, hash: hashOf(BYTES), by: 'kim' }
}

function pieceOf(from: number, to = BYTES.length) {
  return { offset: from, bytes: BYTES.subarray(from, to), size: BYTES.length }
}

function open({ folder }: Disk, roomOf?: () => DiskRoom): AttachmentFolder {
  const failed = (what: string, cause: unknown): never => expect.fail(`${what}: ${String(cause)}`)
  return new AttachmentFolder({ folder, maxBytes: GB, failed, ...(roomOf !== undefined && { roomOf }) })
}

/** Others fill it between the look at it and the write. */
function openBlind(on: Disk): AttachmentFolder {
  return open(on, () => ({ free: 10 * GB, total: 10 * GB }))
}

it('[O7] takes nothing of what is left of a disk that others fill, and goes on when they let go', async ({ skip }) => {
  const on = disk ?? skip(machine.lacks.join())
  const attachments = open(on)
  const { bavail, bsize } = await statfs(on.folder)
  const ballast = join(on.folder, 'ballast')
  await writeFile(ballast, Buffer.alloc(bavail * bsize - 300_000))
  const file = newFile()
  expect(attachments.append(file, pieceOf(0))).toEqual({ kind: 'scarce' })
  await writeFile(ballast, '')
  expect(attachments.append(file, pieceOf(0))).toEqual({ kind: 'taken', received: BYTES.length })
  attachments.close()
})

it('[O7] of a piece that found no room nothing is left, and it is taken when there is some', async ({ skip }) => {
  const on = disk ?? skip(machine.lacks.join())
  const attachments = openBlind(on)
  const [begun, other] = [newFile(), newFile('B')]
  expect(attachments.append(begun, pieceOf(0, 100_000))).toMatchObject({ kind: 'taken' })
  const counted = attachments.counts()
  const makeRoom = await on.fill()
  for (let time = 0; time < 3; time += 1) {
    expect(attachments.append(begun, pieceOf(100_000))).toEqual({ kind: 'full' })
    expect(attachments.append(other, pieceOf(0, 100_000))).toEqual({ kind: 'full' })
  }
  expect([attachments.received(begun), attachments.received(other)]).toEqual([100_000, 0])
  expect(attachments.counts()).toEqual(counted)
  await makeRoom()
  expect(attachments.append(begun, pieceOf(100_000))).toEqual({ kind: 'taken', received: BYTES.length })
  expect(attachments.verify(begun)).toBe(true)
  attachments.close()
})

it('[O5] [O8] what finds no room when it is to be kept and named is neither, and is both when there is some', async ({
  skip,
}) => {
  const on = disk ?? skip(machine.lacks.join())
  const attachments = openBlind(on)
  attachments.begin('store' as Incarnation, 1)
  attachments.whole()
  const [page, photo] = [newFile(), newFile()]
  for (const file of [page, photo]) attachments.append(file, pieceOf(0))
  const desk = attachments.desk(photo)
  const made = Buffer.alloc(50_000, 'a photo')
  await writeFile(desk.to, made)
  await writeFile(desk.small, 'small')
  const counted = attachments.counts()
  const keepPage = () => attachments.keepFile(page, { ...attachments.desk(page), nowMs: 1 })
  const keepPhoto = () => attachments.keepPhoto(photo, hashOf(made), { ...desk, nowMs: 1 })

  const makeRoom = await on.fill()
  for (let time = 0; time < 3; time += 1) expect([keepPage(), keepPhoto()]).toEqual(['full', 'full'])
  expect(attachments.counts()).toEqual(counted)
  await makeRoom()

  expect([keepPage(), keepPhoto()]).toEqual(['kept', 'kept'])
  const top = join(on.folder, 'attachments')
  for (const hash of [page.hash, hashOf(made)]) await access(join(top, hash.slice(0, 2), hash))
  for (const file of [page, photo]) {
    attachments.setNames(file, [])
    attachments.drop(file)
  }
  expect(attachments.counts()).toEqual({ stored: 0, bytes: 0, waiting: 0 })
  expect((await readdir(top, { recursive: true })).filter((name) => /[0-9a-f]{64}/.test(name))).toEqual([])
  attachments.close()
})
