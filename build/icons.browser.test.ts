import { expect, it } from 'vitest'
import drawing from '../renderer/icon.svg?raw'
import { ICONS, variantOf } from './icon-table.mjs'

/** Mean difference of a channel, of 255; browsers differ a little in how they smooth edges. */
const SAME = 2

for (const icon of ICONS) {
  it(`${icon.file} is what the drawing says; if not: node build/icons.mjs`, async () => {
    const address = new URL(`../renderer/public/icons/${icon.file}`, import.meta.url).href
    const svg = variantOf(drawing, icon).replace('<svg ', `<svg width="${icon.size}" height="${icon.size}" `)
    const [kept, drawn] = await Promise.all([
      pixels(address, icon.size),
      pixels(`data:image/svg+xml,${encodeURIComponent(svg)}`, icon.size),
    ])
    let difference = 0
    for (const [index, value] of kept.entries()) difference += Math.abs(value - (drawn[index] ?? 0))
    expect(difference / kept.length).toBeLessThan(SAME)
  })
}

async function pixels(address: string, size: number): Promise<Uint8ClampedArray> {
  const image = new Image()
  image.src = address
  await image.decode()
  expect([image.naturalWidth, image.naturalHeight]).toEqual([size, size])
  const canvas = new OffscreenCanvas(size, size).getContext('2d')
  if (canvas === null) throw new Error('no canvas')
  canvas.drawImage(image, 0, 0, size, size)
  return canvas.getImageData(0, 0, size, size).data
}
