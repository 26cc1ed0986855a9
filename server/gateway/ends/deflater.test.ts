import { constants, inflateRawSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { Deflater, MIN_DEFLATED_BYTES } from './deflater.ts'
import { SharedBytes } from '../shared-bytes.ts'

const page = (says: string): SharedBytes => new SharedBytes([JSON.stringify({ t: 'page', says: says.repeat(2_000) })])
const inflated = ({ deflated }: SharedBytes): string =>
  inflateRawSync(deflated?.[0] ?? '', { finishFlush: constants.Z_SYNC_FLUSH }).toString()

it('[Z1] adds the deflated form to a frame, and leaves the frame as it is', async () => {
  const bytes = page('위급 ')
  const made = await new Deflater().deflated(bytes)
  expect([made.messages, made.length]).toEqual([bytes.messages, bytes.length])
  expect(inflated(made)).toBe(bytes.messages[0])
  expect(made.deflated?.[0]?.subarray(-4)).toEqual(Buffer.from([0, 0, 0xff, 0xff]))
})

it('[Z1] leaves what is short, and what is not one frame', async () => {
  const left = [
    new SharedBytes([`"${'x'.repeat(MIN_DEFLATED_BYTES - 3)}"`]),
    new SharedBytes(['x'.repeat(4_000), '{}']),
    new SharedBytes([]),
  ]
  const deflater = new Deflater()
  for (const bytes of left) expect(await deflater.deflated(bytes)).toBe(bytes)
  expect((await deflater.deflated(new SharedBytes(['x'.repeat(MIN_DEFLATED_BYTES)]))).deflated).not.toBeNull()
})

it('[Z1] [P8] has two at work and so many waiting; what comes then leaves as it is, and the others have their turn', async () => {
  const deflater = new Deflater(1)
  const pages = ['a', 'b', 'c', 'd'].map(page)
  const made = await Promise.all(pages.map((bytes) => deflater.deflated(bytes)))
  expect(made.map(({ deflated }) => deflated !== null)).toEqual([true, true, true, false])
  expect(deflater.leftPlain).toBe(1)
  expect(made.slice(0, 3).map(inflated)).toEqual(pages.slice(0, 3).map(({ messages }) => messages[0]))
  expect((await deflater.deflated(page('e'))).deflated).not.toBeNull()
})
