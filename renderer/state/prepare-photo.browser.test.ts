import { expect, it } from 'vitest'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { preparePhoto } from './prepare-photo.ts'

async function painted(width: number, height: number, type = 'image/jpeg'): Promise<Uint8Array<ArrayBuffer>> {
  const canvas = new OffscreenCanvas(width, height)
  const drawing = canvas.getContext('2d')
  if (drawing === null) throw new Error('no canvas')
  drawing.fillStyle = '#e00'
  drawing.fillRect(0, 0, width / 2, height)
  drawing.fillStyle = '#00e'
  drawing.fillRect(width / 2, 0, width / 2, height)
  return new Uint8Array(await (await canvas.convertToBlob({ type })).arrayBuffer())
}

/** EXIF of a camera (TIFF, big-endian): turned by a quarter (orientation 6), made by "SPY". */
function withExif(jpeg: Uint8Array): Uint8Array<ArrayBuffer> {
  const tiff = [
    [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 2],
    [0x01, 0x0f, 0, 2, 0, 0, 0, 4, 0x53, 0x50, 0x59, 0],
    [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0],
    [0, 0, 0, 0],
  ].flat()
  const body = [0x45, 0x78, 0x69, 0x66, 0, 0, ...tiff]
  const segment = [0xff, 0xe1, 0, body.length + 2, ...body]
  return new Uint8Array([...jpeg.subarray(0, 2), ...segment, ...jpeg.subarray(2)])
}

const said = (bytes: Uint8Array) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')

it('keeps no side longer than is kept, and no more than the photo has', async () => {
  const large = await preparePhoto(new Blob([await painted(5_000, 2_500)]))
  const image = await createImageBitmap(new Blob([large ?? '']))
  expect([image.width, image.height]).toEqual([LIMITS.keptPhotoSide, LIMITS.keptPhotoSide / 2])
  const small = await preparePhoto(new Blob([await painted(40, 30, 'image/png')]))
  expect(small?.slice(0, 3)).toEqual(new Uint8Array([0xff, 0xd8, 0xff]))
  expect((await createImageBitmap(new Blob([small ?? '']))).width).toBe(40)
})

it('turns it upright, and leaves out what the camera wrote into it', async () => {
  const from = withExif(await painted(400, 300))
  expect(said(from)).toContain('SPY')
  const bytes = await preparePhoto(new Blob([from], { type: 'image/jpeg' }))
  const image = await createImageBitmap(new Blob([bytes ?? '']))
  expect([image.width, image.height]).toEqual([300, 400])
  expect(said(bytes ?? new Uint8Array())).not.toMatch(/SPY|Exif/)
})

it('knows what is no photo', async () => {
  expect(await preparePhoto(new Blob(['<svg xmlns="http://www.w3.org/2000/svg"/>'], { type: 'image/png' }))).toBeNull()
})
