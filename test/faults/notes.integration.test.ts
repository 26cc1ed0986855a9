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
import { NoteWriter } from '../support/note-writer.ts'
import { Program, freePort, startRelay, startServer } from '../support/processes.ts'

const NOTE = { area: 'line-3', note: '2026-11-20-late' } as const
const CHANNEL = 'note/line-3/2026-11-20-late'
/** Steps of the random run; `ANDON_OBSTACLES=full` has more of them. */
const STEPS = process.env['ANDON_OBSTACLES'] === 'full' ? 1_200 : 250
/** Steps from one backup to the next; behind each of them it is restored, and what came in between is gone. */
const BACKUP_EVERY = 125
const PEOPLE = { kim: '1111', lee: '2222', park: '3333' } as const

let root = ''
let port = 0
let server: Program | null = null
const writers: NoteWriter[] = []

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

async function admin(...args: readonly string[]): Promise<void> {
  const program = new Program('server/cli.ts', ['admin', ...args, '--server', url(), '--key', 'demo-key'])
  expect(await program.exited, program.stderr).toBe(0)
}

/** A copy of the site as it was, and the words that were in its note for certain. */
interface Backup {
  readonly file: string
  readonly words: readonly string[]
}

async function backup(name: string, words: Iterable<string>): Promise<Backup> {
  const file = join(root, name)
  const certain = [...words]
  await admin('backup', file)
  return { file, words: certain }
}

/** Words that the server has said it has, of the note as it is now. */
function acceptedBy(all: readonly NoteWriter[], epoch: string): readonly string[] {
  return all.flatMap((writer) =>
    [...writer.given].flatMap(([ref, given]) =>
      given.epoch === epoch && writer.results.has(ref) && !writer.rejected.has(ref) ? given.words : [],
    ),
  )
}

async function opened(...people: readonly (keyof typeof PEOPLE)[]): Promise<readonly NoteWriter[]> {
  const all = people.map(
    (person) => new NoteWriter({ person, pin: PEOPLE[person], url: url(), folder: join(root, person), ...NOTE }),
  )
  writers.push(...all)
  await Promise.all(all.map((writer) => writer.live()))
  const first = all[0]
  if (first === undefined) throw new Error('nobody')
  expect(await first.result(first.command('note.open', {}))).toMatchObject({ outcome: 'applied' })
  return all
}

/** Until each has read what the others wrote; a last word of each proves it. */
async function converged(all: readonly NoteWriter[], seed = 0): Promise<void> {
  for (const writer of all) {
    writer.write(`the end of ${writer.person}`, 0)
    writer.send()
  }
  const isRead = (writer: NoteWriter): boolean =>
    all.every(({ person }) => noteText(writer.copy.doc).includes(`the end of ${person}`)) && writer.copy.isWhole
  const rejected = (): string => all.flatMap((writer) => writer.refused.map(String)).join(' ')
  // In one look, so that what was refused says why they are not the same.
  await expect
    .poll(() => ({ seed, isRead: all.every(isRead), rejected: rejected() }))
    .toEqual({ seed, isRead: true, rejected: '' })
}

describe('a note that three write in', () => {
  it(
    '[J2 J3 J4 J5 P1] ends the same for all, no word that was said to be saved missing or doubled, whatever was killed or restored',
    { timeout: 600_000 },
    async () => {
      const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
      const next = chance(seed)
      const all = await opened('kim', 'lee', 'park')
      const paused = new Set<NoteWriter>()
      let kept = await backup('backup-0', [])
      /** In the note as it was restored last. */
      let restored: readonly string[] = []
      let epoch = all[0]?.epoch ?? ''
      const epochs = new Set([epoch])
      for (let step = 0; step < STEPS; step += 1) {
        const writer = all[next(all.length)]
        if (writer === undefined) throw new Error('nobody')
        const what = next(100)
        if (what < 40) writer.write(`${writer.person} ${step};`, next(20))
        else if (what < 70) writer.writeInto(` (${writer.person} ${step})`, next(20))
        else if (what < 90) writer.send()
        else if (what < 93) {
          writer.pause()
          paused.add(writer)
        } else if (what < 96) {
          for (const each of paused) each.resume()
          paused.clear()
        } else if (what < 98 && !paused.has(writer)) await writer.crash()
        else if (what === 98) await restartServer()
        if (step % BACKUP_EVERY === BACKUP_EVERY / 5)
          kept = await backup(`backup-${step}`, [...restored, ...acceptedBy(all, epoch)])
        if (step % BACKUP_EVERY === (BACKUP_EVERY * 3) / 5) {
          await admin('restore', kept.file)
          restored = kept.words
          // Somebody hears of it; whoever is paused goes on in the note as it was.
          if (paused.size === all.length) {
            for (const each of paused) each.resume()
            paused.clear()
          }
          // Whoever is paused may be in a note that is older than the last one.
          const fresh = (): string | undefined =>
            all.map((each) => each.epoch).find((each) => each !== '' && !epochs.has(each))
          await expect.poll(fresh).toBeDefined()
          epoch = fresh() ?? ''
          epochs.add(epoch)
        }
      }
      for (const each of paused) each.resume()
      // Whoever was away for the restore may still be in the note as it was.
      await expect.poll(() => all.map((writer) => writer.epoch)).toEqual(all.map(() => epoch))
      for (const writer of all) writer.send()
      await converged(all, seed)
      const texts = all.map(({ copy }) => noteText(copy.doc))
      expect(new Set(texts).size, `seed ${seed}`).toBe(1)
      const { text } = await read()
      expect(text).toBe(texts[0])
      const missing = (words: readonly string[]): readonly string[] => words.filter((each) => !text.includes(each))
      expect(missing(restored), `seed ${seed}, restored`).toEqual([])
      for (const writer of all) {
        for (const [ref, saved] of writer.saved)
          if (saved.epoch === epoch) expect(missing(saved.words), `seed ${seed}, ${ref}`).toEqual([])
        const written = [...writer.given.values()].flatMap(({ words }) => words)
        expect(
          written.filter((each) => text.split(each).length > 2),
          `seed ${seed}, doubled`,
        ).toEqual([])
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
    const before = await backup('site.backup', ['before the backup'])
    kim.write('after the backup', 1)
    kim.send()
    await expect.poll(() => noteText(lee.copy.doc)).toContain('after the backup')
    // Lee writes without a link; what is saved is on the way when the server comes back as it was before.
    lee.pause()
    const old = lee.copy
    await admin('restore', before.file)
    lee.resume()
    await expect.poll(() => lee.copy !== old && noteText(lee.copy.doc)).toBe('before the backup')
    // A page that did not notice sends a change of its old copy.
    const fragment = old.doc.getXmlFragment('note')
    const block = new Y.XmlElement('block')
    fragment.insert(0, [block])
    const text = new Y.XmlText()
    block.insert(0, [text])
    text.insert(0, 'on the old copy')
    const [update = ''] = old.send(LIMITS.maxUpdateBytes)
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
