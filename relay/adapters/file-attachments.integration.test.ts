import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'
import { attachmentStoreContract } from '../testing/attachment-store.contract.ts'
import { fileAttachments } from './file-attachments.ts'

async function freshFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'andon-files-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

attachmentStoreContract('a folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'andon-files-'))
  return { open: () => fileAttachments(join(folder, 'files')), destroy: () => rm(folder, { recursive: true }) }
})

it('is for its owner alone', async () => {
  const folder = join(await freshFolder(), 'files')
  const hash = await fileAttachments(folder).keep(new Uint8Array([1, 2, 3]))
  expect((await stat(folder)).mode & 0o777).toBe(0o700)
  expect((await stat(join(folder, hash))).mode & 0o777).toBe(0o600)
})

it('[R88] takes what a crash left half written for nothing, and removes it', async () => {
  const folder = await freshFolder()
  const half = 'a'.repeat(64)
  await writeFile(join(folder, `${half}.part`), 'half of a pho')
  await writeFile(join(folder, 'notes.txt'), 'of somebody else')
  expect(await fileAttachments(folder).list()).toEqual([])
  expect(await readdir(folder)).toEqual(['notes.txt'])
})

it('[R88] says that a disk took nothing', async () => {
  const folder = join(await freshFolder(), 'file')
  await writeFile(folder, 'in the place of the folder')
  await expect(fileAttachments(folder).keep(new Uint8Array([1]))).rejects.toMatchObject({ code: 'EEXIST' })
})

/** A disk of one megabyte; null where this machine lets nobody have one. */
async function smallDisk(): Promise<string | null> {
  const folder = await mkdtemp(join(tmpdir(), 'andon-disk-'))
  const run = promisify(execFile)
  onTestFinished(() => rm(folder, { recursive: true }))
  try {
    await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder])
  } catch {
    return null
  }
  onTestFinished(async () => void (await run('umount', [folder])))
  return folder
}

it('[R88] leaves nothing half on a disk that is full, which then has the room it had before', async (test) => {
  const folder = await smallDisk()
  test.skip(folder === null, 'this machine mounts no small disk')
  if (folder === null) return
  const store = fileAttachments(folder)
  const first = await store.keep(new Uint8Array(600_000).fill(1))
  await expect(store.keep(new Uint8Array(600_000).fill(2))).rejects.toMatchObject({ code: 'ENOSPC' })
  expect(await readdir(folder)).toEqual([first])
  const second = await store.keep(new Uint8Array(300_000).fill(3))
  await store.drop(first)
  await store.keep(new Uint8Array(600_000).fill(2))
  expect(await store.read(second)).toEqual(new Uint8Array(300_000).fill(3))
})
