import type { ContentHash, FilePlace, UploadState } from '../protocol/attachments.ts'
import { refuse, type ErrorCode } from '../protocol/errors.ts'
import type { AttachmentPort, FileResult, UploadResult } from '../ports.ts'
import { hashOf } from './memory-attachments.ts'

type Call = { readonly aborted: boolean; answer(): void; fail(code: ErrorCode | 'unreachable'): void }

/**
 * The server's side of the way of bytes, in memory (PROTOCOL, photos and files). Each call waits until `serve` answers it: what
 * it says is as of that moment. A piece that was aborted may have come all the same: `serve` decides.
 */
export class ModelAttachments implements AttachmentPort {
  /** What was asked, oldest first. */
  readonly asked: string[] = []
  /** Messages that name a file, as `line/id/hash`; a call for any other is `file-unknown`. */
  readonly named = new Set<string>()
  isNamed: (name: string) => boolean = (name) => this.named.has(name)
  /** What has come, by the name of the file. */
  readonly came = new Map<string, Uint8Array<ArrayBuffer>>()
  readonly ends = new Map<string, 'stored' | 'lost' | 'refused'>()
  /** Pieces that came for a file whose end the device had been told. */
  readonly late: string[] = []
  readonly #told = new Set<string>()
  #waiting: Call[] = []
  readonly #lives = { now: 1 }
  /** What is handed out, by the name of the file. */
  readonly stored = new Map<string, FileResult>()
  readonly readAs: string[] = []
  /** Nothing may be read now. */
  isHeld = false

  state(place: FilePlace, bearer: string, signal: AbortSignal): Promise<UploadResult> {
    const name = nameOf(place)
    this.asked.push(`ask ${bearer}`)
    return this.#called(signal, () => this.#stateOf(name))
  }

  send(
    place: FilePlace,
    { offset, bytes }: { readonly offset: number; readonly bytes: Uint8Array<ArrayBuffer> },
    bearer: string,
    signal: AbortSignal,
  ): Promise<UploadResult> {
    const name = nameOf(place)
    this.asked.push(`piece ${offset}+${bytes.byteLength} ${bearer}`)
    return this.#called(signal, () => {
      if (this.#told.has(name)) this.late.push(name)
      if (!this.isNamed(name)) return refuse('file-unknown')
      const came = this.came.get(name) ?? new Uint8Array()
      if (came.byteLength !== offset) return refuse('file-offset')
      this.came.set(name, Uint8Array.from(Buffer.concat([came, bytes])))
      return this.#stateOf(name)
    })
  }

  giveUp(place: FilePlace, bearer: string, signal: AbortSignal): Promise<UploadResult> {
    const name = nameOf(place)
    this.asked.push(`give up ${bearer}`)
    return this.#called(signal, () => {
      if (this.isNamed(name) && !this.ends.has(name)) this.ends.set(name, 'lost')
      return this.#stateOf(name)
    })
  }

  hold(isHeld: boolean): void {
    this.isHeld = isHeld
  }

  async read(place: FilePlace, size: 'small' | 'whole', bearer: string): Promise<FileResult> {
    this.readAs.push(`${size} ${bearer}`)
    await Promise.resolve()
    return this.stored.get(nameOf(place)) ?? refuse('file-awaited')
  }

  /** Looks at all that has come whole: its end from now on. */
  look(): void {
    for (const [name, bytes] of this.came) {
      if (this.ends.has(name)) continue
      if (hashOf(bytes) === name.split('/').at(-1)) this.ends.set(name, 'stored')
    }
  }

  /** Answers what waits. Returns how many there were. */
  serve(how: 'answer' | ErrorCode | 'unreachable' = 'answer'): number {
    const waiting = this.#waiting
    this.#waiting = []
    for (const call of waiting) {
      if (how === 'answer') call.answer()
      else call.fail(how)
    }
    return waiting.length
  }

  /** The device was killed: nobody hears what is answered, but what was sent may have come. */
  hangUp(): void {
    this.#lives.now += 1
  }

  get isAsked(): boolean {
    return this.#waiting.some(({ aborted }) => !aborted)
  }

  #stateOf(name: string): UploadResult {
    if (!this.isNamed(name)) return refuse('file-unknown')
    const end = this.ends.get(name) ?? null
    if (end !== null) this.#told.add(name)
    const value: UploadState = { offset: this.came.get(name)?.byteLength ?? 0, end }
    return { ok: true, value }
  }

  #called(signal: AbortSignal, work: () => UploadResult): Promise<UploadResult> {
    const lives = this.#lives
    const life = lives.now
    return new Promise((resolve) => {
      const tell = (result: UploadResult) => {
        if (life === lives.now) resolve(result)
      }
      this.#waiting.push({
        get aborted() {
          return signal.aborted || life !== lives.now
        },
        answer: () => tell(work()),
        fail: (code) => tell(code === 'unreachable' ? { ok: false, code, message: 'No.' } : refuse(code)),
      })
    })
  }
}

export function nameOf({ line, id, hash }: FilePlace): string {
  return `${line}/${id}/${hash}`
}

/** A photo of so many bytes, and what its message calls it. */
export function photo(n: number, size: number) {
  const bytes = new Uint8Array(size).fill(n % 251)
  const hash: ContentHash = hashOf(bytes)
  return { bytes, named: { hash, type: 'image/jpeg', size, name: `photo-${n}.jpg` } as const }
}
