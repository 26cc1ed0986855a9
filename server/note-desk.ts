import type { Logger } from 'pino'
import { parseChannel, type ChannelName } from '../relay/protocol/channels.ts'
import { checkCommand } from '../relay/protocol/check.ts'
import type { CommandData } from '../relay/protocol/commands.ts'
import type { CommandId } from '../relay/protocol/ids.ts'
import { LIMITS } from '../relay/protocol/limits.ts'
import { noteChannel, noteKey, type NoteBook, type NotePiece } from '../relay/protocol/notes.ts'
import { MERGED_FROM, mergeable, wholeUpdates, type WholeUpdate } from './core/note-pieces.ts'
import { mergesOf } from './domain/notes.ts'
import type { Answer, CommandFacts, Documents } from './ports/documents.ts'
import type { StoreReader } from './ports/store-reader.ts'
import type { CommittedEvent, Submission, SubmitResult } from './ports/submission.ts'

export interface NoteDeskOptions {
  readonly documents: Documents
  readonly store: Pick<StoreReader, 'record' | 'records'>
  /** To the store; what was committed is told to everybody. */
  readonly commit: (submission: Submission) => Promise<SubmitResult>
  readonly newId: () => CommandId
  readonly log: Pick<Logger, 'warn' | 'error'>
}

/** A note in which others write is read again so often before it is decided on, which refuses what is not of its last change. */
const MAX_READINGS = 4

/** What was found out about a command; `not-run`: nobody could look. */
type Found = CommandFacts | 'not-run'

/** What nobody could look at is decided later: it is as good as before. */
const LATER: SubmitResult = {
  verdict: {
    kind: 'retry-later',
    code: 'unavailable',
    message: 'The server could not read this change just now; it tries again.',
    afterMs: 1_000,
  },
  events: [],
  endedSessions: [],
}

/** Records of a note that are read at once. */
const PAGE = { maxItems: 500, maxBytes: 4 * 1024 * 1024 } as const

/**
 * Finds out what commands of notes say before they reach the store, and merges what notes are made of when it has become many
 * pieces. Whoever is killed in between has lost nothing: pieces go in the transaction that brings what takes their place.
 */
export class NoteDesk {
  readonly #options: NoteDeskOptions
  /** By device and lane, the last command that is being looked at: what comes behind it goes behind it. */
  readonly #ahead = new Map<string, Promise<unknown>>()
  /** The last command of a note that is with the store: what is signed is the note behind it. */
  readonly #committing = new Map<string, Promise<unknown>>()
  /** By channel, pieces that came since it was looked at; absent where it was not since the start. */
  readonly #fresh = new Map<ChannelName, number>()
  #merging: Promise<void> = Promise.resolve()

  constructor(options: NoteDeskOptions) {
    this.#options = options
  }

  /** Hands a command to the store with what is to be known about it; those of one device and lane in the order in which they came. */
  submit(submission: Submission): Promise<SubmitResult> {
    const { commit } = this.#options
    const { source, type } = submission
    const from = source.kind === 'outbox' ? `${source.device} ${source.lane}` : null
    const ahead = from === null ? undefined : this.#ahead.get(from)
    const isOfNote = type.startsWith('note.')
    if (ahead === undefined && !isOfNote) return commit(submission)
    const facts = isOfNote ? this.#facts(submission, from === null ? undefined : this.#committing.get(from)) : null
    const ready = Promise.all([facts, ahead]).then(([found]) => found)
    const result = ready.then((found) => {
      if (found === 'not-run') return LATER
      return commit(found === null ? submission : { ...submission, facts: found })
    })
    if (from !== null) {
      keepUntilOver(this.#ahead, from, ready)
      if (isOfNote) keepUntilOver(this.#committing, from, result)
    }
    return result
  }

  /** Told of what was committed here, in order. */
  committed(events: readonly CommittedEvent[]): void {
    for (const { channel, event } of events) {
      if (event.type !== 'note.updated') continue
      const count = (this.#fresh.get(channel) ?? MERGED_FROM) + 1
      this.#fresh.set(channel, count)
      if (count >= MERGED_FROM) this.#mergeLater(channel)
    }
  }

  /** What is written in a note; null where nobody can tell. Rejects where nobody could look just now. */
  async words(channel: ChannelName): Promise<string | null> {
    const updates = await this.#updates(channel)
    if (updates.length === 0) return ''
    const words = await this.#options.documents.words(updates.map(({ update }) => update))
    if (hasNotRun(words)) throw new Error('no thread could read the note')
    return valueOf(words)
  }

  async close(): Promise<void> {
    await this.#merging
    await this.#options.documents.close()
  }

  #facts({ type, data, source }: Submission, before: Promise<unknown> | undefined): Promise<Found> | null {
    const checked = checkCommand(type, data)
    // The store refuses it in the same words.
    if (!checked.ok) return null
    const command = checked.value
    const asker = askerOf(source)
    if (command.type === 'note.update') return this.#update(command.data, asker, before)
    if (command.type === 'note.sign' || command.type === 'note.accept')
      return Promise.resolve(before).then(() => this.#text(command.data, asker))
    return null
  }

  async #update(
    { area, note, update }: CommandData<'note.update'>,
    asker: string,
    before: Promise<unknown> | undefined,
  ): Promise<Found> {
    const { documents } = this.#options
    const inspected = await documents.inspect(update, asker)
    if (hasNotRun(inspected)) return 'not-run'
    const facts = valueOf(inspected)
    if (facts === null || facts.places.length === 0) return { of: 'update', update: facts }
    // What its device sent just before may be what it builds on; what others did, it can have heard of only from the store.
    await before
    const updates = await this.#updates(noteChannel(area, note))
    const fits = await documents.fits(
      updates.map((each) => each.update),
      facts.places,
      asker,
    )
    if (hasNotRun(fits)) return 'not-run'
    return { of: 'update', update: valueOf(fits) === true ? facts : null }
  }

  async #text({ area, note }: { readonly area: string; readonly note: string }, asker: string): Promise<Found> {
    const { documents } = this.#options
    const changesNow = async (): Promise<number> => (await this.#book(area, note))?.changes ?? 0
    let now = await changesNow()
    for (let reading = 1; ; reading += 1) {
      const changes = now
      // Behind the book: what is in it by then and not in the book shows as another number when it is decided.
      const updates = await this.#updates(noteChannel(area, note))
      const text = await documents.text(
        updates.map(({ update }) => update),
        asker,
      )
      if (hasNotRun(text)) return 'not-run'
      now = await changesNow()
      if (now === changes || reading === MAX_READINGS) return { of: 'text', text: valueOf(text), changes }
    }
  }

  #mergeLater(channel: ChannelName): void {
    this.#fresh.set(channel, 0)
    this.#merging = this.#merging.then(() =>
      this.#merge(channel).catch((cause: unknown) =>
        this.#options.log.error({ event: 'merge-failed', channel, cause }),
      ),
    )
  }

  async #merge(name: ChannelName): Promise<void> {
    const { documents, commit, newId, log } = this.#options
    const channel = parseChannel(name)
    if (channel?.id === null || channel === null) return
    // Before the pieces: whoever merges some of them meanwhile has counted on by the time this is decided.
    const merges = mergesOf(await this.#book(channel.area, channel.id))
    const updates = await this.#updates(name)
    const chosen = mergeable(updates)
    if (chosen.length === 0) return
    const texts = chosen.map(({ update }) => update)
    const merged = await documents.merge(texts, {
      isAll: chosen.length === updates.length,
      partBytes: LIMITS.maxUpdateBytes,
    })
    if (!merged.ok || merged.value.length > LIMITS.maxNoteParts) return
    const { verdict } = await commit({
      source: { kind: 'system', timer: null },
      id: newId(),
      type: 'note.compact',
      data: {
        area: channel.area,
        note: channel.id,
        merges,
        merged: merged.value,
        pieces: chosen.flatMap(({ keys }) => keys),
        freed: texts.reduce((sum, text) => sum + Buffer.byteLength(text, 'base64'), 0),
      },
    })
    // Another node was first: `note-changed`.
    if (verdict.kind === 'done' && (verdict.outcome.outcome === 'applied' || verdict.outcome.code === 'note-changed'))
      return
    log.warn({ event: 'merge-refused', channel: name, verdict })
  }

  async #book(area: string, note: string): Promise<NoteBook | null> {
    const found = await this.#options.store.record('notebooks', noteKey(area, note))
    // Only the domain of notes writes these records.
    return (found?.record as NoteBook | undefined) ?? null
  }

  async #updates(channel: ChannelName): Promise<readonly WholeUpdate[]> {
    const pieces: (readonly [string, NotePiece])[] = []
    for (let after: string | null = null; ;) {
      const { records, next } = await this.#options.store.records(channel, after, PAGE)
      for (const { key, record } of records) pieces.push([key, record as NotePiece])
      if (next === null) return wholeUpdates(pieces)
      after = next
    }
  }
}

function hasNotRun(answer: Answer<unknown>): boolean {
  return !answer.ok && answer.why === 'not-run'
}

/** Null for what was refused. */
function valueOf<T>(answer: Answer<T>): T | null {
  return answer.ok ? answer.value : null
}

/** Whom a command makes wait: its device or key. */
function askerOf(source: Submission['source']): string {
  if (source.kind === 'outbox') return source.device
  return source.kind === 'api' ? `key:${source.keyId}` : source.kind
}

function keepUntilOver(map: Map<string, Promise<unknown>>, key: string, promise: Promise<unknown>): void {
  map.set(key, promise)
  const leave = (): void => {
    if (map.get(key) === promise) map.delete(key)
  }
  promise.then(leave, leave)
}
