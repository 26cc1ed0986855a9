/** A talk with answers, names, a message that was taken back, and what is new in it to whoever looks. */
import { channelName, URGENT_CHANNEL } from '../../relay/protocol/channels.ts'
import type { ContentHash, MessageFile } from '../../relay/protocol/attachments.ts'
import type { StoredEvent } from '../../relay/protocol/events.ts'
import type { ChannelView } from '../../relay/protocol/local.ts'
import {
  alert,
  ALERTS,
  CHAT,
  command,
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
import { paintedPhoto } from './painted-photo.ts'
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

/** Of the `n`th photo. */
export const hashOf = (n: number) => String(n).repeat(64).slice(0, 64) as ContentHash

function photoOf(n: number, end: MessageFile['end'] = stored(n)): MessageFile {
  return { hash: hashOf(n), type: 'image/jpeg', size: 412_000 + n, name: `die-${n}.jpg`, end }
}

function stored(n: number): MessageFile['end'] {
  return { how: 'stored', hash: hashOf(n), type: 'image/jpeg', size: 390_000, width: 2_560, height: 1_920 }
}

const SHEET: MessageFile = {
  hash: hashOf(9),
  type: 'application/pdf',
  size: 181_000,
  name: 'Setting sheet WO-502, second edition.pdf',
  end: { how: 'stored', hash: hashOf(9), type: 'application/pdf', size: 181_000, width: null, height: null },
}

function shown(offset: number, text: string, files: readonly MessageFile[], more: Said): StoredEvent {
  return { ...said(offset, text, more), data: { line: 'line-3', text, files } }
}

/** What was found at the die: photos that are here, on their way, lost and refused, and a file. */
const PHOTO_TALK: readonly StoredEvent[] = [
  said(1, 'Press 2 leaves a mark on every third piece.', { by: 'lee', at: at(9, 2) }),
  shown(2, 'This is how it looks', [photoOf(1)], { by: 'lee', at: at(9, 4) }),
  shown(3, '', [photoOf(5, null), photoOf(6, { how: 'lost' }), photoOf(7, { how: 'refused' })], {
    by: 'lee',
    at: at(9, 20),
  }),
  shown(4, '작업표를 올립니다.', [photoOf(2), photoOf(3), photoOf(4), SHEET], { by: 'park', at: at(9, 40) }),
]

const FROM_BEHIND = { hash: hashOf(8), type: 'image/jpeg', size: 412_000, name: 'die-8.jpg' }
const WAITING = command(
  60,
  'chat.share',
  { line: 'line-3', text: 'From behind', reply: null, mentions: [], files: [FROM_BEHIND] },
  { madeAt: Date.parse(at(9, 44)) },
)

const ON_ITS_WAY = { line: 'line-3', type: 'image/jpeg', sent: 0, trouble: null, isLost: false } as const

/** Photos that this terminal has lost, one of which the server has heard of, and what goes no further now. */
function lostPhotos(): Scene {
  const own = { by: 'kim', at: at(9, 41) }
  const talk = chatView([
    ...PHOTO_TALK,
    shown(5, 'The mark, from the side', [photoOf(5, null), photoOf(6, { how: 'lost' })], own),
    shown(6, '', [photoOf(7, null)], own),
  ])
  const [lost, held] = talk.channels
    .flatMap(({ channel, events }) => (channel === CHAT ? (events ?? []) : []))
    .slice(-2)
    .flatMap(({ cause }) => (cause === undefined ? [] : [{ ...ON_ITS_WAY, id: cause, size: 412_000 }]))
  if (lost === undefined || held === undefined) throw new Error('the talk has no such messages')
  const gone = { ...lost, trouble: 'file-missing', isLost: true }
  const waiting = [
    { ...gone, hash: hashOf(5) },
    { ...gone, hash: hashOf(6) },
    { ...held, hash: hashOf(7), trouble: 'unavailable' },
  ]
  return {
    hash: '#/line-3/chat',
    view: { ...talk, files: { count: 1, bytes: 412_000, waiting } },
    reads: ({ hash }) => paintedPhoto(Number(hash[0])),
  }
}

function photos(): Scene {
  const talk = chatView(PHOTO_TALK, readTo(4, at(9, 41)))
  const waiting = [{ id: WAITING.id, hash: hashOf(8), size: 412_000, ...ON_ITS_WAY, sent: 152_000 }]
  return {
    hash: '#/line-3/chat',
    view: { ...talk, pending: [WAITING], files: { count: 1, bytes: 412_000, waiting } },
    reads: ({ hash }) => paintedPhoto(Number(hash[0])),
    live: crewOf('line-3'),
  }
}

export const CHAT_SCENES: Readonly<Record<string, Scene>> = {
  'chat-talk': TALK,
  'chat-named': named(),
  'chat-photos': photos(),
  'chat-lost': lostPhotos(),
}
