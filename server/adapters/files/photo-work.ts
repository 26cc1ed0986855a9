import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { fileTypeFromBuffer } from 'file-type'
import sharp, { type Sharp } from 'sharp'
import { isPhoto, type AttachmentType } from '../../../relay/protocol/attachments.ts'
import { LIMITS } from '../../../relay/protocol/limits.ts'
import { isFull } from './incoming-files.ts'

/** `from`: what came. `to`, `small`: where what is made of a photo is written. */
export interface PhotoJob {
  readonly from: string
  readonly to: string
  readonly small: string
  readonly type: AttachmentType
}

export type PhotoAnswer =
  | {
      readonly kind: 'photo'
      readonly type: AttachmentType
      readonly hash: string
      readonly size: number
      readonly width: number
      readonly height: number
    }
  /** It is what it was said to be, and kept as it is. */
  | { readonly kind: 'file' }
  | { readonly kind: 'refused'; readonly why: string }
  /** Nobody could tell: the disk is full, or what came is gone. */
  | { readonly kind: 'failed'; readonly why: string; readonly isFull: boolean }

/** One job and its answer, by the number that the asker gave it. */
export interface AskedPhoto {
  readonly ref: number
  readonly job: PhotoJob
}
export interface AnsweredPhoto {
  readonly ref: number
  readonly answer: PhotoAnswer
}

/** What is seen in a row of messages: two thirds of a phone's width. */
const SMALL_SIDE = 480
const QUALITY = 82
const SMALL_QUALITY = 75
/** What one job may cost of processors: a photo of the most pixels takes two seconds of a slow one. */
const MAX_CPU_MS = 10_000
const LOOK_MS = 250

/**
 * Says null when it is ready, which it is once it has decoded and encoded a picture of ours. Then answers one job after the other.
 * One that costs too much is refused, and ends the process: nothing else stops a decoder.
 */
export function servePhotos(own: NodeJS.Process, { maxCpuMs = MAX_CPU_MS, lookMs = LOOK_MS } = {}): void {
  // What is not one of these three is never decoded, whatever the bytes say of themselves.
  sharp.block({ operation: ['VipsForeignLoad'] })
  sharp.unblock({ operation: ['VipsForeignLoadJpeg', 'VipsForeignLoadPng', 'VipsForeignLoadWebp'] })
  sharp.cache(false)
  sharp.concurrency(1)
  own.on('message', ({ ref, job }: AskedPhoto) => {
    const before = own.cpuUsage()
    const looking = setInterval(() => {
      const { user, system } = own.cpuUsage(before)
      if ((user + system) / 1_000 < maxCpuMs) return
      clearInterval(looking)
      const answer: PhotoAnswer = { kind: 'refused', why: 'it takes too long to decode' }
      own.send?.({ ref, answer } satisfies AnsweredPhoto, () => own.kill(own.pid, 'SIGKILL'))
    }, lookMs)
    void carryOut(job).then((answer) => {
      clearInterval(looking)
      own.send?.({ ref, answer } satisfies AnsweredPhoto)
    })
  })
  // What is thrown here ends the process before it is ready.
  void proveItself().then(() => own.send?.(null))
}

async function proveItself(): Promise<void> {
  const blank = sharp({ create: { width: 8, height: 8, channels: 3, background: '#888' } })
  const { data } = await encode(blank, { hasAlpha: false, quality: QUALITY })
  await encode(fitted(sharp(data), SMALL_SIDE), { hasAlpha: true, quality: QUALITY })
}

async function carryOut(job: PhotoJob): Promise<PhotoAnswer> {
  try {
    const bytes = await readFile(job.from)
    if (isPhoto(job.type)) return await photo(job, bytes)
    const why = job.type === 'application/pdf' ? noPdf(bytes) : noText(bytes)
    return why === null ? { kind: 'file' } : { kind: 'refused', why }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    // What the system says has a code; what a decoder says of the bytes has none.
    return cause instanceof Error && 'code' in cause
      ? { kind: 'failed', why, isFull: isFull(cause) }
      : { kind: 'refused', why }
  }
}

/**
 * The picture as it is seen, upright and in sRGB, and nothing else that was in the file: no position, no camera, no preview. A
 * second, small one beside it.
 */
async function photo({ to, small, type }: PhotoJob, bytes: Buffer): Promise<PhotoAnswer> {
  const found = (await fileTypeFromBuffer(bytes))?.mime
  if (found !== type) return { kind: 'refused', why: `it is ${found ?? 'no photo'}, and was said to be ${type}` }
  const image = sharp(bytes, { limitInputPixels: LIMITS.maxPhotoPixels, failOn: 'error' })
  const { width, height, hasAlpha } = await image.metadata()
  if (width > LIMITS.maxPhotoSide || height > LIMITS.maxPhotoSide)
    return { kind: 'refused', why: `a side of it has more than ${LIMITS.maxPhotoSide} pixels` }
  const upright = image.autoOrient().toColourspace('srgb')
  const kept = await encode(fitted(upright, LIMITS.keptPhotoSide), { hasAlpha, quality: QUALITY })
  if (kept.data.length > LIMITS.maxAttachmentBytes) return { kind: 'refused', why: 'too much is left of it' }
  const reduced = await encode(fitted(sharp(kept.data), SMALL_SIDE), { hasAlpha, quality: SMALL_QUALITY })
  await writeFile(to, kept.data, { mode: 0o600 })
  await writeFile(small, reduced.data, { mode: 0o600 })
  return {
    kind: 'photo',
    type: hasAlpha ? 'image/webp' : 'image/jpeg',
    hash: createHash('sha256').update(kept.data).digest('hex'),
    size: kept.data.length,
    width: kept.info.width,
    height: kept.info.height,
  }
}

function fitted(image: Sharp, side: number): Sharp {
  return image.resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
}

function encode(image: Sharp, { hasAlpha, quality }: { readonly hasAlpha: boolean; readonly quality: number }) {
  const encoded = hasAlpha ? image.webp({ quality }) : image.jpeg({ quality })
  return encoded.toBuffer({ resolveWithObject: true })
}

function noPdf(bytes: Buffer): string | null {
  return bytes.subarray(0, 5).toString('latin1') === '%PDF-' ? null : 'it does not begin as a PDF'
}

/** Signs that no text has, whatever its letters: of an 8-bit text and of one in UTF-16 that was decoded. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const CONTROL = /[\u0000-\u0008\u000E-\u001F\u007F]/

/** UTF-8; UTF-16 with its mark, as Excel saves "Unicode text"; or 8 bits of some code page (CP949, Windows-1252), of which nobody can tell which. */
function noText(bytes: Buffer): string | null {
  const encoding = bytes.length < 2 ? undefined : UTF_16.get(bytes.readUInt16BE(0))
  if (encoding === undefined)
    return CONTROL.test(bytes.toString('latin1')) ? 'there are control characters in it' : null
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes)
    return CONTROL.test(text) ? 'there are control characters in it' : null
  } catch {
    return 'it is no text in UTF-16'
  }
}

const UTF_16: ReadonlyMap<number, string> = new Map([
  [0xfffe, 'utf-16le'],
  [0xfeff, 'utf-16be'],
])
