import { expect, it } from 'vitest'
import { LIMITS } from '../../protocol/limits.ts'
import type { Trial, TrialInput } from './slice.ts'
import { NO_TRIAL, stepTrial } from './trial.ts'

type Untimed<T> = T extends unknown ? Omit<T, 'now' | 'mayTake'> : never

/** A trial with a hand on its clock. */
class Line {
  trial: Trial = NO_TRIAL
  now = 0
  mayTake = true
  did: string[] = []
  /** Of the pings, in order. */
  readonly pads: unknown[] = []
  failed: unknown = undefined

  give(input: Untimed<TrialInput>): this {
    const { trial, effects, failed } = stepTrial(this.trial, { ...input, now: this.now, mayTake: this.mayTake })
    this.trial = trial
    this.did = effects.map((effect) => (effect.kind === 'send' ? effect.frame.t : effect.kind))
    this.failed = failed?.reason
    for (const effect of effects)
      if (effect.kind === 'send' && effect.frame.t === 'ping') this.pads.push(effect.frame.pad)
    return this
  }

  wait(ms: number): this {
    this.now += ms
    return this.give({ kind: 'timeReached' })
  }

  pong(carried: number = LIMITS.maxPadBytes): this {
    const nonce = this.trial.kind === 'proving' ? (this.trial.unanswered ?? '') : ''
    return this.give({ kind: 'pongReceived', nonce, carried })
  }

  proving({ lifeMs = 0, takesBytes = true } = {}): this {
    this.give({ kind: 'start', socket: -1, way: 'ws', lifeMs, takesBytes }).give({ kind: 'opened', name: 'name' })
    this.give({ kind: 'challenged', nonce: 'c', version: 1, takesTrials: true }).give({ kind: 'proved', proof: 'p' })
    return this.give({ kind: 'welcomed', link: 'a-trial' })
  }
}

it('[R59] is taken after two pongs that carried 64 KB', () => {
  const line = new Line().proving()
  expect(line.did).toEqual(['ping'])
  expect(line.pong().did).toEqual(['ping'])
  expect(line.pong().did).toEqual(['sendTake'])
  expect(line.trial).toMatchObject({ kind: 'taking', held: [] })
})

it('[R59] is not taken for pongs that carry less, or are not to its own pings', () => {
  const line = new Line().proving()
  for (let pongs = 0; pongs < 5; pongs += 1) expect(line.pong(1_000).did).toEqual(['ping'])
  expect(line.give({ kind: 'pongReceived', nonce: 'other', carried: 99_999 }).did).toEqual([])
})

it.each([
  [true, Uint8Array.from({ length: LIMITS.maxPadBytes }, (_, at) => at)],
  [false, LIMITS.maxPadBytes],
])(
  '[R59] [B2] asks for bytes where the server takes them (%s), for characters otherwise, and no more once they came',
  (takesBytes, pad) => {
    const line = new Line().proving({ lifeMs: 30_000, takesBytes }).pong().pong()
    line.wait(LIMITS.heartbeatMs)
    expect(line.pads).toEqual([pad, pad, 0])
  },
)

it('[R59] lives as long as it has to before it is taken, and pings meanwhile', () => {
  const line = new Line().proving({ lifeMs: 30_000 }).pong().pong()
  expect(line.did).toEqual([])
  expect(line.wait(LIMITS.heartbeatMs).did).toEqual(['ping'])
  expect(line.pong(0).wait(LIMITS.heartbeatMs).pong(0).did).toEqual([])
  expect(line.wait(LIMITS.heartbeatMs).did).toEqual(['ping'])
  expect(line.pong(0).did).toEqual(['sendTake'])
})

it('[R59] waits with its move until the living link may be left', () => {
  const line = new Line().proving()
  line.mayTake = false
  line.pong().pong()
  expect(line.did).toEqual([])
  line.mayTake = true
  expect(line.wait(1_000).did).toEqual(['sendTake'])
})

it.each<[string, (line: Line) => Line, string | null]>([
  ['nothing comes through it', (line) => line.give(START).wait(LIMITS.greetingMs), 'way-silent'],
  ['its pong does not come', (line) => line.proving().wait(LIMITS.heartbeatMs), 'way-silent'],
  ['its key cannot be used', (line) => line.give(START).give({ kind: 'proofFailed' }), null],
  [
    'something on the way refuses it',
    (line) => line.give(START).give({ kind: 'closed', reason: 'upgrade-missing' }),
    'upgrade-missing',
  ],
  ['the living link ends', (line) => line.proving().give({ kind: 'dropped' }), null],
  ['it cannot be taken before the server ends it', (line) => overdue(line), 'way-silent'],
])('[R59] ends where %s', (_what, happens, reason) => {
  const line = happens(new Line())
  expect([line.trial.kind, line.failed]).toEqual(['none', reason])
})
const START: Untimed<TrialInput> = { kind: 'start', socket: -1, way: 'ws', lifeMs: 0, takesBytes: true }

function overdue(line: Line): Line {
  line.proving().mayTake = false
  line.pong().pong()
  while (line.wait(1_000).trial.kind !== 'none') line.pong(0)
  return line
}

it('[R59] holds what comes by the new link, and no more than it may', () => {
  const line = new Line().proving().pong().pong()
  const frame = { t: 'receipted', ref: 1 } as const
  while (line.trial.kind === 'taking' && line.trial.held.length < 4_096) line.give({ kind: 'frameHeld', frame })
  expect(line.trial.kind).toBe('taking')
  expect(line.give({ kind: 'frameHeld', frame }).trial.kind).toBe('none')
})
