import { describe, expect, it } from 'vitest'
import type { ContentHash, FileEnd, NamedFile } from '../../relay/protocol/attachments.ts'
import { channelName, type ChannelName } from '../../relay/protocol/channels.ts'
import type { CommandType } from '../../relay/protocol/commands.ts'
import type { StoredEvent } from '../../relay/protocol/events.ts'
import type { CommandId, DeviceId, Epoch, EventId, SessionId } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import type { ChatMessage } from '../../relay/protocol/records.ts'
import { createRules } from '../core/rules.ts'
import { domains } from '../domains.ts'
import { foundName, type Actor, type Decision, type FoundRecord } from '../ports/rules.ts'
import type { OperatorRow } from '../ports/site.ts'

const rules = createRules(domains)
const AT = '2026-11-20T03:00:00.000Z'
const ID = '00000000-0000-7000-8000-000000000001' as CommandId
const OTHER = '00000000-0000-7000-8000-000000000002' as CommandId
const LINE = channelName('chat', 'line-3')

const kim: Actor = {
  by: 'kim',
  on: 'Press 2',
  source: 'device-1',
  operator: 'kim',
  session: '00000000-0000-4000-8000-0000000000aa' as SessionId,
  device: 'd'.repeat(43) as DeviceId,
  role: 'operator',
  areas: ['line-3'],
  deviceAreas: ['line-3'],
}
const lee: Actor = { ...kim, by: 'lee', operator: 'lee' }
const park: Actor = { ...kim, by: 'park', operator: 'park', role: 'supervisor', areas: ['*'] }
const system: Actor = {
  ...kim,
  by: 'system',
  source: 'system',
  operator: null,
  session: null,
  device: null,
  role: 'admin',
  areas: ['*'],
}
const key: Actor = { ...kim, by: 'erp', operator: null, session: null, device: null }

function person(id: string, over: Partial<OperatorRow> = {}): OperatorRow {
  return { id, role: 'operator', areas: ['line-3'], pinHash: '', status: 'active', ...over }
}
const PEOPLE = [
  person('kim'),
  person('lee'),
  person('away', { areas: ['line-1'] }),
  person('gone', { status: 'inactive' }),
]

type Found = Record<string, FoundRecord>
/** A message of lee at offset 7, as the store finds it. */
function event(data: ChatMessage, channel: ChannelName = LINE): Found {
  const id = OTHER as string as EventId
  const record: StoredEvent = { offset: 7, id, type: 'chat.posted', at: AT, by: 'lee', cause: OTHER, data }
  return { [`chat.posted/${OTHER}`]: { channel, record } }
}
const posted = (over: Partial<Extract<ChatMessage, { text: string }>> = {}, channel?: ChannelName): Found =>
  event({ line: 'line-3', text: 'Oil on the floor', ...over }, channel)
const withdrawnAlready = (): Found => event({ line: 'line-3', withdrawn: { by: 'lee', at: AT } })

interface Context {
  readonly actor?: Actor
  readonly found?: Found
}

/** Carries out a command as the store does: with what it reads and whom it asks for, and no more. */
function run(type: CommandType, data: object, { actor = kim, found = {} }: Context = {}): Decision {
  const checked = rules.check(type, { line: 'line-3', ...data })
  if (!checked.ok) return checked
  const names = rules.reads(checked.value, ID, actor.operator).map(foundName)
  const asked = rules.asksOf(checked.value)
  const people = PEOPLE.filter(({ id }) => asked.includes(id)).map((row) => [row.id, row] as const)
  return rules.decide(new Map(Object.entries(found).filter(([name]) => names.includes(name))), checked.value, {
    at: AT,
    areas: ['line-1', 'line-3'],
    actor,
    id: ID,
    people: new Map(people),
    epochOf: () => '0'.repeat(16) as Epoch,
    nextOffset: () => 7,
  })
}

const answer = (to: string, id = OTHER) => ({ text: 'Yes', reply: { to, id } })

describe('what a message answers', () => {
  it('[K1] is quoted in one line of 80 characters, cut between them', () => {
    const found = posted({ text: `Two\nlines ${'😀'.repeat(60)}` })
    expect(run('chat.say', answer('message'), { found })).toMatchObject({
      events: [
        {
          channel: LINE,
          type: 'chat.posted',
          data: { reply: { to: 'message', id: OTHER, by: 'lee', text: `Two lines ${'😀'.repeat(34)}…` } },
        },
      ],
    })
    expect(`Two lines ${'😀'.repeat(34)}…`.length).toBeLessThanOrEqual(LIMITS.maxQuote)
  })

  it('[K1] may be a work order of the line, by its number', () => {
    const record = { area: 'line-3', number: 'WO-7', created: { by: 'park' }, fields: { title: 'Brackets' } }
    const found = { [`orders/${OTHER}`]: { channel: channelName('orders', 'line-3'), record } }
    expect(run('chat.say', answer('order'), { found })).toMatchObject({
      events: [{ data: { reply: { to: 'order', by: 'park', text: 'WO-7 Brackets' } } }],
    })
    const elsewhere = { [`orders/${OTHER}`]: { channel: LINE, record: { ...record, area: 'line-1' } } }
    expect(run('chat.say', answer('order'), { found: elsewhere })).toMatchObject({ code: 'order-not-found' })
  })

  it.each([
    ['P2', 'line-3', 'applied'],
    ['P0', 'line-1', 'applied'],
    ['P2', 'line-1', 'alert-not-found'],
  ])('[K1] may be an alert of the line, or an urgent one: %s of %s', (priority, area, end) => {
    const record = { priority, area, title: 'Leak', raised: { by: 'lee' } }
    const found = { [`alerts/${OTHER}`]: { channel: LINE, record } }
    const decision = run('chat.say', answer('alert'), { found })
    expect(decision.ok ? 'applied' : decision.code).toBe(end)
  })

  it('[K1] is refused where it is not there, or of another line, by a code of its kind', () => {
    for (const to of ['message', 'alert', 'order'])
      expect(run('chat.say', answer(to))).toMatchObject({ ok: false, code: `${to}-not-found` })
    const found = posted({}, channelName('chat', 'line-1'))
    expect(run('chat.say', answer('message'), { found })).toMatchObject({ code: 'message-not-found' })
    expect(run('chat.say', answer('machine'))).toMatchObject({ code: 'bad-command' })
  })

  it('[K1] a message that was withdrawn can be answered: its quote is empty, and what is said is not lost', () => {
    expect(run('chat.say', answer('message'), { found: withdrawnAlready() })).toMatchObject({
      events: [{ data: { text: 'Yes', reply: { by: 'lee', text: '' } } }],
    })
  })

  it('[K1] without answer and names it is what chat.post makes', () => {
    expect(run('chat.say', { text: 'Hello' })).toEqual(run('chat.post', { text: 'Hello' }))
    expect(run('chat.post', { text: 'Hello' })).toMatchObject({
      events: [{ type: 'chat.posted', data: { line: 'line-3', text: 'Hello' } }],
    })
  })
})

describe('whom a message names', () => {
  const inboxes = (decision: Decision) =>
    decision.ok ? decision.events.filter(({ type }) => type === 'chat.mentioned').map(({ channel }) => channel) : []

  it('[K3] is told how it begins, except oneself, who may not read the line, and who is not there any more', () => {
    const decision = run('chat.say', { text: 'x'.repeat(200), mentions: ['lee', 'kim', 'away', 'gone'] })
    expect(inboxes(decision)).toEqual(['inbox/lee'])
    expect(decision).toMatchObject({
      events: [
        { data: { mentions: ['lee', 'kim', 'away', 'gone'] } },
        { data: { line: 'line-3', id: ID, by: 'kim', text: `${'x'.repeat(LIMITS.maxQuote - 1)}…`, offset: 7 } },
      ],
    })
  })

  it.each([[['nobody']], [['lee', 'nobody']]])('[K1] must be somebody: %s', (mentions) => {
    expect(run('chat.say', { text: 'Hey', mentions })).toMatchObject({ ok: false, code: 'unknown-operator' })
  })

  it('[K1] [P8] is bounded: a thousand names, one too many and a name twice are refused by the field', () => {
    const names = (count: number) => Array.from({ length: count }, (_, n) => `p${n}`)
    for (const mentions of [names(1000), names(LIMITS.maxMentions + 1), ['lee', 'lee']])
      expect(run('chat.say', { text: 'Hey', mentions })).toMatchObject({ ok: false, code: 'bad-command' })
    expect(run('chat.say', { text: 'Hey', mentions: ['lee'] }).ok).toBe(true)
  })
})

describe('taking a message back', () => {
  it.each([
    ['its author', lee, true],
    ['a supervisor of the line', park, true],
    ['somebody else', kim, false],
    ['a supervisor of another line', { ...park, areas: ['line-1'] }, false],
    ['a program of another name', key, false],
  ] as const)('[K2] %s: %s', (_who, actor, may) => {
    const decision = run('chat.withdraw', { id: OTHER }, { actor, found: posted() })
    expect(decision.ok ? 'applied' : decision.code).toBe(may ? 'applied' : 'forbidden')
  })

  it('[K2] leaves who and when, in the place of what was said, there and in the inboxes', () => {
    const found = posted({ mentions: ['kim', 'away'] })
    const data = { line: 'line-3', id: OTHER, by: 'lee', text: null }
    const said = { type: 'chat.mentioned', cause: OTHER, data, isTold: true }
    expect(run('chat.withdraw', { id: OTHER }, { actor: park, found })).toEqual({
      ok: true,
      rewrites: [
        {
          channel: LINE,
          type: 'chat.posted',
          cause: OTHER,
          data: { line: 'line-3', withdrawn: { by: 'park', at: AT } },
        },
        { channel: 'inbox/kim', ...said },
        { channel: 'inbox/away', ...said },
      ],
      unquotes: [{ channel: LINE, message: OTHER }],
      events: [{ channel: LINE, type: 'chat.withdrawn', data: { line: 'line-3', id: OTHER, by: 'park' } }],
      data: { id: OTHER, withdrawn: { by: 'park', at: AT } },
    })
  })

  it('[K2] a second time changes nothing; what is not there, or of another line, is not found', () => {
    const again = run('chat.withdraw', { id: OTHER }, { actor: lee, found: withdrawnAlready() })
    expect(again).toEqual({ ok: true, events: [], data: { id: OTHER, withdrawn: { by: 'lee', at: AT } } })
    expect(run('chat.withdraw', { id: OTHER }, { actor: lee })).toMatchObject({ code: 'message-not-found' })
    const elsewhere = posted({}, channelName('chat', 'line-1'))
    expect(run('chat.withdraw', { id: OTHER }, { actor: park, found: elsewhere })).toMatchObject({
      code: 'message-not-found',
    })
  })
})

describe('how far a line is read', () => {
  const mark = (offset: number): Record<string, FoundRecord> => ({
    'prefs/kim/read-line-3': { channel: channelName('prefs', 'kim'), record: { offset, at: AT } },
  })

  it('[K4] is the offset and time of the message, kept for the person', () => {
    expect(run('chat.read', { id: OTHER }, { found: posted() })).toEqual({
      ok: true,
      events: [
        {
          channel: 'prefs/kim',
          type: 'chat.read',
          data: { key: 'read-line-3', record: { offset: 7, at: AT } },
        },
      ],
    })
  })

  it('[K4] moves forward only, and a message that is not there moves nothing', () => {
    const nothing = { ok: true, events: [] }
    for (const offset of [7, 8])
      expect(run('chat.read', { id: OTHER }, { found: { ...posted(), ...mark(offset) } })).toEqual(nothing)
    expect(run('chat.read', { id: OTHER }, { found: { ...posted(), ...mark(6) } })).toMatchObject({
      events: [{ data: { record: { offset: 7 } } }],
    })
    expect(run('chat.read', { id: OTHER })).toEqual(nothing)
  })

  it('[K4] is a person’s, in a line they may read', () => {
    expect(run('chat.read', { id: OTHER }, { actor: key, found: posted() })).toMatchObject({ code: 'sign-in-needed' })
    expect(run('chat.read', { line: 'line-1', id: OTHER })).toMatchObject({ code: 'forbidden' })
    expect(run('chat.read', { line: 'line-9', id: OTHER })).toMatchObject({ code: 'unknown-area' })
  })
})

describe('photos and files of a message', () => {
  const HASHES = ['a', 'b'].map((digit) => digit.repeat(64) as ContentHash)
  const photo = (hash = HASHES[0]) => ({ hash, type: 'image/jpeg', size: 1000, name: 'press.jpg' }) as NamedFile
  const stored: FileEnd = {
    how: 'stored',
    hash: 'c'.repeat(64) as ContentHash,
    type: 'image/jpeg',
    size: 900,
    width: 4,
    height: 3,
  }
  const both = [photo(), photo(HASHES[1])].map((file) => ({ ...file, end: null }))
  const settle = (over: object, found: Found = posted({ files: both }), actor = system) =>
    run('chat.settle', { id: OTHER, hash: HASHES[0], end: stored, ...over }, { actor, found })

  it('[O1] go with the message at once, on their way, with words or without any', () => {
    for (const text of ['', 'See this'])
      expect(run('chat.share', { text, files: [photo()] })).toMatchObject({
        ok: true,
        events: [
          { channel: LINE, type: 'chat.posted', data: { line: 'line-3', text, files: [{ ...photo(), end: null }] } },
        ],
      })
  })

  it('[O1] stand by their name where a message without words is quoted, and where it names somebody', () => {
    expect(run('chat.share', { text: '', files: [photo()], mentions: ['lee'] })).toMatchObject({
      events: [{}, { type: 'chat.mentioned', data: { text: 'press.jpg' } }],
    })
    const found = posted({ text: '', files: both })
    expect(run('chat.say', answer('message'), { found })).toMatchObject({
      events: [{ data: { reply: { text: 'press.jpg' } } }],
    })
  })

  it.each([
    ['none', []],
    ['eleven', Array.from({ length: 11 }, (_, at) => photo(`${at}`.padStart(64, '0') as ContentHash))],
    ['one twice', [photo(), photo()]],
    ['an empty one', [{ ...photo(), size: 0 }]],
    ['one too large', [{ ...photo(), size: LIMITS.maxAttachmentBytes + 1 }]],
    ['a program', [{ ...photo(), type: 'text/html' }]],
    ['one without a name', [{ ...photo(), name: ' ' }]],
    ['one whose name turns words around', [{ ...photo(), name: 'a\u202Egpj.exe' }]],
    ['no hash', [{ ...photo(), hash: '../../etc/passwd' }]],
  ])('[O1] [P8] are refused by the field: %s', (_what, files) => {
    expect(run('chat.share', { text: 'Look', files })).toMatchObject({ ok: false, code: 'bad-command' })
  })

  it('[O2] have what became of them written into the message, and told in its channel', () => {
    const files = [
      { ...photo(), end: stored },
      { ...photo(HASHES[1]), end: null },
    ]
    expect(settle({})).toEqual({
      ok: true,
      rewrites: [
        { channel: LINE, type: 'chat.posted', cause: OTHER, data: { line: 'line-3', text: 'Oil on the floor', files } },
      ],
      events: [{ channel: LINE, type: 'chat.filed', data: { line: 'line-3', id: OTHER, ends: ['stored', null] } }],
    })
  })

  it('[O2] keep the end they have, and those of a message that was taken back have none', () => {
    const ended = posted({ files: both.map((file) => ({ ...file, end: stored })) })
    for (const found of [ended, withdrawnAlready(), {}, posted()])
      expect(settle({ hash: null, end: { how: 'lost' } }, found)).toEqual({ ok: true, events: [] })
  })

  it('[O2] are settled by the site alone', () => {
    for (const actor of [kim, park, key]) expect(settle({}, undefined, actor)).toMatchObject({ code: 'forbidden' })
  })

  it('[O3] are lost where their bytes have not come after seven days; the others stay', () => {
    const decision = run('chat.share', { text: '', files: [photo()] })
    expect(decision).toMatchObject({
      timers: [{ kind: 'set', timer: { id: `files/${ID}`, due: '2026-11-27T03:00:00.000Z', type: 'chat.settle' } }],
    })
    const timer = decision.ok ? decision.timers?.[0] : undefined
    if (timer?.kind !== 'set') throw new Error('no timer')
    const half = [
      { ...photo(), end: stored },
      { ...photo(HASHES[1]), end: null },
    ]
    const found = posted({ files: half })
    const due = run('chat.settle', { ...(timer.timer.data as object), id: OTHER }, { actor: system, found })
    expect(due).toMatchObject({ events: [{ data: { ends: ['stored', 'lost'] } }] })
  })

  it('[O3] wait for no time any more once each has an end, or the message was taken back', () => {
    const taken = [{ kind: 'take-back', id: `files/${OTHER}` }]
    expect(settle({ hash: null, end: { how: 'refused' } })).toMatchObject({ timers: taken })
    expect(run('chat.withdraw', { id: OTHER }, { actor: lee, found: posted({ files: both }) })).toMatchObject({
      timers: taken,
    })
  })
})
