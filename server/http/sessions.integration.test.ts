import type { LightMyRequestResponse } from 'fastify'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { DeviceId, SessionId } from '../../relay/protocol/ids.ts'
import { DEVICE, greet, OTHER_DEVICE, openFloor, problemIn, type Floor } from '../testing/http-floor.ts'
import { PIN_RULES } from '../core/pin-rules.ts'

let floor: Floor
beforeAll(async () => {
  floor = await openFloor()
})
afterAll(() => floor.close())
beforeEach(() => {
  floor.ended.length = 0
})

interface Granted {
  readonly session: SessionId
  readonly accessToken: string
  readonly generation: number
  readonly expiresInMs: number
  readonly refreshToken: string
}

async function post(
  url: string,
  body: unknown,
  { device = DEVICE, headers = {} }: { device?: DeviceId; headers?: Record<string, string> } = {},
) {
  const token = floor.deviceToken(device)
  return floor.call('POST', url, body, { authorization: `Bearer ${token}`, 'andon-refresh': 'body', ...headers })
}
const signIn = (body: unknown, options?: Parameters<typeof post>[2]) => post('/api/sessions', body, options)
const refresh = (body: unknown, options?: Parameters<typeof post>[2]) => post('/api/sessions/refresh', body, options)

async function granted(response: LightMyRequestResponse | Promise<LightMyRequestResponse>): Promise<Granted> {
  const answer = await response
  expect(answer.statusCode, answer.body).toBe(200)
  return answer.json<Granted>()
}
const kim = () => granted(signIn({ operator: 'kim', pin: '1111' }))
async function refused(response: Promise<LightMyRequestResponse>) {
  const { status, code } = problemIn(await response)
  return `${status} ${String(code)}`
}

describe('signing in [P9]', () => {
  it('answers who, what they may, and an access token for this device', async () => {
    const answer = await kim()
    expect(answer).toMatchObject({
      operator: 'kim',
      role: 'operator',
      areas: ['line-3'],
      generation: 1,
      expiresInMs: 300_000,
    })
    expect(await floor.tokens.verifyAccess(answer.accessToken)).toMatchObject({
      value: { operator: 'kim', session: answer.session, device: DEVICE, generation: 1 },
    })
    expect(await floor.store.session(answer.session)).toMatchObject({
      status: 'active',
      operator: 'kim',
      device: DEVICE,
    })
  })

  it('keeps the refresh token from scripts in a cookie, unless asked otherwise', async () => {
    const response = await signIn({ operator: 'kim', pin: '1111' }, { headers: { 'andon-refresh': 'no' } })
    expect(response.json()).not.toHaveProperty('refreshToken')
    expect(response.headers['set-cookie']).toMatch(
      /^andon-refresh=[^;]+; Max-Age=43200; Path=\/api\/sessions; HttpOnly; SameSite=Strict$/,
    )
    const own = await signIn({ operator: 'kim', pin: '1111' })
    expect(own.json()).toHaveProperty('refreshToken')
    expect(own.headers['set-cookie']).toBeUndefined()
  })

  it('[X4] is refused alike for a wrong PIN, an unknown name and a person who was deactivated', async () => {
    const lee = await floor.store.operator('lee')
    if (lee === null) throw new Error('lee is gone')
    await floor.store.putOperator({ ...lee, status: 'inactive' })
    const answers = [
      problemIn(await signIn({ operator: 'kim', pin: '9999' })),
      problemIn(await signIn({ operator: 'nobody', pin: '1111' })),
      problemIn(await signIn({ operator: 'lee', pin: '2222' })),
    ]
    expect(answers[0]).toMatchObject({ status: 401, code: 'bad-pin' })
    expect(answers[1]).toEqual(answers[0])
    expect(answers[2]).toEqual(answers[0])
    await floor.store.putOperator(lee)
  })

  it('[X4] five wrong PINs lock the person on that device, even for the right one, and say for how long', async () => {
    for (let count = 0; count < PIN_RULES.triesInARow; count += 1) {
      expect(await refused(signIn({ operator: 'park', pin: '9999' }))).toBe('401 bad-pin')
    }
    const locked = await signIn({ operator: 'park', pin: '3333' })
    expect(problemIn(locked)).toMatchObject({ status: 429, code: 'pin-locked' })
    expect(locked.headers['retry-after']).toBe('30')
    await granted(signIn({ operator: 'park', pin: '3333' }, { device: OTHER_DEVICE }))
    floor.clock.ms += PIN_RULES.firstDelayMs
    await granted(signIn({ operator: 'park', pin: '3333' }))
  })

  it('[X4] whoever signed in on a terminal before is delayed by no stranger’s guesses at them', async () => {
    const own = await openFloor()
    const strangers = Array.from({ length: 40 }, (_, index) => `${index}`.padStart(43, 'S') as DeviceId)
    const ask = async (device: DeviceId, pin: string, operator = 'admin') => {
      const headers = { authorization: `Bearer ${own.deviceToken(device)}`, 'andon-refresh': 'body' }
      const response = await own.call('POST', '/api/sessions', { operator, pin }, headers)
      return response.statusCode === 200 ? 'in' : String(problemIn(response).code)
    }
    try {
      expect(await ask(DEVICE, '4444')).toBe('in')
      for (const device of strangers) {
        await greet(own.store, device)
        own.links.welcomed(device, 'first')
      }
      const ends: string[] = []
      for (const device of strangers) ends.push(await ask(device, '0000'))
      expect(ends.filter((end) => end === 'bad-pin')).toHaveLength(PIN_RULES.person.limit)
      expect(ends.at(-1)).toBe('pin-locked')
      // The right one is refused to a device where nobody ever signed in, and taken where this person did.
      expect(await ask(strangers[39] ?? DEVICE, '4444')).toBe('pin-locked')
      expect(await ask(strangers[39] ?? DEVICE, '1111', 'kim')).toBe('in')
      expect(await ask(DEVICE, '4444')).toBe('in')
    } finally {
      await own.close()
    }
  })

  it('[X4] thirty right PINs at once from one address and thirty new devices are thirty sign-ins', async () => {
    const own = await openFloor()
    const devices = Array.from({ length: 30 }, (_, index) => `${index}`.padStart(43, 'N') as DeviceId)
    try {
      const signIns = devices.map(async (device) => {
        await greet(own.store, device)
        own.links.welcomed(device, 'first')
        const headers = { authorization: `Bearer ${own.deviceToken(device)}`, 'andon-refresh': 'body' }
        return (await own.call('POST', '/api/sessions', { operator: 'kim', pin: '1111' }, headers)).statusCode
      })
      expect(new Set(await Promise.all(signIns))).toEqual(new Set([200]))
    } finally {
      await own.close()
    }
  })

  it.each<[string, unknown]>([
    ['without a PIN', { operator: 'kim' }],
    ['with an empty PIN', { operator: 'kim', pin: '' }],
    ['with a PIN too long', { operator: 'kim', pin: '1'.repeat(65) }],
    ['with a malformed name', { operator: 'Kim!', pin: '1111' }],
    ['with a field nobody knows', { operator: 'kim', pin: '1111', role: 'admin' }],
    ['with nothing', undefined],
  ])('%s is a bad request', async (_name, body) => {
    expect(await refused(signIn(body))).toBe('400 bad-request')
  })
})

describe('the device token', () => {
  it.each(['', 'Bearer', 'Bearer x', 'Bearer demo-key', 'Basic eDp5'])('is not %j', async (authorization) => {
    const headers = { authorization }
    expect(await refused(signIn({ operator: 'kim', pin: '1111' }, { headers }))).toBe('401 bad-token')
    expect(await refused(refresh({ session: crypto.randomUUID() }, { headers }))).toBe('401 bad-token')
  })

  it('is not an access token', async () => {
    const { accessToken } = await kim()
    expect(
      await refused(signIn({ operator: 'kim', pin: '1111' }, { headers: { authorization: `Bearer ${accessToken}` } })),
    ).toBe('401 bad-token')
  })

  it('[A8] ends with the next greeting of the device, not with its connection', async () => {
    const device = DEVICE
    const headers = { authorization: `Bearer ${floor.tokens.issueDevice(device, 'second')}` }
    expect(await refused(signIn({ operator: 'kim', pin: '1111' }, { headers }))).toBe('401 bad-token')
    floor.links.welcomed(device, 'second')
    await granted(signIn({ operator: 'kim', pin: '1111' }, { headers }))
    expect(await refused(signIn({ operator: 'kim', pin: '1111' }))).toBe('401 bad-token')
    floor.links.left(device, 'second')
    await granted(signIn({ operator: 'kim', pin: '1111' }, { headers }))
    floor.links.welcomed(device, 'first')
  })

  it('of a device the server never greeted is refused', async () => {
    expect(await refused(signIn({ operator: 'kim', pin: '1111' }, { device: 'C'.repeat(43) as DeviceId }))).toBe(
      '401 bad-token',
    )
  })
})

describe('refreshing', () => {
  it('rotates the token and counts up', async () => {
    const first = await kim()
    const second = await granted(refresh({ session: first.session, refreshToken: first.refreshToken }))
    expect(second).toMatchObject({ session: first.session, operator: 'kim', generation: 2 })
    expect(second.refreshToken).not.toBe(first.refreshToken)
    const third = await granted(refresh({ session: first.session, refreshToken: second.refreshToken }))
    expect(third.generation).toBe(3)
  })

  it('works by cookie', async () => {
    const headers = { 'andon-refresh': 'no' }
    const first = await signIn({ operator: 'kim', pin: '1111' }, { headers })
    const { session } = first.json<Granted>()
    const cookie = String(first.headers['set-cookie']).split(';')[0] ?? ''
    floor.clock.ms += 3_600_000
    const second = await refresh({ session }, { headers: { ...headers, cookie } })
    expect(second.json()).toMatchObject({ session, generation: 2 })
    expect(second.headers['set-cookie']).toContain('Max-Age=39600')
  })

  it('[X3] a lost answer is told again, however often: the same token, of the same generation, and nothing is written', async () => {
    const { session, refreshToken } = await kim()
    const lost = await granted(refresh({ session, refreshToken }))
    const row = await floor.store.session(session)
    for (let time = 0; time < 10; time += 1) {
      const again = await granted(refresh({ session, refreshToken }))
      expect(again).toMatchObject({ refreshToken: lost.refreshToken, generation: 2 })
    }
    expect(await floor.store.session(session)).toEqual(row)
    await granted(refresh({ session, refreshToken: lost.refreshToken }))
    expect(floor.ended).toEqual([])
  })

  it('[X3] a token of which an earlier version took the hash away is told the next one again', async () => {
    const { session, refreshToken } = await kim()
    const lost = await granted(refresh({ session, refreshToken }))
    const row = await floor.store.session(session)
    if (row === null) throw new Error('not there')
    await floor.store.putSession({ ...row, previousHash: null })
    const again = await granted(refresh({ session, refreshToken }))
    expect(again).toMatchObject({ refreshToken: lost.refreshToken, generation: 2 })
    expect(floor.ended).toEqual([])
  })

  it('[X3] two windows that refresh at once, again and again, end nobody’s session', async () => {
    const { session, ...first } = await kim()
    let tokens = [first.refreshToken, first.refreshToken]
    for (let round = 2; round < 8; round += 1) {
      const answers = await Promise.all(tokens.map((refreshToken) => granted(refresh({ session, refreshToken }))))
      expect(answers.map(({ generation }) => generation)).toEqual([round, round])
      tokens = answers.map(({ refreshToken }) => refreshToken)
    }
    expect(floor.ended).toEqual([])
  })

  it('[X3] a token that somebody made up is refused and ends nothing', async () => {
    const { session, refreshToken } = await kim()
    const [id = '', generation = '', mac = ''] = refreshToken.split('.')
    const made = ['x', `${session}.`, `${session}.x`, `${id}.2.${mac}`, `${id}.${generation}.${'A'.repeat(mac.length)}`]
    for (const guess of made) expect(await refused(refresh({ session, refreshToken: guess }))).toBe('401 session-ended')
    await granted(refresh({ session, refreshToken }))
    expect(floor.ended).toEqual([])
  })

  it('[X3] a token of a time that a restore took back ends nothing either', async () => {
    const { session, refreshToken } = await kim()
    const backup = await floor.store.session(session)
    const second = await granted(refresh({ session, refreshToken }))
    const third = await granted(refresh({ session, refreshToken: second.refreshToken }))
    if (backup === null) throw new Error('not there')
    await floor.store.putSession(backup)
    expect(await refused(refresh({ session, refreshToken: third.refreshToken }))).toBe('401 session-ended')
    expect(await floor.store.session(session)).toMatchObject({ status: 'active' })
    expect(floor.ended).toEqual([])
  })

  it('[X3] a session of an earlier version, whose tokens cannot be told again, goes on', async () => {
    const { session } = await kim()
    const row = await floor.store.session(session)
    if (row === null) throw new Error('not there')
    const old = (name: string) => `${session}.${name}`
    const hashes = { refreshHash: floor.tokens.hashRefresh(old('b')), previousHash: floor.tokens.hashRefresh(old('a')) }
    await floor.store.putSession({ ...row, ...hashes, generation: 4 })
    const next = await granted(refresh({ session, refreshToken: old('a') }))
    expect(next.generation).toBe(5)
    for (const answer of [
      await refresh({ session, refreshToken: old('a') }),
      await refresh({ session, refreshToken: old('a') }),
    ])
      expect(await granted(answer)).toMatchObject({ refreshToken: next.refreshToken, generation: 5 })
    expect(await refused(refresh({ session, refreshToken: old('b') }))).toBe('401 session-ended')
    await granted(refresh({ session, refreshToken: next.refreshToken }))
    expect(floor.ended).toEqual([])
  })

  it('[X3] a token from before the last one that was used is a copy: the session is revoked', async () => {
    const first = await kim()
    const { session } = first
    const second = await granted(refresh({ session, refreshToken: first.refreshToken }))
    const third = await granted(refresh({ session, refreshToken: second.refreshToken }))
    expect(await refused(refresh({ session, refreshToken: first.refreshToken }))).toBe('403 session-revoked')
    expect(floor.ended).toEqual([{ id: session, end: 'session-revoked' }])
    expect(await floor.store.session(session)).toMatchObject({ status: 'revoked' })
    expect(await refused(refresh({ session, refreshToken: third.refreshToken }))).toBe('403 session-revoked')
  })

  it('the cookie of whoever signed in later ends nobody’s session', async () => {
    const first = await kim()
    const lee = await granted(signIn({ operator: 'lee', pin: '2222' }))
    expect(await refused(refresh({ session: first.session, refreshToken: lee.refreshToken }))).toBe('401 session-ended')
    expect(await refused(refresh({ session: first.session }))).toBe('401 session-ended')
    await granted(refresh({ session: first.session, refreshToken: first.refreshToken }))
    expect(floor.ended).toEqual([])
  })

  it('belongs to the device that signed in', async () => {
    const { session, refreshToken } = await kim()
    expect(await refused(refresh({ session, refreshToken }, { device: OTHER_DEVICE }))).toBe('403 session-unknown')
    expect(await refused(refresh({ session: crypto.randomUUID(), refreshToken }))).toBe('403 session-unknown')
    await granted(refresh({ session, refreshToken }))
  })

  it('[A1] ends when the session has run out, marks it so, and says that it ended, not that somebody revoked it', async () => {
    const { session, refreshToken } = await kim()
    floor.clock.ms += 12 * 3_600_000
    expect(await refused(refresh({ session, refreshToken }))).toBe('401 session-ended')
    expect(await floor.store.session(session)).toMatchObject({ status: 'expired' })
    expect(floor.ended).toEqual([{ id: session, end: 'session-ended' }])
  })

  it('ends when the person signed out, and was revoked everywhere or deactivated', async () => {
    const { session, refreshToken } = await kim()
    const row = await floor.store.session(session)
    const operator = await floor.store.operator('kim')
    if (row === null || operator === null) throw new Error('not there')
    await floor.store.putSession({ ...row, status: 'signed-out' })
    expect(await refused(refresh({ session, refreshToken }))).toBe('401 session-ended')
    await floor.store.putSession({ ...row, status: 'revoked' })
    expect(await refused(refresh({ session, refreshToken }))).toBe('403 session-revoked')
    await floor.store.putSession(row)
    await floor.store.putOperator({ ...operator, status: 'inactive' })
    expect(await refused(refresh({ session, refreshToken }))).toBe('403 session-revoked')
    await floor.store.putOperator(operator)
  })

  it.each<[string, unknown]>([
    ['without a session', { refreshToken: 'x' }],
    ['with a malformed session', { session: 'x' }],
    ['with a number as token', { session: '01990000-0000-7000-8000-000000000001', refreshToken: 1 }],
  ])('%s is a bad request', async (_name, body) => {
    expect(await refused(refresh(body))).toBe('400 bad-request')
  })
})

it('forgetting clears the cookie', async () => {
  const response = await floor.inject({ method: 'POST', url: '/api/sessions/forget' })
  expect(response.statusCode).toBe(204)
  expect(response.headers['set-cookie']).toMatch(/^andon-refresh=; .*Expires=Thu, 01 Jan 1970/)
})
