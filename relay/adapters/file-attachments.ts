import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { ContentHash } from '../protocol/attachments.ts'
import type { AttachmentStore } from '../ports.ts'
import { contentHash } from './content-hash.ts'

/** What was being written when the program ended. */
const PART = '.part'

/**
 * Photos and files in a folder of this device, one file each, named by what is in it. A file has its name only once its bytes
 * are on the disk: whatever a crash leaves behind is a `.part`, which the next listing removes.
 */
export function fileAttachments(folder: string): AttachmentStore {
  const pathOf = (hash: ContentHash) => join(folder, hash)

  return {
    async list() {
      const names = await readdir(folder).catch((error: unknown) => {
        if (isMissing(error)) return []
        throw error
      })
      const parts = names.filter((name) => name.endsWith(PART))
      await Promise.all(parts.map((name) => rm(join(folder, name), { force: true })))
      const hashes = names.flatMap((name) => (v.is(ContentHash, name) ? [name as ContentHash] : []))
      return Promise.all(hashes.map(async (hash) => ({ hash, size: (await stat(pathOf(hash))).size })))
    },
    async keep(bytes) {
      const hash = await contentHash(bytes)
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const part = pathOf(hash) + PART
      try {
        await write(part, bytes)
        await rename(part, pathOf(hash))
      } catch (cause) {
        // Of a disk that is full the half of it would be the rest.
        await rm(part, { force: true }).catch(() => undefined) // the next listing tries again
        throw cause
      }
      await syncFolder(folder)
      return hash
    },
    async read(hash) {
      try {
        return new Uint8Array(await readFile(pathOf(hash)))
      } catch (error) {
        if (isMissing(error)) return null
        throw error
      }
    },
    drop: (hash) => rm(pathOf(hash), { force: true }),
  }
}

async function write(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'w', 0o600)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Makes the new name itself durable. Windows has no such call, and needs none. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
