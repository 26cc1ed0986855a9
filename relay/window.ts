import { dueAt, EMPTY_FEED, stepFeed, type Feed, type FeedInput } from './domain/feed.ts'
import type { WindowModel } from './domain/window-model.ts'
import type { ChannelName } from './protocol/channels.ts'
import type { CommandData, CommandType } from './protocol/commands.ts'
import type { CommandId } from './protocol/ids.ts'
import type { BusMessage, PortMessage, WindowMessage } from './protocol/local.ts'
import type { Clock, Random } from './ports.ts'

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
export type Reply =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: string; readonly message: string | null }

/** `saved` resolves once the command is on disk, or says why it is not. It never rejects. */
export interface Sent {
  readonly id: CommandId
  readonly saved: Promise<Reply>
}

/** Longer than a sign-in over a bad link takes; shorter than a person waits before pressing again. */
export const REPLY_PATIENCE_MS = 20_000
/** Requests without an answer; beyond it the oldest is told `no-answer`. */
export const MAX_WAITING_REPLIES = 256

export interface WindowOptions {
  readonly port: RelayPort
  readonly bus: RelayBus
  readonly clock: Pick<Clock, 'monotonic' | 'after'>
  readonly random: Pick<Random, 'uuid'>
}

/**
 * One window's end of the relay: keeps the model (`domain/feed.ts` decides how), carries a person's intentions up.
 * Nothing is heard or said before `start`. `changed` tells of every new model; equal models are not told.
 */
export class WindowClient {
  readonly #options: WindowOptions
  #feed: Feed = EMPTY_FEED
  #shows: readonly ChannelName[] = []
  readonly #listeners = new Set<(model: WindowModel) => void>()
  readonly #replies = new Map<string, { readonly answer: (reply: Reply) => void; readonly cancel: () => void }>()
  #release: (() => void) | null = null
  #cancelTick: (() => void) | null = null

  constructor(options: WindowOptions) {
    this.#options = options
  }

  get model(): WindowModel | null {
    return this.#feed.model
  }

  start(): void {
    if (this.#release !== null) return
    const { port, bus } = this.#options
    const releaseBus = bus.listen((message) => this.#take({ kind: 'busReceived', message }))
    const releasePort = port.listen((message) => this.#hear(message))
    this.#release = () => {
      releaseBus()
      releasePort()
    }
    port.post({ t: 'open', shows: this.#shows })
    this.#take({ kind: 'opened' })
  }

  /** Leaves: the relay forgets this window. What was sent still goes. */
  close(): void {
    if (this.#release === null) return
    this.#release()
    this.#release = null
    this.#cancelTick?.()
    this.#options.port.post({ t: 'close' })
    this.#options.port.close()
    for (const ref of this.#replies.keys()) this.#answer(ref, { ok: false, code: 'no-answer', message: null })
  }

  /** Returns the release. */
  listen(changed: (model: WindowModel) => void): () => void {
    this.#listeners.add(changed)
    return () => this.#listeners.delete(changed)
  }

  /** Which channels this window wants to show; `alerts/urgent` comes without asking. */
  show(channels: readonly ChannelName[]): void {
    if (channels.length === this.#shows.length && channels.every((name) => this.#shows.includes(name))) return
    this.#shows = channels
    if (this.#release !== null) this.#options.port.post({ t: 'show', channels })
  }

  /** One intention. Its id is also the id of what it creates, so that can be shown and acted upon at once. */
  command<T extends CommandType>(type: T, data: CommandData<T>): Sent {
    const id = this.#options.random.uuid() as CommandId
    return { id, saved: this.#ask(id, { t: 'command', ref: id, id, type, data }) }
  }

  signIn(operator: string, pin: string): Promise<Reply> {
    const ref = this.#options.random.uuid()
    return this.#ask(ref, { t: 'sign-in', ref, operator, pin })
  }

  signOut(): Promise<Reply> {
    const ref = this.#options.random.uuid()
    return this.#ask(ref, { t: 'sign-out', ref })
  }

  /** Evidence (P4): the alert has been on this screen. Say it after it was painted, not when it was drawn. */
  displayed(alert: CommandId): void {
    this.#options.port.post({ t: 'displayed', alert })
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
        return this.#take({ kind: 'viewReceived', view: message.view })
      case 'copy':
        return this.#take({ kind: 'copyReceived', message: message.message })
      case 'top':
        return this.#take({ kind: 'topReceived', bus: message.bus })
      case 'reply':
        return this.#answer(message.ref, message.ok ? { ok: true } : message)
      case 'live':
        // No view of this window shows live values yet.
        return undefined
      default:
        // A newer relay may say more; an unknown word is not this window's to judge.
        return undefined
    }
  }

  #take(input: FeedInput): void {
    const before = this.#feed.model
    const { feed, asksView } = stepFeed(this.#feed, input, this.#options.clock.monotonic())
    this.#feed = feed
    if (asksView) this.#options.port.post({ t: 'view' })
    this.#planTick()
    const { model } = feed
    if (model === null || model === before) return
    for (const listener of this.#listeners) listener(model)
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

  #ask(ref: string, message: WindowMessage): Promise<Reply> {
    const [oldest] = this.#replies.keys()
    if (oldest !== undefined && this.#replies.size >= MAX_WAITING_REPLIES) {
      this.#answer(oldest, { ok: false, code: 'no-answer', message: null })
    }
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(REPLY_PATIENCE_MS, () => {
        this.#answer(ref, { ok: false, code: 'no-answer', message: null })
      })
      this.#replies.set(ref, { answer: resolve, cancel })
      this.#options.port.post(message)
    })
  }

  #answer(ref: string, reply: Reply): void {
    const waiting = this.#replies.get(ref)
    if (waiting === undefined) return
    this.#replies.delete(ref)
    waiting.cancel()
    waiting.answer(reply)
  }
}
