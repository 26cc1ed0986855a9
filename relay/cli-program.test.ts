import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { HeadlessProgram, type HeadlessRelay, type ProgramOptions } from './cli-program.ts'
import type { OutputLine } from './cli-lines.ts'
import type { SignInOutcome } from './cli-sign-in.ts'
import type { Checked } from './protocol/check.ts'
import { refuse } from './protocol/errors.ts'
import type { CommandId, SessionId } from './protocol/ids.ts'
import { LIMITS } from './protocol/limits.ts'
import type { OwnTrack } from './protocol/presence.ts'
import type { SessionView } from './protocol/local.ts'

const KIM: SessionView = {
  id: '01990000-0000-7000-8000-000000000001' as SessionId,
  operator: 'kim',
  role: 'operator',
  areas: ['line-3'],
  confirmed: true,
}
const UNREACHABLE: SignInOutcome = { ok: false, code: 'unreachable', message: 'No answer.' }

class FakeRelay implements HeadlessRelay {
  readonly calls: string[] = []
  /** What `start` restores from disk. */
  restored: SessionView | null = null
  signIns: SignInOutcome[] = []
  submitting: (ref: string) => Promise<Checked<unknown>> = () => Promise.resolve({ ok: true, value: null })
  waiting = 0
  readonly becomeIdle = Promise.withResolvers<void>()
  program: HeadlessProgram | null = null

  session(session: SessionView | null): void {
    this.program?.observe({ kind: 'session', session })
  }
  start() {
    this.calls.push('start')
    if (this.restored !== null) this.session(this.restored)
    return Promise.resolve()
  }
  submit({ ref, type }: { ref: string; type: string }) {
    this.calls.push(`submit ${ref} ${type}`)
    return this.submitting(ref)
  }
  subscribe(channel: string, options: { from?: 'start'; maxHz?: number } = {}) {
    const { from, maxHz } = options
    this.calls.push(
      `subscribe ${channel}${from === undefined ? '' : ' from start'}${maxHz === undefined ? '' : ` ${maxHz} Hz`}`,
    )
    return channel === 'bad' ? refuse('unknown-channel') : null
  }
  track(channel: string, state: OwnTrack | null) {
    this.calls.push(state === null ? `leave ${channel}` : `track ${channel} ${state.state}`)
    return channel === 'bad' ? refuse('not-a-room') : null
  }
  signal(channel: string, data: unknown, key?: string): Promise<Checked<null>> {
    this.calls.push(`signal ${channel} ${key ?? '-'} ${JSON.stringify(data)}`)
    return Promise.resolve(channel === 'bad' ? refuse('not-a-room') : { ok: true, value: null })
  }
  unsubscribe(channel: string) {
    this.calls.push(`unsubscribe ${channel}`)
  }
  hostLags(isBehind: boolean) {
    this.calls.push(isBehind ? 'hold' : 'go on')
  }
  seen(ref: string) {
    this.calls.push(`seen ${ref}`)
    return Promise.resolve()
  }
  signIn(operator: string) {
    this.calls.push(`sign-in ${operator}`)
    const outcome = this.signIns.shift() ?? UNREACHABLE
    if (outcome.ok) this.session(outcome.session)
    return Promise.resolve(outcome)
  }
  signOut() {
    this.calls.push('sign-out')
    this.session(null)
    return Promise.resolve()
  }
  pending() {
    return { urgent: 0, normal: this.waiting }
  }
  idle() {
    this.calls.push('idle')
    return this.becomeIdle.promise
  }
}

/** stdin that a test writes to. */
class Pipe implements AsyncIterable<Uint8Array> {
  readonly #chunks: Uint8Array[] = []
  #state: 'open' | 'ended' = 'open'
  #more = Promise.withResolvers<void>()

  write(...lines: unknown[]): void {
    this.#chunks.push(Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join('')))
    this.#more.resolve()
  }
  end(): void {
    this.#state = 'ended'
    this.#more.resolve()
  }
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = this.#chunks.shift()
      if (chunk !== undefined) yield chunk
      else if (this.#state === 'ended') return
      else {
        await this.#more.promise
        this.#more = Promise.withResolvers()
      }
    }
  }
}

function setUp(options: Partial<ProgramOptions> = {}) {
  const relay = new FakeRelay()
  const input = new Pipe()
  const printed: OutputLine[] = []
  const timers: (() => void)[] = []
  const program = new HeadlessProgram({
    user: null,
    subscribe: [],
    from: null,
    linger: false,
    input,
    output: { print: (line) => printed.push(line), isBehind: () => false, caughtUp: () => Promise.resolve() },
    clock: { after: (_ms, call) => (timers.push(call), () => timers.splice(timers.indexOf(call), 1)) },
    log: () => undefined,
    ...options,
  })
  relay.program = program
  /** Lets everything that can go on go on. */
  const settle = async () => {
    for (let turn = 0; turn < 10; turn++) await nextTurn()
  }
  const fireTimers = () => {
    for (const call of timers.splice(0)) call()
  }
  return { relay, input, printed, program, settle, fireTimers }
}
const command = (ref: string) => ({ ref, command: 'chat.post', data: {} })
const asKim = { user: { operator: 'kim', pin: '1111' } }

describe('the headless program', () => {
  it('carries out lines in order and ends with 0 once the outbox is empty', async () => {
    const { relay, input, program, settle } = setUp({ subscribe: ['chat/line-3'], from: 'start' })
    const code = program.run(relay)
    input.write(command('r1'), { subscribe: 'orders/line-3' }, { unsubscribe: 'chat/line-3' }, { seen: 'r1' })
    input.end()
    await settle()
    expect(relay.calls).toEqual([
      'start',
      'subscribe chat/line-3 from start',
      'submit r1 chat.post',
      'subscribe orders/line-3',
      'unsubscribe chat/line-3',
      'seen r1',
      'idle',
    ])
    relay.becomeIdle.resolve()
    expect(await code).toBe(0)
  })

  it('is in rooms, says something there, and prints why it cannot', async () => {
    const { relay, input, program, printed, settle } = setUp()
    void program.run(relay)
    input.write(
      { track: 'presence/line-3', state: { state: 'here' } },
      { track: 'presence/line-3', state: null },
      { signal: 'room/line-3/press', key: 'cursor', data: [1] },
      { subscribe: 'telemetry/line-3/press-1', maxHz: 60 },
      { track: 'bad', state: null },
      { signal: 'bad', data: 1 },
    )
    await settle()
    expect(relay.calls).toEqual([
      'start',
      'track presence/line-3 here',
      'leave presence/line-3',
      'signal room/line-3/press cursor [1]',
      'subscribe telemetry/line-3/press-1 60 Hz',
      'leave bad',
      'signal bad - 1',
    ])
    expect(printed.map((line) => line['code'])).toEqual(['not-a-room', 'not-a-room'])
  })

  it('answers a bad line and a refusal by an error line and goes on', async () => {
    const { relay, input, program, printed } = setUp({ subscribe: ['bad'] })
    relay.submitting = (ref) => Promise.resolve(ref === 'r1' ? refuse('bad-command', 'No.') : { ok: true, value: null })
    relay.becomeIdle.resolve()
    input.write({ command: 'chat.post', data: {} }, command('r1'), command('r2'))
    input.end()
    expect(await program.run(relay)).toBe(0)
    expect(printed).toMatchObject([
      { kind: 'error', channel: 'bad', code: 'unknown-channel' },
      { kind: 'error', code: 'bad-request' },
      { kind: 'error', ref: 'r1', code: 'bad-command', message: 'No.' },
    ])
    expect(relay.calls).toContain('submit r2 chat.post')
  })

  it('stays after the end of input when it is told to linger', async () => {
    const { relay, input, program, settle } = setUp({ linger: true })
    const code = program.run(relay)
    input.end()
    await settle()
    expect(relay.calls).toEqual(['start'])
    program.end(0)
    expect(await code).toBe(0)
  })

  it('takes nothing more once it was told to end', async () => {
    const { relay, input, program, settle } = setUp()
    const code = program.run(relay)
    await settle()
    program.end(0)
    expect(await code).toBe(0)
    input.write(command('r1'))
    await settle()
    expect(relay.calls).toEqual(['start'])
  })

  it('prints a status when what it prints has changed', async () => {
    const { relay, program, printed } = setUp()
    const status = {
      state: 'waiting',
      reason: 'Lost.',
      code: null,
      since: 1,
      retryAt: 2,
      warnings: [],
      way: 'ws',
      wayReason: null,
      forSite: false,
      storage: 'working',
    } as const
    program.observe({ kind: 'status', status })
    program.observe({ kind: 'status', status: { ...status, retryAt: 3 } })
    program.observe({ kind: 'status', status: { ...status, state: 'live', reason: null } })
    program.observe({ kind: 'status', status })
    expect(printed.map((line) => 'state' in line && line.state)).toEqual(['waiting', 'live', 'waiting'])
    program.end(0)
    await program.run(relay)
  })

  it('says live only once the person is signed in, because only then commands are taken', async () => {
    const { program, relay, printed } = setUp({ user: { operator: 'kim', pin: '1111' } })
    const status = {
      state: 'live',
      reason: null,
      code: null,
      since: null,
      retryAt: null,
      warnings: [],
      way: 'ws',
      wayReason: null,
      forSite: false,
      storage: 'working',
    } as const
    program.observe({ kind: 'status', status: { ...status, state: 'resuming' } })
    program.observe({ kind: 'status', status })
    expect(printed.map((line) => 'state' in line && line.state)).toEqual(['resuming'])
    program.observe({ kind: 'session', session: KIM })
    expect(printed.map((line) => 'state' in line && line.state)).toEqual(['resuming', 'live'])
    program.end(0)
    await program.run(relay)
  })

  it('ends with 1 when the relay breaks', async () => {
    const { relay, input, program } = setUp()
    relay.submitting = () => Promise.reject(new Error('a bug'))
    input.write(command('r1'))
    expect(await program.run(relay)).toBe(1)
  })
})

describe('the author of what the headless program reads [P9]', () => {
  it('is the operator: nothing is subscribed or read before the sign-in, however long the server is away', async () => {
    const { relay, input, program, settle, fireTimers } = setUp({ ...asKim, subscribe: ['chat/line-3'] })
    relay.signIns = [UNREACHABLE, UNREACHABLE, { ok: true, session: KIM }]
    const code = program.run(relay)
    input.write(command('r1'))
    input.end()
    for (let attempt = 1; attempt <= 2; attempt++) {
      await settle()
      expect(relay.calls.filter((call) => !call.startsWith('sign-in'))).toEqual(['start'])
      fireTimers()
    }
    await settle()
    expect(relay.calls.slice(-3)).toEqual(['subscribe chat/line-3', 'submit r1 chat.post', 'idle'])
    relay.becomeIdle.resolve()
    expect(await code).toBe(0)
  })

  it('is the operator of an earlier run, also while the server is away', async () => {
    const { relay, input, program, settle } = setUp(asKim)
    relay.restored = { ...KIM, confirmed: false }
    const code = program.run(relay)
    input.write(command('r1'))
    await settle()
    expect(relay.calls).toEqual(['start', 'submit r1 chat.post'])
    program.end(0)
    await code
  })

  it('is waited for again when the session ends in between', async () => {
    const { relay, input, program, settle, fireTimers } = setUp(asKim)
    relay.signIns = [{ ok: true, session: KIM }, UNREACHABLE, { ok: true, session: KIM }]
    const code = program.run(relay)
    input.write(command('r1'))
    await settle()
    relay.session(null)
    input.write(command('r2'))
    await settle()
    expect(relay.calls).not.toContain('submit r2 chat.post')
    fireTimers()
    await settle()
    expect(relay.calls.at(-1)).toBe('submit r2 chat.post')
    program.end(0)
    await code
  })

  it('is never somebody else who was signed in before', async () => {
    const lee = setUp(asKim)
    lee.relay.restored = { ...KIM, operator: 'lee' }
    lee.relay.signIns = [{ ok: true, session: KIM }]
    lee.input.write(command('r1'))
    const code = lee.program.run(lee.relay)
    await lee.settle()
    expect(lee.relay.calls).toEqual(['start', 'sign-out', 'sign-in kim', 'submit r1 chat.post'])
    lee.program.end(0)
    await code
  })

  it('is the device alone without --user', async () => {
    const { relay, input, program, settle } = setUp()
    relay.restored = KIM
    input.write(command('r1'))
    const code = program.run(relay)
    await settle()
    expect(relay.calls).toEqual(['start', 'sign-out', 'submit r1 chat.post'])
    program.end(0)
    await code
  })

  it('is refused with an error line and exit 1 when the PIN is wrong', async () => {
    const { relay, program, printed, fireTimers } = setUp(asKim)
    relay.signIns = [{ ok: false, code: 'bad-pin', message: 'The name or the PIN is wrong.' }]
    expect(await program.run(relay)).toBe(1)
    expect(printed).toEqual([{ kind: 'error', code: 'bad-pin', message: 'The name or the PIN is wrong.' }])
    fireTimers()
    expect(relay.calls).toEqual(['start', 'sign-in kim'])
  })

  it.each(['unreachable', 'unavailable', 'rate-limited', 'internal', 'device-revoked', 'of-tomorrow'])(
    'is tried again after %s',
    async (code) => {
      const { relay, program, settle, fireTimers } = setUp(asKim)
      relay.signIns = [
        { ok: false, code, message: 'Not now.' },
        { ok: true, session: KIM },
      ]
      const ended = program.run(relay)
      await settle()
      fireTimers()
      await settle()
      expect(relay.calls).toEqual(['start', 'sign-in kim', 'sign-in kim'])
      program.end(0)
      expect(await ended).toBe(0)
    },
  )
})

describe('the pace of the headless program [P8]', () => {
  it('is that of the disk: a bounded number of commands waits to become durable', async () => {
    const { relay, input, program, settle } = setUp()
    const saved: (() => void)[] = []
    relay.submitting = () => new Promise((resolve) => saved.push(() => resolve({ ok: true, value: null })))
    const code = program.run(relay)
    input.write(...Array.from({ length: 1_000 }, (_, index) => command(`r${index}`)))
    await settle()
    expect(saved).toHaveLength(256)
    saved[0]?.()
    await settle()
    expect(saved).toHaveLength(257)
    program.end(0)
    await code
  })

  it('is that of the reader of stdout', async () => {
    const reader = Promise.withResolvers<void>()
    const output = { print: () => undefined, isBehind: () => false, caughtUp: () => reader.promise }
    const { relay, input, program, settle } = setUp({ output })
    const code = program.run(relay)
    input.write(command('r1'))
    await settle()
    expect(relay.calls).toEqual(['start'])
    reader.resolve()
    await settle()
    expect(relay.calls).toEqual(['start', 'submit r1 chat.post'])
    program.end(0)
    await code
  })

  it('of channels is that of the reader of stdout, too [R52]', async () => {
    let unread = 0
    const reader = Promise.withResolvers<void>()
    const output = { print: () => (unread += 1), isBehind: () => unread > 2, caughtUp: () => reader.promise }
    const { relay, program, settle } = setUp({ output, linger: true })
    const code = program.run(relay)
    await settle()
    const saved = (ref: string): void => program.observe({ kind: 'saved', ref, id: ref as CommandId })
    saved('r1')
    saved('r2')
    expect(relay.calls).toEqual(['start'])
    saved('r3')
    saved('r4')
    expect(relay.calls).toEqual(['start', 'hold'])
    unread = 0
    reader.resolve()
    await settle()
    expect(relay.calls).toEqual(['start', 'hold', 'go on'])
    program.end(0)
    await code
  })

  it('is that of the server once the outbox is full: the pipe holds the rest, and nothing is refused', async () => {
    const { relay, input, program, settle } = setUp()
    relay.waiting = LIMITS.maxOutboxCommands
    const code = program.run(relay)
    input.write(command('r1'))
    await settle()
    expect(relay.calls).toEqual(['start'])
    relay.waiting--
    program.observe({ kind: 'outbox', pending: relay.pending() })
    await settle()
    expect(relay.calls).toEqual(['start', 'submit r1 chat.post'])
    program.end(0)
    await code
  })
})
