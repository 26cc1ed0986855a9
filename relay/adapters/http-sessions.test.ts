import { describe, expect, it } from 'vitest'
import type { SessionId } from '../protocol/ids.ts'
import { httpSessions, type HttpSessionsOptions } from './http-sessions.ts'

const SESSION = '01990000-0000-7000-8000-000000000001' as SessionId
const OTHER = '01990000-0000-7000-8000-000000000002' as SessionId
const GRANT = {
  session: SESSION,
  operator: 'kim',
  role: 'operator',
  areas: ['line-3'],
  accessToken: 'access-1',
  generation: 1,
  expiresInMs: 600_000,
}
const SIGN_IN = { operator: 'kim', pin: '1111', deviceToken: 'device-token' }

interface Call {
  url: string
  init: RequestInit
  body: unknown
}

/** Answers every request from the list, in order, and remembers what was asked. */
function sessionsAgainst(answers: (() => Response | Promise<Response>)[], options: Partial<HttpSessionsOptions> = {}) {
  const calls: Call[] = []
  const fake = (url: unknown, init: RequestInit = {}): Promise<Response> => {
    calls.push({ url: String(url), init, body: JSON.parse(init.body as string) })
    const answer = answers.shift()
    if (answer === undefined) throw new Error('one request too many')
    return Promise.resolve(answer())
  }
  const sessions = httpSessions({ serverUrl: 'http://floor:7070', refreshToken: 'memory', fetch: fake, ...options })
  return { sessions, calls }
}
const json =
  (body: unknown, status = 200) =>
  () =>
    Response.json(body, { status })
const header = (call: Call | undefined, name: string) => new Headers(call?.init.headers).get(name)

describe('signing in over HTTP', () => {
  it('hands the grant on and keeps the refresh token to itself [A5]', async () => {
    const { sessions, calls } = sessionsAgainst([json({ ...GRANT, refreshToken: 'r1', more: 'of a newer server' })])
    expect(await sessions.signIn(SIGN_IN)).toEqual({ ok: true, ...GRANT })
    expect(calls[0]).toMatchObject({ url: 'http://floor:7070/api/sessions', body: { operator: 'kim', pin: '1111' } })
    expect(header(calls[0], 'Authorization')).toBe('Bearer device-token')
    expect(header(calls[0], 'Andon-Refresh')).toBe('body')
    expect(calls[0]?.init).toMatchObject({ method: 'POST', credentials: 'omit', redirect: 'error' })
  })

  it('leaves the refresh token to the cookie in browsers', async () => {
    const { sessions, calls } = sessionsAgainst([json(GRANT), json({ ...GRANT, generation: 2 })], {
      refreshToken: 'cookie',
    })
    await sessions.signIn(SIGN_IN)
    expect(await sessions.refresh({ session: SESSION, deviceToken: 'device-token' })).toMatchObject({ generation: 2 })
    expect(header(calls[0], 'Andon-Refresh')).toBeNull()
    expect(calls.map((call) => call.init.credentials)).toEqual(['same-origin', 'same-origin'])
    expect(calls[1]).toMatchObject({ url: 'http://floor:7070/api/sessions/refresh', body: { session: SESSION } })
  })

  it('refreshes with the newest refresh token', async () => {
    const { sessions, calls } = sessionsAgainst([
      json({ ...GRANT, refreshToken: 'r1' }),
      json({ ...GRANT, generation: 2, refreshToken: 'r2' }),
      json({ ...GRANT, generation: 3, refreshToken: 'r3' }),
    ])
    await sessions.signIn(SIGN_IN)
    await sessions.refresh({ session: SESSION, deviceToken: 'd' })
    await sessions.refresh({ session: SESSION, deviceToken: 'd' })
    expect(calls.slice(1).map((call) => call.body)).toEqual([
      { session: SESSION, refreshToken: 'r1' },
      { session: SESSION, refreshToken: 'r2' },
    ])
  })

  it('asks to sign in again when the refresh token of that session is not here', async () => {
    const { sessions, calls } = sessionsAgainst([json({ ...GRANT, refreshToken: 'r1' })])
    expect(await sessions.refresh({ session: SESSION, deviceToken: 'd' })).toMatchObject({ code: 'session-ended' })
    await sessions.signIn(SIGN_IN)
    expect(await sessions.refresh({ session: OTHER, deviceToken: 'd' })).toMatchObject({ code: 'session-ended' })
    expect(calls).toHaveLength(1)
  })

  it('forgets: the token is gone, and nobody else had it', async () => {
    const { sessions, calls } = sessionsAgainst([json({ ...GRANT, refreshToken: 'r1' })])
    await sessions.signIn(SIGN_IN)
    await sessions.forget()
    expect(await sessions.refresh({ session: SESSION, deviceToken: 'd' })).toMatchObject({ code: 'session-ended' })
    expect(calls).toHaveLength(1)
  })

  it('forgets a cookie by the server, which alone can take it away', async () => {
    const gone = () => new Response(null, { status: 204 })
    const { sessions, calls } = sessionsAgainst([json(GRANT), gone], { refreshToken: 'cookie' })
    await sessions.signIn(SIGN_IN)
    await sessions.forget()
    expect(calls[1]?.url).toBe('http://floor:7070/api/sessions/forget')
  })

  it('[R26] takes up after a restart what a place of the system kept, and leaves nothing there after a sign-out', async () => {
    let secret: string | null = null
    const place = {
      read: () => Promise.resolve(secret),
      write(next: string | null) {
        secret = next
        return Promise.resolve()
      },
    }
    const options = { refreshToken: place }
    await sessionsAgainst([json({ ...GRANT, refreshToken: 'r1' })], options).sessions.signIn(SIGN_IN)
    const later = sessionsAgainst([json({ ...GRANT, generation: 2, refreshToken: 'r2' })], options)
    expect(await later.sessions.refresh({ session: SESSION, deviceToken: 'd' })).toMatchObject({ generation: 2 })
    expect(later.calls[0]?.body).toEqual({ session: SESSION, refreshToken: 'r1' })
    expect(JSON.parse(String(secret))).toEqual({ session: SESSION, refreshToken: 'r2' })
    await later.sessions.forget()
    expect(secret).toBeNull()
    secret = 'of something else'
    const other = sessionsAgainst([], options)
    expect(await other.sessions.refresh({ session: SESSION, deviceToken: 'd' })).toMatchObject({
      code: 'session-ended',
    })
  })

  it('forgets without a sound when the server is away', async () => {
    const { sessions } = sessionsAgainst([() => Promise.reject(new TypeError('no route'))], { refreshToken: 'cookie' })
    await expect(sessions.forget()).resolves.toBeUndefined()
  })

  it('says no in the words of the server', async () => {
    const answer = json({ code: 'bad-pin', detail: 'Two more tries.', status: 401 }, 401)
    expect(await sessionsAgainst([answer]).sessions.signIn(SIGN_IN)).toEqual({
      ok: false,
      code: 'bad-pin',
      message: 'Two more tries.',
    })
  })

  it('says no in the words of the table when the server has none', async () => {
    const { sessions } = sessionsAgainst([json({ code: 'pin-locked' }, 429)])
    expect(await sessions.signIn(SIGN_IN)).toMatchObject({
      code: 'pin-locked',
      message: expect.stringMatching(/Too many/) as string,
    })
  })

  it.each([
    [401, 'session-ended'],
    [403, 'forbidden'],
    [418, 'bad-request'],
    [429, 'rate-limited'],
    [503, 'unavailable'],
  ])('reads a code it does not know by its status %i', async (status, code) => {
    const { sessions } = sessionsAgainst([json({ code: 'of-tomorrow', detail: 'Because.' }, status)])
    expect(await sessions.signIn(SIGN_IN)).toMatchObject({ ok: false, code, message: 'Because.' })
  })

  it.each<[string, () => Response | Promise<Response>]>([
    ['there is no network', () => Promise.reject(new TypeError('fetch failed'))],
    ['nothing came in time', () => Promise.reject(new DOMException('timed out', 'TimeoutError'))],
    ['a proxy answers for it', () => new Response('<h1>502 Bad Gateway</h1>', { status: 502 })],
    ['a portal answers for it', () => new Response('<h1>Accept our terms</h1>')],
    ['the answer lacks a field', json({ ...GRANT, accessToken: undefined })],
    ['the answer is of another shape', json({ ...GRANT, session: 'seven' })],
  ])('is unreachable when %s', async (_case, answer) => {
    expect(await sessionsAgainst([answer]).sessions.signIn(SIGN_IN)).toMatchObject({ ok: false, code: 'unreachable' })
  })

  it('is unreachable at an address that is none', async () => {
    const { sessions, calls } = sessionsAgainst([], { serverUrl: 'floor seven' })
    expect(await sessions.signIn(SIGN_IN)).toMatchObject({ code: 'unreachable' })
    expect(calls).toEqual([])
  })
})
