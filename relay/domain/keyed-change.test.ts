import { expect, it } from 'vitest'
import { keyedChange } from './keyed-change.ts'

it.each<[string, unknown, unknown]>([
  ['a record sets', { key: 'a', record: { n: 1 } }, { key: 'a', record: { n: 1 } }],
  ['null deletes', { key: 'a', record: null }, { key: 'a', record: null }],
  ['a missing record changes nothing', { key: 'a' }, null],
  ['a key that is no text changes nothing', { key: 1, record: null }, null],
  ['no data changes nothing', null, null],
])('of a state event %s', (_what, data, change) => {
  expect(keyedChange(data)).toEqual(change)
})
