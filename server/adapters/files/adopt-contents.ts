import { mkdir, open, readdir, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ATTACHMENTS_FOLDER, SHELF } from './attachment-folder.ts'

/**
 * Moves content that came with a backup to that of this data folder, onto the disk. Nothing is lost by it: content is what its name
 * says. Of a store under another name it is then looked through anew who names what.
 */
export async function adoptContents(data: string, from: string): Promise<void> {
  const top = join(data, ATTACHMENTS_FOLDER)
  for (const shelf of (await readdir(from)).filter((name) => SHELF.test(name))) {
    const place = join(top, shelf)
    await mkdir(place, { recursive: true, mode: 0o700 })
    for (const name of await readdir(join(from, shelf))) {
      await sync(join(from, shelf, name), 'r+')
      await rename(join(from, shelf, name), join(place, name))
    }
    for (const folder of [place, top, dirname(top)]) await syncFolder(folder)
  }
}

async function syncFolder(path: string): Promise<void> {
  if (process.platform !== 'win32') await sync(path, 'r')
}

async function sync(path: string, flags: string): Promise<void> {
  const handle = await open(path, flags)
  await handle.sync()
  await handle.close()
}
