import { expect, it } from 'vitest'
import { channelName } from '../relay/protocol/channels.ts'
import type { Epoch } from '../relay/protocol/ids.ts'
import { noteChannel } from '../relay/protocol/notes.ts'
import type { SearchChange } from './ports/search.ts'
import { SearchReading } from './search-reading.ts'

const NOTE = noteChannel('line-3', '2026-11-20-late')
const TOP = { channel: NOTE, epoch: '00000000000000aa' as Epoch, top: 3 }

/** Reads one note whose words are these, and gives what reached the index. */
async function read(words: () => Promise<string | null>) {
  const written: { readonly changes: readonly SearchChange[]; readonly cursor?: object }[] = []
  const opened = { by: 'kim', on: 'Press 2', at: '2026-11-20T03:00:00.000Z' }
  const record = { area: 'line-3', note: '2026-11-20-late', opened, signed: null, accepted: null, addenda: [] }
  const reading = new SearchReading(
    {
      index: { write: (batch: never) => Promise.resolve(void written.push(batch)) } as never,
      store: {
        record: () => Promise.resolve({ channel: channelName('notes', 'line-3'), record }),
        oldest: () => Promise.resolve({ epoch: TOP.epoch, offset: 0, top: 3 }),
        lastEvents: () => Promise.resolve([]),
      } as never,
      words,
    },
    [],
  )
  await reading.catchUp([TOP])
  return written
}

it('[Q5] finds a note by what is written in it', async () => {
  expect(await read(() => Promise.resolve('oil is low'))).toMatchObject([
    { changes: [{ kind: 'put', item: { text: 'oil is low' } }], cursor: { offset: 3 } },
  ])
})

it('[Q5] leaves a note in the index as it was where nobody can tell what is written in it', async () => {
  expect(await read(() => Promise.resolve(null))).toMatchObject([{ changes: [], cursor: { offset: 3 } }])
})

it('[Q5] does not go past a note that could not be read just now', async () => {
  await expect(read(() => Promise.reject(new Error('no thread')))).rejects.toThrow('no thread')
})
