import { execFileSync } from 'node:child_process'
import { access, mkdtemp, rm, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { CommandId, DeviceId, Incarnation } from '../../../relay/protocol/ids.ts'
import { hashOf } from '../../testing/attachments.ts'
import { AttachmentFolder, type DiskRoom } from './attachment-folder.ts'

const GB = 1024 ** 3
const BYTES = Buffer.from('a page')
const FILE = {
  device: 'A'.repeat(43) as DeviceId,
  id: '01890a5d-ac96-774b-bcce-b302099a8057' as CommandId,
  hash: hashOf(BYTES),
}
const PIECE = { offset: 0, bytes: BYTES, size: BYTES.length }

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'andon-folder-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

function open(roomOf?: () => DiskRoom): AttachmentFolder {
  const failed = (what: string, cause: unknown): never => expect.fail(`${what}: ${String(cause)}`)
  return new AttachmentFolder({ folder, maxBytes: GB, failed, ...(roomOf !== undefined && { roomOf }) })
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
  attachments.setNames(FILE.id, [])
  await expect(access(path)).rejects.toMatchObject({ code: 'ENOENT' })
  attachments.close()
})

/** Only who administers this machine may. */
function mountSmall(): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', folder], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

it('[O7] takes nothing of what is left of a disk that others fill, and goes on when they let go', async ({ skip }) => {
  if (!mountSmall()) skip('no disk can be mounted here')
  try {
    const attachments = open()
    const { bavail, bsize } = await statfs(folder)
    const ballast = join(folder, 'ballast')
    await writeFile(ballast, Buffer.alloc(bavail * bsize - 300_000))
    expect(attachments.append(FILE, PIECE)).toEqual({ kind: 'scarce' })
    await rm(ballast)
    expect(attachments.append(FILE, PIECE)).toEqual({ kind: 'taken', received: BYTES.length })
    attachments.close()
  } finally {
    execFileSync('umount', [folder])
  }
})
