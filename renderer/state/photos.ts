/**
 * Photos that this window shows: read by the relay, held in memory and nowhere else, and gone with their person.
 *
 * 1. What nobody shows goes first, the longest unshown before the others, once there is too much.
 * 2. A few are read at a time; what could not be read for want of a connection is read again when there is one.
 */
import { effect, signal, type ReadonlySignal, type Signal } from '@preact/signals'
import type { FilePlace } from '../../relay/protocol/attachments.ts'
import type { FileBytes } from '../../relay/protocol/local.ts'
import type { App } from './app.ts'

export type PhotoState =
  | { readonly kind: 'reading' }
  | { readonly kind: 'here'; readonly url: string }
  | { readonly kind: 'failed'; readonly code: string }
export type PhotoSize = 'small' | 'whole'

/** Bytes of photos in memory: two hundred small ones and some large. */
export const MAX_PHOTO_BYTES = 48 * 1024 * 1024
const READS = 3
/** The relay reads for others. */
const BUSY_MS = 1_000
/** What may go better the next time. */
const AGAIN: ReadonlySet<string> = new Set(['unreachable', 'no-answer', 'unavailable', 'rate-limited'])

interface Entry {
  readonly place: FilePlace
  readonly size: PhotoSize
  readonly state: Signal<PhotoState>
  bytes: number
  shown: number
}

export class Photos {
  readonly #read: App['relay']['file']
  readonly #entries = new Map<string, Entry>()
  readonly #queue: Entry[] = []
  #reading = 0
  #life = 0

  constructor(read: App['relay']['file']) {
    this.#read = read
  }

  /** The photo, read unless it is there. Release it when it is not shown any more. */
  show(place: FilePlace, size: PhotoSize): readonly [ReadonlySignal<PhotoState>, () => void] {
    const key = keyOf(place, size)
    // A photo of this device is there whole before there is a small one.
    const whole = this.#entries.get(keyOf(place, 'whole'))
    const isWholeHere = size === 'small' && !this.#entries.has(key) && whole?.state.value.kind === 'here'
    const entry = (isWholeHere ? whole : undefined) ?? this.#entries.get(key) ?? this.#begin(key, place, size)
    entry.shown += 1
    let isShown = true
    const release = (): void => {
      if (!isShown) return
      isShown = false
      entry.shown -= 1
      this.#makeRoom()
    }
    return [entry.state, release]
  }

  /** Bytes that this window has itself. */
  put(place: FilePlace, { type, bytes }: FileBytes): void {
    const key = keyOf(place, 'whole')
    if (this.#entries.has(key)) return
    const url = URL.createObjectURL(new Blob([bytes], { type }))
    const state = signal<PhotoState>({ kind: 'here', url })
    this.#entries.set(key, { place, size: 'whole', state, bytes: bytes.byteLength, shown: 0 })
    this.#makeRoom()
  }

  /** Reads again what could not be read. */
  retry(): void {
    for (const entry of this.#entries.values()) {
      const state = entry.state.peek()
      if (state.kind === 'failed' && AGAIN.has(state.code)) this.again(entry.place, entry.size)
    }
  }

  again(place: FilePlace, size: PhotoSize): void {
    const entry = this.#entries.get(keyOf(place, size))
    if (entry?.state.peek().kind !== 'failed') return
    entry.state.value = { kind: 'reading' }
    this.#queue.push(entry)
    this.#pump()
  }

  /** Everything, also what is being read. */
  clear(): void {
    this.#life += 1
    this.#queue.length = 0
    for (const { state } of this.#entries.values()) revoke(state.peek())
    this.#entries.clear()
  }

  #begin(key: string, place: FilePlace, size: PhotoSize): Entry {
    const entry: Entry = { place, size, state: signal<PhotoState>({ kind: 'reading' }), bytes: 0, shown: 0 }
    this.#entries.set(key, entry)
    this.#queue.push(entry)
    this.#pump()
    return entry
  }

  #pump(): void {
    while (this.#reading < READS) {
      const next = this.#queue.shift()
      if (next === undefined) return
      this.#reading += 1
      void this.#load(next).finally(() => {
        this.#reading -= 1
        this.#pump()
      })
    }
  }

  async #load(entry: Entry): Promise<void> {
    const life = this.#life
    const reply = await this.#read(entry.place, entry.size)
    if (life !== this.#life) return
    if (!reply.ok) {
      entry.state.value = { kind: 'failed', code: reply.code }
      if (reply.code === 'rate-limited') setTimeout(() => this.again(entry.place, entry.size), BUSY_MS)
      return
    }
    const { type, bytes } = reply.file
    entry.bytes = bytes.byteLength
    entry.state.value = { kind: 'here', url: URL.createObjectURL(new Blob([bytes], { type })) }
    this.#makeRoom()
  }

  #makeRoom(): void {
    let held = 0
    for (const { bytes } of this.#entries.values()) held += bytes
    for (const [key, entry] of this.#entries) {
      if (held <= MAX_PHOTO_BYTES) return
      if (entry.shown > 0 || entry.state.peek().kind !== 'here') continue
      held -= entry.bytes
      revoke(entry.state.peek())
      this.#entries.delete(key)
    }
  }
}

function revoke(state: PhotoState): void {
  if (state.kind === 'here') URL.revokeObjectURL(state.url)
}

function keyOf({ line, id, hash }: FilePlace, size: PhotoSize): string {
  return `${line} ${id} ${hash} ${size}`
}

const ALL = new WeakMap<App, Photos>()

/** Of this window, from the first that is shown on. */
export function photosOf(app: App): Photos {
  const known = ALL.get(app)
  if (known !== undefined) return known
  const photos = new Photos((place, size) => app.relay.file(place, size))
  ALL.set(app, photos)
  let person = app.session.peek()?.operator ?? null
  effect(() => {
    const next = app.session.value?.operator ?? null
    if (next !== person) photos.clear()
    person = next
  })
  effect(() => {
    if (app.isLive.value) photos.retry()
  })
  return photos
}
