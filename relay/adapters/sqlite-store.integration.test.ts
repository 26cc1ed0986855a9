import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Machine } from '../../test/support/machine.ts'
import { relayStoreContract } from '../testing/relay-store.contract.ts'
import { APPLICATION_ID, FILE_VERSION, openSqliteFile } from './sqlite-file.ts'
import { openSqliteStore } from './sqlite-store.ts'

relayStoreContract('SQLite', {
  secondOpener: 'refused',
  async place() {
    const folder = await mkdtemp(join(tmpdir(), 'andon-store-'))
    return {
      open: () => openSqliteStore({ file: join(folder, 'deep', 'relay.db') }),
      destroy: () => rm(folder, { recursive: true }),
    }
  },
})

describe('the SQLite file', () => {
  let folder: string
  let file: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'andon-store-'))
    file = join(folder, 'relay.db')
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('is for its owner alone, because it holds the private key of the device', async () => {
    const store = await openSqliteStore({ file })
    await store.write([{ op: 'put', table: 'meta', key: 'a', value: 1 }])
    for (const path of [file, `${file}-wal`]) expect((await stat(path)).mode & 0o777).toBe(0o600)
    await store.close()
  })

  it('says which program and version it belongs to', () => {
    openSqliteFile(file).close()
    const db = new Database(file)
    expect(db.pragma('application_id', { simple: true })).toBe(APPLICATION_ID)
    expect(db.pragma('user_version', { simple: true })).toBe(FILE_VERSION)
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal')
    db.close()
  })

  it('[P1] asks for every commit to be on the disk before it is answered', () => {
    const pragma = vi.spyOn(Database.prototype, 'pragma')
    const opened = openSqliteFile(file)
    // The connection itself: `synchronous` is no property of the file.
    const [db] = pragma.mock.contexts as Database.Database[]
    pragma.mockRestore()
    const settings = ['journal_mode', 'synchronous', 'fullfsync'].map((name) => db?.pragma(name, { simple: true }))
    // 2 is FULL.
    expect(settings).toEqual(['wal', 2, 1])
    opened.close()
  })

  it('is refused, in words, when it is no database', async () => {
    await writeFile(file, 'this is a text about screws '.repeat(100))
    await expect(openSqliteStore({ file })).rejects.toMatchObject({
      code: 'storage-corrupt',
      message: expect.stringContaining('move it away') as string,
    })
    expect(await readFile(file, 'utf8')).toMatch(/^this is a text/)
  })

  it('is refused when a page in its middle is damaged', async () => {
    const db = openSqliteFile(file)
    const row = (index: number) =>
      ({ op: 'put', table: 'outbox', key: `k${index}`, text: `"${'x'.repeat(500)}"` }) as const
    db.write([Array.from({ length: 200 }, (_, index) => row(index))])
    db.close()
    const bytes = await readFile(file)
    bytes.fill(0xa5, 4096 * 3, 4096 * 4)
    await writeFile(file, bytes)
    await expect(openSqliteStore({ file })).rejects.toMatchObject({ code: 'storage-corrupt' })
  })

  it.each<[string, (path: string) => Promise<void>]>([
    ['gone', (path) => rm(path)],
    ['empty', (path) => truncate(path, 0)],
  ])('[P1] is refused when it is %s beside a log of what was saved, which is left as it was', async (_how, lose) => {
    const child = spawnWriter(file)
    for await (const line of createInterface({ input: child.stdout })) if (Number(line) === 5) child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    await lose(file)
    const log = await readFile(`${file}-wal`)
    expect(log.length).toBeGreaterThan(0)
    await expect(openSqliteStore({ file })).rejects.toMatchObject({
      code: 'storage-corrupt',
      message: expect.stringContaining('holds what was saved last') as string,
    })
    expect(await readFile(`${file}-wal`)).toEqual(log)
  })

  it.each([1, 100, 4_000])('[P1] is refused when its last %i bytes are missing', async (missing) => {
    const db = openSqliteFile(file)
    db.write([[{ op: 'put', table: 'outbox', key: 'k', text: `"${'x'.repeat(20_000)}"` }]])
    db.close()
    await truncate(file, (await stat(file)).size - missing)
    await expect(openSqliteStore({ file })).rejects.toMatchObject({ code: 'storage-corrupt' })
  })

  it('says that a row is damaged, and not what stands in it', async () => {
    const db = openSqliteFile(file)
    db.write([[{ op: 'put', table: 'meta', key: 'key', text: '{"d":"secret' }]])
    db.close()
    const store = await openSqliteStore({ file })
    const reading = store.read('meta')
    await expect(reading).rejects.toMatchObject({ code: 'storage-corrupt' })
    await expect(reading).rejects.not.toThrow(/secret/)
    await store.close()
  })

  it('[P1 P8] opens on a full disk, shows what is there, and writes again when there is room', async () => {
    const machine = new Machine()
    try {
      const disk = machine.makeDisk('relay', 1)
      if (disk === null) return
      const inside = join(disk.folder, 'relay.db')
      const row = (key: string) => [{ op: 'put', table: 'outbox', key, value: 'x'.repeat(10_000) }] as const
      const before = await openSqliteStore({ file: inside })
      await before.write(row('a'))
      await before.close()
      const makeRoom = await disk.fill()
      const store = await openSqliteStore({ file: inside })
      expect((await store.read('outbox')).map(({ key }) => key)).toEqual(['a'])
      await expect(store.write(row('b'))).rejects.toMatchObject({ code: 'storage-full' })
      await makeRoom()
      await store.write(row('c'))
      expect((await store.read('outbox')).map(({ key }) => key)).toEqual(['a', 'c'])
      await store.close()
    } finally {
      machine.clear()
    }
  })

  it('is refused when a newer Andon wrote it, and left as it was', async () => {
    openSqliteFile(file).close()
    const db = new Database(file)
    db.pragma(`user_version = ${FILE_VERSION + 1}`)
    db.close()
    await expect(openSqliteStore({ file })).rejects.toMatchObject({ code: 'storage-newer' })
    const after = new Database(file)
    expect(after.pragma('user_version', { simple: true })).toBe(FILE_VERSION + 1)
    after.close()
  })

  it('is refused when it belongs to another program', async () => {
    const db = new Database(file)
    db.exec('CREATE TABLE recipes (name TEXT)')
    db.close()
    await expect(openSqliteStore({ file })).rejects.toMatchObject({ code: 'storage-foreign' })
  })

  it('is refused when its folder cannot be made', async () => {
    await writeFile(join(folder, 'plain'), '')
    const inside = join(folder, 'plain', 'relay.db')
    await expect(openSqliteStore({ file: inside })).rejects.toMatchObject({ code: 'storage-failed' })
  })

  it('commits what waits in groups', async () => {
    const store = await openSqliteStore({ file })
    const keys = Array.from({ length: 2_000 }, (_, index) => String(index).padStart(5, '0'))
    await Promise.all(keys.map((key) => store.write([{ op: 'put', table: 'outbox', key, value: key }])))
    expect((await store.read('outbox')).map((row) => row.key)).toEqual(keys)
    await store.close()
  })

  it('has every write that resolved before kill -9, and is free again at once [P1]', async () => {
    const child = spawnWriter(file)
    const lines = createInterface({ input: child.stdout })
    let lastSaved = -1
    for await (const line of lines) {
      lastSaved = Number(line)
      if (lastSaved === 40) await expect(openSqliteStore({ file })).rejects.toMatchObject({ code: 'storage-busy' })
      if (lastSaved >= 200) child.kill('SIGKILL') // the lines still in the pipe count as well
    }
    expect(lastSaved).toBeGreaterThanOrEqual(200)
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    const store = await openSqliteStore({ file })
    const rows = await store.read('outbox')
    expect(rows.length).toBeGreaterThanOrEqual(lastSaved + 1)
    expect(rows.map((row) => row.value)).toEqual(rows.map((_, index) => index))
    await store.close()
  })
})

/** A process that writes numbered rows and prints each number once its write has resolved. */
function spawnWriter(path: string) {
  const module = new URL('./sqlite-store.ts', import.meta.url).href
  const program = `
    const { openSqliteStore } = await import(${JSON.stringify(module)})
    const store = await openSqliteStore({ file: ${JSON.stringify(path)} })
    for (let index = 0; ; index++) {
      await store.write([{ op: 'put', table: 'outbox', key: String(index).padStart(9, '0'), value: index }])
      process.stdout.write(index + '\\n')
    }`
  return spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: ['ignore', 'pipe', 'inherit'] })
}
