import { describe, expect, it } from 'vitest'
import { channelName } from '../../relay/protocol/channels.ts'
import type { Epoch, EventId, SessionId } from '../../relay/protocol/ids.ts'
import type { CommittedEvent, SubmitResult } from '../ports/submission.ts'
import { Commits } from './commit.ts'
import { Hub } from './hub.ts'

const EPOCH = '0123456789abcdef' as Epoch
const SESSION = '00000000-0000-4000-8000-0000000000aa' as SessionId

function event(offset: number, type = 'chat.posted', data: unknown = null): CommittedEvent {
  const channel = channelName(type.startsWith('session.') ? 'inbox' : 'chat', 'kim')
  return { channel, epoch: EPOCH, event: { offset, id: `${offset}` as EventId, type, at: '', data } }
}

function done(events: readonly CommittedEvent[], ended: Partial<SubmitResult> = {}): SubmitResult {
  const outcome = { outcome: 'applied', code: null, message: null, data: null, offsets: {} } as const
  return { verdict: { kind: 'done', outcome, repeated: false }, events, endedSessions: [], ...ended }
}

/** What happens, in the order in which it does. */
function pipeline() {
  const heard: string[] = []
  const told: number[] = []
  const hub = new Hub<string>({
    encode: ({ event: { offset } }) => {
      heard.push(`hub ${offset}`)
      return ''
    },
    join: () => '',
    tops: [],
    ringSize: 4,
    schedule: () => {},
    behind: () => void heard.push('behind'),
    reloaded: () => {},
  })
  const commits = new Commits({
    hub,
    followers: ['machines', 'metrics'].map(
      (name) => (events) => void heard.push(`${name} ${events.map(({ event: { offset } }) => offset).join(',')}`),
    ),
    sessionsEnded: (sessions, end) => void heard.push(`${end} ${sessions.join(',')}`),
    tell: (events) => void told.push(...events.map(({ event: { offset } }) => offset)),
    revokedElsewhere: (operator) => void heard.push(`revoked ${operator}`),
  })
  return { commits, heard, told }
}

describe('what a commit sets in motion', () => {
  it('[U5] is the hub, then who follows, then the sessions that ended', () => {
    const { commits, heard } = pipeline()
    const result = done([event(1), event(2)], { endedSessions: [SESSION] })
    expect(commits.here(result)).toBe(result)
    expect(heard).toEqual(['hub 1', 'hub 2', 'machines 1,2', 'metrics 1,2', `session-ended ${SESSION}`])
  })

  it('[U5] [A7] says that sessions were taken away where they were', () => {
    const { commits, heard } = pipeline()
    commits.here(done([], { endedSessions: [SESSION], revoked: true }))
    expect(heard).toEqual([`session-revoked ${SESSION}`])
  })

  it('[U5] is nothing for a command that was answered without a commit', () => {
    const { commits, heard } = pipeline()
    commits.here(done([]))
    expect(heard).toEqual([])
  })

  it('[U4] [U5] tells each event once and in order, by whichever way it comes first', () => {
    const { commits, heard } = pipeline()
    commits.here(done([event(2)]))
    expect(heard.splice(0)).toEqual(['behind'])
    commits.elsewhere([event(1), event(2), event(3)])
    commits.here(done([event(3)]))
    expect(heard).toEqual(['hub 1', 'hub 2', 'hub 3', 'machines 1,2,3', 'metrics 1,2,3'])
  })

  it('[U5] [A1] ends a session here that another node signed out', () => {
    const { commits, heard } = pipeline()
    commits.elsewhere([event(1, 'session.ended', { session: SESSION, device: 'd', reason: 'signed-out' })])
    expect(heard.at(-1)).toBe(`session-ended ${SESSION}`)
  })

  it('[U5] [A7] asks about the sessions of a person whom another node signed out everywhere', () => {
    const { commits, heard } = pipeline()
    commits.elsewhere([event(1, 'session.revoked', { operator: 'kim' })])
    expect(heard.at(-1)).toBe('revoked kim')
  })

  it('[U6] tells the other nodes what this one committed, ahead of it or not, and nothing of what they committed', () => {
    const { commits, told } = pipeline()
    commits.elsewhere([event(1)])
    commits.here(done([event(3)]))
    commits.here(done([event(2)]))
    expect(told).toEqual([3, 2])
  })
})
