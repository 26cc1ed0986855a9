import { EventEmitter } from 'node:events'
import type { Session, WebContents } from 'electron'
import { expect, it } from 'vitest'
import { prepareSession } from './kiosk-session.ts'

/** What a guard hands back: a decision, or the value it passed to the callback. */
type Guard = (...asked: unknown[]) => unknown

const page = {} as WebContents
const OURS = 'app://kiosk/'
const ELSEWHERE = 'https://example.com/'

/** The guards a session was given, by name; what the policy of the pages would refuse as well is asked here alone. */
function guards() {
  const set = new Map<string, Guard | null>()
  const keep = (name: string) => (guard: Guard | null) => void set.set(name, guard)
  const session = Object.assign(new EventEmitter(), {
    protocol: { handle: () => undefined },
    webRequest: { onBeforeRequest: keep('request') },
    setPermissionRequestHandler: keep('ask'),
    setPermissionCheckHandler: keep('check'),
    setDevicePermissionHandler: keep('device'),
    setDisplayMediaRequestHandler: keep('display'),
    setSSLConfig: (config: unknown) => void set.set('tls', () => config),
    setSpellCheckerEnabled: (isEnabled: boolean) => void set.set('spelling', () => isEnabled),
  })
  prepareSession(session as unknown as Session, { pages: '/pages', files: {}, log: () => undefined })
  const guard = (name: string): Guard => {
    const found = set.get(name)
    if (found === undefined || found === null) throw new Error(`nothing guards ${name}`)
    return found
  }
  return { session, guard }
}

/** What a guard that answers by callback decides. */
function decided(guard: Guard, ...asked: unknown[]): unknown {
  let decision: unknown = 'nothing'
  guard(...asked, (said: unknown) => (decision = said))
  return decision
}

it.each([
  [OURS, false],
  ['app://kiosk/assets/main.js', false],
  ['blob:app://kiosk/1', false],
  ['data:image/png;base64,AA', false],
  ['devtools://devtools/bundled/inspector.html', false],
  [ELSEWHERE, true],
  ['http://127.0.0.1:7070/', true],
  ['ws://127.0.0.1:7070/', true],
  ['app://other/', true],
  ['app://kiosk.example.com/', true],
  ['file:///etc/passwd', true],
])('a request to %s is cancelled: %s', (url, cancel) => {
  expect(decided(guards().guard('request'), { url })).toEqual({ cancel })
})

it.each(['fullscreen', 'clipboard-sanitized-write'])('a page of ours may have %s, and nobody else', (permission) => {
  const { guard } = guards()
  const asked = (url: string, isMainFrame: boolean, contents: WebContents | null = page): unknown => {
    let decision: unknown = 'nothing'
    guard('ask')(contents, permission, (said: unknown) => (decision = said), { isMainFrame, requestingUrl: url })
    return decision
  }
  expect(asked(OURS, true)).toBe(true)
  expect(asked(OURS, false)).toBe(false)
  expect(asked(OURS, true, null)).toBe(false)
  expect(asked(ELSEWHERE, true)).toBe(false)
  expect(guard('check')(page, permission, OURS, {})).toBe(true)
  expect(guard('check')(page, permission, ELSEWHERE, {})).toBe(false)
})

it('a page of ours may have the camera, for a photo, and never a microphone', () => {
  const { guard } = guards()
  const asked = (mediaTypes: readonly string[] | undefined, url = OURS): unknown => {
    let decision: unknown = 'nothing'
    const details = { isMainFrame: true, requestingUrl: url, ...(mediaTypes !== undefined && { mediaTypes }) }
    guard('ask')(page, 'media', (said: unknown) => (decision = said), details)
    return decision
  }
  expect(asked(['video'])).toBe(true)
  expect(asked(['video'], ELSEWHERE)).toBe(false)
  for (const types of [['audio'], ['video', 'audio'], [], undefined]) expect(asked(types)).toBe(false)
  expect(guard('check')(page, 'media', OURS, { mediaType: 'video' })).toBe(true)
  expect(guard('check')(page, 'media', ELSEWHERE, { mediaType: 'video' })).toBe(false)
  for (const mediaType of ['audio', 'unknown', undefined])
    expect(guard('check')(page, 'media', OURS, { mediaType })).toBe(false)
})

it.each(['media', 'geolocation', 'notifications', 'clipboard-read', 'hid', 'usb', 'serial', 'midi', 'openExternal'])(
  'no page may have %s, asked or looked up',
  (permission) => {
    const { guard } = guards()
    let decision: unknown = 'nothing'
    guard('ask')(page, permission, (said: unknown) => (decision = said), { isMainFrame: true, requestingUrl: OURS })
    expect(decision).toBe(false)
    expect(guard('check')(page, permission, OURS, {})).toBe(false)
  },
)

it('no page gets a device, a screen, a download or an old TLS', () => {
  const { session, guard } = guards()
  expect(guard('device')({ deviceType: 'usb', origin: OURS })).toBe(false)
  expect(decided(guard('display'), { securityOrigin: OURS })).toEqual({})
  let isRefused = false
  session.emit('will-download', { preventDefault: () => (isRefused = true) })
  expect(isRefused).toBe(true)
  expect(guard('tls')()).toEqual({ minVersion: 'tls1.2' })
  // A dictionary would be fetched.
  expect(guard('spelling')()).toBe(false)
})
