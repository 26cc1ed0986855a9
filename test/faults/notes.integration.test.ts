/** Three people write in one note, and what they write with fails: programs that are killed, a server that is, a restore. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { base64Of } from '../../relay/documents/base64.ts'
import { NoteCopy, type Piece } from '../../relay/documents/note-copy.ts'
import { noteText } from '../../relay/documents/note-text.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { Program, freePort, startRelay, startServer, type Line } from '../support/processes.ts'

const NOTE = { area: 'line-3', note: '2026-11-20-late' } as const
const CHANNEL = 'note/line-3/2026-11-20-late'
/** Steps of the random run; `ANDON_OBSTACLES=full` has more of them. */
const STEPS = process.env['ANDON_OBSTACLES'] === 'full' ? 1_200 : 250
const PEOPLE = { kim: '1111', lee: '2222', park: '3333' } as const

let root = ''
let port = 0
let server: Program | null = null
const writers: Writer[] = []

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'andon-notes-'))
  port = await freePort()
  server = (await startServer(join(root, 'server'), port)).program
})
afterEach(async () => {
  await Promise.all([...writers.splice(0).map((writer) => writer.kill()), server?.kill()])
  await rm(root, { recursive: true, force: true })
})

const url = (): string => `http://127.0.0.1:${port}`

/** The same numbers for the same seed (mulberry32). */
function chance(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

/** One person at one terminal: a relay that may be killed, and the page in front of it with its copy of the note. */
class Writer {
  readonly person: keyof typeof PEOPLE
  copy = new NoteCopy(() => undefined)
  #relay: Program
  #refs = 0
  #epoch: string | null = null
  /** Words of each command that was said to be saved. */
  readonly saved = new Map<string, readonly string[]>()
  readonly #given = new Map<string, readonly string[]>()
  readonly rejected = new Map<string, string>()
  readonly results = new Set<string>()
  #written: string[] = []

  constructor(person: keyof typeof PEOPLE) {
    this.person = person
    this.#relay = this.#start()
    writers.push(this)
  }

  #start(): Program {
    const program = startRelay({
      url: url(),
      folder: join(root, this.person),
      user: [this.person, PEOPLE[this.person]],
      extra: ['--linger', '--subscribe', CHANNEL],
      keep: 200,
      onLine: (line) => {
        if (program === this.#relay || this.#relay === undefined) this.#hear(line)
      },
    })
    return program
  }

  #hear(line: Line): void {
    const ref = String(line['ref'])
    if (line.kind === 'saved') this.saved.set(ref, this.#given.get(ref) ?? [])
    if (line.kind === 'result') {
      this.results.add(ref)
      if (line['outcome'] === 'rejected') this.rejected.set(ref, String(line['code']))
    }
    if (line.kind === 'snapshot' && line['channel'] === CHANNEL) {
      const { records } = line['data'] as { records: Record<string, Piece> }
      // Another epoch is another note than this copy is of: the page begins anew.
      if (this.#epoch !== null && this.#epoch !== line['epoch']) this.#beginAnew()
      this.#epoch = String(line['epoch'])
      this.firstEpoch ||= this.#epoch
      this.copy.take(Object.entries(records))
    }
    if (line.kind === 'event' && line['channel'] === CHANNEL) {
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
  firstEpoch = ''

  async live(): Promise<void> {
    await this.#relay.until((line) => line.kind === 'snapshot' && line['channel'] === CHANNEL)
  }

  command(type: string, data: object): string {
    this.#refs += 1
    const ref = `${this.person}-${this.#refs}`
    this.#relay.send({ ref, command: type, data: { ...NOTE, ...data } })
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
    const updates = this.copy.send(LIMITS.maxUpdateBytes)
    for (const [index, update] of updates.entries()) {
      this.#refs += 1
      const ref = `${this.person}-${this.#refs}`
      // What was written since counts with the last of them: until then nothing is said to be saved.
      this.#given.set(ref, index === updates.length - 1 ? this.#written : [])
      this.#relay.send({ ref, command: 'note.update', data: { ...NOTE, epoch: this.#epoch, update } })
    }
    this.#written = []
  }

  /** The terminal loses its power: what was not said to be saved may be lost, and the page with it. */
  async crash(): Promise<void> {
    await this.#relay.kill()
    this.#beginAnew()
    this.#relay = this.#start()
    await this.#relay.until((line) => line.kind === 'snapshot' && line['channel'] === CHANNEL)
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

/** What a terminal that was never there before reads. */
async function read(): Promise<{ readonly text: string; readonly pieces: readonly Piece[] }> {
  const reader = startRelay({
    url: url(),
    folder: join(root, `reader-${Math.random()}`),
    user: ['park', '3333'],
    extra: ['--linger', '--subscribe', CHANNEL],
  })
  const line = await reader.until((each) => each.kind === 'snapshot' && each['channel'] === CHANNEL)
  await reader.kill()
  const { records } = line['data'] as { records: Record<string, Piece> }
  const copy = new NoteCopy(() => undefined)
  copy.take(Object.entries(records))
  expect(copy.isWhole).toBe(true)
  return { text: noteText(copy.doc), pieces: Object.values(records) }
}

async function restartServer(): Promise<void> {
  await server?.kill()
  server = (await startServer(join(root, 'server'), port)).program
}

async function opened(...people: readonly (keyof typeof PEOPLE)[]): Promise<readonly Writer[]> {
  const all = people.map((person) => new Writer(person))
  await Promise.all(all.map((writer) => writer.live()))
  const first = all[0]
  if (first === undefined) throw new Error('nobody')
  expect(await first.result(first.command('note.open', {}))).toMatchObject({ outcome: 'applied' })
  return all
}

/** Until each has read what the others wrote; a last word of each proves it. */
async function converged(all: readonly Writer[], seed = 0): Promise<void> {
  for (const writer of all) {
    writer.write(`the end of ${writer.person}`, 0)
    writer.send()
  }
  const isRead = (writer: Writer): boolean =>
    all.every(({ person }) => noteText(writer.copy.doc).includes(`the end of ${person}`)) && writer.copy.isWhole
  const rejected = (): readonly string[] => all.flatMap((writer) => [...writer.rejected].map(String))
  // In one look, so that what was refused says why they are not the same.
  await expect
    .poll(() => ({ seed, isRead: all.every(isRead), rejected: rejected() }))
    .toEqual({ seed, isRead: true, rejected: [] })
}

describe('a note that three write in', () => {
  it(
    '[J2 J4 J5 P1] ends the same for all, with every word that was said to be saved, whatever was killed',
    { timeout: 600_000 },
    async () => {
      const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
      const next = chance(seed)
      const all = await opened('kim', 'lee', 'park')
      const paused = new Set<Writer>()
      for (let step = 0; step < STEPS; step += 1) {
        const writer = all[next(all.length)]
        if (writer === undefined) throw new Error('nobody')
        const what = next(100)
        if (what < 40) writer.write(`${writer.person} ${step};`, next(20))
        else if (what < 70) writer.writeInto(` (${writer.person} ${step})`, next(20))
        else if (what < 90) writer.send()
        else if (what < 94) {
          writer.pause()
          paused.add(writer)
        } else if (what < 97) {
          for (const each of paused) each.resume()
          paused.clear()
        } else if (what < 99 && !paused.has(writer)) await writer.crash()
        else if (what === 99) await restartServer()
      }
      for (const each of paused) each.resume()
      for (const writer of all) writer.send()
      await converged(all, seed)
      const texts = all.map(({ copy }) => noteText(copy.doc))
      expect(new Set(texts).size, `seed ${seed}`).toBe(1)
      const kept = await read()
      expect(kept.text).toBe(texts[0])
      for (const writer of all) {
        expect([...writer.rejected], `seed ${seed}`).toEqual([])
        for (const [ref, words] of writer.saved) {
          const missing = words.filter((each) => !kept.text.includes(each))
          expect(missing, `seed ${seed}, ${ref}`).toEqual([])
        }
      }
    },
  )

  it(
    '[J8] ten thousand updates are less than twice their text, and the server may be killed meanwhile',
    { timeout: 600_000 },
    async () => {
      const updates = process.env['ANDON_OBSTACLES'] === 'full' ? 10_000 : 2_000
      const [kim] = await opened('kim')
      if (kim === undefined) throw new Error('nobody')
      kim.write('The shift: ', 0)
      const text = kim.copy.doc.getXmlFragment('note').toArray()[0]
      if (!(text instanceof Y.XmlElement)) throw new Error('no block')
      const words = text.get(0)
      if (!(words instanceof Y.XmlText)) throw new Error('no text')
      let last = ''
      for (let update = 0; update < updates; update += 1) {
        words.insert(words.length, `word ${update} `)
        const [sent = ''] = kim.copy.send(LIMITS.maxUpdateBytes)
        last = kim.command('note.update', { epoch: kim.epoch, update: sent })
        if (update === updates / 2) await restartServer()
      }
      await kim.result(last)
      const bytes = async (): Promise<number> => {
        const { pieces } = await read()
        return pieces.reduce((sum, { update }) => sum + (update.length / 4) * 3, 0)
      }
      const { text: whole } = await read()
      expect(whole).toBe(noteText(kim.copy.doc))
      await expect.poll(bytes).toBeLessThan(2 * Buffer.byteLength(whole))
    },
  )

  it('[J3] a note that was restored is never doubled: what was written on the one before goes to review', async () => {
    const [kim, lee] = await opened('kim', 'lee')
    if (kim === undefined || lee === undefined) throw new Error('nobody')
    kim.write('before the backup', 0)
    kim.send()
    await expect.poll(() => noteText(lee.copy.doc)).toBe('before the backup')
    const backup = join(root, 'site.backup')
    const admin = async (...args: readonly string[]): Promise<void> => {
      const program = new Program('server/cli.ts', ['admin', ...args, '--server', url(), '--key', 'demo-key'])
      expect(await program.exited, program.stderr).toBe(0)
    }
    await admin('backup', backup)
    kim.write('after the backup', 1)
    kim.send()
    await expect.poll(() => noteText(lee.copy.doc)).toContain('after the backup')
    // Lee writes without a link; what is saved is on the way when the server comes back as it was before.
    lee.pause()
    const before = lee.copy
    await admin('restore', backup)
    lee.resume()
    await expect.poll(() => lee.copy !== before && noteText(lee.copy.doc)).toBe('before the backup')
    // A page that did not notice sends a change of its old copy.
    const fragment = before.doc.getXmlFragment('note')
    const block = new Y.XmlElement('block')
    fragment.insert(0, [block])
    const text = new Y.XmlText()
    block.insert(0, [text])
    text.insert(0, 'on the old copy')
    const [update = ''] = before.send(LIMITS.maxUpdateBytes)
    const late = lee.command('note.update', { epoch: lee.firstEpoch, update })
    expect(await lee.result(late)).toMatchObject({ outcome: 'rejected', code: 'note-refused' })
    expect((await read()).text).toBe('before the backup')
    lee.write('and on', 1)
    lee.send()
    await expect.poll(async () => (await read()).text).toBe('before the backup\nand on')
  })

  it('[J4 J5 J6 J7] changes nothing for an update that is hostile, and says so in a code', async () => {
    const [kim, lee] = await opened('kim', 'lee')
    if (kim === undefined || lee === undefined) throw new Error('nobody')
    kim.write('oil is low', 0)
    kim.send()
    await expect.poll(() => noteText(lee.copy.doc)).toBe('oil is low')
    const epoch = kim.epoch
    const refused = async (update: string, code: string): Promise<void> => {
      expect(await lee.result(lee.command('note.update', { epoch, update }))).toMatchObject({
        outcome: 'rejected',
        code,
      })
    }
    await refused(Buffer.from('garbage garbage garbage').toString('base64'), 'note-refused')
    // What has no form at all does not get as far as the outbox.
    for (const update of ['not base64!', Buffer.alloc(LIMITS.maxUpdateBytes + 100).toString('base64')])
      expect(await lee.refusal(lee.command('note.update', { epoch, update }))).toMatchObject({ code: 'bad-command' })
    // Under Kim's number.
    const forged = new Y.Doc()
    Y.applyUpdate(forged, Y.encodeStateAsUpdate(kim.copy.doc))
    forged.clientID = kim.copy.doc.clientID
    const state = Y.encodeStateVector(forged)
    forged.getXmlFragment('note').insert(0, [new Y.XmlElement('block')])
    await refused(base64Of(Y.encodeStateAsUpdate(forged, state)), 'note-refused')
    // A block within a block that has text already.
    const nested = new Y.Doc()
    Y.applyUpdate(nested, Y.encodeStateAsUpdate(kim.copy.doc))
    const [written] = nested.getXmlFragment('note').toArray()
    if (!(written instanceof Y.XmlElement)) throw new Error('no block')
    written.insert(1, [new Y.XmlElement('block')])
    await refused(base64Of(Y.encodeStateAsUpdate(nested, state)), 'note-refused')
    // What was never there: a hundred thousand tombstones, and deletions far beyond everything.
    await refused(base64Of(tombstones(100_000)), 'note-full')
    await refused(base64Of(deletions(7, 2 ** 40)), 'note-base-missing')
    expect((await read()).text).toBe('oil is low')
    lee.write('tool 4 changed', 1)
    lee.send()
    await expect.poll(async () => (await read()).text).toBe('oil is low\ntool 4 changed')
  })
})

/** An update of one change that is already deleted, of so many. */
function tombstones(count: number): Uint8Array {
  const doc = new Y.Doc()
  const block = new Y.XmlElement('block')
  doc.getXmlFragment('note').insert(0, [block])
  const text = new Y.XmlText()
  block.insert(0, [text])
  text.insert(0, 'x'.repeat(count))
  text.delete(0, count)
  return Y.encodeStateAsUpdate(doc)
}

/** An update that only deletes. */
function deletions(client: number, length: number): Uint8Array {
  const bytes: number[] = [0, 1]
  const number = (value: number): void => {
    let rest = value
    for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push(128 + (rest % 128))
    bytes.push(rest)
  }
  number(client)
  number(1)
  number(0)
  number(length)
  return Uint8Array.from(bytes)
}
