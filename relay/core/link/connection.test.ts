import { describe, expect, it } from 'vitest'
import { CLOSE } from '../../protocol/close-codes.ts'
import { LIMITS } from '../../protocol/limits.ts'
import { stepConnection } from './connection.ts'
import {
  connectionDeadline,
  INITIAL_CONNECTION,
  type ConnectionEffect,
  type ConnectionInput,
  type ConnectionState,
  type Timed,
} from './slice.ts'

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never
type Given = Without<ConnectionInput, keyof Timed>
type Heard = Without<Extract<ConnectionInput, { generation: number }>, keyof Timed | 'generation'>

/** Of a device that has this way only. */
const NEXT = { way: 'ws', patienceMs: LIMITS.greetingMs, isAtOnce: false } as const

/** One connection with a hand on its clock. */
class Line {
  state: ConnectionState = INITIAL_CONNECTION
  now = 0
  chance = 0.5
  mayRest = false
  effects: readonly ConnectionEffect[] = []

  give(input: Given): this {
    const stepped = stepConnection(this.state, {
      ...input,
      now: this.now,
      chance: this.chance,
      next: NEXT,
      mayRest: this.mayRest,
    })
    this.state = stepped.state
    this.effects = stepped.effects
    return this
  }

  /** Of the newest socket. */
  hear(input: Heard): this {
    return this.give({ ...input, generation: this.state.generation })
  }

  /** To the next deadline, and lets it be reached. */
  wait(): this {
    this.now = connectionDeadline(this.state) ?? this.now
    return this.give({ kind: 'timeReached' })
  }

  live(): this {
    if (this.state.kind === 'idle') this.give({ kind: 'start' })
    this.hear({ kind: 'socketOpened', name: 'n' })
      .hear({ kind: 'challenged', nonce: 'c', version: 1 })
      .hear({ kind: 'proved', proof: 'p' })
    return this.hear({ kind: 'welcomed', heartbeatMs: 10_000 }).give({ kind: 'caughtUp' })
  }

  pong(): this {
    const nonce = 'beat' in this.state ? (this.state.beat.unanswered.at(-1) ?? '') : ''
    return this.hear({ kind: 'pongReceived', nonce })
  }

  delay(): number {
    return this.state.kind === 'waiting' ? this.state.retryAt - this.now : NaN
  }
}

it('[R51] a socket that was not let in is waited for with the reason, until one is', () => {
  const line = new Line().give({ kind: 'start' }).hear({ kind: 'socketClosed', code: 1006, refusal: 'upgrade-missing' })
  expect(line.state).toMatchObject({
    kind: 'waiting',
    trouble: { code: 'upgrade-missing', says: expect.stringContaining('WebSocket') },
  })
  line.wait()
  expect(line.state).toMatchObject({ kind: 'connecting', trouble: { code: 'upgrade-missing' } })
  expect(line.hear({ kind: 'socketClosed', code: 1006 }).state).toMatchObject({ trouble: { code: 'connection-lost' } })
})

describe('[R3] coming back', () => {
  it('waits 1, 2, 4 … 30 s with full jitter while nothing answers', () => {
    const line = new Line().give({ kind: 'start' })
    line.chance = 0.999_999
    const delays: number[] = []
    for (let failure = 0; failure < 7; failure += 1) {
      line.hear({ kind: 'socketClosed', code: 1006 })
      delays.push(Math.ceil(line.delay() / 1000))
      line.wait()
    }
    expect(delays).toEqual([1, 2, 4, 8, 16, 30, 30])
    line.chance = 0
    expect(line.hear({ kind: 'socketClosed', code: 1006 }).delay()).toBe(0)
  })

  it('stays in a step for as long as it lasts, however often short draws let it try', () => {
    const line = new Line().give({ kind: 'start' })
    line.chance = 0.1
    for (let failure = 0; failure < 9; failure += 1) {
      expect(line.hear({ kind: 'socketClosed', code: 1006 }).delay()).toBe(100)
      line.wait()
    }
    line.now = 1_000
    expect(line.hear({ kind: 'socketClosed', code: 1006 }).delay()).toBe(200)
  })

  it('begins again from the first step once a pong has proved a link, not when a socket opens', () => {
    const line = new Line().give({ kind: 'start' })
    for (let failure = 0; failure < 4; failure += 1) line.hear({ kind: 'socketClosed', code: 1006 }).wait()
    line.live()
    expect(line.state).toMatchObject({ kind: 'live', failingSince: 0 })
    expect(line.pong().state).toMatchObject({ kind: 'live', failingSince: null })
  })

  it('does not end with any close code', () => {
    for (const { code } of [...Object.values(CLOSE), { code: 1002 }, { code: 4999 }]) {
      const line = new Line().live().hear({ kind: 'socketClosed', code })
      expect(line.state.kind).toBe('waiting')
      expect(line.wait().state.kind).toBe('connecting')
    }
  })

  it('waits as long as the server asked for in bye', () => {
    const line = new Line().live().hear({ kind: 'byeReceived', retryAfterMs: 12_345 })
    expect(line.hear({ kind: 'socketClosed', code: 1001 }).delay()).toBe(12_345)
  })

  it('[P6] waits no longer than a slow retry, whatever it is asked for', () => {
    const line = new Line().live().hear({ kind: 'byeReceived', retryAfterMs: Number.MAX_SAFE_INTEGER })
    expect(line.hear({ kind: 'socketClosed', code: 1001 }).delay()).toBe(LIMITS.slowRetryMs)
  })

  it.each([CLOSE.revoked, CLOSE.replaced])(
    'comes back slowly after $code, letting a living connection be',
    ({ code, says }) => {
      const line = new Line().live().hear({ kind: 'socketClosed', code })
      expect(line.delay()).toBe(LIMITS.slowRetryMs)
      expect(line.state).toMatchObject({ trouble: { says } })
      line
        .wait()
        .hear({ kind: 'socketOpened', name: 'n' })
        .hear({ kind: 'challenged', nonce: 'c', version: 1 })
        .hear({ kind: 'proved', proof: 'p' })
      expect(line.effects).toMatchObject([{ kind: 'sendHello', yields: true }])
    },
  )

  it('lets a person take the connection back at once', () => {
    const line = new Line()
      .live()
      .hear({ kind: 'socketClosed', code: CLOSE.replaced.code })
      .give({ kind: 'retryPressed' })
    expect(line.state.kind).toBe('connecting')
    line
      .hear({ kind: 'socketOpened', name: 'n' })
      .hear({ kind: 'challenged', nonce: 'c', version: 1 })
      .hear({ kind: 'proved', proof: 'p' })
    expect(line.effects).toMatchObject([{ kind: 'sendHello', yields: false }])
  })

  it('connects at once after waking, but a slow retry that woke still lets a living connection be', () => {
    const line = new Line().live().hear({ kind: 'socketClosed', code: CLOSE.replaced.code }).give({ kind: 'woke' })
    expect(line.state).toMatchObject({ kind: 'connecting', yields: true })
  })

  it('says why it is not live, and says nothing on the way there for the first time', () => {
    const line = new Line().give({ kind: 'start' })
    expect(line.state).toMatchObject({ trouble: null })
    line.hear({ kind: 'socketOpened', name: 'n' })
    line
      .hear({ kind: 'refused', trouble: { code: 'device-revoked', says: 'Ask.' } })
      .hear({ kind: 'socketClosed', code: 4403 })
    expect(line.state).toMatchObject({ trouble: { code: 'device-revoked', says: 'Ask.' } })
    expect(line.wait().state).toMatchObject({ kind: 'connecting', trouble: { code: 'device-revoked' } })
  })

  it('gives up a socket that does not open or greet within ten seconds', () => {
    const opening = new Line().give({ kind: 'start' }).wait()
    expect([opening.now, opening.state.kind, opening.effects[0]?.kind]).toEqual([10_000, 'waiting', 'closeSocket'])
    const greeting = new Line().give({ kind: 'start' }).hear({ kind: 'socketOpened', name: 'n' }).wait()
    expect([greeting.now, greeting.state.kind]).toEqual([10_000, 'waiting'])
    const proving = new Line().give({ kind: 'start' }).hear({ kind: 'socketOpened', name: 'n' })
    proving.now = 9_000
    proving.hear({ kind: 'challenged', nonce: 'c', version: 1 }).wait()
    expect([proving.now, proving.state.kind]).toEqual([19_000, 'waiting'])
  })
})

describe('[R6] the heartbeat', () => {
  it('calls a link dead when two pings have no answer', () => {
    const line = new Line().live()
    expect(line.wait().effects).toMatchObject([{ kind: 'sendPing' }])
    expect(line.wait().state.kind).toBe('waiting')
    expect(line.now).toBe(20_000)
    expect(line.effects).toMatchObject([{ kind: 'closeSocket', code: CLOSE.silent.code }])
  })

  it('lives on while its own nonces come back', () => {
    const line = new Line().live().pong()
    for (let beat = 0; beat < 50; beat += 1) line.wait().pong()
    expect(line.state.kind).toBe('live')
    expect(line.now).toBe(500_000)
  })

  it('is not fooled by a pong to somebody else’s nonce', () => {
    const line = new Line().live()
    for (let beat = 0; beat < 2; beat += 1) line.hear({ kind: 'pongReceived', nonce: 'other' }).wait()
    expect(line.state.kind).toBe('waiting')
  })

  it('takes a late pong as proof for what was sent before it too', () => {
    const line = new Line().live().wait().pong().wait()
    expect(line.state).toMatchObject({ kind: 'live', beat: { unanswered: ['n:3'] } })
  })

  it('gives a link two seconds when the network is said to be gone', () => {
    const line = new Line().live().pong().give({ kind: 'wentOffline' })
    expect(connectionDeadline(line.state)).toBe(LIMITS.probeMs)
    expect(line.wait().state.kind).toBe('waiting')
    const answered = new Line().live().pong().give({ kind: 'wentOffline' }).pong()
    expect(connectionDeadline(answered.state)).toBe(10_000)
  })

  it('keeps to a sane pace whatever the server names', () => {
    const line = new Line().give({ kind: 'start' }).hear({ kind: 'socketOpened', name: 'n' })
    expect(line.hear({ kind: 'welcomed', heartbeatMs: 0 }).state).toMatchObject({ beat: { everyMs: 20 } })
    const slow = new Line().give({ kind: 'start' }).hear({ kind: 'socketOpened', name: 'n' })
    expect(slow.hear({ kind: 'welcomed', heartbeatMs: 3_600_000 }).state).toMatchObject({ beat: { everyMs: 30_000 } })
  })
})

describe('[R60] the heartbeat of a device that nobody looks at', () => {
  const resting = () => {
    const line = new Line().live().pong()
    line.mayRest = true
    return line
  }

  it('comes every three of the site’s from the next one on, and says so', () => {
    const line = resting().wait()
    expect([line.now, line.effects]).toMatchObject([10_000, [{ kind: 'sendPing', everyMs: 30_000 }]])
    expect(line.pong().wait().now).toBe(40_000)
    expect(line.effects).toMatchObject([{ kind: 'sendPing', everyMs: 30_000 }])
  })

  it('never comes later than the slowest a site may set', () => {
    const line = new Line().give({ kind: 'start' }).hear({ kind: 'socketOpened', name: 'n' })
    line.mayRest = true
    line.hear({ kind: 'welcomed', heartbeatMs: 20_000 })
    expect(line.effects).toMatchObject([{ kind: 'sendPing', everyMs: LIMITS.maxHeartbeatMs }])
    expect(connectionDeadline(line.state)).toBe(LIMITS.maxHeartbeatMs)
  })

  it('still finds a dead link, when two have no answer', () => {
    const line = resting().wait().wait()
    expect([line.now, line.state.kind]).toEqual([40_000, 'live'])
    expect([line.wait().now, line.state.kind]).toEqual([70_000, 'waiting'])
  })

  it('is the site’s again as soon as somebody looks', () => {
    const line = resting().wait().pong()
    line.mayRest = false
    line.now += 5_000
    expect(line.give({ kind: 'watched' }).effects).toMatchObject([{ kind: 'sendPing', everyMs: null }])
    expect(connectionDeadline(line.state)).toBe(line.now + 10_000)
    expect(line.give({ kind: 'watched' }).effects).toEqual([])
  })
})
