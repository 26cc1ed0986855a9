import { LIMITS } from '../../relay/protocol/limits.ts'

/** How well it is kept, and how well if that is too large. */
const QUALITIES = [0.85, 0.7, 0.5] as const

/**
 * A photo as it is sent: no side longer than is kept, upright, as JPEG, and so without the place and the camera that the file
 * named. Null where this browser cannot read it.
 */
export async function preparePhoto(photo: Blob): Promise<Uint8Array<ArrayBuffer> | null> {
  const image = await createImageBitmap(photo, { imageOrientation: 'from-image' }).catch(() => null)
  if (image === null) return null
  const scale = Math.min(1, LIMITS.keptPhotoSide / Math.max(image.width, image.height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(image.width * scale))
  canvas.height = Math.max(1, Math.round(image.height * scale))
  const drawing = canvas.getContext('2d')
  if (drawing === null) return null
  // What can be seen through has paper behind it.
  drawing.fillStyle = '#fff'
  drawing.fillRect(0, 0, canvas.width, canvas.height)
  drawing.imageSmoothingQuality = 'high'
  drawing.drawImage(image, 0, 0, canvas.width, canvas.height)
  image.close()
  for (const quality of QUALITIES) {
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', quality))
    if (blob !== null && blob.size <= LIMITS.maxAttachmentBytes) return new Uint8Array(await blob.arrayBuffer())
  }
  return null
}
