/** The relay's hand on photos and files: keeps, reads and drops them, and carries them by HTTP. */
import type { Effect } from '../core/step/effects.ts'
import type { Input } from '../core/step/inputs.ts'
import type { ContentHash } from '../protocol/attachments.ts'
import { refuse } from '../protocol/errors.ts'
import { unreachable } from '../protocol/rights.ts'
import type { FileResult, UploadResult } from '../ports.ts'
import type { RelayOptions } from './options.ts'

type Of<K extends Effect['kind']> = Extract<Effect, { kind: K }>
type FileEffect = Of<'keepFile' | 'dropFiles' | 'askUpload' | 'sendPiece' | 'abortUpload' | 'holdReads' | 'readFile'>

const NO_FILES = refuse('unavailable')
const UNREADABLE = refuse('storage-failed')

/**
 * 1. Keeping and dropping go in the order of the effects: bytes that are kept anew behind a drop of the same ones stay.
 * 2. Nothing of an upload that was aborted is heard.
 */
export class Files {
  readonly #options: Pick<RelayOptions, 'attachments' | 'files' | 'log'>
  readonly #take: (input: Input) => void
  #writing: Promise<void> = Promise.resolve()
  #upload: AbortController | null = null
  /** The file whose pieces are under way; one at a time. */
  #lastRead: { readonly hash: ContentHash; readonly bytes: Uint8Array<ArrayBuffer> } | null = null

  constructor(options: Pick<RelayOptions, 'attachments' | 'files' | 'log'>, take: (input: Input) => void) {
    this.#options = options
    this.#take = take
  }

  carryOut(effect: FileEffect): void {
    switch (effect.kind) {
      case 'keepFile':
        return this.#inTurn(() => this.#keep(effect))
      case 'dropFiles':
        return this.#inTurn(() => this.#drop(effect.hashes))
      case 'askUpload':
      case 'sendPiece':
        return this.#carry(effect)
      case 'abortUpload':
        this.#upload?.abort()
        this.#upload = null
        return
      case 'holdReads':
        return this.#options.files?.hold(effect.isHeld)
      case 'readFile':
        return void this.#read(effect)
      default:
        return unreachable(effect)
    }
  }

  /** `work` never rejects. */
  #inTurn(work: () => Promise<void>): void {
    this.#writing = this.#writing.then(work)
  }

  async #keep({ origin, by, bytes }: Of<'keepFile'>): Promise<void> {
    const { attachments, log } = this.#options
    const size = bytes.byteLength
    try {
      // Null of a relay that keeps none.
      const hash = (await attachments?.keep(bytes)) ?? null
      this.#take({ kind: 'fileKept', origin, by, size, hash })
    } catch (cause) {
      log('error', 'file-not-kept', { cause, size })
      this.#take({ kind: 'fileKept', origin, by, size, hash: null })
    }
  }

  async #drop(hashes: readonly ContentHash[]): Promise<void> {
    const { attachments, log } = this.#options
    for (const hash of hashes) {
      if (this.#lastRead?.hash === hash) this.#lastRead = null
      // What stays is found at the next start, and dropped then.
      await attachments?.drop(hash).catch((cause: unknown) => log('warn', 'file-not-dropped', { cause, hash }))
    }
  }

  #carry(effect: Of<'askUpload' | 'sendPiece'>): void {
    const { attempt } = effect
    const controller = new AbortController()
    this.#upload = controller
    const ended = (result: UploadResult) => {
      if (!controller.signal.aborted) this.#take({ kind: 'uploadAnswered', attempt, result })
    }
    this.#upTo(effect, controller.signal).then(ended, (cause: unknown) => {
      this.#options.log('error', 'upload-failed', { cause })
      ended(UNREADABLE)
    })
  }

  async #upTo(effect: Of<'askUpload' | 'sendPiece'>, signal: AbortSignal): Promise<UploadResult> {
    const { files } = this.#options
    const { place, bearer } = effect
    if (files === undefined) return NO_FILES
    if (effect.kind === 'askUpload')
      return effect.isLost ? files.giveUp(place, bearer, signal) : files.state(place, bearer, signal)
    const whole = await this.#bytesOf(place.hash)
    const { offset, length } = effect
    const bytes = whole?.slice(offset, offset + length)
    if (bytes?.byteLength !== length) return refuse('file-missing')
    return files.send(place, { offset, bytes }, bearer, signal)
  }

  async #bytesOf(hash: ContentHash): Promise<Uint8Array<ArrayBuffer> | null> {
    if (this.#lastRead?.hash === hash) return this.#lastRead.bytes
    const bytes = (await this.#options.attachments?.read(hash)) ?? null
    if (bytes !== null) this.#lastRead = { hash, bytes }
    return bytes
  }

  async #read({ origin, session, place, size, from }: Of<'readFile'>): Promise<void> {
    const { files, attachments, log } = this.#options
    let result: FileResult
    try {
      if ('bearer' in from) result = (await files?.read(place, size, from.bearer)) ?? NO_FILES
      else {
        const bytes = (await attachments?.read(place.hash)) ?? null
        result = bytes === null ? refuse('file-missing') : { ok: true, value: { type: from.type, bytes } }
      }
    } catch (cause) {
      log('error', 'file-unreadable', { cause })
      result = UNREADABLE
    }
    this.#take({ kind: 'fileRead', origin, session, result })
  }
}
