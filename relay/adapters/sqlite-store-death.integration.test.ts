import { mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BroadcastChannel } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Observation } from '../ports.ts'
import type { Death } from './dying-store-worker.fixture.ts'
import { openNodeRelay, type OpenRelay } from './node.ts'
import { openSqliteFile } from './sqlite-file.ts'
import { openSqliteStore } from './sqlite-store.ts'
import type { StoreError } from './store-error.ts'

const worker = new URL('./dying-store-worker.fixture.ts', import.meta.url)
const put = (key: string) => [{ op: 'put', table: 'outbox', key, value: key }] as const

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'andon-store-death-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** A store with a hand on its thread and on its clock. */
async function openStore() {
  const file = join(folder, 'relay.db')
  const deaths: StoreError[] = []
  const waiting: (() => void)[] = []
  const clock = { ms: 0 }
  const store = await openSqliteStore({
    file,
    worker,
    now: () => clock.ms,
    died: (cause) => {
      deaths.push(cause)
      for (const wake of waiting.splice(0)) wake()
    },
  })
  const died = () => new Promise<void>((resolve) => waiting.push(resolve))
  const exit = async () => {
    const gone = died()
    await order(file, 'exit')
    await gone
  }
  const keys = async () => (await store.read('outbox')).map(({ key }) => key)
  return { file, store, deaths, clock, died, exit, keys }
}

/** Tells the thread how to die; resolves once `before-answer` is heard. */
async function order(file: string, death: Death): Promise<void> {
  const orders = new BroadcastChannel(file)
  const heard = new Promise<void>((resolve) => orders.addEventListener('message', () => resolve()))
  orders.postMessage(death)
  if (death === 'before-answer') await heard
  setImmediate(() => orders.close())
}

describe('[R55] the store whose thread died', () => {
  it('is served by another one from the next call on, and says that it died', async () => {
    const { store, deaths, exit, keys } = await openStore()
    await store.write(put('a'))
    await exit()
    expect(deaths).toMatchObject([{ code: 'storage-failed' }])
    await store.write(put('b'))
    await exit()
    expect(await keys()).toEqual(['a', 'b'])
    await store.close()
  })

  it('fails what was under way, which may have reached the disk all the same', async () => {
    const { file, store, keys } = await openStore()
    await order(file, 'before-answer')
    await expect(store.write(put('a'))).rejects.toMatchObject({ code: 'storage-failed' })
    await store.write(put('b'))
    expect(await keys()).toEqual(['a', 'b'])
    await store.close()
  })

  it('[P8] is tried ever later while it cannot be started', async () => {
    const { file, store, clock, exit, keys } = await openStore()
    await store.write(put('a'))
    await exit()
    await rename(file, `${file}.away`)
    const fails = () => expect(store.read('outbox')).rejects.toMatchObject({ code: 'storage-failed' })
    await fails() // tried at once
    await fails() // tried again, and from now on in a second
    await rename(`${file}.away`, file)
    await fails()
    clock.ms += 999
    await fails()
    clock.ms += 1
    expect(await keys()).toEqual(['a'])
    await store.close()
  })

  it('makes no new file where its own is gone: what it holds in memory belongs to that one', async () => {
    const { file, store, exit } = await openStore()
    await store.write(put('a'))
    await exit()
    for (const each of [file, `${file}-wal`]) await rm(each, { force: true })
    await expect(store.write(put('b'))).rejects.toMatchObject({ code: 'storage-failed' })
    await expect(store.read('outbox')).rejects.toMatchObject({ code: 'storage-failed' })
    await store.close()
  })

  it('closes although nobody has asked it anything since', async () => {
    const { file, store, exit } = await openStore()
    await store.write(put('a'))
    await exit()
    await store.close()
    await expect(store.write(put('b'))).rejects.toMatchObject({ code: 'storage-closed' })
    openSqliteFile(file).close()
  })
})

describe('[R55] a device whose store thread died', () => {
  it('says that nothing is saved, refuses what was under way, and has no trace of it once it saves again', async () => {
    const file = join(folder, 'relay.db')
    const storage: string[] = []
    const observe = (seen: Observation) => {
      if (seen.kind === 'status' && storage.at(-1) !== seen.status.storage) storage.push(seen.status.storage)
      if (storage.at(-1) === 'working') for (const wake of waiting.splice(0)) wake()
    }
    const waiting: (() => void)[] = []
    const device = await openDevice(observe)
    const { relay } = device
    await relay.start()
    const raise = (ref: string) =>
      relay.submit({ ref, type: 'alert.raise', data: { priority: 'P0', area: 'line-3', title: ref } })
    await raise('before')
    await order(file, 'before-answer')
    expect(await raise('lost')).toMatchObject({ ok: false, code: 'storage-failed' })
    expect(storage).toEqual(['working', 'failing'])
    await new Promise<void>((resolve) => waiting.push(resolve))
    expect(await raise('after')).toMatchObject({ ok: true })
    await device.close()
    const db = openSqliteFile(file)
    const titles = db.read('outbox', {}).map(({ text }) => JSON.parse(text) as { ref: string; seq: number })
    expect(titles.map(({ ref, seq }) => [ref, seq])).toEqual([
      ['before', 1],
      ['after', 2],
    ])
    expect(db.read('refs', {}).map(({ key }) => key)).toEqual(['after', 'before'])
    db.close()
  })
})

/** Without a server, which is nothing to what is saved here. */
async function openDevice(observe: (seen: Observation) => void): Promise<OpenRelay> {
  return await openNodeRelay({
    serverUrl: 'http://127.0.0.1:9',
    name: 'kiosk',
    build: 'test',
    kind: 'headless',
    dataDir: folder,
    storeWorker: worker,
    log: () => undefined,
    observe,
  })
}
