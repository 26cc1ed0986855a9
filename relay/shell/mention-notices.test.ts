import { expect, test } from 'vitest'
import type { Mention } from '../domain/read-marks.ts'
import type { Notice } from '../protocol/notices.ts'
import { MentionNotices } from './mention-notices.ts'

const mention = (id: string): Mention => ({ id, line: 'line-3', by: 'lee', text: `Text ${id}`, offset: null, at: '' })

function device(isInSight: boolean) {
  const asked: (Notice | string)[] = []
  const notices = new MentionNotices({
    notifier: {
      show(notice) {
        asked.push(notice)
        return Promise.resolve('shown')
      },
      close: (id) => void asked.push(`close ${id}`),
    },
    isInSight: () => isInSight,
    words: ({ by, text }) => ({ title: by, body: text }),
  })
  return { notices, asked }
}

test('[K3] whoever looks elsewhere is told once, without a sound, and no more once it was seen', () => {
  const { notices, asked } = device(false)
  notices.look([mention('a')])
  notices.look([mention('a')])
  expect(asked).toEqual([{ id: 'mention-a', priority: 'P3', silent: true, title: 'lee', body: 'Text a' }])
  notices.look([])
  expect(asked.slice(1)).toEqual(['close mention-a'])
})

test('of several at once the last is told; what was in sight is not told later', () => {
  const away = device(false)
  away.notices.look(['a', 'b', 'c'].map(mention))
  expect(away.asked).toMatchObject([{ id: 'mention-c' }])
  const here = device(true)
  here.notices.look([mention('a')])
  expect(here.asked).toEqual([])
})
