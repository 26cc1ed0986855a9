import { expect, test } from 'vitest'
import { event, id, logChannel, SESSION, stateChannel, view } from '../domain/testing/samples.ts'
import { modelOfView, type WindowModel } from '../domain/window-model.ts'
import { channelName } from '../protocol/channels.ts'
import type { ChannelView } from '../protocol/local.ts'
import { keepMentions } from './kept-mentions.ts'

/** What names this person, the message at this offset of its line. */
function inboxOf(operator: string, ...named: readonly { readonly offset: number; readonly line: string }[]) {
  const events = named.map(({ offset, line }) => {
    const data = { line, id: id(offset), by: 'park', text: `@${operator} come`, offset }
    return event(offset, data, { type: 'chat.mentioned' })
  })
  return logChannel(channelName('inbox', operator), events)
}

function prefsOf(operator: string, readTo: number | null): ChannelView {
  const prefs = stateChannel(channelName('prefs', operator), 1)
  if (readTo === null) return prefs
  const mark = { offset: readTo, at: '2026-11-20T05:00:00.000Z' }
  return { ...prefs, records: { 'read-line-3': { offset: 1, record: mark } } }
}

function device() {
  const asked: string[] = []
  const shows: (readonly string[])[] = []
  let tell: (model: WindowModel) => void = () => undefined
  const relay = {
    model: null as WindowModel | null,
    listen(changed: (model: WindowModel) => void) {
      tell = changed
      return () => void (tell = () => undefined)
    },
    show: (channels: readonly string[]) => void shows.push(channels),
  }
  const release = keepMentions({
    relay,
    notifier: {
      show(notice) {
        asked.push(`${notice.id}: ${notice.title}`)
        return Promise.resolve('shown')
      },
      close: (notice) => void asked.push(`close ${notice}`),
    },
    words: ({ by, line }) => ({ title: `${by} · ${line}`, body: '' }),
    isInSight: () => false,
  })
  const becomes = (operator: string | null, ...channels: readonly ChannelView[]): void => {
    const session = operator === null ? null : { ...SESSION, operator }
    relay.model = modelOfView(view(1, { channels, session }), null)
    tell(relay.model)
  }
  return { asked, shows, becomes, release }
}

test('[K3] who is signed in is told what names them in their lines, until they have read it', () => {
  const { asked, shows, becomes } = device()
  const inbox = inboxOf('kim', { offset: 7, line: 'line-3' }, { offset: 8, line: 'line-1' })
  becomes('kim', inbox, prefsOf('kim', 6))
  expect(shows.at(-1)).toEqual(['inbox/kim', 'prefs/kim'])
  expect(asked).toEqual([`mention-${id(7)}: park · line-3`])
  becomes('kim', inbox, prefsOf('kim', 7))
  expect(asked.slice(1)).toEqual([`close mention-${id(7)}`])
})

test('[K4] nobody is told what they have read, in whatever order it is known', () => {
  const { asked, becomes } = device()
  becomes('kim', inboxOf('kim', { offset: 7, line: 'line-3' }))
  becomes('kim', inboxOf('kim', { offset: 7, line: 'line-3' }), prefsOf('kim', 7))
  expect(asked).toEqual([])
})

test('nothing of one person stays for the next, or for nobody', () => {
  const { asked, shows, becomes, release } = device()
  becomes('kim', inboxOf('kim', { offset: 7, line: 'line-3' }), prefsOf('kim', null))
  becomes(null)
  expect(asked.slice(1)).toEqual([`close mention-${id(7)}`])
  expect(shows.at(-1)).toEqual([])
  release()
  becomes('kim', inboxOf('kim', { offset: 9, line: 'line-3' }), prefsOf('kim', null))
  expect(asked).toHaveLength(2)
})
