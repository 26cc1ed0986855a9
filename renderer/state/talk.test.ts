import { signal } from '@preact/signals'
import { expect, it } from 'vitest'
import { event, id, INBOX, logChannel, SESSION } from '../../relay/domain/testing/samples.ts'
import { openTalk, seenKey } from './talk.ts'

it('[K4] a mention behind what was seen here stays, whatever time the server has given it', () => {
  const mention = (n: number, at: string) =>
    event(n, { line: 'line-3', id: id(n), by: 'lee', text: `${n}`, offset: n }, { type: 'chat.mentioned', at })
  const inbox = logChannel(INBOX, [mention(1, '2026-11-20T05:00:10.000Z'), mention(2, '2026-11-20T04:59:00.000Z')])
  const talk = openTalk({
    session: signal(SESSION),
    area: signal('line-3'),
    areas: signal(['line-3']),
    channel: () => null,
    pending: signal([]),
    prefs: () => null,
    inbox: signal(inbox),
  })
  talk.seen.value = new Map([[seenKey(SESSION.operator, 'line-3'), { offset: 1, at: '2026-11-20T05:00:10.000Z' }]])
  expect(talk.mentions.value.map((each) => each.id)).toEqual([id(2)])
})
