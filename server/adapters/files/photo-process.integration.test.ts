import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import sharp from 'sharp'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { AttachmentType } from '../../../relay/protocol/attachments.ts'
import { noise } from '../../testing/attachments.ts'
import { PhotoProcess } from './photo-process.ts'

let folder = ''
let photos: PhotoProcess | null = null
const failures: string[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'andon-photos-'))
  failures.length = 0
})
afterEach(async () => {
  await photos?.close()
  await rm(folder, { recursive: true, force: true })
})

function begin(worker: string | URL, restMs = 1_000): PhotoProcess {
  return (photos = new PhotoProcess({
    worker: new URL(worker, import.meta.url),
    restMs,
    failed: (what, cause) => failures.push(`${what}: ${String(cause)}`),
  }))
}

async function job(name: string, bytes: Uint8Array, type: AttachmentType = 'image/jpeg', into = folder) {
  const from = join(folder, name)
  await writeFile(from, bytes)
  return { from, to: join(into, `${name}.to`), small: join(into, `${name}.small`), type }
}

/** A module for the process. */
async function workerOf(source: string): Promise<URL> {
  const path = join(folder, 'worker.mjs')
  await writeFile(path, source)
  return pathToFileURL(path)
}

it('[O5] a photo that costs too much of a processor is refused, and the next one has another process', async () => {
  const { ask } = bound(begin('../../testing/impatient-photos-worker.ts'))
  const background = { r: 1, g: 2, b: 3 }
  const large = await sharp({ create: { width: 7_000, height: 7_000, channels: 3, background } })
    .jpeg()
    .toBuffer()
  expect(await ask(await job('large', large))).toEqual({ kind: 'refused', why: 'it takes too long to decode' })
  expect(await ask(await job('text', Buffer.from('text'), 'text/plain'))).toEqual({ kind: 'file' })
})

it('[O5] bytes that end their process twice are refused; one that dies once costs nobody anything', async () => {
  const { ask } = bound(begin('../../testing/dying-photos-worker.ts'))
  expect(await ask(await job('deadly', Buffer.from('x')))).toEqual({ kind: 'refused', why: 'its decoder ended' })
  expect(await ask(await job('harmless', Buffer.from('x')))).toEqual({ kind: 'file' })
  expect(failures).toHaveLength(3)
})

it.skipIf(process.platform === 'win32')('[O5] of what others end nobody says that it is no photo', async () => {
  const { ask } = bound(begin('../../testing/dying-photos-worker.ts'))
  expect(await ask(await job('stopped', Buffer.from('x')))).toBeNull()
  expect(failures).toEqual(Array(2).fill('photo: ended with SIGKILL'))
  expect(await ask(await job('text', Buffer.from('text'), 'text/plain'))).toEqual({ kind: 'file' })
})

it.each([
  ['cannot be loaded', `throw new Error('there is no decoder')`],
  ['ends before it is ready', `process.kill(process.pid, 'SIGKILL')`],
])('[O5] a decoder that %s says nothing of any photo, and is not tried for each', async (_how, source) => {
  const { ask } = bound(begin(await workerOf(source)))
  for (const name of ['1', '2', '3']) expect(await ask(await job(name, await noise(1)))).toBeNull()
  expect(failures).toEqual([expect.stringMatching(/^photos-unavailable: .* before it was ready$/)])
})

it('[O5] a decoder that could not start is tried again', async () => {
  const { ask } = bound(begin(await workerOf(`throw new Error('there is no decoder')`), 0))
  const photo = await job('photo', await noise(1))
  expect(await ask(photo)).toBeNull()
  await workerOf(
    `process.on('message', ({ ref }) => process.send({ ref, answer: { kind: 'file' } })); process.send(null)`,
  )
  await vi.waitFor(async () => expect(await ask(photo)).toEqual({ kind: 'file' }), { timeout: 30_000 })
})

it('[O5] what comes after an answer is not taken for that of the next one', async () => {
  const { ask } = bound(begin('../../testing/dying-photos-worker.ts'))
  for (let time = 0; time < 5; time += 1)
    expect(await ask(await job('text', Buffer.from('text'), 'text/plain'))).toEqual({ kind: 'file' })
})

it('[O5] of what cannot be written or read nobody says that it is no photo', async () => {
  const { ask } = bound(begin('../../photos-worker.ts'))
  const bytes = await noise(1)
  expect(await ask(await job('photo', bytes, 'image/jpeg', join(folder, 'gone')))).toMatchObject({ kind: 'failed' })
  expect(await ask({ ...(await job('photo', bytes)), from: join(folder, 'nothing') })).toMatchObject({ kind: 'failed' })
  expect(await ask(await job('photo', bytes))).toMatchObject({ kind: 'photo' })
})

it('[O5] one is looked at after the other, and none by a process that was closed', async () => {
  const { ask, close } = bound(begin('../../photos-worker.ts'))
  const all = await Promise.all([1, 2, 3].map(async (seed) => ask(await job(`${seed}`, await noise(seed)))))
  expect(all.map((answer) => answer?.kind)).toEqual(['photo', 'photo', 'photo'])
  await close()
  expect(await ask(await job('late', Buffer.from('text'), 'text/plain'))).toBeNull()
})

function bound(process: PhotoProcess) {
  return { ask: process.ask.bind(process), close: process.close.bind(process) }
}
