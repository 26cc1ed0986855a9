import { expect, it } from 'vitest'
import type { CommandId, DeviceId } from '../relay/protocol/ids.ts'
import { NoteDesk } from './note-desk.ts'
import type { Submission } from './ports/submission.ts'

/** What the store is told of a note that changes while its text is read, so many times. */
async function factsOfSigned(changesWhileRead: number): Promise<Submission['facts']> {
  let changes = 1
  let told: Submission['facts']
  const desk = new NoteDesk({
    store: {
      record: (() => Promise.resolve({ record: { changes } })) as never,
      records: () => Promise.resolve({ records: [], next: null }),
    },
    documents: {
      text: () => {
        if (changes <= changesWhileRead) changes += 1
        return Promise.resolve({ ok: true, value: { hash: `of ${changes}`, isEmpty: false } })
      },
      close: () => Promise.resolve(),
    } as never,
    commit: (submission) => {
      told = submission.facts
      return Promise.resolve({} as never)
    },
    newId: () => 'id' as CommandId,
    log: { warn: () => {}, error: () => {} } as never,
  })
  await desk.submit({
    source: { kind: 'outbox', device: 'd' as DeviceId, lane: 'work' },
    id: 'id' as CommandId,
    type: 'note.sign',
    data: { area: 'line-1', note: '2026-01-05-early' },
  } as never)
  return told
}

it('[J9] reads a note again that others changed while it was read', async () => {
  expect(await factsOfSigned(2)).toMatchObject({ of: 'text', changes: 3 })
})

it('[J9] reads a note that never rests a few times only', async () => {
  expect(await factsOfSigned(1_000)).toMatchObject({ of: 'text', changes: 4 })
})

it.each([
  ['an update', 'note.update', { epoch: null, update: 'AAAA' }],
  ['a signature', 'note.sign', {}],
] as const)('[J7] %s that nobody could read is asked for again, and not decided', async (_what, type, data) => {
  let committed = 0
  const desk = new NoteDesk({
    store: {
      record: (() => Promise.resolve({ record: { changes: 1 } })) as never,
      records: () => Promise.resolve({ records: [], next: null }),
    },
    documents: {
      inspect: () => Promise.resolve({ ok: false, why: 'not-run' }),
      text: () => Promise.resolve({ ok: false, why: 'not-run' }),
      close: () => Promise.resolve(),
    } as never,
    commit: () => {
      committed += 1
      return Promise.resolve({} as never)
    },
    newId: () => 'id' as CommandId,
    log: { warn: () => {}, error: () => {} } as never,
  })
  const { verdict } = await desk.submit({
    source: { kind: 'outbox', device: 'd' as DeviceId, lane: 'work' },
    id: 'id' as CommandId,
    type,
    data: { area: 'line-1', note: '2026-01-05-early', ...data },
  } as never)
  expect(verdict).toMatchObject({ kind: 'retry-later', code: 'unavailable' })
  expect(committed).toBe(0)
})

it('[Q5] says that nobody could look at the words of a note, and not that it has none', async () => {
  const wordsWhere = (why: 'refused' | 'not-run') =>
    new NoteDesk({
      store: {
        record: () => Promise.resolve(null),
        records: (() =>
          Promise.resolve({
            records: [{ key: 'a', record: { set: 'a', part: 0, of: 1, update: 'AAAA' } }],
            next: null,
          })) as never,
      },
      documents: { words: () => Promise.resolve({ ok: false, why }) } as never,
      commit: () => Promise.resolve({} as never),
      newId: () => 'id' as CommandId,
      log: { warn: () => {}, error: () => {} } as never,
    }).words('note/line-1/2026-01-05-early' as never)
  await expect(wordsWhere('not-run')).rejects.toThrow()
  expect(await wordsWhere('refused')).toBeNull()
})

it('[J2] looks where elements go in the note with what the same device sent just before', async () => {
  const stored: string[] = []
  const decided: Submission[] = []
  const desk = new NoteDesk({
    store: {
      record: (() => Promise.resolve({ record: { changes: 1 } })) as never,
      records: (() => {
        const records = stored.map((set) => ({ key: set, record: { set, part: 0, of: 1, update: set } }))
        return Promise.resolve({ records, next: null })
      }) as never,
    },
    documents: {
      inspect: (update: string) =>
        Promise.resolve({
          ok: true,
          value: { news: [], needs: [], bytes: 3, places: update === 'AAAA' ? [] : [[7, 0, 'beside-block']] },
        }),
      // It fits where what came before is in the note.
      fits: (updates: readonly string[]) => Promise.resolve({ ok: true, value: updates.includes('AAAA') }),
      close: () => Promise.resolve(),
    } as never,
    commit: async (submission) => {
      await Promise.resolve()
      stored.push((submission.data as { readonly update: string }).update)
      decided.push(submission)
      return {} as never
    },
    newId: () => 'id' as CommandId,
    log: { warn: () => {}, error: () => {} } as never,
  })
  const send = (device: string, update: string) =>
    desk.submit({
      source: { kind: 'outbox', device: device as DeviceId, lane: 'work' },
      id: 'id' as CommandId,
      type: 'note.update',
      data: { area: 'line-1', note: '2026-01-05-early', epoch: null, update },
    } as never)
  await Promise.all([send('other', 'BBBB'), send('d', 'AAAA'), send('d', 'CCCC')])
  const facts = Object.fromEntries(
    decided.map(({ data, facts: found }) => [(data as { update: string }).update, found]),
  )
  expect(facts['BBBB']).toEqual({ of: 'update', update: null })
  expect(facts['CCCC']).toMatchObject({ of: 'update', update: { bytes: 3 } })
})
