import { beforeEach, describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { noteText } from '../../relay/documents/note-text.ts'
import { factsOf } from '../../relay/documents/update-facts.ts'
import type { CommandType } from '../../relay/protocol/commands.ts'
import type { CommandId, DeviceId, Epoch, SessionId } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import type { NoteBook, NoteRecord } from '../../relay/protocol/notes.ts'
import { createRules } from '../core/rules.ts'
import { domains } from '../domains.ts'
import type { CommandFacts } from '../ports/documents.ts'
import { foundName, type Actor, type Decision, type FoundRecord } from '../ports/rules.ts'

const rules = createRules(domains)
const NOTE = { area: 'line-3', note: '2026-11-20-late' }
const EPOCH = '00000000000000aa' as Epoch
const HASH = 'a'.repeat(64)

const kim: Actor = {
  by: 'kim',
  on: 'Press 2',
  source: 'device-1',
  operator: 'kim',
  session: '00000000-0000-4000-8000-0000000000aa' as SessionId,
  device: 'd'.repeat(43) as DeviceId,
  role: 'operator',
  areas: ['line-3'],
  deviceAreas: ['line-3'],
}
const lee: Actor = { ...kim, by: 'lee', operator: 'lee', session: '00000000-0000-4000-8000-0000000000bb' as SessionId }
const system: Actor = { ...kim, by: 'system', operator: null, session: null, device: null, role: 'admin', areas: ['*'] }

/** A note as the store would hold it, and a copy of it that is written in. */
let records: Map<string, FoundRecord>
let count = 0
let pieces: Map<string, unknown>

beforeEach(() => {
  records = new Map()
  pieces = new Map()
  count = 0
})

function run(type: CommandType, data: object, how: { actor?: Actor; facts?: CommandFacts } = {}): Decision {
  count += 1
  const id = `00000000-0000-7000-8000-${String(count).padStart(12, '0')}` as CommandId
  const checked = rules.check(type, { ...NOTE, ...data })
  if (!checked.ok) return checked
  const now = {
    at: '2026-11-20T03:00:00.000Z',
    areas: ['line-1', 'line-3'],
    actor: how.actor ?? kim,
    id,
    people: new Map(),
    epochOf: () => EPOCH,
    nextOffset: () => 1,
    ...(how.facts !== undefined && { facts: how.facts }),
  }
  const found = rules.reads(checked.value, id, 'kim').flatMap((key) => {
    const held = records.get(foundName(key))
    return held === undefined ? [] : [[foundName(key), held] as const]
  })
  const decision = rules.decide(new Map(found), checked.value, now)
  if (!decision.ok) return decision
  for (const { channel, data: said } of decision.events) {
    const { key, record: set } = said as { key: string; record: unknown }
    if (channel.startsWith('note/')) {
      if (set === null) pieces.delete(key)
      else pieces.set(key, set)
    } else records.set(`${channel.split('/')[0]}/${key}`, { channel, record: set })
  }
  return decision
}

/** A copy of the note whose changes are sent as they are made. */
class Copy {
  readonly doc = new Y.Doc()
  readonly #updates: Uint8Array[] = []

  constructor() {
    this.doc.on('update', (update: Uint8Array) => this.#updates.push(update))
  }

  type(text: string): Uint8Array {
    const fragment = this.doc.getXmlFragment('note')
    this.doc.transact(() => {
      const block = new Y.XmlElement('block')
      fragment.insert(fragment.length, [block])
      const words = new Y.XmlText()
      words.insert(0, text)
      block.insert(0, [words])
    })
    return this.last()
  }

  last(): Uint8Array {
    const update = this.#updates.at(-1)
    if (update === undefined) throw new Error('nothing was written')
    return update
  }
}

function send(update: Uint8Array, over: { actor?: Actor; epoch?: string | null } = {}): Decision {
  const { epoch = EPOCH, ...who } = over
  const data = { epoch, update: Buffer.from(update).toString('base64') }
  return run('note.update', data, { ...who, facts: { of: 'update', update: factsOf(update) } })
}

function record(): NoteRecord {
  return records.get('notes/line-3/2026-11-20-late')?.record as NoteRecord
}

function book(): NoteBook {
  return records.get('notebooks/line-3/2026-11-20-late')?.record as NoteBook
}

const text = (over: object = {}): CommandFacts => {
  return { of: 'text', text: { hash: HASH, isEmpty: false }, changes: book().changes, ...over }
}

it('[J1] is opened once, by whoever comes first', () => {
  expect(run('note.open', {})).toMatchObject({ ok: true })
  expect(record()).toMatchObject({ opened: { by: 'kim' }, signed: null, accepted: null })
  expect(run('note.open', {}, { actor: lee })).toEqual({ ok: true, events: [] })
  expect(record().opened.by).toBe('kim')
})

it.each([
  ['another area', { area: 'line-1' }, 'forbidden'],
  ['an area that there is not', { area: 'line-9' }, 'unknown-area'],
  ['a name without a day', { note: 'late' }, 'bad-command'],
] as const)('[J1] is not opened for %s', (_what, over, code) => {
  expect(run('note.open', over)).toMatchObject({ ok: false, code })
})

describe('an update', () => {
  beforeEach(() => void run('note.open', {}))

  it('[J2] is a piece, and says the same in any order', () => {
    const [one, other] = [new Copy(), new Copy()]
    const mine = one.type('oil is low')
    const theirs = other.type('tool 4 changed')
    expect(send(mine)).toMatchObject({ ok: true })
    expect(send(theirs, { actor: lee })).toMatchObject({ ok: true })
    const updates = [...pieces.values()].map((piece) => Buffer.from((piece as { update: string }).update, 'base64'))
    const docs = [updates, updates.toReversed()].map((each) => {
      const doc = new Y.Doc()
      for (const update of each) Y.applyUpdate(doc, update)
      return noteText(doc)
    })
    expect(docs[0]).toBe(docs[1])
    expect(docs[0]).toContain('oil is low')
  })

  it('[J3] of a copy from before a restore is refused', () => {
    expect(send(new Copy().type('x'), { epoch: '00000000000000bb' })).toMatchObject({ code: 'note-refused' })
    expect(pieces.size).toBe(0)
    // Begun without the server, a copy is of no note that there was.
    expect(send(new Copy().type('x'), { epoch: null })).toMatchObject({ ok: true })
  })

  it('[J4] is taken only where everything it builds on is there', () => {
    const copy = new Copy()
    const first = copy.type('first')
    const second = copy.type('second')
    expect(send(second)).toMatchObject({ code: 'note-base-missing' })
    expect(send(first)).toMatchObject({ ok: true })
    expect(send(second)).toMatchObject({ ok: true })
  })

  it('[J4] that builds on somebody else’s words that the server does not have is not taken', () => {
    const [one, other] = [new Copy(), new Copy()]
    Y.applyUpdate(other.doc, one.type('unsent'))
    expect(send(other.type('behind it'), { actor: lee })).toMatchObject({ code: 'note-base-missing' })
  })

  it('[J4] that deletes what the server does not have is not taken', () => {
    const [one, other] = [new Copy(), new Copy()]
    Y.applyUpdate(other.doc, one.type('unsent'))
    other.doc.getXmlFragment('note').delete(0, 1)
    expect(send(other.last(), { actor: lee })).toMatchObject({ code: 'note-base-missing' })
  })

  it('[J5] under a number that is another person’s or device’s is refused', () => {
    const copy = new Copy()
    expect(send(copy.type('mine'))).toMatchObject({ ok: true })
    const forged = copy.type('forged')
    expect(send(forged, { actor: lee })).toMatchObject({ code: 'note-refused' })
    expect(send(forged, { actor: { ...kim, device: 'e'.repeat(43) as DeviceId } })).toMatchObject({
      code: 'note-refused',
    })
    // Who signs in again is the same person.
    const later = { ...kim, session: '00000000-0000-4000-8000-0000000000cc' as SessionId }
    expect(send(forged, { actor: later })).toMatchObject({ ok: true })
  })

  it('[J5] with changes that are there already is another copy under the same number', () => {
    const copy = new Copy()
    const update = copy.type('once')
    expect(send(update)).toMatchObject({ ok: true })
    expect(send(update)).toMatchObject({ code: 'note-refused' })
  })

  it('[J5] of a program is refused', () => {
    expect(
      send(new Copy().type('x'), { actor: { ...kim, operator: null, session: null, device: null } }),
    ).toMatchObject({
      code: 'forbidden',
    })
  })

  it('[J6] beyond the size of a note is refused, and what is there stays', () => {
    const copy = new Copy()
    let taken = 0
    for (;;) {
      const decision = send(copy.type('x'.repeat(20_000)))
      if (!decision.ok) {
        expect(decision.code).toBe('note-full')
        break
      }
      taken += 1
    }
    expect(taken).toBe(Math.floor(LIMITS.maxNoteBytes / 20_060))
    expect(pieces.size).toBe(taken)
  })

  it('[J6] of more copies than may write in a note is refused', () => {
    for (let writer = 0; writer < LIMITS.maxNoteWriters; writer += 1)
      expect(send(new Copy().type('x'))).toMatchObject({ ok: true })
    expect(send(new Copy().type('x'))).toMatchObject({ code: 'note-full' })
  })

  it('[J6] that is 1 change of a length nobody types is refused', () => {
    const facts = { of: 'update', update: { news: [[7, 0, 2 ** 40]], needs: [], bytes: 20 } } as const
    expect(run('note.update', { epoch: EPOCH, update: 'AAAA' }, { facts })).toMatchObject({ code: 'note-full' })
  })

  it.each([
    ['that nobody could read', { of: 'update', update: null } as const],
    ['that nobody has looked at', undefined],
  ])('[J7] %s is refused', (_what, facts) => {
    const how = facts === undefined ? {} : { facts }
    expect(run('note.update', { epoch: EPOCH, update: 'AAAA' }, how)).toMatchObject({ code: 'note-refused' })
  })

  it('[J8] is not deleted by anybody but the server, and what takes its place comes with its deletion', () => {
    const copy = new Copy()
    send(copy.type('one'))
    send(copy.type('two'))
    const keys = [...pieces.keys()]
    const merged = [Buffer.from(Y.encodeStateAsUpdate(copy.doc)).toString('base64')]
    const compact = { merges: 0, merged, pieces: keys, freed: 10 }
    expect(run('note.compact', compact)).toMatchObject({ code: 'forbidden' })
    expect(run('note.compact', compact, { actor: system })).toMatchObject({ ok: true })
    expect([...pieces.values()]).toMatchObject([{ part: 0, of: 1, update: merged[0] }])
    expect(send(copy.type('three'))).toMatchObject({ ok: true })
  })

  it('[J8] is not merged twice, by whoever read the same pieces', () => {
    const copy = new Copy()
    send(copy.type('one'))
    send(copy.type('two'))
    const merged = [Buffer.from(Y.encodeStateAsUpdate(copy.doc)).toString('base64')]
    const compact = { merges: 0, merged, pieces: [...pieces.keys()], freed: book().bytes }
    expect(run('note.compact', compact, { actor: system })).toMatchObject({ ok: true })
    const { bytes } = book()
    expect(run('note.compact', compact, { actor: system })).toMatchObject({ code: 'note-changed' })
    expect(pieces.size).toBe(1)
    expect(book()).toMatchObject({ bytes, merges: 1 })
    expect(send(copy.type('three'))).toMatchObject({ ok: true })
    const next = { ...compact, merges: 1, pieces: [...pieces.keys()] }
    expect(run('note.compact', next, { actor: system })).toMatchObject({ ok: true })
  })
})

describe('handing over', () => {
  beforeEach(() => {
    run('note.open', {})
    send(new Copy().type('oil is low'))
  })

  it('[J9] is signing by one and accepting by another, of the same text', () => {
    expect(run('note.sign', {}, { facts: text() })).toMatchObject({ ok: true })
    expect(record()).toMatchObject({ signed: { by: 'kim', hash: HASH }, isChanged: false })
    expect(run('note.accept', { hash: HASH }, { facts: text() })).toMatchObject({ code: 'forbidden' })
    expect(run('note.accept', { hash: HASH }, { actor: lee, facts: text() })).toMatchObject({ ok: true })
    expect(record().accepted).toMatchObject({ by: 'lee', hash: HASH })
  })

  it('[J9] nothing is accepted that was not signed, was not read, or has changed since', () => {
    const accept = (hash: string, facts: CommandFacts): Decision => run('note.accept', { hash }, { actor: lee, facts })
    expect(accept(HASH, text())).toMatchObject({ code: 'note-unsigned' })
    run('note.sign', {}, { facts: text() })
    expect(accept('b'.repeat(64), text())).toMatchObject({ code: 'note-changed' })
    const before = text()
    send(new Copy().type('one more thing'))
    expect(record().isChanged).toBe(true)
    expect(accept(HASH, before)).toMatchObject({ code: 'note-changed' })
    expect(accept(HASH, text({ text: { hash: 'b'.repeat(64), isEmpty: false } }))).toMatchObject({
      code: 'note-changed',
    })
  })

  it('[J9] what is signed is what the signer read', () => {
    expect(run('note.sign', { hash: 'b'.repeat(64) }, { facts: text() })).toMatchObject({ code: 'note-changed' })
    expect(record().signed).toBeNull()
    expect(run('note.sign', { hash: HASH }, { facts: text() })).toMatchObject({ ok: true })
    expect(record().signed).toMatchObject({ by: 'kim', hash: HASH })
  })

  it('[J9] an empty note is not signed', () => {
    expect(run('note.sign', {}, { facts: text({ text: { hash: HASH, isEmpty: true } }) })).toMatchObject({
      code: 'note-empty',
    })
  })

  it('[J9] behind it the text stays, and what comes is an addendum', () => {
    expect(run('note.add', { text: 'too early' })).toMatchObject({ code: 'note-open' })
    run('note.sign', {}, { facts: text() })
    run('note.accept', { hash: HASH }, { actor: lee, facts: text() })
    expect(send(new Copy().type('late'))).toMatchObject({ code: 'note-accepted' })
    for (let more = 0; more < LIMITS.maxAddenda; more += 1)
      expect(run('note.add', { text: `addendum ${more}` })).toMatchObject({ ok: true })
    expect(run('note.add', { text: 'one too many' })).toMatchObject({ code: 'note-full' })
    expect(record().addenda).toHaveLength(LIMITS.maxAddenda)
  })

  it('[J9] addenda together are no more than goes in a frame, whatever they are written in', () => {
    run('note.sign', {}, { facts: text() })
    run('note.accept', { hash: HASH }, { actor: lee, facts: text() })
    // Three bytes a letter, and two for each sign that JSON escapes.
    const full = ['밸'.repeat(LIMITS.maxText), '"'.repeat(LIMITS.maxText)]
    const ends = Array.from({ length: LIMITS.maxAddenda }, (_, n) => run('note.add', { text: full[n % 2] }))
    expect(ends.find(({ ok }) => !ok)).toMatchObject({ code: 'note-full' })
    const bytes = Buffer.byteLength(JSON.stringify(record()))
    expect(bytes).toBeGreaterThan(LIMITS.maxAddendaBytes - 4 * LIMITS.maxText)
    expect(bytes).toBeLessThan(LIMITS.maxFrameBytes)
    expect(run('note.add', { text: 'a few words' })).toMatchObject({ ok: true })
  })

  it('a note that there is not is not written, signed or accepted', () => {
    const other = { note: '2026-11-21-early' }
    for (const [type, data] of [
      ['note.update', { epoch: EPOCH, update: 'AAAA' }],
      ['note.sign', {}],
      ['note.accept', { hash: HASH }],
      ['note.add', { text: 'x' }],
    ] as const)
      expect(run(type, { ...data, ...other }, { facts: text() })).toMatchObject({ code: 'note-not-found' })
  })
})
