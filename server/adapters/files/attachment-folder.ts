import {
  closeSync,
  copyFileSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { ContentHash } from '../../../relay/protocol/attachments.ts'
import type { CommandId, DeviceId, Incarnation } from '../../../relay/protocol/ids.ts'
import { LIMITS } from '../../../relay/protocol/limits.ts'
import type { Appended, AttachmentCounts, IncomingFile, NamingMessage, WaitingFile } from '../../ports/attachments.ts'
import { IncomingFiles, isFull } from './incoming-files.ts'
import { NamesLedger } from './names-ledger.ts'

export const ATTACHMENTS_FOLDER = 'attachments'
/** Behind the hash of a photo: the small one of it. */
export const SMALL = '.small'

/** Content lies by the first two digits of its hash. */
export const SHELF = /^[0-9a-f]{2}$/
const CONTENT = /^[0-9a-f]{64}$/

/** What is left of the disk for everything else that writes to it, the database first: so much, or so large a part of a small one. */
const RESERVE = { bytes: 1024 ** 3, part: 1 / 20 } as const

/** What one person has of everything: an eighth, or two files where that is more. */
const SHARE = { part: 1 / 8, bytes: 2 * LIMITS.maxAttachmentBytes } as const

/** Whether something was kept; `over-share`: no more of its author. */
export type Kept = 'kept' | 'full' | 'over-share'

/** Bytes of the disk, and of those what is free. */
export interface DiskRoom {
  readonly free: number
  readonly total: number
}

export interface AttachmentFolderOptions {
  /** The data folder. */
  readonly folder: string
  readonly maxBytes: number
  /** Whoever copies what is kept since before this was opened: those of a thread that ended. */
  readonly holders?: readonly string[]
  /** Told what was thrown away or went wrong without failing a call. */
  readonly failed: (what: string, cause: unknown) => void
  /** Asked of the disk where nobody says. */
  readonly roomOf?: (folder: string) => DiskRoom
}

/**
 * Where what is kept lies, by what is in it: written beside it, on the disk, and then put in its place, named before it is there.
 * Synchronous; its thread's only user, so that nothing is written by two.
 */
export class AttachmentFolder {
  readonly #folder: string
  readonly #maxBytes: number
  readonly #roomOf: (folder: string) => DiskRoom
  readonly #incoming: IncomingFiles
  readonly #ledger: NamesLedger
  #bytes: number
  /** Whether it is known which store this is. */
  #isBegun = false
  /** Whoever copies what is kept, by the name each gave itself. */
  readonly #holders: Set<string>
  #works = 0

  constructor({ folder, maxBytes, holders = [], failed, roomOf = diskRoom }: AttachmentFolderOptions) {
    this.#folder = join(folder, ATTACHMENTS_FOLDER)
    this.#maxBytes = maxBytes
    this.#roomOf = roomOf
    this.#holders = new Set(holders)
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
    // Of a process that was killed.
    rmSync(this.#work, { recursive: true, force: true })
    mkdirSync(this.#work, { mode: 0o700 })
    this.#incoming = new IncomingFiles(join(this.#folder, 'incoming'))
    this.#ledger = new NamesLedger(this.#folder, failed)
    this.#bytes = this.#ledger.sums().bytes
  }

  begin(incarnation: Incarnation, nowMs: number): { readonly isWhole: boolean } {
    const state = this.#ledger.stateFor(incarnation)
    if (state === 'other') this.#ledger.beginAnew(incarnation, this.#contents(), nowMs)
    this.#bytes = this.#ledger.sums().bytes
    this.#isBegun = true
    return { isWhole: state === 'whole' }
  }

  whole(): void {
    this.#ledger.whole()
  }

  received(file: IncomingFile): number {
    return this.#incoming.received(file)
  }

  append(file: IncomingFile, piece: Parameters<IncomingFiles['append']>[1]): Appended {
    const over = this.#isOver(file.by, piece.bytes.length)
    if (over !== null) return { kind: over }
    const { free, total } = this.#roomOf(this.#folder)
    const reserve = Math.min(RESERVE.bytes, total * RESERVE.part)
    return free - piece.bytes.length < reserve ? { kind: 'scarce' } : this.#incoming.append(file, piece)
  }

  verify(file: IncomingFile): boolean {
    return this.#incoming.verify(file)
  }

  drop(file: IncomingFile): void {
    this.#incoming.drop(file)
  }

  waiting(after: DeviceId | null, max: number): readonly WaitingFile[] {
    return this.#incoming.behind(after, max)
  }

  /** Where the bytes that came are, and where what is made of them may be put. */
  desk(file: IncomingFile): { readonly from: string; readonly to: string; readonly small: string } {
    this.#works += 1
    const to = join(this.#work, String(this.#works))
    return { from: this.#incoming.pathOf(file), to, small: to + SMALL }
  }

  /** Keeps what was made of a photo. */
  keepPhoto(
    file: IncomingFile,
    hash: ContentHash,
    made: { readonly to: string; readonly small: string; readonly nowMs: number },
  ): Kept {
    return unlessFull(() => this.#keep(file, { hash, parts: [made.to, made.small], nowMs: made.nowMs }))
  }

  /** Keeps the bytes that came as they are. */
  keepFile(file: IncomingFile, { to, nowMs }: { readonly to: string; readonly nowMs: number }): Kept {
    return unlessFull(() => {
      copyFileSync(this.#incoming.pathOf(file), to)
      return this.#keep(file, { hash: file.hash, parts: [to], nowMs })
    })
  }

  /** What was made of something that is not kept. */
  clear({ to, small }: { readonly to: string; readonly small: string }): void {
    rmSync(to, { force: true })
    rmSync(small, { force: true })
  }

  setNames(message: NamingMessage, hashes: readonly ContentHash[]): void {
    const free = this.#ledger.setNames(message, hashes)
    if (this.#mayRemove) for (const hash of free) this.#remove(hash)
  }

  namers(after: CommandId | null, max: number): readonly CommandId[] {
    return this.#ledger.namers(after, max)
  }

  sweep(untilMs: number, max: number): void {
    if (this.#mayRemove) for (const hash of this.#ledger.unnamed(untilMs, max)) this.#remove(hash)
  }

  hold(holder: string): void {
    this.#holders.add(holder)
  }

  release(holder: string): void {
    this.#holders.delete(holder)
  }

  counts(): AttachmentCounts {
    const { stored, bytes } = this.#ledger.sums()
    return { stored, bytes: bytes + this.#incoming.bytes, waiting: this.#incoming.count }
  }

  close(): void {
    this.#ledger.close()
  }

  get #work(): string {
    return join(this.#folder, 'work')
  }

  /** Before it is known who names what, in this store and no other, nobody can tell what may go. */
  get #mayRemove(): boolean {
    return this.#isBegun && this.#holders.size === 0 && this.#ledger.isWhole
  }

  /**
   * Which bound so many bytes more would break. Whether they are kept already, for somebody else, makes no difference: nobody
   * learns from it what others have.
   */
  #isOver(by: string, bytes: number): 'full' | 'over-share' | null {
    if (this.#bytes + this.#incoming.bytes + bytes > this.#maxBytes) return 'full'
    if (by === '') return null
    const share = Math.max(this.#maxBytes * SHARE.part, SHARE.bytes)
    return this.#ledger.bytesOf(by) + this.#incoming.bytesOf(by) + bytes > share ? 'over-share' : null
  }

  /** On the disk when it returns. It is named first: what is named and not there is no harm, what is there and not known is for ever. */
  #keep(
    file: IncomingFile,
    { hash, parts, nowMs }: { hash: ContentHash; parts: readonly string[]; nowMs: number },
  ): Kept {
    const [whole, small] = parts
    if (whole === undefined) throw new Error('there is nothing to keep')
    const bytes = parts.reduce((sum, part) => sum + statSync(part).size, 0)
    // A photo may be larger than what came, which goes when it is kept; of one that was kept before a kill it is counted.
    const over = this.#ledger.names(file.id, hash) ? null : this.#isOver(file.by, bytes - this.#incoming.received(file))
    if (over !== null) return over
    for (const part of parts) sync(part)
    this.#bytes += this.#ledger.add(file, hash, { bytes, at: nowMs })
    const place = contentPath(this.#folder, hash)
    const isNew = mkdirSync(dirname(place), { recursive: true, mode: 0o700 }) !== undefined
    if (small !== undefined) renameSync(small, place + SMALL)
    renameSync(whole, place)
    syncFolder(dirname(place))
    if (isNew) syncFolder(this.#folder)
    return 'kept'
  }

  #remove(hash: ContentHash): void {
    const place = contentPath(this.#folder, hash)
    rmSync(place, { force: true })
    rmSync(place + SMALL, { force: true })
    this.#bytes -= this.#ledger.forget(hash)
  }

  *#contents(): Iterable<readonly [hash: string, bytes: number]> {
    for (const shelf of readdirSync(this.#folder).filter((name) => SHELF.test(name))) {
      const names = readdirSync(join(this.#folder, shelf))
      const bytesOf = (name: string): number =>
        names.includes(name) ? statSync(join(this.#folder, shelf, name)).size : 0
      for (const name of names) if (CONTENT.test(name)) yield [name, bytesOf(name) + bytesOf(name + SMALL)]
    }
  }
}

/** Where content lies below the folder of attachments. */
export function contentPath(folder: string, hash: string): string {
  return join(folder, hash.slice(0, 2), hash)
}

function sync(path: string): void {
  const handle = openSync(path, 'r+')
  fsyncSync(handle)
  closeSync(handle)
}

/** A name is on the disk when its folder is. Windows writes names by itself, and opens no folder. */
function syncFolder(path: string): void {
  if (process.platform === 'win32') return
  const handle = openSync(path, 'r')
  fsyncSync(handle)
  closeSync(handle)
}

function diskRoom(folder: string): DiskRoom {
  const { bavail, blocks, bsize } = statfsSync(folder)
  return { free: bavail * bsize, total: blocks * bsize }
}

function unlessFull(write: () => Kept): Kept {
  try {
    return write()
  } catch (cause) {
    if (!isFull(cause)) throw cause
    return 'full'
  }
}
