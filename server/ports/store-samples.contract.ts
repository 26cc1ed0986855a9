/** What the store's contract suites submit, and who does. */
import { channelName, type ChannelName } from '../../relay/protocol/channels.ts'
import type { CommandId, DeviceId, Epoch, OutboxEpoch, SessionId } from '../../relay/protocol/ids.ts'
import type { Lane } from '../../relay/protocol/lanes.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import type { GreetingRequest } from './greeting.ts'
import type { SessionRow } from './sessions.ts'
import type { Store } from './store.ts'
import type { OutboxSource, Submission, SubmitResult } from './submission.ts'

export const DEVICE = 'd'.repeat(43) as DeviceId
export const OUTBOX = '00000000-0000-4000-8000-000000000001' as OutboxEpoch
export const SESSION = '00000000-0000-4000-8000-0000000000aa' as SessionId
export const CHAT = channelName('chat', 'line-3')
export const PAGE = { maxItems: 100, maxBytes: LIMITS.maxPageBytes }

/** The store of the test that runs, with two areas, a device and a person signed in on it. */
export interface Bench {
  readonly store: Store
  reopen(): Promise<void>
}

export function greeting(oldest: Partial<Record<Lane, number>> = {}): GreetingRequest {
  return {
    device: DEVICE,
    publicKey: '{}',
    name: 'Press 2',
    source: '10.0.0.1',
    defaultAreas: ['*'],
    epoch: OUTBOX,
    incarnation: null,
    oldest: { urgent: 1, normal: 1, ...oldest },
  }
}

export function session(): SessionRow {
  return {
    id: SESSION,
    operator: 'kim',
    device: DEVICE,
    status: 'active',
    createdAt: '2026-01-01T00:00:00.000Z',
    expiresAt: '2099-01-01T12:00:00.000Z',
    refreshHash: 'r1',
    previousHash: null,
    generation: 1,
  }
}

export function commandId(number: number): CommandId {
  return `00000000-0000-7000-8000-${number.toString(16).padStart(12, '0')}` as CommandId
}

export function post(seq: number, text: string): Submission {
  return {
    source: { kind: 'outbox', device: DEVICE, epoch: OUTBOX, lane: 'normal', seq, session: SESSION },
    id: commandId(seq),
    type: 'chat.post',
    data: { line: 'line-3', text },
  }
}

export function behind(submission: Submission, after: CommandId): Submission {
  if (submission.source.kind !== 'outbox') throw new Error('only an outbox has sequences')
  return { ...submission, source: { ...submission.source, after } }
}

export function raise(seq: number, priority: string): Submission {
  return {
    source: { kind: 'outbox', device: DEVICE, epoch: OUTBOX, lane: 'urgent', seq, session: SESSION },
    id: commandId(0x1000 + seq),
    type: 'alert.raise',
    data: { priority, area: 'line-3', title: 'Hydraulic pressure low' },
  }
}

export function from(submission: Submission, author: SessionId | null): Submission {
  if (submission.source.kind !== 'outbox') throw new Error('only an outbox has sessions')
  return { ...submission, source: { ...submission.source, session: author } }
}

export function changed(submission: Submission, over: Partial<OutboxSource>): Submission {
  if (submission.source.kind !== 'outbox') throw new Error('only an outbox has such a source')
  return { ...submission, source: { ...submission.source, ...over } }
}

export function signOut(seq: number): Submission {
  return { ...post(seq, ''), type: 'session.end', data: { session: SESSION } }
}

export function verdictOf(result: SubmitResult): SubmitResult['verdict'] {
  return result.verdict
}

export async function epochOf(store: Store, channel: ChannelName): Promise<Epoch> {
  return (await store.snapshotStart(channel)).epoch
}

export async function texts(store: Store): Promise<unknown[]> {
  const page = await store.events(CHAT, { epoch: await epochOf(store, CHAT), offset: 0 }, PAGE)
  return page.events.map(({ data }) => (data as { text: string }).text)
}
