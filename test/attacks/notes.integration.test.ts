/** A handover note as a way in: somebody who may write in it writes until nothing more fits, and goes on. */
import { v7 as uuidv7 } from 'uuid'
import { expect, it } from 'vitest'
import * as Y from 'yjs'
import { NoteCopy, type Piece } from '../../relay/documents/note-copy.ts'
import { noteText } from '../../relay/documents/note-text.ts'
import type { ChannelName } from '../../relay/protocol/channels.ts'
import type { CommandId } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { createDevice } from '../support/wire-client.ts'
import { besiegeFloor, command, URGENT, type SignedIn } from './besieged-floor.ts'

const floor = besiegeFloor({ script: 'test/attacks/measured-server.ts' })

const NOTE = { area: 'line-3', note: '2026-11-20-late' } as const
const CHANNEL = 'note/line-3/2026-11-20-late' as ChannelName
/** Of all updates that are sent, as bytes of changes; `ANDON_OBSTACLES=full` sends more of them. */
const SENT_BYTES = (process.env['ANDON_OBSTACLES'] === 'full' ? 100 : 24) * 1024 * 1024
/** Characters that one update adds: with what Yjs writes beside them, an update is as large as one may be. */
const GROWTH = LIMITS.maxUpdateBytes - 64
/** P0 that are raised meanwhile, one after each part of the updates. */
const ALERTS = 8
/** The last events of each channel, what was refused among them: less than half of what is sent. */
const HELD_BYTES = 16 * 1024 * 1024

/** What somebody else reads there, and of how many bytes of changes it is made. */
async function read(): Promise<{ readonly text: string; readonly bytes: number }> {
  const { client } = await floor.signedIn('park')
  client.send({ t: 'subscribe', channel: CHANNEL, credit: 4 })
  const pieces: (readonly [string, Piece])[] = []
  for (let isLast = false; !isLast;) {
    const { records = [], last } = await client.next('snapshot')
    for (const { key, record } of records) pieces.push([key, record as Piece])
    client.send({ t: 'credit', channel: CHANNEL, pages: 1 })
    isLast = last
  }
  const copy = new NoteCopy(() => undefined)
  copy.take(pieces)
  expect(copy.isWhole).toBe(true)
  const bytes = pieces.reduce((sum, [, { update }]) => sum + Buffer.byteLength(update, 'base64'), 0)
  return { text: noteText(copy.doc), bytes }
}

/** What the server holds, bytes. */
async function heldBytes(): Promise<number> {
  const server = floor.server()
  const after = server.lines.length
  server.signal('SIGUSR2')
  return Number((await server.until((line) => line.kind === 'held', after))['bytes'])
}

/** Sends updates of one note as fast as the server answers, as many at a time as a lane may have. */
class Grower {
  readonly #author: SignedIn
  #seq = 0
  readonly #underWay = new Map<number, ReturnType<typeof command>>()
  /** How the commands ended, each end as often as it came. */
  readonly ends = new Map<string, number>()

  constructor(author: SignedIn) {
    this.#author = author
  }

  async send(type: string, data: object): Promise<void> {
    while (this.#underWay.size >= LIMITS.maxInFlight) await this.#hear()
    this.#seq += 1
    const { session } = this.#author.grant
    const sent = command(type, { ...NOTE, ...data }, { seq: this.#seq, session, id: uuidv7() as CommandId })
    this.#underWay.set(this.#seq, sent)
    this.#author.client.send(sent)
  }

  /** Until everything that was sent is decided. */
  async settle(): Promise<void> {
    while (this.#underWay.size > 0) await this.#hear()
  }

  async #hear(): Promise<void> {
    const { client } = this.#author
    const frame = await client.nextOf(['result', 'retry-later'])
    const sent = this.#underWay.get(frame.seq)
    if (sent === undefined || frame.lane !== 'normal') return
    if (frame.t === 'retry-later') return client.send(sent)
    this.#underWay.delete(frame.seq)
    const end = frame.outcome === 'applied' ? 'applied' : String(frame.code)
    this.ends.set(end, (this.ends.get(end) ?? 0) + 1)
    if (this.#underWay.size === 0 || frame.seq % LIMITS.maxInFlight === 0)
      client.send({ t: 'confirm', lane: 'normal', upTo: Math.min(this.#seq, ...this.#underWay.keys()) - 1 })
  }
}

it('[J6] takes no more of a note than fits, whatever is sent; its words, the server and every P0 stay', async () => {
  const reader = floor.connect()
  await reader.greet(await createDevice())
  reader.send({ t: 'subscribe', channel: URGENT, credit: 4 })
  await reader.next('snapshot')
  const grower = new Grower(await floor.signedIn('kim'))
  const copy = new NoteCopy(() => undefined)
  const block = new Y.XmlElement('block')
  const words = new Y.XmlText()
  copy.doc.getXmlFragment('note').push([block])
  block.insert(0, [words])
  const grow = (): string => {
    words.insert(words.length, 'growth '.repeat(GROWTH / 7))
    return copy.send(LIMITS.maxUpdateBytes)[0] ?? ''
  }
  await grower.send('note.open', {})
  let sent = 0
  let full = ''
  while (!grower.ends.has('note-full')) {
    full = grow()
    sent += Buffer.byteLength(full, 'base64')
    await grower.send('note.update', { epoch: null, update: full })
    await grower.settle()
  }
  const taken = await read()
  expect(taken.bytes).toBeLessThanOrEqual(LIMITS.maxNoteBytes)
  expect(taken.bytes).toBeGreaterThan(LIMITS.maxNoteBytes - 2 * LIMITS.maxUpdateBytes)
  expect(noteText(copy.doc).startsWith(taken.text)).toBe(true)

  // The same once more, and what would follow on it.
  const next = grow()
  const before = await heldBytes()
  for (let alert = 1; alert <= ALERTS; alert += 1) {
    for (let turn = 0; sent < (SENT_BYTES * alert) / ALERTS; turn += 1) {
      const update = turn % 2 === 0 ? full : next
      sent += Buffer.byteLength(update, 'base64')
      await grower.send('note.update', { epoch: null, update })
    }
    const id = await floor.raise(`Gas in hall ${alert}`)
    await reader.next('event', ({ data }) => (data as { readonly key?: unknown }).key === id)
  }
  await grower.settle()
  expect([...grower.ends.keys()].toSorted()).toEqual(['applied', 'note-base-missing', 'note-full'])
  expect((await heldBytes()) - before).toBeLessThan(HELD_BYTES)
  expect(await read()).toEqual(taken)
}, 300_000)
