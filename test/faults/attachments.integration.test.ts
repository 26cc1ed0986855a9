/** Photos on their way, and a server that is killed at any step, or restored into an empty folder. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hashOf, noise } from '../../server/testing/attachments.ts'
import { PhotoDevice, type Shared } from '../support/photo-device.ts'
import { freePort, Program, startServer } from '../support/processes.ts'

/** Each is cut at another step; `ANDON_OBSTACLES=full` has more of them. */
const PHOTOS = process.env['ANDON_OBSTACLES'] === 'full' ? 24 : 4
const KIM = { operator: 'kim', pin: '1111' }

let root = ''
let port = 0
let server: Program
let kim: PhotoDevice
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'andon-photos-'))
  port = await freePort()
  server = (await startServer(join(root, 'server'), port)).program
  kim = await PhotoDevice.make()
  await kim.connect(url(), KIM)
})
afterEach(async () => {
  kim.close()
  await server.kill()
  await rm(root, { recursive: true, force: true })
})

const url = (): string => `http://127.0.0.1:${port}`

async function revive(folder = 'server'): Promise<void> {
  await server.kill()
  server = (await startServer(join(root, folder), port)).program
  await kim.connect(url(), KIM)
}

async function onDisk(folder = 'server'): Promise<readonly string[]> {
  const names = await readdir(join(root, folder, 'attachments'), { recursive: true })
  return names.filter((name) => /[0-9a-f]{64}/.test(name)).toSorted((one, other) => (one < other ? -1 : 1))
}

async function isShown(shared: Shared): Promise<void> {
  const response = await kim.read(shared)
  expect(response.status).toBe(200)
  const { width, height } = await sharp(Buffer.from(await response.arrayBuffer())).metadata()
  expect([width, height]).toEqual([320, 240])
}

describe('a server that is killed', () => {
  it('[O4] goes on in the middle of a file, and looks at it when it is whole', async () => {
    const shared = await kim.share(await noise(1))
    await kim.piece(shared, { offset: 0, length: 5_000 })
    await revive()
    expect(await kim.state(shared)).toEqual({ offset: 5_000, end: null })
    expect(await kim.bring(shared)).toBe('stored')
    await isShown(shared)
    await revive()
    expect(await kim.state(shared)).toEqual({ offset: shared.bytes.length, end: 'stored' })
    await isShown(shared)
  })

  it(
    '[O4] [O5] at any step of a photo, has each once in the end, and none that it said to be stored is missing',
    { timeout: 240_000 },
    async () => {
      const stored: Shared[] = []
      for (let seed = 0; seed < PHOTOS; seed += 1) {
        const shared = await kim.share(await noise(seed))
        const length = Math.ceil(shared.bytes.length / 3)
        // Behind the first piece, with the last one under way, as soon as it was taken, and while it is looked at.
        for (let offset = 0; offset < shared.bytes.length; offset += length) {
          const isLast = offset + length >= shared.bytes.length
          const sent = kim.piece(shared, { offset, length }).catch(() => null)
          if (!isLast || seed % 4 !== 1) await sent
          if (!isLast && seed % 4 !== 0) continue
          if (seed % 4 === 3) await new Promise((resolve) => setTimeout(resolve, seed * 20))
          await revive()
          break
        }
        expect(await kim.bring(shared)).toBe('stored')
        stored.push(shared)
        for (const each of stored) await isShown(each)
      }
      // Of each the whole and the small one, and nothing half.
      await expect.poll(async () => (await onDisk()).length).toBe(2 * stored.length)
    },
  )
})

it('[O5] urgent commands are answered while photos are decoded', { timeout: 120_000 }, async () => {
  const large = { width: 4_000, height: 3_000 }
  const photos: Shared[] = []
  for (let index = 0; index < 10; index += 1) {
    const background = { r: index, g: 100, b: 200 }
    photos.push(
      await kim.share(
        await sharp({ create: { ...large, channels: 3, background } })
          .jpeg()
          .toBuffer(),
      ),
    )
  }
  for (const shared of photos)
    for (let offset = 0; offset < shared.bytes.length; offset = (await kim.piece(shared, { offset })).offset) continue
  const alert = await kim.command('alert.raise', { priority: 'P0', area: 'line-3', title: 'Evacuate' })
  await kim.command('alert.ack', { id: alert.id })
  const last = photos.at(-1)
  expect(last === undefined ? null : (await kim.state(last)).end, 'photos are still being looked at').toBeNull()
  for (const shared of photos) expect(await kim.bring(shared)).toBe('stored')
})

describe('a backup', () => {
  const admin = async (...args: readonly string[]): Promise<void> => {
    const program = new Program('server/cli.ts', ['admin', ...args, '--server', url(), '--key', 'demo-key'])
    expect(await program.exited, program.stderr).toBe(0)
  }

  it('[O9] brings photos and files back into an empty folder', async () => {
    const photo = await kim.share(await noise(30))
    const text = await kim.share(Buffer.from('machine,count\npress-2,7\n'), 'text/csv')
    expect(await kim.bring(photo)).toBe('stored')
    expect(await kim.bring(text)).toBe('stored')
    const contents = await onDisk()
    expect(contents).toHaveLength(3)
    const file = join(root, 'site.backup')
    await admin('backup', file)
    expect((await readFile(file)).subarray(0, 12).toString()).toBe('andon.sqlite')

    await revive('empty')
    await admin('restore', file)
    await kim.connect(url(), KIM)
    await isShown(photo)
    expect((await kim.read(photo, '?size=small')).status).toBe(200)
    expect(await (await kim.read(text)).text()).toBe('machine,count\npress-2,7\n')
    expect(await onDisk('empty')).toEqual(contents)
    // It is known again who names what.
    await kim.withdraw(text)
    await expect.poll(() => onDisk('empty')).toHaveLength(2)
    await isShown(photo)
  })

  it('[O9] has what was taken back since, and is refused where a photo in it is another', async () => {
    const photo = await kim.share(await noise(31))
    expect(await kim.bring(photo)).toBe('stored')
    const file = join(root, 'site.backup')
    await admin('backup', file)
    await kim.withdraw(photo)
    await expect.poll(() => onDisk()).toEqual([])

    const bytes = await readFile(file)
    const name = bytes.lastIndexOf('attachments/')
    const damaged = Buffer.from(bytes)
    damaged.writeUInt8(damaged.readUInt8(name + 512 + 100) ^ 1, name + 512 + 100)
    const other = bytes.lastIndexOf('attachments/', name - 1)
    damaged.writeUInt8(damaged.readUInt8(other + 512 + 100) ^ 1, other + 512 + 100)
    const restore = (body: Buffer, type = 'application/x-tar') =>
      fetch(`${url()}/api/admin/restore`, {
        method: 'POST',
        headers: { authorization: 'Bearer demo-key', 'content-type': type },
        body: new Uint8Array(body),
      })
    for (const bad of [damaged, bytes.subarray(0, 5_000), bytes.subarray(0, -100_000), Buffer.alloc(2_048)])
      expect((await restore(bad)).status).toBe(400)
    expect(await kim.read(photo).then(({ status }) => status)).toBe(404)

    await admin('restore', file)
    await kim.connect(url(), KIM)
    await isShown(photo)
    expect((await onDisk())[0]).toContain(hashOf(Buffer.from(await (await kim.read(photo)).arrayBuffer())).slice(0, 10))
  })

  it('[O9] of a server before, a database alone, is taken as ever', async () => {
    const photo = await kim.share(await noise(32))
    expect(await kim.bring(photo)).toBe('stored')
    const file = join(root, 'site.backup')
    await admin('backup', file)
    const archive = await readFile(file)
    const size = Number.parseInt(archive.subarray(124, 135).toString(), 8)
    const database = join(root, 'database')
    await writeFile(database, archive.subarray(512, 512 + size))
    await admin('restore', database)
    await kim.connect(url(), KIM)
    await isShown(photo)
  })
})
