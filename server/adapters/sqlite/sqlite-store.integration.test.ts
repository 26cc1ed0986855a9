import { chmod, mkdtemp, open, readdir, rm, stat, writeFile } from 'node:fs/promises'
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

  it('[T6] refuses a file that is no database', async () => {
    await writeFile(file(), 'not a database, but long enough to look at. '.repeat(100))
    await expect(openStore(folder)).rejects.toMatchObject({
      code: 'database-corrupt',
      message: expect.stringContaining('restore it from a backup'),
    })
  })

  it('[T6] refuses a database whose pages were damaged', async () => {
    const store = await openStore(folder)
    await store.addArea('line-1')
    await store.close()
    const size = (await stat(file())).size
    const handle = await open(file(), 'r+')
    await handle.write(Buffer.alloc(size - 4096, 0x5a), 0, size - 4096, 4096)
    await handle.close()
    await expect(openStore(folder)).rejects.toMatchObject({ code: 'database-corrupt' })
  })

  it('[T6] refuses a database of a newer schema and names both', async () => {
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

  it('[T5] refuses a second server on the same folder', async () => {
    const store = await openStore(folder)
    await expect(openStore(folder)).rejects.toMatchObject({ code: 'database-busy' })
    await store.close()
  })

  it('refuses a folder whose path is a file', async () => {
    await writeFile(join(folder, 'taken'), '')
    await expect(openStore(join(folder, 'taken'))).rejects.toMatchObject({ code: 'database-unwritable' })
  })
})

describe('the files of the store', () => {
  it.skipIf(process.platform === 'win32')('are for their owner only, also when they were there before', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'andon-store-'))
    const site = join(folder, 'new', 'site')
    const store = await openStore(site)
    await store.addArea('line-1')
    const modes = async () =>
      Promise.all(
        (await readdir(site)).map(async (name) => [name, (await stat(join(site, name))).mode & 0o077] as const),
      )
    expect((await modes()).length).toBeGreaterThan(1)
    for (const [name, others] of await modes()) expect([name, others]).toEqual([name, 0])
    expect((await stat(site)).mode & 0o077).toBe(0)
    await store.close()
    await chmod(join(site, 'andon.sqlite'), 0o644)
    await (await openStore(site)).close()
    expect((await stat(join(site, 'andon.sqlite'))).mode & 0o077).toBe(0)
    await rm(folder, { recursive: true, force: true })
  })

  it.runIf(process.platform === 'linux')('are refused where no folder can be made, at once', async () => {
    await expect(openStore('/proc/andon/data')).rejects.toMatchObject({ code: 'database-unwritable' })
  })

  it('are refused with a sentence when they have another shape than their number says', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'andon-store-'))
    await (await openStore(folder)).close()
    const db = new Database(join(folder, 'andon.sqlite'))
    db.exec('ALTER TABLE channels DROP COLUMN floor_id')
    db.close()
    await expect(openStore(folder)).rejects.toMatchObject({ message: expect.stringContaining('another version') })
    await rm(folder, { recursive: true, force: true })
  })
})
