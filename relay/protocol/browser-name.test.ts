import { expect, test } from 'vitest'
import type { DeviceId } from './ids.ts'
import { browserName, pieceOfBrowser } from './browser-name.ts'

test('a browser is known by its name, and nothing that somebody named', () => {
  const name = browserName('a-_9'.padEnd(43, 'x') as DeviceId)
  expect([name, pieceOfBrowser(name)]).toEqual(['Browser a-_9', 'a-_9'])
  for (const other of ['Browser', 'Browser Kim’s', 'browser a-_9', 'Old Browser a-_9', 'press-2', '']) {
    expect(pieceOfBrowser(other)).toBeNull()
  }
})
