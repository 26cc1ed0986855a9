/** A talk with answers, names, a message that was taken back, and what is new in it to whoever looks. */
import { channelName, URGENT_CHANNEL } from '../../relay/protocol/channels.ts'
import type { StoredEvent } from '../../relay/protocol/events.ts'
import type { ChannelView } from '../../relay/protocol/local.ts'
import {
  alert,
  ALERTS,
  CHAT,
  event,
  id,
  INBOX,
  LIVE,
  logChannel,
  order,
  ORDERS,
  posted,
  SESSION,
  stateChannel,
  view,
} from '../../relay/domain/testing/samples.ts'
import { crewOf } from './crew.ts'
import type { Scene } from './scenes.ts'

const at = (hours: number, minutes: number): string => {
  const date = new Date()
  date.setHours(hours, minutes, 0, 0)
  return date.toISOString()
}

interface Said {
  readonly by: string
  readonly at: string
  readonly reply?: object
  readonly mentions?: readonly string[]
}

/** A message at this offset; its id is `id(offset)`. */
export function said(offset: number, text: string, { by, at: when, ...more }: Said): StoredEvent {
  return posted(offset, text, { by, at: when, cause: id(offset), data: { line: 'line-3', text, ...more } })
}

const ALERT = alert(501, { priority: 'P1', title: 'Hydraulic pressure low · Press 2' })
const ORDER = order(502, { title: 'Bracket left, galvanised', status: 'running' })

export const CHAT_TALK: readonly StoredEvent[] = [
  said(1, 'Good morning. Press 2 is warm, I start with WO-502.', { by: 'lee', at: at(6, 4) }),
  said(
    2,
    'The first ten pieces are with quality. They want two more with the other radius before we go on, so keep the die.',
    {
      by: 'kim',
      at: at(6, 40),
      reply: { to: 'order', id: ORDER.id, by: 'park', text: 'WO-502 Bracket left, galvanised' },
    },
  ),
  said(3, 'Does somebody have the 12 mm gauge?', { by: 'lee', at: at(8, 15) }),
  said(4, 'In the drawer of station 7', {
    by: 'park',
    at: at(8, 17),
    reply: { to: 'message', id: id(3), by: 'lee', text: 'Does somebody have the 12 mm gauge?' },
  }),
  event(
    5,
    { line: 'line-3', withdrawn: { by: 'lee', at: at(8, 31) } },
    {
      type: 'chat.posted',
      by: 'lee',
      at: at(8, 30),
      cause: id(5),
    },
  ),
  event(6, { line: 'line-3', id: id(5), by: 'lee' }, { type: 'chat.withdrawn', by: 'lee', at: at(8, 31) }),
  said(7, 'What was that?', {
    by: 'park',
    at: at(8, 32),
    reply: { to: 'message', id: id(5), by: 'lee', text: 'The gauge is broken' },
  }),
  said(8, '유압 확인했습니다. @kim 펌프를 봐 주세요.', {
    by: 'lee',
    at: at(13, 50),
    mentions: ['kim'],
    reply: { to: 'alert', id: ALERT.id, by: 'lee', text: ALERT.title },
  }),
  said(9, 'I can be there in ten minutes.', { by: 'park', at: at(13, 52) }),
]

/** How far kim has read. */
function readTo(offset: number, when: string): ChannelView {
  const records = { 'read-line-3': { offset: 1, record: { offset, at: when } } }
  return { ...stateChannel(channelName('prefs', 'kim'), 1), records }
}

const MENTION = event(
  1,
  { line: 'line-1', id: id(40), by: 'park', text: '@kim can you lend us the 12 mm gauge until the end of the shift?' },
  { type: 'chat.mentioned', by: 'park', at: at(13, 58) },
)

export function chatView(talk: readonly StoredEvent[], mark: ChannelView | null = readTo(7, at(8, 32))) {
  const channels = [
    stateChannel(URGENT_CHANNEL, 40, [ALERT]),
    stateChannel(ALERTS, 40),
    stateChannel(ORDERS, 40, [ORDER]),
    logChannel(CHAT, talk),
    ...(mark === null ? [] : [mark]),
  ]
  const now = channels.map((channel) => ({ ...channel, confirmedAt: Date.now() }))
  return view(10, { deviceName: 'line-3-east', build: '0.1.0', status: LIVE, channels: now })
}

/** Kim on two lines, somewhere else than in the chat. */
function named(): Scene {
  const talk = chatView(CHAT_TALK)
  const session = { ...SESSION, areas: ['line-1', 'line-3'] }
  const channels = [...talk.channels, logChannel(INBOX, [MENTION])]
  return { hash: '#/line-3/orders', view: { ...talk, session, channels } }
}

const TALK: Scene = { hash: '#/line-3/chat', view: chatView(CHAT_TALK), live: crewOf('line-3') }

export const CHAT_SCENES: Readonly<Record<string, Scene>> = {
  'chat-talk': TALK,
  'chat-named': named(),
}
