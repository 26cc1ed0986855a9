import { afterEach, expect, test } from 'vitest'
import { authorName, deviceName } from './author-name.ts'
import { speak } from './text.ts'

afterEach(() => speak('en'))

test('a browser that nobody has named is called so in the language of the reader, and nothing else is changed', async () => {
  expect([deviceName('Browser x1Yz'), authorName('device:Browser x1Yz')]).toEqual(['Browser x1Yz', 'Browser x1Yz'])
  await speak('ko')
  expect([deviceName('Browser x1Yz'), authorName('device:Browser x1Yz')]).toEqual(['브라우저 x1Yz', '브라우저 x1Yz'])
  expect([deviceName('press-2'), authorName('kim'), authorName('device:Browser')]).toEqual([
    'press-2',
    'kim',
    'Browser',
  ])
})
