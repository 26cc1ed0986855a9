import { Own } from './domain/channel-events.ts'
import { comesInNumbers, dueAt, isUrgentInput, newFeed, stepFeed, type Feed, type FeedInput } from './domain/feed.ts'
import { keepLive, NO_LIVE, takeLive, type LiveModel } from './domain/live.ts'
import type { WindowModel } from './domain/window-model.ts'
import type { ContentHash, FilePlace } from './protocol/attachments.ts'
import type { ChannelName } from './protocol/channels.ts'
import type { CommandData, CommandType } from './protocol/commands.ts'
import type { CommandId } from './protocol/ids.ts'
import { LIMITS } from './protocol/limits.ts'
import type { BusMessage, FileBytes, PortMessage, RoomOfWindow, ServerTime, WindowMessage } from './protocol/local.ts'
import type { NoticeOutcome } from './protocol/notices.ts'
import { legible } from './protocol/printable.ts'
import type { SearchPage, SearchQuery } from './protocol/search.ts'
import type { PastPage, PastQuery } from './protocol/talk-past.ts'
import type { SeriesPage, SeriesQuery } from './protocol/telemetry.ts'
import type { Clock, Random } from './ports.ts'
import { NO_ANSWER, Questions, type Refused } from './window-questions.ts'

/** This window's own way to the relay and back. */
export interface RelayPort {
  post(message: WindowMessage): void
  /** Returns the release. */
  listen(heard: (message: PortMessage) => void): () => void
  close(): void
}

/** What the relay says to every window of the device. */
export interface RelayBus {
  /** Returns the release. */
  listen(heard: (message: BusMessage) => void): () => void
}

/** How the relay took a request. `no-answer`: it said nothing for `REPLY_PATIENCE_MS`. Other codes are of `errors.ts`. */
export type Reply = { readonly ok: true } | Refused
/** A page of history, or why there is none; `unreachable` without a connection to the server. */
export type SeriesReply = { readonly ok: true; readonly page: SeriesPage } | Refused
/** What was found, or why nothing could be looked for; `unreachable` without a connection to the server. */
export type SearchReply = { readonly ok: true; readonly found: SearchPage } | Refused
/** What was said before, or why it cannot be read; `unreachable` without a connection to the server. */
export type PastReply = { readonly ok: true; readonly past: PastPage } | Refused
/** The name of bytes that are on the disk of this device. */
export type KeptReply = { readonly ok: true; readonly hash: ContentHash } | Refused
/** `file-awaited` while it is on its way to the server, `file-lost` when it never came there. */
export type FileReply = { readonly ok: true; readonly file: FileBytes } | Refused
/** `saved` resolves once the command is on disk, or says why it is not. It never rejects. */
export interface Sent {
  readonly id: CommandId
  readonly saved: Promise<Reply>
}

/** Five megabytes on a link that hardly moves; the relay itself gives up one that does not. */
const FILE_PATIENCE_MS = 600_000
/** What is not urgent is told at most so often, milliseconds: a press is seen to work within a tenth of a second. */
const TELL_PACE_MS = 50
export interface WindowOptions {
  readonly port: RelayPort
  readonly bus: RelayBus
  readonly clock: Pick<Clock, 'monotonic' | 'after'>
  readonly random: Pick<Random, 'uuid'>
  /**
   * Tells listeners later, once for all that has come until then; at once unless given. The first that is urgent does not wait
   * for it, the others of that frame do: a page that draws each of a hundred changes has no time left for the alert behind
   * them (P3).
   */
  readonly later?: (tell: () => void) => void
}

/**
 * One window's end of the relay: keeps the model (`domain/feed.ts` decides how), carries a person's intentions up.
 * Nothing is heard or said before `start`. `changed` tells of every new model; equal models are not told.
 */
export class WindowClient {
  readonly #options: WindowOptions
  #feed: Feed = newFeed()
  #shows: readonly ChannelName[] = []
  #maxHz: number = LIMITS.liveHz
  #rooms: readonly RoomOfWindow[] = []
  readonly #listeners = new Set<(model: WindowModel) => void>()
  readonly #viewListeners = new Set<() => void>()
  /** What the relay said last, and when (monotonic). */
  #serverSaid: { readonly time: ServerTime; readonly at: number } | null = null
  #live: LiveModel = NO_LIVE
  readonly #liveListeners = new Set<(live: LiveModel) => void>()
  readonly #questions: Questions
  #release: (() => void) | null = null
  #cancelTick: (() => void) | null = null
  /** Listeners will be told of what has come. */
  #isTelling = false
  #isUrgentWaiting = false
  /** Something urgent was told since the last frame: what comes before the next one comes with it. */
  #hasToldUrgent = false
  #isFramePlanned = false
  /** When listeners were last told of what comes in numbers. */
  #toldAt = Number.NEGATIVE_INFINITY
  #own = new Own()
  /** What listeners were told last. */
  #told: WindowModel | null = null

  constructor(options: WindowOptions) {
    this.#options = options
    this.#questions = new Questions(options)
  }

  get model(): WindowModel | null {
    // Whoever sees it may keep it.
    this.#own = new Own()
    return this.#feed.model
  }

  /** Values of the live channels this window shows. They age by themselves: ask `domain/telemetry.ts` with `now()`. */
  get live(): LiveModel {
    return this.#live
  }

  /** The clock of everything in `live`: monotonic milliseconds. */
  now(): number {
    return this.#options.clock.monotonic()
  }

  /** What time it is at the server, whatever this device's clock says (P7); null while nobody has heard. */
  serverTime(): ServerTime | null {
    if (this.#serverSaid === null) return null
    const { time, at } = this.#serverSaid
    return { at: time.at, ageMs: time.ageMs + this.now() - at }
  }

  start(): void {
    if (this.#release !== null) return
    const { port, bus } = this.#options
    // What was stored before anybody looked at texts (PROTOCOL C7) must not turn a page around.
    const releaseBus = bus.listen((message) => this.#take({ kind: 'busReceived', message: legible(message) }))
    const releasePort = port.listen((message) => this.#hear(legible(message)))
    this.#release = () => {
      releaseBus()
      releasePort()
    }
    this.#introduce()
    this.#take({ kind: 'opened' })
  }

  /** There is another relay at the other end of the port, which knows nothing of this window: what it was asked is lost. */
  reopen(): void {
    if (this.#release === null) return
    this.#questions.giveUp()
    this.#introduce()
    this.doubt()
  }

  #introduce(): void {
    const { port } = this.#options
    port.post({ t: 'open', shows: this.#shows, ...this.#pace() })
    if (this.#rooms.length > 0) port.post({ t: 'track', rooms: this.#rooms })
  }

  /** This page was not seen or did not run for a while: what it shows is not current until the relay says so. */
  doubt(): void {
    if (this.#release !== null) this.#take({ kind: 'doubted' })
  }

  /** Leaves: the relay forgets this window. What was sent still goes; what was shown is not current any more. */
  close(): void {
    if (this.#release === null) return
    this.doubt()
    this.#release()
    this.#release = null
    this.#cancelTick?.()
    this.#options.port.post({ t: 'close' })
    this.#options.port.close()
    this.#questions.giveUp()
  }

  /** Returns the release. */
  listen(changed: (model: WindowModel) => void): () => void {
    this.#listeners.add(changed)
    return () => this.#listeners.delete(changed)
  }

  /**
   * Calls at each view: there is a relay at the other end of this window's port. Changes of the model prove less: the bus
   * also carries the last words of a relay that has ended. Returns the release.
   */
  listenViews(viewed: () => void): () => void {
    this.#viewListeners.add(viewed)
    return () => this.#viewListeners.delete(viewed)
  }

  /** Tells of live values, apart from the model: they come up to ten times a second. Returns the release. */
  listenLive(changed: (live: LiveModel) => void): () => void {
    this.#liveListeners.add(changed)
    return () => this.#liveListeners.delete(changed)
  }

  /**
   * Which channels this window wants to show; `alerts/urgent` comes without asking. `maxHz`: how often it wants values of live
   * channels at most, per second, a whole number of 1 to 60: a wall 1, a trend 10, a game 60.
   */
  show(channels: readonly ChannelName[], { maxHz = LIMITS.liveHz }: { readonly maxHz?: number } = {}): void {
    const isSame = channels.length === this.#shows.length && channels.every((name) => this.#shows.includes(name))
    if (isSame && maxHz === this.#maxHz) return
    this.#shows = channels
    this.#maxHz = maxHz
    this.#setLive(keepLive(this.#live, channels))
    if (this.#release !== null) this.#options.port.post({ t: 'show', channels, ...this.#pace() })
  }

  /** In which rooms the people at this window are, all of them, and what they look at there. They hold until others are named. */
  track(rooms: readonly RoomOfWindow[]): void {
    if (JSON.stringify(rooms) === JSON.stringify(this.#rooms)) return
    this.#rooms = rooms
    if (this.#release !== null) this.#options.port.post({ t: 'track', rooms })
  }

  /**
   * Says something to whoever reads `room/{area}/{id}` or `typing/{area}` now; the latest of each key counts, null ends it.
   * Nothing is kept: where the link is not live it is dropped.
   */
  signal(channel: ChannelName, data: unknown, key?: string): void {
    if (this.#release === null) return
    this.#options.port.post({ t: 'signal', channel, data, ...(key !== undefined && { key }) })
  }

  #pace(): { readonly maxHz?: number } {
    return this.#maxHz === LIMITS.liveHz ? {} : { maxHz: this.#maxHz }
  }

  /**
   * One intention. Its id is also the id of what it creates, so that can be shown and acted upon at once. Where nobody answered,
   * the same id asks again: it stays one command, whether the relay had it or not (R28).
   */
  command<T extends CommandType>(type: T, data: CommandData<T>, again?: CommandId): Sent {
    const id = again ?? (this.#options.random.uuid() as CommandId)
    const by = (this.#told ?? this.#feed.model)?.session ?? null
    return { id, saved: this.#questions.command(by, { t: 'command', ref: id, id, type, data }) }
  }

  signIn(operator: string, pin: string): Promise<Reply> {
    const ref = this.#options.random.uuid()
    return this.#questions.ask(ref, { t: 'sign-in', ref, operator, pin })
  }

  /** `everywhere`: also on every other device of this person. */
  signOut({ everywhere = false }: { readonly everywhere?: boolean } = {}): Promise<Reply> {
    const ref = this.#options.random.uuid()
    return this.#questions.ask(ref, { t: 'sign-out', ref, ...(everywhere && { everywhere: true as const }) })
  }

  /** The past of one signal, from the server. It never rejects. */
  async series(query: SeriesQuery): Promise<SeriesReply> {
    const ref = this.#options.random.uuid()
    const reply = await this.#questions.ask(ref, { t: 'series', ref, ...query })
    if (!reply.ok) return reply
    return reply.page === undefined ? NO_ANSWER : { ok: true, page: reply.page }
  }

  /** What was said and written, from the server, as the person who is signed in. It never rejects. */
  async search(query: SearchQuery): Promise<SearchReply> {
    const ref = this.#options.random.uuid()
    const reply = await this.#questions.ask(ref, { t: 'search', ref, ...query })
    if (!reply.ok) return reply
    return reply.found === undefined ? NO_ANSWER : { ok: true, found: reply.found }
  }

  /** What was said in a line before an offset, from the server, as the person who is signed in. It never rejects. */
  async past(query: PastQuery): Promise<PastReply> {
    const ref = this.#options.random.uuid()
    const reply = await this.#questions.ask(ref, { t: 'past', ref, ...query })
    if (!reply.ok) return reply
    return reply.past === undefined ? NO_ANSWER : { ok: true, past: reply.past }
  }

  /** Puts the bytes of a photo or file on the disk of this device, for a message that names them. It never rejects. */
  async attach(bytes: Uint8Array<ArrayBuffer>): Promise<KeptReply> {
    const ref = this.#options.random.uuid()
    const reply = await this.#questions.ask(ref, { t: 'attach', ref, bytes })
    if (!reply.ok) return reply
    return reply.hash === undefined ? NO_ANSWER : { ok: true, hash: reply.hash }
  }

  /** A photo or file of a message, from this device or the server; `small`: of a photo, as in a list. It never rejects. */
  async file({ line, id, hash }: FilePlace, size: 'small' | 'whole'): Promise<FileReply> {
    const ref = this.#options.random.uuid()
    const message = { t: 'file', ref, line, id, hash, ...(size === 'small' && { small: true as const }) } as const
    const reply = await this.#questions.ask(ref, message, FILE_PATIENCE_MS)
    if (!reply.ok) return reply
    return reply.file === undefined ? NO_ANSWER : { ok: true, file: reply.file }
  }

  /** Evidence (P4): the alert has been on this screen. Say it after it was painted, not when it was drawn. */
  displayed(alert: CommandId): void {
    this.#options.port.post({ t: 'displayed', alert })
  }

  /** Evidence (P4): what became of the native notification of this alert on this device. */
  notified(alert: CommandId, outcome: NoticeOutcome): void {
    this.#options.port.post({ t: 'notified', alert, outcome })
  }

  /** A person has read why a command was refused. */
  dismiss(id: CommandId): void {
    this.#options.port.post({ t: 'dismiss', id })
  }

  /** A person wants the connection tried now. */
  retry(): void {
    this.#options.port.post({ t: 'retry' })
  }

  #hear(message: PortMessage): void {
    switch (message.t) {
      case 'view':
        this.#hearTime(message)
        this.#questions.hear(message)
        this.#take({ kind: 'viewReceived', view: message.view })
        return this.#viewListeners.forEach((viewed) => viewed())
      case 'copy':
        return this.#take({ kind: 'copyReceived', message: message.message })
      case 'top':
        this.#hearTime(message)
        return this.#take({ kind: 'topReceived', bus: message.bus })
      case 'live':
        // What was on its way when this window stopped showing it.
        if (!this.#shows.includes(message.channel)) return undefined
        return this.#setLive(takeLive(this.#live, message, this.now()))
      case 'reply':
      case 'series':
      case 'search':
      case 'past':
      case 'kept':
      case 'file':
      default:
        return this.#questions.hear(message)
    }
  }

  #hearTime({ serverTime: time }: { readonly serverTime?: ServerTime }): void {
    if (time !== undefined) this.#serverSaid = { time, at: this.now() }
  }

  #setLive(live: LiveModel): void {
    if (live === this.#live) return
    this.#live = live
    for (const listener of this.#liveListeners) listener(live)
  }

  #take(input: FeedInput): void {
    const before = this.#feed.model
    const { feed, asksView } = stepFeed(this.#feed, input, this.#options.clock.monotonic(), this.#own)
    this.#feed = feed
    if (asksView) this.#options.port.post({ t: 'view' })
    this.#planTick()
    const { model } = feed
    if (model === null || model === before) return
    const { later } = this.#options
    if (later === undefined || !comesInNumbers(input)) return this.#tell()
    if (isUrgentInput(input) && !this.#hasToldUrgent) {
      this.#tell()
      this.#hasToldUrgent = true
    } else {
      this.#isTelling = true
      this.#isUrgentWaiting ||= isUrgentInput(input)
    }
    if (this.#isFramePlanned) return
    this.#isFramePlanned = true
    later(() => this.#tellInFrame(later))
  }

  #tellInFrame(later: (tell: () => void) => void): void {
    const now = this.#options.clock.monotonic()
    if (this.#isTelling && !this.#isUrgentWaiting && now - this.#toldAt < TELL_PACE_MS) {
      return later(() => this.#tellInFrame(later))
    }
    this.#isFramePlanned = false
    this.#hasToldUrgent = false
    if (!this.#isTelling) return
    this.#toldAt = now
    this.#tell()
  }

  #tell(): void {
    this.#isTelling = false
    this.#isUrgentWaiting = false
    const { model } = this
    this.#told = model
    if (model !== null) for (const listener of this.#listeners) listener(model)
  }

  #planTick(): void {
    this.#cancelTick?.()
    const due = dueAt(this.#feed)
    if (due === null) {
      this.#cancelTick = null
      return
    }
    const { clock } = this.#options
    this.#cancelTick = clock.after(Math.max(0, due - clock.monotonic()), () => this.#take({ kind: 'ticked' }))
  }
}
