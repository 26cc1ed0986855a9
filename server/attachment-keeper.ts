import { setTimeout as rest } from 'node:timers/promises'
import type { Logger } from 'pino'
import { LIMITS } from '../relay/protocol/limits.ts'
import { channelName, type ChannelName } from '../relay/protocol/channels.ts'
import type { CommandId, DeviceId } from '../relay/protocol/ids.ts'
import { filesOf, storedIn } from './attachment-desk.ts'
import type { AttachmentFiles, IncomingFile } from './ports/attachments.ts'
import type { StoreAdministration } from './ports/store-administration.ts'
import type { StoreReader } from './ports/store-reader.ts'
import type { CommittedEvent } from './ports/submission.ts'

export interface AttachmentKeeperOptions {
  readonly files: AttachmentFiles
  readonly store: Pick<StoreReader, 'message' | 'oldest' | 'events'> &
    Pick<StoreAdministration, 'areas' | 'incarnation'>
  /** Of a file that is whole, and of which nobody has said yet what it is. */
  readonly whole: (file: IncomingFile) => void
  readonly nowMs: () => number
  readonly log: Pick<Logger, 'error'>
}

const LOOK_MS = 10_000
/** Messages and unfinished files that one look asks the store for, and what it removes at most. */
const AT_ONCE = 200
/** Between two pages and questions: whoever gives commands goes first. */
const REST_MS = 2
const PAGE = { maxItems: 500, maxBytes: 1024 * 1024 } as const
/** How long what nobody names is kept, where nobody took it back: as long as a restore can be taken back by hand. */
export const UNNAMED_MS = 7 * 24 * 3_600_000

/**
 * Lets go of what no message names any more (O8). What is taken back is told, and goes at once; everything else, news that a
 * dead process did not hear, what is not kept any more, what a restore has undone, is found by asking the store about message
 * after message, round and round. So nothing is removed that the store names at that moment.
 */
export class AttachmentKeeper {
  readonly #options: AttachmentKeeperOptions
  #namer: CommandId | null = null
  #device: DeviceId | null = null
  #timer: NodeJS.Timeout | null = null
  #looking: Promise<void> = Promise.resolve()
  #isStopped = false

  constructor(options: AttachmentKeeperOptions) {
    this.#options = options
  }

  start(): void {
    this.#plan(0)
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    await this.#looking.catch(() => undefined)
  }

  /** Told of what was committed, in order. */
  committed(events: readonly CommittedEvent[]): void {
    for (const { event } of events) {
      if (event.type !== 'chat.withdrawn') continue
      const { id } = event.data as { readonly id: CommandId }
      this.#options.files.setNames({ id, by: '' }, []).catch((cause: unknown) => this.#failed(cause))
    }
  }

  /** A piece of the round; one after the other. */
  look(): Promise<void> {
    return (this.#looking = this.#looking.catch(() => undefined).then(() => this.#look()))
  }

  async #look(): Promise<void> {
    const { files, nowMs } = this.#options
    await this.#begin()
    const isRound = await this.#askNamers()
    await this.#askWaiting()
    if (this.#isStopped) return
    // What may go at once and could not, while somebody copied it; and, each round, what has lain unnamed for long.
    await files.sweep(isRound ? nowMs() - UNNAMED_MS : 1, AT_ONCE)
  }

  #plan(afterMs: number): void {
    this.#timer = setTimeout(() => {
      void this.look()
        .catch((cause: unknown) => this.#failed(cause))
        .finally(() => {
          if (!this.#isStopped) this.#plan(LOOK_MS)
        })
    }, afterMs)
    this.#timer.unref()
  }

  /**
   * Of another store than before, or with no list of names, everything that is said in chats is read once. Asked with each look,
   * because the folder's thread may be another one.
   */
  async #begin(): Promise<void> {
    const { files, store, nowMs } = this.#options
    const { isWhole } = await files.begin(await store.incarnation(), nowMs())
    if (isWhole) return
    for (const area of await store.areas()) await this.#readNames(channelName('chat', area))
    if (!this.#isStopped) await files.whole()
  }

  async #readNames(channel: ChannelName): Promise<void> {
    const { files, store } = this.#options
    let place = await store.oldest(channel)
    while (!this.#isStopped) {
      const page = await store.events(channel, place, PAGE)
      if (page.gone) {
        place = await store.oldest(channel)
        continue
      }
      for (const { type, cause, by = '', data } of page.events) {
        const hashes = type === 'chat.posted' ? storedIn(filesOf(data)) : []
        if (hashes.length > 0 && cause !== undefined) await files.setNames({ id: cause, by }, hashes)
      }
      const last = page.events.at(-1)
      if (last === undefined || last.offset >= page.top) return
      place = { ...place, offset: last.offset }
      await rest(REST_MS)
    }
  }

  /** Whether the round came to its end. */
  async #askNamers(): Promise<boolean> {
    const { files, store } = this.#options
    const ids = await files.namers(this.#namer, AT_ONCE)
    for (const id of ids) {
      if (this.#isStopped) return false
      const message = await store.message(id)
      const named = message === null ? [] : filesOf(message.event.data)
      // Of one that still waits for a file, something may be kept that it does not say yet.
      if (named.every(({ end }) => end !== null))
        await files.setNames({ id, by: message?.event.by ?? '' }, storedIn(named))
      this.#namer = id
      await rest(REST_MS)
    }
    if (ids.length === AT_ONCE) return false
    this.#namer = null
    return true
  }

  /** Unfinished files of which nothing will come, and whole ones that nobody has looked at. */
  async #askWaiting(): Promise<void> {
    const { files, store, whole, nowMs } = this.#options
    const waiting = await files.waiting(this.#device, AT_ONCE)
    for (const file of waiting) {
      if (this.#isStopped) return
      const message = await store.message(file.id)
      const named = message === null ? undefined : filesOf(message.event.data).find(({ hash }) => hash === file.hash)
      const isWanted = named?.end === null && file.at > nowMs() - LIMITS.attachmentMs
      if (!isWanted) await files.drop(file)
      else if (file.received === named.size) whole(file)
      this.#device = file.device
      await rest(REST_MS)
    }
    if (waiting.length < AT_ONCE) this.#device = null
  }

  #failed(cause: unknown): void {
    if (!this.#isStopped) this.#options.log.error({ event: 'attachments-behind', cause })
  }
}
