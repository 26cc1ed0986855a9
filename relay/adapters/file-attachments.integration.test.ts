import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
