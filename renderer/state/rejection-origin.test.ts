import { afterEach, expect, it } from 'vitest'
import type { RejectionRecord } from '../../relay/protocol/records.ts'
import { speak } from '../text/text.ts'
import { authorOf, isDoubtful, rejectedBy } from './rejection-origin.ts'

afterEach(() => speak('en'))

const record = (over: Partial<RejectionRecord>): RejectionRecord =>
  ({ by: 'kim', on: 'press-2', device: `3fa9c2d1${'x'.repeat(35)}`, ...over }) as RejectionRecord

it.each([
  [{ origin: 'person' }, 'kim on press-2', false],
  [{}, 'kim on press-2', false],
  [{ origin: 'device' }, 'kim on press-2, by the terminal’s own report', false],
  [{ by: 'device:press-2', origin: 'device' }, 'Terminal press-2, nobody signed in', false],
  [
    { by: 'device:press-2', origin: 'device', claimed: 'kim' },
    'Terminal press-2, nobody signed in. It says this is from kim, which nobody checked.',
    true,
  ],
  [
    { by: 'device:kim', on: 'kim', origin: 'stranger' },
    'Unknown terminal “kim”, key 3fa9c2d1: nobody ever signed in on it',
    true,
  ],
  [
    { by: 'device:press-2', origin: 'stranger', claimed: 'park' },
    'Unknown terminal “press-2”, key 3fa9c2d1: nobody ever signed in on it. It says this is from park, which nobody checked.',
    true,
  ],
] as const)('[D7] says who did what was not accepted, and how sure that is: %j', (over, words, isUnsure) => {
  expect([rejectedBy(record(over)), isDoubtful(record(over))]).toEqual([words, isUnsure])
})

it('[D7] never takes a terminal that calls itself kim for kim, in either language', async () => {
  const own = authorOf(record({ by: 'kim' }))
  expect(own).toBe('kim')
  expect(authorOf(record({ by: 'device:kim' }))).toBe('the terminal kim')
  await speak('ko')
  expect(authorOf(record({ by: 'device:kim' }))).not.toBe('kim')
})
