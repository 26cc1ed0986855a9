import { effect, signal, type ReadonlySignal } from '@preact/signals'
import { NoteCopy } from '../../relay/documents/note-copy.ts'
import { isBlank, noteText } from '../../relay/documents/note-text.ts'
import { noteOf, pendingUpdates, piecesOf } from '../../relay/domain/notes.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import type { ChannelView, SettledCommand } from '../../relay/protocol/local.ts'
import { noteChannel } from '../../relay/protocol/notes.ts'
import type { App } from '../state/app.ts'
import { text } from '../text/text.ts'
import { keepLeft } from './left-words.ts'
import { isWritten } from './written.ts'

/** How long words are gathered before they are sent: while others can read them, and while they only wait here, milliseconds. */
const GATHER_MS = 300
const GATHER_OFFLINE_MS = 3_000

export interface OpenNoteOptions {
  readonly app: App
  readonly area: string
  readonly note: string
  /** Somebody composes a syllable: what others write waits for its end. */
  readonly isComposing: () => boolean
}

/**
 * A note that this window has open: its copy, which takes what comes by the relay and gives what is written. It is of one epoch
 * of the note's channel; when that is another one, or the server did not take what was written here, the copy is of a note that
 * there is no more, and whoever shows it opens the note again (`isOver`).
 */
export class OpenNote {
  readonly copy: NoteCopy
  readonly #options: OpenNoteOptions
  readonly #isOver = signal(false)
  /** Something was written and is with nobody yet. */
  readonly #isUnsaved = signal(false)
  /** Moved when the text changes. */
  readonly #changes = signal(0)
  #epoch: ChannelView['epoch'] = null
  #timer: ReturnType<typeof setTimeout> | null = null
  readonly #releases: (() => void)[] = []
  readonly #own = new Set<string>()
  #isEnding = false
  /** Updates that the relay has not answered. */
  #giving = 0
  #isClosed = false
  /** Who writes here. Nothing of it is ever sent in the name of another. */
  readonly #by: string | undefined

  constructor(options: OpenNoteOptions) {
    this.#options = options
    this.#by = options.app.session.peek()?.operator
    this.copy = new NoteCopy(() => this.#written(), isWritten)
    this.copy.doc.on('update', () => (this.#changes.value = this.#changes.peek() + 1))
    this.take()
    const { app } = options
    this.#releases.push(
      effect(() => {
        void app.model.value
        // Before anything is drawn for the next person: nothing waits in here that could go in their name.
        if (!this.#isTheirs) void this.send()
        this.take()
      }),
      app.relay.listenViews(() => this.take()),
    )
    const give = (): Promise<unknown> => this.send()
    app.gathering.add(give)
    this.#releases.push(() => app.gathering.delete(give))
  }

  get isOver(): ReadonlySignal<boolean> {
    return this.#isOver
  }
  get isUnsaved(): ReadonlySignal<boolean> {
    return this.#isUnsaved
  }
  get changes(): ReadonlySignal<number> {
    return this.#changes
  }

  get text(): string {
    return noteText(this.copy.doc)
  }
  get isBlank(): boolean {
    return isBlank(this.copy.doc)
  }

  /** Takes in what others wrote; again when a syllable is whole. */
  take(): void {
    const { app, area, note, isComposing } = this.#options
    if (this.#isOver.peek()) return
    const channel = app.model.peek().channels.get(noteChannel(area, note)) ?? null
    const epoch = channel?.epoch ?? null
    if (this.#epoch !== null && epoch !== null && epoch !== this.#epoch) {
      this.#end()
      return
    }
    if (refusedUpdates(app, area, note).some(({ command: { id } }) => this.#own.has(id) || this.copy.has(id))) {
      this.#end()
      return
    }
    this.#epoch = epoch ?? this.#epoch
    if (isComposing()) return
    this.copy.take(piecesOf(channel))
    for (const { id, update } of pendingUpdates(app.pending.peek(), area, note)) this.copy.takePending(id, update)
  }

  /** Gives what was written to the relay, now. Resolves once it has answered: whether all of it is on this device's disk. */
  async send(): Promise<boolean> {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    if (this.#isOver.peek()) return false
    const updates = this.copy.send(LIMITS.maxUpdateBytes)
    const isTheirs = this.#isTheirs
    if (!isTheirs) this.#keep(updates)
    const given = isTheirs ? await Promise.all(updates.map((update) => this.#give(update))) : []
    this.#isUnsaved.value = this.#giving > 0 || this.copy.hasUnsent
    return isTheirs && given.every(Boolean)
  }

  async #give(update: string): Promise<boolean> {
    const { app, area, note } = this.#options
    const data = { area, note, epoch: this.#epoch, update }
    this.#giving += 1
    const { id, saved } = app.relay.command('note.update', data)
    this.#own.add(id)
    let reply = await saved
    // It may have it or not.
    while (!reply.ok && reply.code === 'no-answer' && this.#isTheirs && !this.#isClosed)
      reply = await app.relay.command('note.update', data, id).saved
    this.#giving -= 1
    if (reply.ok) return true
    // The relay knows whose it was, and keeps it for them where it is looked at.
    if (reply.code === 'session-ended') return false
    if (this.#isTheirs) app.notice.value = text.refusal(reply.code, reply.message)
    if (this.#isClosed || !this.#isTheirs) this.#keep([update])
    else {
      // Not on any disk: whatever is written from here on builds on it, so it is given again before anything else.
      this.copy.keep(update)
      this.#written()
    }
    return false
  }

  close(): void {
    void this.send()
    this.#isClosed = true
    for (const release of this.#releases) release()
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  get #isTheirs(): boolean {
    return this.#options.app.session.peek()?.operator === this.#by
  }

  /** Their session ended before the relay had it: it waits in this window for whoever wrote it. */
  #keep(updates: readonly string[]): void {
    const { app, area, note } = this.#options
    if (updates.length > 0 && this.#by !== undefined) keepLeft(app, { by: this.#by, area, note, updates })
  }

  #written(): void {
    this.#isUnsaved.value = true
    const { app } = this.#options
    this.#timer ??= setTimeout(() => void this.send(), app.isLive.peek() ? GATHER_MS : GATHER_OFFLINE_MS)
  }

  /** What was not sent yet goes all the same: the server refuses it, and so it stays with its author. */
  #end(): void {
    if (this.#isEnding) return
    this.#isEnding = true
    void this.send()
    this.#isOver.value = true
  }
}

/** Changes of a note that were made here and not accepted, in the order in which they were made. */
export function refusedUpdates(app: App, area: string, note: string): readonly SettledCommand[] {
  return app.rejected.peek().filter(({ command }) => {
    const of = noteOf(command)
    return command.type === 'note.update' && of?.area === area && of.note === note
  })
}
