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
