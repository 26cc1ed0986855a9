import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { v4 as uuidv4 } from 'uuid'
import type { ContentHash } from '../../../relay/protocol/attachments.ts'
import type { AttachmentFiles, OpenFile, StoredContent } from '../../ports/attachments.ts'
import { ATTACHMENTS_FOLDER, contentPath, SHELF, SMALL, type AttachmentFolder } from './attachment-folder.ts'
import type { AttachmentWork, FolderMethod, FromAttachments, ToAttachments } from './attachment-thread.ts'
import { PhotoProcess } from './photo-process.ts'

export interface AttachmentFilesOptions {
  /** The data folder. */
  readonly folder: string
  /** Of everything that is kept and on its way. */
  readonly maxBytes: number
  /** Modules of the thread of the disk, and of the process that decodes. */
  readonly worker: URL
  readonly photos: URL
  /** Told what went wrong; the floor goes on without its photos. */
  readonly failed: (what: string, cause: unknown) => void
}

/** Pause before a thread is started again that could not be. */
const RETRY_MS = 5_000
const ENDED = 'The thread of photos and files ended.'

/** Photos and files in a folder beside the database, with a thread for the disk and a process for the pictures. */
export function openAttachmentFiles(options: AttachmentFilesOptions): AttachmentFiles {
  const holders = new Set<string>()
  const thread = new AttachmentThread(options, holders)
  const photos = new PhotoProcess({ worker: options.photos, failed: options.failed })
  const ask =
    <M extends FolderMethod>(method: M) =>
    (...args: Parameters<AttachmentFolder[M]>) =>
      thread.ask(method, args) as Promise<ReturnType<AttachmentFolder[M]>>

  async function keep(
    ...[file, type, nowMs]: Parameters<AttachmentFiles['keep']>
  ): ReturnType<AttachmentFiles['keep']> {
    const desk = await ask('desk')(file)
    try {
      const looked = await photos.ask({ ...desk, type })
      if (looked?.kind === 'failed') options.failed('photo', looked.why)
      if (looked === null) return null
      if (looked.kind === 'failed') return looked.isFull ? 'full' : null
      if (looked.kind === 'refused') {
        options.failed('refused', looked.why)
        return { how: 'refused' }
      }
      if (looked.kind === 'file') {
        const kept = await ask('keepFile')(file, { to: desk.to, nowMs })
        if (kept !== 'kept') return kept
        const size = await ask('received')(file)
        return { how: 'stored', hash: file.hash, type, size, width: null, height: null }
      }
      const { kind: _kind, ...end } = looked
      const hash = looked.hash as ContentHash
      const kept = await ask('keepPhoto')(file, hash, { ...desk, nowMs })
      return kept === 'kept' ? { how: 'stored', ...end, hash } : kept
    } finally {
      await ask('clear')(desk).catch(() => undefined)
    }
  }

  async function hold(): Promise<() => Promise<void>> {
    const holder = uuidv4()
    const release = async (): Promise<void> => {
      holders.delete(holder)
      // Of a thread that ended there is nothing to let go: the next one begins with those who hold then.
      await ask('release')(holder).catch(() => undefined)
    }
    holders.add(holder)
    try {
      await ask('hold')(holder)
      return release
    } catch (cause) {
      await release()
      throw cause
    }
  }

  async function* contents(): AsyncIterable<StoredContent> {
    const top = join(options.folder, ATTACHMENTS_FOLDER)
    for (const shelf of await readdir(top)) {
      if (!SHELF.test(shelf)) continue
      for (const name of await readdir(join(top, shelf))) {
        const found = await openAt(join(top, shelf, name), 0)
        if (found !== null) yield { ...found, name: `${shelf}/${name}` }
      }
    }
  }

  return {
    begin: ask('begin'),
    whole: ask('whole'),
    received: ask('received'),
    append: ask('append'),
    verify: ask('verify'),
    keep,
    drop: ask('drop'),
    waiting: ask('waiting'),
    setNames: ask('setNames'),
    namers: ask('namers'),
    sweep: ask('sweep'),
    hold,
    contents,
    open: (hash, { isSmall, from }) =>
      openAt(contentPath(join(options.folder, ATTACHMENTS_FOLDER), hash) + (isSmall ? SMALL : ''), from),
    counts: ask('counts'),
    close: async () => {
      await photos.close()
      await thread.close()
    },
  }
}

/** It is opened when somebody reads it: who asks and goes away leaves nothing open. */
async function openAt(path: string, wanted: number): Promise<OpenFile | null> {
  const found = await stat(path).catch((cause: { readonly code?: unknown }) => {
    if (cause.code === 'ENOENT') return null
    throw cause
  })
  if (found === null) return null
  const from = wanted < found.size ? wanted : 0
  return { size: found.size, from, chunks: chunksOf(path, from) }
}

async function* chunksOf(path: string, from: number): AsyncIterable<Uint8Array> {
  // Of a stream without an encoding.
  for await (const chunk of createReadStream(path, { start: from })) yield chunk as Buffer
}

interface Waiting {
  resolve(value: unknown): void
  reject(cause: Error): void
}

/** It begins with the first question. Where it cannot be opened or ended, every call rejects, and one of those after a pause tries again. */
class AttachmentThread {
  readonly #options: AttachmentFilesOptions
  /** Whoever copies what is kept. It outlives a thread, and the next one knows of them before anybody asks it to remove something. */
  readonly #holders: ReadonlySet<string>
  #worker: Promise<Worker> | null = null
  /** Of the thread before: the folder is its own until it is gone. */
  #exited: Promise<void> = Promise.resolve()
  #isResting = false
  #isClosed = false
  readonly #asked = new Map<number, Waiting>()
  #nextRef = 1

  constructor(options: AttachmentFilesOptions, holders: ReadonlySet<string>) {
    this.#options = options
    this.#holders = holders
  }

  async ask(method: FolderMethod, args: readonly unknown[]): Promise<unknown> {
    if (this.#isClosed) throw new Error('Photos and files are closed.')
    if (this.#isResting) throw new Error('The folder of photos and files could not be opened a moment ago.')
    const worker = await (this.#worker ??= this.#start())
    const ref = this.#nextRef++
    worker.postMessage({ kind: 'ask', ref, method, args } satisfies ToAttachments)
    return await new Promise((resolve, reject) => this.#asked.set(ref, { resolve, reject }))
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const worker = await this.#worker?.catch(() => null)
    worker?.postMessage({ kind: 'close' } satisfies ToAttachments)
    await this.#exited
  }

  async #start(): Promise<Worker> {
    await this.#exited
    const { folder, maxBytes, worker: script } = this.#options
    const workerData = { folder, maxBytes, holders: [...this.#holders] } satisfies AttachmentWork
    const worker = new Worker(script, { workerData })
    let cause: unknown = ENDED
    worker.on('error', (error: Error) => (cause = error))
    worker.on('message', (message: FromAttachments) => this.#received(message))
    this.#exited = new Promise((resolve) =>
      worker.once('exit', () => {
        this.#ended(cause)
        resolve()
      }),
    )
    try {
      await new Promise<void>((resolve, reject) => {
        worker.once('error', reject)
        worker.once('exit', () => reject(new Error(ENDED)))
        worker.on('message', (message: FromAttachments) => {
          if (message.kind === 'opened') resolve()
        })
      })
      return worker
    } catch (failure) {
      this.#isResting = true
      setTimeout(() => (this.#isResting = false), RETRY_MS).unref()
      throw failure
    }
  }

  #received(message: FromAttachments): void {
    if (message.kind === 'failed') this.#options.failed(message.what, message.cause)
    if (message.kind !== 'done' && message.kind !== 'refused') return
    const waiting = this.#asked.get(message.ref)
    this.#asked.delete(message.ref)
    if (message.kind === 'done') waiting?.resolve(message.value)
    else waiting?.reject(new Error(message.cause))
  }

  /** Whoever waits is told; what comes next starts another thread. */
  #ended(cause: unknown): void {
    this.#worker = null
    if (!this.#isClosed) this.#options.failed('attachments-ended', String(cause))
    for (const waiting of this.#asked.values()) waiting.reject(new Error(ENDED, { cause }))
    this.#asked.clear()
  }
}
