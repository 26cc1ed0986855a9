import { mkdtemp, open, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { storeContract } from '../../ports/store.contract.ts'
import type { Store } from '../../ports/store.ts'
import { openSqliteStore } from './sqlite-store.ts'

async function openStore(folder: string): Promise<Store> {
  return openSqliteStore({
    folder,
    worker: new URL('../../store-worker.ts', import.meta.url),
    failed: (what, cause) => {
      throw new Error(`${what}: ${cause}`)
    },
    died: (cause) => {
      throw cause
    },
  })
}

storeContract('SQLite', () => {
  let folder = ''
  return {
    async open() {
      folder = await mkdtemp(join(tmpdir(), 'andon-store-'))
      return openStore(folder)
    },
    async reopen(store) {
      await store.close()
      return openStore(folder)
    },
    dispose: () => rm(folder, { recursive: true, force: true }),
  }
})

describe('opening a data folder that cannot be used', () => {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'andon-store-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))
  const file = () => join(folder, 'andon.sqlite')

  it('refuses a file that is no database', async () => {
    await writeFile(file(), 'not a database, but long enough to look at. '.repeat(100))
    await expect(openStore(folder)).rejects.toMatchObject({
      code: 'database-corrupt',
      message: expect.stringContaining('restore it from a backup'),
    })
  })

  it('refuses a database whose pages were damaged', async () => {
    const store = await openStore(folder)
    await store.addArea('line-1')
    await store.close()
    const size = (await stat(file())).size
    const handle = await open(file(), 'r+')
    await handle.write(Buffer.alloc(size - 4096, 0x5a), 0, size - 4096, 4096)
    await handle.close()
    await expect(openStore(folder)).rejects.toMatchObject({ code: 'database-corrupt' })
  })

  it('refuses a database of a newer schema and names both', async () => {
    await (await openStore(folder)).close()
    const db = new Database(file())
    db.pragma('user_version = 99')
    db.close()
    await expect(openStore(folder)).rejects.toMatchObject({
      code: 'database-newer',
      message: expect.stringContaining('schema 99'),
    })
  })

  it('refuses a database of another program', async () => {
    const db = new Database(file())
    db.exec('CREATE TABLE theirs (x)')
    db.pragma('user_version = 1')
    db.close()
    await expect(openStore(folder)).rejects.toMatchObject({
      code: 'database-corrupt',
      message: expect.stringContaining('not a database of Andon'),
    })
  })

  it('refuses a second server on the same folder', async () => {
    const store = await openStore(folder)
    await expect(openStore(folder)).rejects.toMatchObject({ code: 'database-busy' })
    await store.close()
  })

  it('refuses a folder whose path is a file', async () => {
    await writeFile(join(folder, 'taken'), '')
    await expect(openStore(join(folder, 'taken'))).rejects.toMatchObject({ code: 'database-unwritable' })
  })
})
