import type { Logger } from 'pino'
import {
  isPhoto,
  type ContentHash,
  type FileEnd,
  type FilePlace,
  type MessageFile,
  type UploadState,
} from '../relay/protocol/attachments.ts'
import { channelName, parseChannel } from '../relay/protocol/channels.ts'
import type { Checked } from '../relay/protocol/check.ts'
import { refuse, type Refusal } from '../relay/protocol/errors.ts'
import type { CommandId, DeviceId } from '../relay/protocol/ids.ts'
import type { ChatMessage } from '../relay/protocol/records.ts'
import { unreachable } from '../relay/protocol/rights.ts'
import { pacedLog, type Say } from './core/paced-log.ts'
import type {
  Appended,
  AttachmentFiles,
  AttachmentHolder,
  FilePiece,
  IncomingFile,
  NamingMessage,
  ServedFile,
} from './ports/attachments.ts'
import type { StoreAdministration } from './ports/store-administration.ts'
import type { StoreReader } from './ports/store-reader.ts'
import type { Submission, SubmitResult } from './ports/submission.ts'

export interface AttachmentDeskOptions {
  readonly files: AttachmentFiles
  readonly store: Pick<StoreReader, 'message'> & Pick<StoreAdministration, 'pastSignIns'>
  readonly submit: (submission: Submission) => Promise<SubmitResult>
  readonly newId: () => CommandId
  /** Whether this server is the only one that may have what the store names. */
  readonly isAlone: boolean
  readonly nowMs: () => number
  readonly log: Pick<Logger, 'info' | 'warn'>
}

/** Whole files that wait to be looked at; the devices of others ask again. */
const MAX_WHOLE = 256
/** How often the bytes of a file may be others than were named. Whoever has lost them has lost them. */
const MAX_MISMATCHES = 3
/** Files of which that is remembered. */
const MAX_MISMATCHED = 1_000
/** Until a whole file that could not be kept is looked at again, doubled each time; and how many are remembered. */
const POSTPONED_MS = 1_000
const MAX_POSTPONED_MS = 60_000
const MAX_POSTPONED = 1_000

/** Whole, and nobody could look at it or keep it. */
interface Postponed {
  readonly code: 'files-full' | 'files-share' | 'unavailable'
  readonly times: number
  readonly since: number
}

interface Named {
  readonly by: string
  readonly file: MessageFile
}

/**
 * Takes the bytes of files that messages name, piece by piece, looks at what is whole, and writes into the message what became of
 * it (O4 to O7). What was said to be stored was on the disk before; everything else is asked of the store and of the folder each
 * time, so that whoever is killed has nothing to remember.
 */
export class AttachmentDesk implements AttachmentHolder {
  readonly #options: AttachmentDeskOptions
  /** Whole, and being looked at or waiting for it. */
  readonly #whole = new Set<string>()
  readonly #mismatches = new Map<string, number>()
  readonly #postponed = new Map<string, Postponed>()
  readonly #refused = new Map<string, number>()
  readonly #say: Say
  /** One thing at a time. */
  #last: Promise<unknown> = Promise.resolve()
  #isStopped = false

  constructor(options: AttachmentDeskOptions) {
    this.#options = options
    this.#say = pacedLog(options.log, options.nowMs)
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#options.files.close()
    await this.#last
  }

  async state(device: DeviceId, place: FilePlace): Promise<Checked<UploadState>> {
    const named = await this.#wanted(device, place)
    if (!named.ok) return named
    const { by, file: wanted } = named.value
    const { end, size } = wanted
    if (end !== null) return { ok: true, value: { offset: size, end: end.how } }
    const file: IncomingFile = { device, id: place.id, hash: place.hash, by }
    const offset = await this.#options.files.received(file)
    if (offset < size) return await this.#unfinished(place, offset, size)
    this.look(file)
    const postponed = this.#postponed.get(nameOf(file))
    return postponed === undefined
      ? { ok: true, value: { offset, end: null } }
      : this.#refuse(refuse(postponed.code, WHY_POSTPONED[postponed.code]))
  }

  async take(device: DeviceId, place: FilePlace, piece: FilePiece): Promise<Checked<UploadState>> {
    const named = await this.#wanted(device, place)
    if (!named.ok) return this.#refuse(named)
    const { by, file: wanted } = named.value
    const { end, size } = wanted
    if (end !== null) return { ok: true, value: { offset: size, end: end.how } }
    const file: IncomingFile = { device, id: place.id, hash: place.hash, by }
    const appended = await this.#options.files.append(file, { ...piece, size })
    if (appended.kind === 'elsewhere')
      return this.#refuse(refuse('file-offset', undefined, { offset: appended.received }))
    if (appended.kind !== 'taken') return this.#refuse(noRoom(appended.kind))
    const offset = appended.received
    if (offset < size) return { ok: true, value: { offset, end: null } }
    if (!(await this.#options.files.verify(file))) return this.#mismatched(file, place)
    this.#mismatches.delete(nameOf(file))
    this.look(file)
    return { ok: true, value: { offset, end: null } }
  }

  async giveUp(device: DeviceId, place: FilePlace): Promise<Checked<UploadState>> {
    const named = await this.#wanted(device, place)
    if (!named.ok) return named
    const { by, file: wanted } = named.value
    const { end, size } = wanted
    const file: IncomingFile = { device, id: place.id, hash: place.hash, by }
    const { files } = this.#options
    // What is whole already is looked at all the same.
    if (end === null && (await files.received(file)) < size)
      await this.#inTurn(async () => {
        if (await this.#settle(place, { how: 'lost' })) await files.drop(file)
      })
    return await this.state(device, place)
  }

  async open(
    place: FilePlace,
    { size, from }: { readonly size: 'whole' | 'small'; readonly from: number },
  ): Promise<Checked<ServedFile>> {
    const named = await this.#named(place)
    if (named === null) return refuse('file-unknown')
    const { end, name } = named.file
    if (end === null) return refuse('file-awaited')
    if (end.how !== 'stored') return refuse('file-lost')
    const isSmall = size === 'small' && isPhoto(end.type)
    const found = await this.#options.files.open(end.hash, { isSmall, from })
    if (found === null)
      return this.#options.isAlone
        ? refuse('file-lost', 'The server does not have this file any more.')
        : refuse('unavailable', 'This server does not have this file; another one of the site may.')
    // Both of a photo are made alike.
    return { ok: true, value: { ...found, type: end.type, name, isPhoto: isPhoto(end.type) } }
  }

  async counts(): ReturnType<AttachmentHolder['counts']> {
    return { ...(await this.#options.files.counts()), refused: this.#refused }
  }

  /** What came is let go of once its message says what became of it: that may be since it was read. */
  async #unfinished(place: FilePlace, offset: number, size: number): Promise<Checked<UploadState>> {
    const end = (await this.#named(place))?.file.end ?? null
    return { ok: true, value: end === null ? { offset, end } : { offset: size, end: end.how } }
  }

  /** When everything that waits now has been looked at. */
  idle(): Promise<unknown> {
    return this.#last
  }

  #refuse<R extends Refusal>(refusal: R): R {
    this.#refused.set(refusal.code, (this.#refused.get(refusal.code) ?? 0) + 1)
    return refusal
  }

  /** The file, where this device may bring it: one on which the author of its message has signed in. */
  async #wanted(device: DeviceId, place: FilePlace): Promise<Checked<Named>> {
    const named = await this.#named(place)
    const past = await this.#options.store.pastSignIns(device, named?.by ?? '')
    if (past === 'nobody') return refuse('forbidden', 'Only devices on which somebody signed in bring files.')
    return named === null || past === 'others' ? refuse('file-unknown') : { ok: true, value: named }
  }

  async #named({ line, id, hash }: FilePlace): Promise<Named | null> {
    const found = await this.#options.store.message(id)
    if (found?.channel !== channelName('chat', line)) return null
    const file = filesOf(found.event.data).find((each) => each.hash === hash)
    return file === undefined ? null : { by: found.event.by ?? '', file }
  }

  async #mismatched(file: IncomingFile, place: FilePlace): Promise<Checked<UploadState>> {
    const name = nameOf(file)
    const count = (this.#mismatches.get(name) ?? 0) + 1
    this.#mismatches.delete(name)
    if (count < MAX_MISMATCHES) {
      this.#mismatches.set(name, count)
      const [oldest] = this.#mismatches.keys()
      if (this.#mismatches.size > MAX_MISMATCHED && oldest !== undefined) this.#mismatches.delete(oldest)
      return this.#refuse(refuse('file-mismatch'))
    }
    await this.#inTurn(() => this.#settle(place, { how: 'refused' }))
    return { ok: true, value: { offset: 0, end: 'refused' } }
  }

  /** What is whole is looked at, one after the other; what could not be kept after a pause. */
  look(file: IncomingFile): void {
    const name = nameOf(file)
    if (this.#whole.has(name) || this.#whole.size >= MAX_WHOLE || this.#isResting(name)) return
    this.#whole.add(name)
    this.#inTurn(() => this.#look(file))
      .then((postponed) => {
        if (postponed === null) this.#postponed.delete(name)
        else this.#postpone(name, postponed)
      })
      .catch((cause: unknown) => {
        this.#postpone(name, 'unavailable')
        if (!this.#isStopped) this.#say('warn', { event: 'attachment-failed', cause: String(cause) })
      })
      .finally(() => this.#whole.delete(name))
  }

  #isResting(name: string): boolean {
    const postponed = this.#postponed.get(name)
    if (postponed === undefined) return false
    const waited = this.#options.nowMs() - postponed.since
    // Of a clock that was set back nobody knows how long it was.
    return waited >= 0 && waited < Math.min(POSTPONED_MS * 2 ** postponed.times, MAX_POSTPONED_MS)
  }

  #postpone(name: string, code: Postponed['code']): void {
    const times = (this.#postponed.get(name)?.times ?? -1) + 1
    this.#postponed.delete(name)
    this.#postponed.set(name, { code, times, since: this.#options.nowMs() })
    const [oldest] = this.#postponed.keys()
    if (this.#postponed.size > MAX_POSTPONED && oldest !== undefined) this.#postponed.delete(oldest)
    if (!this.#isStopped) this.#say('warn', { event: 'attachment-postponed', code })
  }

  /**
   * What came is looked at and kept, and its message says so; until then the device holds on to its own. Answers why it has to be
   * looked at again.
   */
  async #look(file: IncomingFile): Promise<Postponed['code'] | null> {
    const { files, store, nowMs } = this.#options
    const line = lineOf(await store.message(file.id))
    const named = line === null ? null : await this.#named({ ...file, line })
    if (line === null || named === null || named.file.end !== null) {
      await files.drop(file)
      return null
    }
    // Of a process that was killed nobody knows whether it was.
    if (!(await files.verify(file))) return null
    const end = await files.keep(file, named.file.type, nowMs())
    if (end === 'full') return 'files-full'
    if (end === 'over-share') return 'files-share'
    if (end === null) return 'unavailable'
    if (end.how === 'refused') {
      this.#refused.set('refused', (this.#refused.get('refused') ?? 0) + 1)
      this.#say('warn', { event: 'attachment-refused', id: file.id, device: file.device, type: named.file.type })
    }
    const isSettled = await this.#settle({ ...file, line }, end)
    if (isSettled) await files.drop(file)
    await this.#nameAgain(file)
    return isSettled ? null : 'unavailable'
  }

  /** Whether the message says so now. What the disk did not take is tried again when somebody asks. */
  async #settle({ line, id, hash }: FilePlace, end: FileEnd): Promise<boolean> {
    const { submit, newId } = this.#options
    const source = { kind: 'system', timer: null } as const
    const { verdict } = await submit({ source, id: newId(), type: 'chat.settle', data: { line, id, hash, end } })
    return verdict.kind === 'done' && verdict.outcome.outcome === 'applied'
  }

  /** What is kept is named by what its message says now: it may have been taken back meanwhile. */
  async #nameAgain({ id, by }: NamingMessage): Promise<void> {
    const message = await this.#options.store.message(id)
    const files = message === null ? [] : filesOf(message.event.data)
    await this.#options.files.setNames({ id, by }, storedIn(files))
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(() => {
      if (this.#isStopped) throw new Error('Photos and files are closed.')
      return run()
    })
    this.#last = turn.catch(() => undefined)
    return turn
  }
}

type WithoutRoom = Exclude<Appended['kind'], 'taken' | 'elsewhere'>

function noRoom(kind: WithoutRoom): Refusal {
  switch (kind) {
    case 'over-share':
      return refuse('files-share')
    case 'full':
      return refuse('files-full')
    case 'crowded':
      return refuse('files-waiting', 'The server has as many unfinished files of this device as may be.')
    case 'scarce':
      return refuse(
        'files-full',
        'The disk of the server is nearly full: what is left of it is for everything else. This goes on when there is room.',
      )
    default:
      return unreachable(kind)
  }
}

const WHY_POSTPONED: Readonly<Record<Postponed['code'], string>> = {
  'files-full': 'The server has all of it and no room to keep it. It tries again.',
  'files-share': 'The server has all of it, and no room for more of its author. It tries again.',
  unavailable: 'The server has all of it and cannot look at it right now. It tries again.',
}

function nameOf({ device, id, hash }: IncomingFile): string {
  return `${device} ${id} ${hash}`
}

/** Of a message; none of one that was taken back. */
export function filesOf(data: unknown): readonly MessageFile[] {
  // Only the domain of the chat writes these events.
  const message = data as ChatMessage
  return 'withdrawn' in message ? [] : (message.files ?? [])
}

/** What of these is handed out. */
export function storedIn(files: readonly MessageFile[]): readonly ContentHash[] {
  return files.flatMap(({ end }) => (end?.how === 'stored' ? [end.hash] : []))
}

function lineOf(message: Awaited<ReturnType<StoreReader['message']>>): string | null {
  return message === null ? null : (parseChannel(message.channel)?.area ?? null)
}
