import {
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { ContentHash } from '../../../relay/protocol/attachments.ts'
import type { CommandId, DeviceId } from '../../../relay/protocol/ids.ts'
import { LIMITS } from '../../../relay/protocol/limits.ts'
import type { Appended, IncomingFile, WaitingFile } from '../../ports/attachments.ts'

/** A name that `pathOf` makes. */
const NAME = /^([0-9a-f-]{36})\.([0-9a-f]{64})\.([a-z0-9-]{1,64})$/

/**
 * Files on their way, in a folder of each device: how much of one has come is how long it is, so that whoever is killed has
 * nothing to remember. Nothing here is said to be kept, and so nothing waits for the disk. Synchronous; its thread's only user.
 */
export class IncomingFiles {
  readonly #folder: string
  /** Of all of them. */
  bytes = 0
  count = 0
  /** Of each person who has any. */
  readonly #bytesBy = new Map<string, number>()

  constructor(folder: string) {
    this.#folder = folder
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    for (const device of this.#devices()) {
      this.#removeUnknown(device)
      for (const { by, received } of this.#of(device)) {
        this.#count(by, received)
        this.count += 1
      }
    }
  }

  bytesOf(by: string): number {
    return this.#bytesBy.get(by) ?? 0
  }

  pathOf({ device, id, hash, by }: IncomingFile): string {
    return join(this.#folder, device, `${id}.${hash}.${by}`)
  }

  received(file: IncomingFile): number {
    return statSync(this.pathOf(file), { throwIfNoEntry: false })?.size ?? 0
  }

  append(
    file: IncomingFile,
    { offset, bytes, size }: { readonly offset: number; readonly bytes: Uint8Array; readonly size: number },
  ): Appended {
    const path = this.pathOf(file)
    const before = statSync(path, { throwIfNoEntry: false })
    const isNew = before === undefined
    const received = before?.size ?? 0
    if (received !== offset || offset + bytes.length > size) return { kind: 'elsewhere', received }
    if (isNew) {
      // None has more than `maxAttachmentBytes`, so that the number bounds their bytes as well.
      if (this.#of(file.device).length >= LIMITS.maxWaitingFiles) return { kind: 'crowded' }
      mkdirSync(join(this.#folder, file.device), { recursive: true, mode: 0o700 })
    }
    const handle = openSync(path, isNew ? 'wx' : 'r+', 0o600)
    if (isNew) this.count += 1
    try {
      for (let written = 0; written < bytes.length;)
        written += writeSync(handle, bytes, written, bytes.length - written, offset + written)
    } catch (cause) {
      ftruncateSync(handle, offset)
      // An empty one would take a place of its device.
      if (isNew) this.drop(file)
      if (!isFull(cause)) throw cause
      return { kind: 'full' }
    } finally {
      this.#count(file.by, fstatSync(handle).size - received)
      closeSync(handle)
    }
    return { kind: 'taken', received: offset + bytes.length }
  }

  verify(file: IncomingFile): boolean {
    if (this.received(file) === 0) return false
    const isRight =
      createHash('sha256')
        .update(readFileSync(this.pathOf(file)))
        .digest('hex') === file.hash
    if (!isRight) this.drop(file)
    return isRight
  }

  drop(file: IncomingFile): void {
    const path = this.pathOf(file)
    const found = statSync(path, { throwIfNoEntry: false })
    if (found === undefined) return
    rmSync(path)
    this.#count(file.by, -found.size)
    this.count -= 1
    try {
      rmdirSync(join(this.#folder, file.device))
    } catch {
      // There are others in it.
    }
  }

  /** All of the next devices behind this one, until there are so many. */
  behind(after: DeviceId | null, max: number): readonly WaitingFile[] {
    const found: WaitingFile[] = []
    for (const device of this.#devices()) {
      if (after !== null && device <= after) continue
      found.push(...this.#of(device))
      if (found.length >= max) break
    }
    return found
  }

  #count(by: string, more: number): void {
    this.bytes += more
    const bytes = this.bytesOf(by) + more
    if (bytes > 0) this.#bytesBy.set(by, bytes)
    else this.#bytesBy.delete(by)
  }

  /** What servers before kept does not say whose it is: the device, which has it still, brings it anew. */
  #removeUnknown(device: DeviceId): void {
    const folder = join(this.#folder, device)
    for (const name of readdirSync(folder)) if (!NAME.test(name)) rmSync(join(folder, name), { recursive: true })
  }

  #devices(): readonly DeviceId[] {
    return readdirSync(this.#folder).toSorted((one, other) => (one < other ? -1 : 1)) as DeviceId[]
  }

  #of(device: DeviceId): readonly WaitingFile[] {
    const folder = join(this.#folder, device)
    return statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true
      ? []
      : readdirSync(folder).flatMap((name) => {
          const [, id, hash, by] = NAME.exec(name) ?? []
          if (id === undefined || hash === undefined || by === undefined) return []
          const { size, mtimeMs } = statSync(join(folder, name))
          return [{ device, id: id as CommandId, hash: hash as ContentHash, by, received: size, at: mtimeMs }]
        })
  }
}

/** The disk, or what its owner may have of it. */
export function isFull(cause: unknown): boolean {
  const { code } = cause as { readonly code?: unknown }
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'SQLITE_FULL'
}
