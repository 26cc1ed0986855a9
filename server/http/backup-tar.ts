import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { extract, pack, type Pack } from 'tar-stream'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { BACKUP_PARTS } from '../ports/backups.ts'

/** One file of a backup. */
export interface BackupPart {
  readonly name: string
  readonly size: number
  readonly chunks: AsyncIterable<Uint8Array>
}

/** Content under the name of its hash, or the small one of it. */
const CONTENT = /^attachments\/([0-9a-f]{2})\/(\1[0-9a-f]{62})(\.small)?$/

/** The parts one after the other as one archive (POSIX tar); where its reader goes away, no further part is asked for. */
export function packed(parts: AsyncIterable<BackupPart>): Readable {
  const archive = pack()
  const stream = Readable.from(archive, { objectMode: false })
  const gone = new Promise<true>((resolve) => void stream.once('close', () => resolve(true)))
  fill(archive, parts, gone).catch((cause: unknown) => {
    stream.destroy(cause instanceof Error ? cause : new Error(String(cause)))
  })
  return stream
}

async function fill(archive: Pack, parts: AsyncIterable<BackupPart>, gone: Promise<true>): Promise<void> {
  for await (const { name, size, chunks } of parts) {
    const { promise: written, resolve, reject } = Promise.withResolvers<void>()
    const entry = archive.entry({ name, size }, (cause) => (cause ? reject(cause) : resolve()))
    // The same is told to the callback; an error that nobody hears would end the process.
    entry.on('error', () => undefined)
    written.catch(() => undefined)
    for await (const chunk of chunks) {
      if (entry.write(chunk)) continue
      if ((await Promise.race([once(entry, 'drain'), gone])) === true) return
    }
    entry.end()
    if ((await Promise.race([written, gone])) === true) return
  }
  archive.finalize()
}

/** Where the parts of a backup were put. */
export interface Unpacked {
  readonly database: string
  /** Folder of content, by the first two digits of its hash. */
  readonly attachments: string
}

/**
 * Puts the parts of an archive into this folder, each as it comes; what has another name than a part is passed over. Null where
 * it is no archive of ours, or content is not what its name says.
 */
export async function unpack(archive: Readable, folder: string): Promise<Unpacked | null> {
  const attachments = join(folder, 'attachments')
  const database = join(folder, BACKUP_PARTS.database)
  await mkdir(attachments)
  let isThere = false
  let isRight = true
  const parts = extract()
  const read = (async (): Promise<boolean> => {
    for await (const part of parts) {
      const { name, size = 0 } = part.header
      const [, shelf, hash, small] = CONTENT.exec(name) ?? []
      if (name === BACKUP_PARTS.database) {
        await pipeline(part, createWriteStream(database, { mode: 0o600 }))
        isThere = true
      } else if (shelf !== undefined && hash !== undefined && size <= LIMITS.maxAttachmentBytes) {
        const path = join(folder, name)
        await mkdir(dirname(path), { recursive: true })
        const sum = createHash('sha256')
        await pipeline(part, summed(sum), createWriteStream(path, { mode: 0o600 }))
        if (small === undefined && sum.digest('hex') !== hash) isRight = false
      } else part.resume()
    }
    return isThere && isRight
  })()
  try {
    const [isOurs] = await Promise.all([read, pipeline(archive, parts)])
    return isOurs ? { database, attachments } : null
  } catch (cause) {
    // What a disk or a connection says has a code; that it is no archive has none.
    if (cause instanceof Error && 'code' in cause) throw cause
    return null
  }
}

function summed(sum: ReturnType<typeof createHash>) {
  return async function* (chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    for await (const chunk of chunks) {
      sum.update(chunk)
      yield chunk
    }
  }
}
