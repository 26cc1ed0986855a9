/** People who are signed in, and hostile to the handover notes; in a thread of their own, like the strangers of the other flood. */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { v7 as uuidv7 } from 'uuid'
import * as Y from 'yjs'
import { base64Of } from '../../relay/documents/base64.ts'
import { NoteCopy } from '../../relay/documents/note-copy.ts'
import { encodeFrame } from '../../relay/protocol/codec.ts'
import type { CommandId, SessionId } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { createDevice, WireClient } from '../support/wire-client.ts'

interface Siege {
  readonly url: string
  readonly pin: string
  /** One device each. */
  readonly operators: readonly string[]
}

/** What became of their updates. */
export interface SiegeCount {
  readonly taken: number
  readonly refused: number
  /** Of text that was sent to grow notes. */
  readonly bytes: number
}

/** Letters of one change of a note that only grows. */
const GROWTH = 15_000
const TOMBSTONES = 100_000
/** Answers that are confirmed together. */
const CONFIRM_EVERY = 64

/**
 * Each has as many commands under way as a lane may have: garbage, changes under somebody else's number, a hundred thousand
 * deletions of what was never there, and text that grows until its note is full, and then in the next one. Resolves when all of
 * them are at it; the returned function ends it and says what came of it.
 */
export async function besiegeNotes(siege: Siege): Promise<() => Promise<SiegeCount>> {
  const worker = new Worker(new URL(import.meta.url), { workerData: siege })
  await new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
  return async () => {
    const counted = new Promise<SiegeCount>((resolve) => worker.once('message', resolve))
    worker.postMessage('count')
    const count = await counted
    await worker.terminate()
    return count
  }
}

/** Updates of the same bytes each time. */
interface Weapons {
  readonly garbage: string
  readonly forged: string
  readonly tombstones: string
}

/** Made once, under numbers that the first of them brings first. */
function forge(): { readonly first: string; readonly weapons: Weapons } {
  const first = new NoteCopy(() => undefined)
  blockIn(first.doc).insert(0, 'oil is low')
  const brought = first.send(LIMITS.maxUpdateBytes)
  const state = Y.encodeStateVector(first.doc)
  blockIn(first.doc).insert(0, 'somebody else’s words '.repeat(200))
  const forged = base64Of(Y.encodeStateAsUpdate(first.doc, state))
  const deleted = new Y.Doc()
  const text = blockIn(deleted)
  text.insert(0, 'x'.repeat(TOMBSTONES))
  text.delete(0, TOMBSTONES)
  return {
    first: brought.join(''),
    weapons: {
      garbage: Buffer.alloc(LIMITS.maxUpdateBytes, 'garbage ').toString('base64'),
      forged,
      tombstones: base64Of(Y.encodeStateAsUpdate(deleted)),
    },
  }
}

/** The text of a new block of a note. */
function blockIn(doc: Y.Doc): Y.XmlText {
  const block = new Y.XmlElement('block')
  doc.getXmlFragment('note').push([block])
  const text = new Y.XmlText()
  block.insert(0, [text])
  return text
}

/** One of them. */
class Besieger {
  readonly #client: WireClient
  readonly #session: SessionId
  readonly #weapons: Weapons
  /** Under way, as they were sent: of a number always the same command (W3). */
  readonly #sent = new Map<number, string>()
  #seq = 0
  #day = 0
  #copy = new NoteCopy(() => undefined)
  taken = 0
  refused = 0
  /** Bytes of its own notes, by what was sent. */
  grown = 0

  private constructor(client: WireClient, session: SessionId, weapons: Weapons) {
    this.#client = client
    this.#session = session
    this.#weapons = weapons
  }

  static async signIn({ url, pin }: Siege, operator: string, weapons: Weapons): Promise<Besieger> {
    const client = new WireClient(url)
    const { deviceToken } = await client.greet(await createDevice())
    const response = await fetch(`${url}/api/sessions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${deviceToken}`,
        'andon-refresh': 'body',
        'content-type': 'application/json',
      },
      body: JSON.stringify({ operator, pin }),
    })
    if (!response.ok) throw new Error(await response.text())
    const grant = (await response.json()) as { session: SessionId; accessToken: string; generation: number }
    client.send({ t: 'auth', token: grant.accessToken, generation: grant.generation })
    await client.next('authed')
    return new Besieger(client, grant.session, weapons)
  }

  /** Opens the note of a day, with these words in it. */
  open(note: string, update: string | null): void {
    this.#command('note.open', { area: 'line-3', note })
    if (update !== null) this.#update(note, update)
  }

  async fight(own: string): Promise<never> {
    const noteOf = (day: number): string => `2026-11-20-${own}-${day}`
    this.open(noteOf(this.#day), null)
    for (let turn = 0; ; turn += 1) {
      while (this.#sent.size >= LIMITS.maxInFlight) await this.#hear()
      const { garbage, forged, tombstones } = this.#weapons
      const weapon = [garbage, forged, tombstones][turn % 4]
      if (weapon !== undefined) this.#update(FIRST, weapon)
      else this.#grow(noteOf)
    }
  }

  #grow(noteOf: (day: number) => string): void {
    if (Y.encodeStateAsUpdate(this.#copy.doc).length > LIMITS.maxNoteBytes) {
      this.#day += 1
      this.#copy = new NoteCopy(() => undefined)
      this.open(noteOf(this.#day), null)
    }
    blockIn(this.#copy.doc).insert(0, 'growth '.repeat(GROWTH / 7))
    for (const update of this.#copy.send(LIMITS.maxUpdateBytes)) {
      this.grown += update.length
      this.#update(noteOf(this.#day), update)
    }
  }

  async #hear(): Promise<void> {
    const frame = await this.#client.nextOf(['result', 'retry-later'])
    if (frame.lane !== 'normal') return
    if (frame.t === 'retry-later') {
      // At once, whatever it says.
      const again = this.#sent.get(frame.seq)
      if (again !== undefined) this.#client.sendRaw(again)
      return
    }
    this.#sent.delete(frame.seq)
    if (frame.outcome === 'applied') this.taken += 1
    else this.refused += 1
    if (frame.seq % CONFIRM_EVERY === 0) this.#client.send({ t: 'confirm', lane: 'normal', upTo: frame.seq })
  }

  #update(note: string, update: string): void {
    this.#command('note.update', { area: 'line-3', note, epoch: null, update })
  }

  #command(type: string, data: object): void {
    this.#seq += 1
    const command = { t: 'command', lane: 'normal', seq: this.#seq, id: uuidv7() as CommandId, type, data } as const
    const frame = String(encodeFrame({ ...command, session: this.#session }))
    this.#sent.set(this.#seq, frame)
    this.#client.sendRaw(frame)
  }
}

/** What everybody attacks. */
const FIRST = '2026-11-20-late'

async function begin(siege: Siege): Promise<void> {
  const { first, weapons } = forge()
  const besiegers: Besieger[] = []
  for (const operator of siege.operators) besiegers.push(await Besieger.signIn(siege, operator, weapons))
  besiegers[0]?.open(FIRST, first)
  for (const [index, besieger] of besiegers.entries()) void besieger.fight(`of-${index}`)
  parentPort?.on('message', () => {
    const sum = (of: (each: Besieger) => number): number => besiegers.reduce((all, each) => all + of(each), 0)
    parentPort?.postMessage({
      taken: sum(({ taken }) => taken),
      refused: sum(({ refused }) => refused),
      bytes: sum(({ grown }) => grown),
    } satisfies SiegeCount)
  })
  parentPort?.postMessage('besieging')
}

// What fails here ends the thread, and whoever asked is told.
if (!isMainThread) void begin(workerData as Siege)
