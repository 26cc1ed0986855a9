import { describe, expect, it } from 'vitest'
import { channelName, DOMAINS, parseChannel, URGENT_CHANNEL } from './channels.ts'
import { CLOSE, closeRow } from './close-codes.ts'
import { COMMANDS } from './commands.ts'
import { ERRORS } from './errors.ts'
import { CLASSES, EVENTS, routeOf } from './events.ts'
import type { Role } from './records.ts'
import { canRead, type Author, type Reader } from './rights.ts'

describe('channel names', () => {
  it('takes a name apart', () => {
    expect(parseChannel('telemetry/line-3/press-2')).toMatchObject({
      domain: 'telemetry',
      area: 'line-3',
      id: 'press-2',
      kind: 'live',
      lane: 'normal',
    })
    expect(parseChannel('alerts/urgent')).toMatchObject({ kind: 'state', lane: 'urgent' })
  })

  it.each([
    '',
    'chat',
    'chat/',
    'chat/line 3',
    'Chat/line-3',
    'chat/line-3/x',
    'telemetry/line-3',
    'weather/line-3',
    'memo/line-3/late',
    'constructor/x',
    `chat/${'a'.repeat(65)}`,
  ])('refuses %j', (name) => {
    expect(parseChannel(name)).toBeNull()
  })

  it('builds what it parses', () => {
    expect(channelName('chat', 'line-3')).toBe('chat/line-3')
    expect(() => channelName('chat', 'LINE')).toThrow()
  })
})

describe('the event table', () => {
  it('has a row of every class of the design, and no row of an unknown one', () => {
    const used = new Set(
      Object.values(EVENTS).flatMap((row) => (typeof row.class === 'string' ? [row.class] : Object.values(row.class))),
    )
    expect([...used].toSorted()).toEqual(Object.keys(CLASSES).toSorted())
  })

  it('keeps tokens on the device and live data off the bus', () => {
    expect(routeOf('token.refreshed', 'normal')).toEqual({ class: 'token-refreshed', windows: 'bus', devices: false })
    for (const type of ['telemetry.sampled', 'typing.changed', 'presence.changed'])
      expect(routeOf(type, 'normal').windows).toBe('port')
  })

  it('sends an alert both ways exactly when its channel is urgent', () => {
    expect(routeOf('alert.raised', 'urgent').windows).toBe('bus+port')
    expect(routeOf('alert.raised', 'normal').windows).toBe('bus')
  })

  it('treats a type of a newer server as a record', () => {
    expect(routeOf('order.shipped', 'normal').class).toBe('record-changed')
  })

  it('puts every event of the table in a domain that exists', () => {
    for (const row of Object.values(EVENTS)) if (row.domain !== null) expect(Object.keys(DOMAINS)).toContain(row.domain)
  })
})

describe('close codes and errors', () => {
  it('[C5] no close code ends reconnecting, and only revoked and replaced slow it', () => {
    const slow = Object.entries(CLOSE).flatMap(([name, row]) => (row.retry === 'slow' ? [name] : []))
    expect(slow).toEqual(['revoked', 'replaced'])
    expect(closeRow(1006).retry).toBe('backoff')
    expect(new Set(Object.values(CLOSE).map(({ code }) => code)).size).toBe(Object.keys(CLOSE).length)
  })

  it('every error says a sentence and has an HTTP status', () => {
    for (const row of Object.values(ERRORS)) {
      expect(row.says).toMatch(/^[A-Z].*[.]$/)
      expect(row.status).toBeGreaterThanOrEqual(400)
    }
  })

  it('every command type is named domain.verb', () => {
    for (const type of Object.keys(COMMANDS)) expect(type).toMatch(/^[a-z]+\.[a-z]+$/)
  })
})

describe('rights', () => {
  const kim: Author = { operator: 'kim', role: 'operator', areas: ['line-3'] }
  const alone: Reader = { deviceAreas: ['line-3'], author: null }
  const may = (reader: Reader, name: string): boolean => {
    const channel = parseChannel(name)
    if (channel === null) throw new Error(name)
    return canRead(reader, channel)
  }

  it('[S8] a device alone sees alerts and equipment of its areas, and the urgent channel of the whole site', () => {
    for (const name of [URGENT_CHANNEL, 'alerts/line-3', 'telemetry/line-3/press-2'])
      expect(may(alone, name)).toBe(true)
    for (const name of ['alerts/line-1', 'orders/line-3', 'chat/line-3', 'prefs/kim', 'inbox/kim'])
      expect(may(alone, name)).toBe(false)
  })

  it('[S8] a person sees work and talk of their areas, and only their own preferences', () => {
    const reader = { ...alone, author: kim }
    for (const name of ['orders/line-3', 'chat/line-3', 'prefs/kim']) expect(may(reader, name)).toBe(true)
    for (const name of ['orders/line-1', 'prefs/lee', 'inbox/lee']) expect(may(reader, name)).toBe(false)
  })

  it('[D3] what was rejected is read by those who supervise the area, and by nobody else', () => {
    const read = (role: Role, areas: readonly string[]): boolean =>
      may({ ...alone, author: { operator: 'park', role, areas } }, 'rejections/line-3')
    expect(read('operator', ['*'])).toBe(false)
    for (const role of ['supervisor', 'admin'] as const) {
      expect([read(role, ['line-3']), read(role, ['*']), read(role, ['line-1'])]).toEqual([true, true, false])
    }
    expect(may(alone, 'rejections/line-3')).toBe(false)
  })

  it('[M11] who is on all lines is read by the people of each, and by no device alone', () => {
    const person = { deviceAreas: [], author: kim }
    expect([may(person, 'presence/-'), may({ deviceAreas: ['*'], author: null }, 'presence/-')]).toEqual([true, false])
    for (const name of ['presence/-/order-1', 'chat/-', 'room/-/press']) expect(may(person, name)).toBe(false)
  })

  it('`*` covers every area', () => {
    expect(may({ deviceAreas: [], author: { ...kim, areas: ['*'] } }, 'orders/line-9')).toBe(true)
  })
})
