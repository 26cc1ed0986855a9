/** Who comes to the doors of HTTP and of the upgrade: other people's pages under our address, guesses, made-up tokens. */
import { describe, expect, it } from 'vitest'
import { answersTo, besiegeFloor, SITE_KEY } from './besieged-floor.ts'

const floor = besiegeFloor()

/** Status and code of the first answer in raw bytes. */
function inShort(answer: string): string {
  return `${/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 'closed'} ${/"code":"([\w-]+)"/.exec(answer)?.[1] ?? ''}`.trim()
}

function hasUpgradeCallback(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  return major > 24 || (major === 24 && minor >= 9)
}

describe('a page whose own name was pointed at the floor (DNS rebinding) [G8]', () => {
  const port = (): string => new URL(floor.url()).port
  const asking = (host: string, path = '/sync'): string =>
    [
      `GET ${path} HTTP/1.1`,
      `Host: ${host}`,
      `Origin: http://${host}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Protocol: andon.v1',
      '',
      '',
    ].join('\r\n')

  it('becomes no device', async () => {
    for (const host of [`evil.example:${port()}`, 'evil.example', '1.2.3.4', 'localhost.evil.example'])
      expect([host, inShort(await floor.exchange(asking(host)))]).toEqual([host, '403 bad-host'])
  })

  it('reads nothing and writes nothing', async () => {
    const alert = JSON.stringify({ priority: 'P2', area: 'line-3', title: 'Forged' })
    for (const lines of [
      ['GET / HTTP/1.1'],
      ['GET /api/openapi.json HTTP/1.1'],
      ['GET /healthz HTTP/1.1'],
      ['POST /api/alerts HTTP/1.1', 'Origin: http://evil.example', `Content-Length: ${alert.length}`],
    ]) {
      const request = [
        ...lines,
        'Host: evil.example',
        `Authorization: Bearer ${SITE_KEY}`,
        'Content-Type: application/json',
        'Connection: close',
        '',
        lines[0]?.startsWith('POST') === true ? alert : '',
      ].join('\r\n')
      expect([lines[0], inShort(await floor.exchange(request))]).toEqual([lines[0], '403 bad-host'])
    }
  })
})

// Node has no say in it before.
it.skipIf(!hasUpgradeCallback())('whoever asks for HTTP/2 besides is answered in what it speaks [V22]', async () => {
  const request = [
    'GET /healthz HTTP/1.1',
    `Host: ${new URL(floor.url()).host}`,
    'Connection: Upgrade, HTTP2-Settings, close',
    'Upgrade: h2c',
    'HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA',
    '',
    '',
  ].join('\r\n')
  expect(inShort(await floor.exchange(request))).toBe('200')
})

describe('a token that was copied, or made up', () => {
  const refresh = (bearer: string, session: string, refreshToken: string) =>
    floor.call('/api/sessions/refresh', {
      bearer,
      headers: { 'andon-refresh': 'body' },
      body: { session, refreshToken },
    })

  it('of a device ends with its next greeting [A8]', async () => {
    const { client, device, deviceToken } = await floor.stranger()
    client.close()
    const again = await floor.stranger(device)
    const body = { operator: 'kim', pin: '1111' }
    expect(await floor.call('/api/sessions', { bearer: deviceToken, body })).toMatchObject({ code: 'bad-token' })
    expect(await floor.call('/api/sessions', { bearer: again.deviceToken, body })).toMatchObject({ status: 200 })
    const history = { method: 'GET', bearer: deviceToken }
    expect((await floor.call('/api/telemetry/line-3/press-1/heat', history)).status).toBe(401)
  })

  it('of a session ends nobody, however many are made up [X3]', async () => {
    const { client, deviceToken, grant } = await floor.signedIn('kim')
    const { session, refreshToken } = grant
    const [, , mac = ''] = refreshToken.split('.')
    for (const made of ['x', `${session}.x`, `${session}.1.${'A'.repeat(43)}`, `${session}.2.${mac}`])
      expect(await refresh(deviceToken, session, made)).toMatchObject({ status: 401, code: 'session-ended' })
    expect(await refresh(deviceToken, session, refreshToken)).toMatchObject({ status: 200 })
    expect(await answersTo(client)).not.toContain('deauthed session-revoked')
  })
})

describe('somebody who guesses PINs [X4]', () => {
  const signIn = async (bearer: string, operator: string, pin: string) => {
    const { status, code } = await floor.call('/api/sessions', { bearer, body: { operator, pin } })
    return status === 200 ? 'in' : String(code)
  }

  it('with a new device for every few guesses gets 30 at one person, and keeps nobody from their own terminal', async () => {
    const { deviceToken } = await floor.signedIn('chief')
    const ends: string[] = []
    for (let device = 0; device < 8; device += 1) {
      const stranger = await floor.stranger()
      for (let guess = 0; guess < 5; guess += 1) ends.push(await signIn(stranger.deviceToken, 'chief', '0000'))
    }
    expect(ends.filter((end) => end === 'bad-pin')).toHaveLength(30)
    expect(ends.slice(30)).toEqual(Array.from({ length: 10 }, () => 'pin-locked'))
    expect(await signIn(deviceToken, 'chief', '4444')).toBe('in')
  })

  it('some more over six devices behind the same address locks out nobody else there', async () => {
    const six = await Promise.all(Array.from({ length: 6 }, () => floor.stranger()))
    for (let guess = 0; guess < 8; guess += 1) await signIn(six[guess % 6]?.deviceToken ?? '', 'lee', '0000')
    expect(await signIn(six[0]?.deviceToken ?? '', 'park', '3333')).toBe('in')
    expect(await signIn((await floor.stranger()).deviceToken, 'kim', '1111')).toBe('in')
  })
})
