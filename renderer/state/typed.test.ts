import { expect, test } from 'vitest'
import { typed } from './typed.ts'

test.each([
  [' Press 2 stopped ', 'Press 2 stopped'],
  ['\u202aC:\\reports\\line-3.xlsx\u202c', 'C:\\reports\\line-3.xlsx'],
  ['one\r\ntwo\u0000', 'one\ntwo'],
  ['프레스 2호 👩‍🏭', '프레스 2호 👩‍🏭'],
  ['\u3164\u200b ', ''],
])('[C7] %j is sent as %j', (words, sent) => {
  expect(typed(words)).toBe(sent)
})
