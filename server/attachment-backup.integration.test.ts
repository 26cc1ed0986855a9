/** A backup of photos and files whose thread ends in the middle of it. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { unpack } from './http/backup-tar.ts'
import { noise, SharingPerson } from './testing/attachments.ts'
import { openFloor, type Floor } from './testing/http-floor.ts'

/** The thread as it is, which ends when it is asked for counts. */
const MORTAL = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort, workerData } from 'node:worker_threads'
    import { serveAttachments } from '${new URL('adapters/files/attachment-thread.ts', import.meta.url).href}'
    parentPort.on('message', ({ method }) => { if (method === 'counts') process.exit() })
    serveAttachments(parentPort, workerData)`)}`,
)

let floor: Floor
let kim: SharingPerson
let folder = ''
/** Between the copy of the store and those of its photos and files. */
let meanwhile: () => Promise<void> = () => Promise.resolve()
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'andon-backup-'))
  floor = await openFloor(
    {},
    (store) => ({
      backups: {
        backup: async (file) => {
          await store.backup(file)
          await meanwhile()
        },
      },
    }),
    { attachmentsWorker: MORTAL },
  )
  kim = new SharingPerson(floor)
  await kim.signIn('kim', '1111')
  await floor.attachments.keeper.look()
})
afterEach(async () => {
  await floor.close()
  await rm(folder, { recursive: true, force: true })
})

async function onDisk(): Promise<readonly string[]> {
  const names = await readdir(join(floor.folder, 'attachments'), { recursive: true })
  return names.filter((name) => /[0-9a-f]{64}/.test(name))
}

it('[O9] has every byte that its store names, also of what is taken back after the thread of the files ended', async () => {
  const { id, file } = await kim.settled(await noise(1), 'image/jpeg')
  meanwhile = async () => {
    await expect(floor.attachments.files.counts()).rejects.toThrow('ended')
    await floor.attachments.keeper.look()
    await kim.withdraw(id)
    await floor.attachments.keeper.look()
  }
  const { rawPayload } = await floor.call('GET', '/api/admin/backup')
  const backup = await unpack(Readable.from(rawPayload), folder)
  if (backup === null || file.end?.how !== 'stored') throw new Error('there is no backup of anything')
  const { hash, size } = file.end
  expect(namesIn(backup.database)).toContain(hash)
  expect((await readFile(join(backup.attachments, hash.slice(0, 2), hash))).length).toBe(size)

  await floor.attachments.keeper.look()
  expect(await onDisk()).toEqual([])
})

/** What is said in it. */
function namesIn(database: string): string {
  const db = new Database(database, { readonly: true })
  try {
    return JSON.stringify(db.prepare('SELECT * FROM events').all())
  } finally {
    db.close()
  }
}
