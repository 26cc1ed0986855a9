import type { FileBytes } from '../../relay/protocol/local.ts'

/**
 * A photo for tests and pictures: a press with a mark on it, in the colours of this number. As a bitmap (BITMAPFILEHEADER and
 * BITMAPINFOHEADER of 54 bytes, rows from below), because that needs no encoder, and browsers look at what they get.
 */
export function paintedPhoto(n: number, width = 480, height = 360): FileBytes {
  const row = Math.ceil((width * 3) / 4) * 4
  const bytes = new Uint8Array(54 + row * height)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, 0x42_4d)
  view.setUint32(2, bytes.length, true)
  view.setUint32(10, 54, true)
  view.setUint32(14, 40, true)
  view.setInt32(18, width, true)
  view.setInt32(22, height, true)
  view.setUint16(26, 1, true)
  view.setUint16(28, 24, true)
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const [red, green, blue] = colourAt(n, x / width, y / height)
      bytes.set([blue, green, red], 54 + row * y + 3 * x)
    }
  }
  return { type: 'image/jpeg', bytes }
}

function colourAt(n: number, x: number, y: number): readonly [number, number, number] {
  const isPress = x > 0.2 && x < 0.8 && (y > 0.62 || y < 0.3)
  const isDie = x > 0.35 && x < 0.65 && y >= 0.3 && y <= 0.45
  const isMark = Math.hypot(x - 0.3 - (n % 4) * 0.12, y - 0.75) < 0.06
  if (isMark) return [230, 180, 40]
  if (isDie) return [170, 175, 180]
  if (isPress) return [60 + (n % 3) * 20, 90, 110 + (n % 2) * 30]
  const light = Math.round(120 + 90 * y)
  return [light, light - 8, light - 20]
}
