import { v7 as uuidv7 } from 'uuid'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { CommandId } from '../relay/protocol/ids.ts'
import { AttachmentDesk } from './attachment-desk.ts'
import type { AttachmentFiles } from './ports/attachments.ts'
import { hashOf, named, SharingPerson } from './testing/attachments.ts'
import { DEVICE, openFloor, type Floor } from './testing/http-floor.ts'

let floor: Floor
let kim: SharingPerson
const lines: object[] = []
beforeEach(async () => {
  lines.length = 0
  floor = await openFloor()
  kim = new SharingPerson(floor)
  await kim.signIn('kim', '1111')
})
afterEach(() => floor.close())

/** A desk over the floor's own folder, where something is otherwise. */
function deskWith(changes: Partial<AttachmentFiles>, isAlone = true): AttachmentDesk {
  const { store, submit, clock } = floor
  const write = (line: object): void => void lines.push(line)
  return new AttachmentDesk({
    files: { ...floor.attachments.files, ...changes },
    store,
    submit,
    newId: () => uuidv7() as CommandId,
    isAlone,
    nowMs: () => clock.ms,
    log: { info: write, warn: write },
  })
}

const ALL = { size: 'whole', from: 0 } as const

async function shared(text: string) {
  const bytes = Buffer.from(text)
  const hash = hashOf(bytes)
  return { bytes, place: { line: 'line-3', id: await kim.share([named(bytes, 'text/plain')]), hash } }
}

it.each([
  ['full', 'files-full'],
  [null, 'unavailable'],
] as const)(
  '[O5] a whole file that cannot be kept (%s) is looked at ever more rarely, and who asks is told %s',
  async (kept, code) => {
    let looks = 0
    let isMended = false
    const desk = deskWith({
      keep: (...args) => {
        looks += 1
        return isMended ? floor.attachments.files.keep(...args) : Promise.resolve(kept)
      },
    })
    const { bytes, place } = await shared('cannot be kept')
    expect(await desk.take(DEVICE, place, { offset: 0, bytes })).toMatchObject({ ok: true })
    await desk.idle()
    // Ten minutes of a device that asks each second.
    for (let second = 0; second < 600; second += 1) {
      expect(await desk.state(DEVICE, place)).toMatchObject({ ok: false, code })
      await desk.idle()
      floor.clock.ms += 1_000
    }
    // At 0, 1, 3, 7, 15, 31, and then once a minute.
    expect(looks).toBe(15)
    expect((await desk.counts()).refused.get(code)).toBe(600)
    expect(lines.length).toBeLessThan(20)
    isMended = true
    floor.clock.ms += 60_000
    await desk.state(DEVICE, place)
    await desk.idle()
    expect(await desk.state(DEVICE, place)).toEqual({ ok: true, value: { offset: bytes.length, end: 'stored' } })
  },
)

it('[O5] a clock that is set back keeps no file waiting', async () => {
  const results = [null]
  const desk = deskWith({
    keep: (...args) =>
      results.length > 0 ? Promise.resolve(results.pop() ?? null) : floor.attachments.files.keep(...args),
  })
  const { bytes, place } = await shared('waits')
  await desk.take(DEVICE, place, { offset: 0, bytes })
  await desk.idle()
  floor.clock.ms -= 3_600_000
  await desk.state(DEVICE, place)
  await desk.idle()
  expect(await desk.state(DEVICE, place)).toMatchObject({ ok: true, value: { end: 'stored' } })
})

it('[O6] what is not here is gone of a server that is alone, and may be with another one where there are others', async () => {
  const { id, file } = await kim.settled(Buffer.from('kept by another server'), 'text/plain')
  const place = { line: 'line-3', id, hash: file.hash }
  const elsewhere = { open: () => Promise.resolve(null) }
  expect(await deskWith(elsewhere).open(place, ALL)).toMatchObject({ code: 'file-lost' })
  expect(await deskWith(elsewhere, false).open(place, ALL)).toMatchObject({ code: 'unavailable' })
})

it('[O3] whoever asks while its message comes to say what became of it is told so, and starts over with nothing', async () => {
  const { bytes, place } = await shared('settled in between')
  const other = deskWith({})
  await other.take(DEVICE, place, { offset: 0, bytes: bytes.subarray(0, 4) })
  const desk = deskWith({
    received: async (file) => {
      await other.take(DEVICE, place, { offset: 4, bytes: bytes.subarray(4) })
      await other.idle()
      return await floor.attachments.files.received(file)
    },
  })
  expect(await desk.state(DEVICE, place)).toEqual({ ok: true, value: { offset: bytes.length, end: 'stored' } })
})
