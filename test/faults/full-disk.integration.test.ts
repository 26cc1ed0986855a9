/** A server on a real disk that is full to the last byte: what it answers, what is half of it, and how it goes on. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { hashOf, noise } from '../../server/testing/attachments.ts'
import { Machine, type Disk } from '../support/machine.ts'
import { PhotoDevice, type Shared } from '../support/photo-device.ts'
import { freePort, Program, startServer } from '../support/processes.ts'

const KIM = { operator: 'kim', pin: '1111' }
const KEY = { authorization: 'Bearer demo-key', 'content-type': 'application/json' }
const MEGABYTES = 64

let machine: Machine
let disk: Disk | null
let port = 0
let server: Program
let kim: PhotoDevice
beforeEach(async () => {
  machine = new Machine()
  disk = machine.makeDisk('data', MEGABYTES)
  if (disk === null) return
  port = await freePort()
  server = (await startServer(disk.folder, port)).program
  kim = await PhotoDevice.make()
  await kim.connect(url(), KIM)
})
afterEach(async () => {
  if (disk !== null) {
    kim.close()
    await server.kill()
  }
  machine.clear()
})

const url = (): string => `http://127.0.0.1:${port}`

async function raise(title: string): Promise<{ readonly status: number; readonly code: unknown }> {
  const body = JSON.stringify({ priority: 'P1', area: 'line-3', title })
  const response = await fetch(`${url()}/api/alerts`, { method: 'POST', headers: KEY, body })
  const { code } = (await response.json()) as { code?: unknown }
  return { status: response.status, code }
}

async function titles(): Promise<readonly string[]> {
  const response = await fetch(`${url()}/api/alerts`, { headers: KEY })
  const { alerts } = (await response.json()) as { alerts: { title: string }[] }
  return alerts.map(({ title }) => title)
}

/** Content, small ones included, and what is on its way. */
async function onDisk(folder: string): Promise<readonly string[]> {
  const names = await readdir(join(folder, 'attachments'), { recursive: true })
  return names.filter((name) => /[0-9a-f]{64}/.test(name))
}

async function isWhole(shared: Shared, hash: string): Promise<void> {
  const response = await kim.read(shared)
  expect(response.status).toBe(200)
  expect(hashOf(new Uint8Array(await response.arrayBuffer()))).toBe(hash)
}

it('[O6] [O7] [T3] says of commands, pieces and withdrawals that they wait, hands out what it has, and goes on when there is room', async ({
  skip,
}) => {
  const on = disk ?? skip(machine.lacks.join())
  const { folder } = on
  const kept = await kim.share(await noise(1))
  const begun = await kim.share(await noise(2))
  const later = await kim.share(await noise(3))
  expect(await kim.bring(kept)).toBe('stored')
  const hash = hashOf(new Uint8Array(await (await kim.read(kept)).arrayBuffer()))
  await kim.piece(begun, { offset: 0, length: 5_000 })
  expect(await raise('before')).toMatchObject({ status: 201 })

  await on.fill()
  const over = on.keepFull()
  await expect.poll(() => raise('in between')).toEqual({ status: 503, code: 'unavailable' })
  const before = await titles()
  await expect(kim.piece(begun, { offset: 5_000 })).rejects.toThrow('files-full')
  await expect(kim.piece(later, { offset: 0 })).rejects.toThrow('files-full')
  expect(await kim.attempt('chat.withdraw', { line: 'line-3', id: kept.id })).toMatchObject({ t: 'retry-later' })
  await isWhole(kept, hash)
  expect(await kim.state(begun)).toEqual({ offset: 5_000, end: null })
  expect(await kim.state(later)).toEqual({ offset: 0, end: null })
  expect(await titles()).toEqual(before)
  await over()

  await expect.poll(() => raise('after')).toMatchObject({ status: 201 })
  expect(await kim.bring(begun)).toBe('stored')
  expect(await kim.bring(later)).toBe('stored')
  await isWhole(kept, hash)
  await kim.withdraw(kept)
  await expect.poll(() => onDisk(folder)).toHaveLength(4)
  const all = await titles()
  expect(all).toEqual(expect.arrayContaining(['before', 'after']))

  await server.kill()
  server = (await startServer(folder, port)).program
  await kim.connect(url(), KIM)
  expect(await titles()).toEqual(all)
  for (const shared of [begun, later]) expect(await kim.state(shared)).toMatchObject({ end: 'stored' })
  expect(await onDisk(folder)).toHaveLength(4)
})

it('[T6] does not start on it, in a sentence, and has everything when there is room', async ({ skip }) => {
  const on = disk ?? skip(machine.lacks.join())
  const { folder } = on
  const shared = await kim.share(await noise(4))
  expect(await kim.bring(shared)).toBe('stored')
  expect(await raise('before')).toMatchObject({ status: 201 })
  await server.kill()
  const makeRoom = await on.fill()
  const program = new Program('server/cli.ts', ['server', '--demo', '--data', folder, '--port', String(port)])
  expect(await program.exited).toBe(1)
  expect(program.stderr).toMatch(/^andon: [^\n]*full[^\n]*\.\n$/)
  await makeRoom()
  server = (await startServer(folder, port)).program
  await kim.connect(url(), KIM)
  expect(await titles()).toEqual(['before'])
  expect((await kim.read(shared)).status).toBe(200)
})
