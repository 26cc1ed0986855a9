/** Somebody who writes in a handover note, for tests of what becomes of their words. */
import * as Y from 'yjs'
import { NoteCopy, type Piece } from '../../relay/documents/note-copy.ts'
import type { ChannelName } from '../../relay/protocol/channels.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { noteChannel } from '../../relay/protocol/notes.ts'
import { startRelay, type Line, type Program } from './processes.ts'

/** One command of a note: of which epoch of it, and what words were on their way with it. */
export interface Given {
  readonly epoch: string
  readonly words: readonly string[]
}

export interface NoteWriterOptions {
  readonly person: string
  readonly pin: string
  readonly url: string
  /** Of the relay. */
  readonly folder: string
  readonly area: string
  readonly note: string
}

const BY_A_RESTORE: ReadonlySet<string> = new Set(['note-refused', 'session-unknown'])

/** One person at one terminal: a relay that may be killed, and the page in front of it with its copy of the note. */
export class NoteWriter {
  readonly #options: NoteWriterOptions
  readonly #channel: ChannelName
  copy = new NoteCopy(() => undefined)
  #relay: Program
  #refs = 0
  #epoch: string | null = null
  /** What was given to the relay, by command. */
  readonly given = new Map<string, Given>()
  /** Of those, what was said to be saved. */
  readonly saved = new Map<string, Given>()
  readonly rejected = new Map<string, string>()
  readonly results = new Set<string>()
  #written: string[] = []

  constructor(options: NoteWriterOptions) {
    this.#options = options
    this.#channel = noteChannel(options.area, options.note)
    this.#relay = this.#start()
  }

  get person(): string {
    return this.#options.person
  }

  #start(): Program {
    const { url, folder, person, pin } = this.#options
    const program = startRelay({
      url,
      folder,
      user: [person, pin],
      extra: ['--linger', '--subscribe', this.#channel],
      keep: 200,
      onLine: (line) => {
        if (program === this.#relay || this.#relay === undefined) this.#hear(line)
      },
    })
    return program
  }

  #hear(line: Line): void {
    const ref = String(line['ref'])
    const given = this.given.get(ref)
    if (line.kind === 'saved' && given !== undefined) this.saved.set(ref, given)
    if (line.kind === 'result') {
      this.results.add(ref)
      if (line['outcome'] === 'rejected') this.rejected.set(ref, String(line['code']))
    }
    if (line.kind === 'snapshot' && line['channel'] === this.#channel) {
      const { records } = line['data'] as { records: Record<string, Piece> }
      // Another epoch is another note than this copy is of: the page begins anew.
      if (this.#epoch !== null && this.#epoch !== line['epoch']) this.#beginAnew()
      this.#epoch = String(line['epoch'])
      this.firstEpoch ||= this.#epoch
      this.copy.take(Object.entries(records))
    }
    if (line.kind === 'event' && line['channel'] === this.#channel) {
      const { key, record } = line['data'] as { key: string; record: Piece | null }
      if (record !== null) this.copy.take([[key, record]])
    }
  }

  #beginAnew(): void {
    this.copy = new NoteCopy(() => undefined)
    this.#written = []
  }

  /** Of the note that this copy is of, and of the one it was of at first. */
  get epoch(): string {
    return this.#epoch ?? ''
  }
  /**
   * What was not taken, but for what was written on the note as it was before a restore: that waits in review (J3), also where
   * the session it was written in is younger than the backup.
   */
  get refused(): readonly (readonly [ref: string, code: string])[] {
    const isOfBefore = (ref: string): boolean => (this.given.get(ref)?.epoch ?? this.epoch) !== this.epoch
    return [...this.rejected].filter(([ref, code]) => !BY_A_RESTORE.has(code) || !isOfBefore(ref))
  }
  firstEpoch = ''

  async live(): Promise<void> {
    await this.#relay.until((line) => line.kind === 'snapshot' && line['channel'] === this.#channel)
  }

  command(type: string, data: object): string {
    this.#refs += 1
    const ref = `${this.person}-${this.#refs}`
    const { area, note } = this.#options
    this.#relay.send({ ref, command: type, data: { area, note, ...data } })
    return ref
  }

  /** By the relay itself. */
  async refusal(ref: string): Promise<Line> {
    return this.#relay.until((line) => line.kind === 'error' && line['ref'] === ref)
  }

  async result(ref: string): Promise<Line> {
    return this.#relay.until((line) => line.kind === 'result' && line['ref'] === ref)
  }

  write(words: string, at: number): void {
    const fragment = this.copy.doc.getXmlFragment('note')
    this.copy.doc.transact(() => {
      const block = new Y.XmlElement('block')
      fragment.insert(Math.min(at, fragment.length), [block])
      const text = new Y.XmlText()
      block.insert(0, [text])
      text.insert(0, words)
    })
    this.#written.push(words)
  }

  /** Words into a block that is there, whoever wrote it. */
  writeInto(words: string, at: number): void {
    const blocks = this.copy.doc.getXmlFragment('note').toArray()
    const block = blocks[at % Math.max(blocks.length, 1)]
    const text = block instanceof Y.XmlElement ? block.get(0) : null
    if (!(text instanceof Y.XmlText)) return this.write(words, at)
    text.insert(text.length, words)
    this.#written.push(words)
  }

  send(): void {
    if (this.#epoch === null) return
    const { area, note } = this.#options
    const updates = this.copy.send(LIMITS.maxUpdateBytes)
    for (const [index, update] of updates.entries()) {
      this.#refs += 1
      const ref = `${this.person}-${this.#refs}`
      // What was written since counts with the last of them: until then nothing is said to be saved.
      this.given.set(ref, { epoch: this.#epoch, words: index === updates.length - 1 ? this.#written : [] })
      this.#relay.send({ ref, command: 'note.update', data: { area, note, epoch: this.#epoch, update } })
    }
    this.#written = []
  }

  /** The terminal loses its power: what was not said to be saved may be lost, and the page with it. */
  async crash(): Promise<void> {
    await this.#relay.kill()
    this.#beginAnew()
    this.#relay = this.#start()
    await this.#relay.until((line) => line.kind === 'snapshot' && line['channel'] === this.#channel)
  }

  pause(): void {
    this.#relay.signal('SIGSTOP')
  }
  resume(): void {
    this.#relay.signal('SIGCONT')
  }

  kill(): Promise<void> {
    this.#relay.signal('SIGCONT')
    return this.#relay.kill()
  }
}
