import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { check, checkCommand } from './check.ts'
import { decodeClientFrame, decodeServerFrame, encodeFrame } from './codec.ts'
import { COMMANDS, laneOf } from './commands.ts'
import { Cursor } from './ids.ts'

describe('decoding', () => {
  it.each([
    ['bad-json', '{'],
    ['bad-json', ''],
    ['bad-frame', 'null'],
    ['bad-frame', '[]'],
    ['bad-frame', '{"type":"ping"}'],
    ['unknown-frame', '{"t":"pung"}'],
    ['bad-frame', '{"t":"signal","channel":"typing/line-3","key":"kim","value":true}'],
    ['bad-frame', '{"t":"subscribe","channel":"telemetry/line-3/oven-1","credit":1,"maxHz":0}'],
    ['bad-frame', '{"t":"subscribe","channel":"telemetry/line-3/oven-1","credit":1,"maxHz":1000000}'],
    ['bad-frame', '{"t":"track","channel":"presence/line-3","state":{"state":"here","looks":"\\u202egnp"}}'],
    ['unknown-frame', '{"t":"__proto__"}'],
    ['bad-frame', '{"t":"ping"}'],
    ['bad-frame', '{"t":"ping","nonce":"12345678","extra":1}'],
    ['bad-frame', '{"t":"confirm","lane":"express","upTo":1}'],
    ['bad-frame', '{"t":"confirm","lane":"urgent","upTo":-1}'],
    ['bad-frame', '{"t":"confirm","lane":"urgent","upTo":1.5}'],
    ['bad-frame', '{"t":"subscribe","channel":"chat/line-3","credit":99}'],
  ])('[C1] refuses with %s: %s', (code, text) => {
    expect(decodeClientFrame(text)).toMatchObject({ ok: false, code })
  })

  it('[C1] names the field that is wrong, in a sentence', () => {
    const decoded = decodeClientFrame(
      '{"t":"hello","version":1,"proof":"x","name":"n","client":{"kind":"tv","build":"1"},"outbox":{}}',
    )
    expect(decoded).toMatchObject({
      ok: false,
      code: 'bad-frame',
      message: expect.stringMatching(/^"client\.kind" must be one of .*\.$/),
    })
  })

  it.each([
    ['{"t":"ping"}', '"nonce" is missing.'],
    ['{"t":"ping","nonce":"x"}', '"nonce" is too short: at least 8.'],
    ['{"t":"ping","nonce":12345678}', '"nonce" must be text.'],
    ['{"t":"ping","nonce":"12345678","mood":1}', '"mood" is not a field of this.'],
    ['{"t":"confirm","lane":"urgent","upTo":0}', '"upTo" must be at least 1.'],
    ['{"t":"confirm","lane":"urgent","upTo":1.5}', '"upTo" must be a whole number.'],
    ['{"t":"confirm","lane":"express","upTo":1}', '"lane" must be one of ("urgent" | "normal").'],
    ['{"t":"confirm","lane":"urgent","upTo":"1"}', '"upTo" must be a number.'],
    ['{"t":"receipts","ref":1,"items":{}}', '"items" must be a list.'],
  ])('[C1] says what is wrong with %s in words', (text, message) => {
    expect(decodeClientFrame(text)).toEqual({ ok: false, code: 'bad-frame', message })
  })

  it('[C1] never throws, whatever arrives', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(typeof decodeClientFrame(text).ok).toBe('boolean')
        expect(typeof decodeServerFrame(text).ok).toBe('boolean')
      }),
    )
  })

  it('[C4] lets a relay read frames with fields of a newer server', () => {
    expect(decodeServerFrame('{"t":"bye","retryAfterMs":5,"mood":"calm"}')).toEqual({
      ok: true,
      value: { t: 'bye', retryAfterMs: 5 },
    })
  })

  it('gives back what was encoded', () => {
    const frame = { t: 'confirm', lane: 'urgent', upTo: 7 } as const
    expect(decodeClientFrame(encodeFrame(frame))).toEqual({ ok: true, value: frame })
  })
})

describe('commands', () => {
  it.each([
    ['unknown-command', 'alert.shout', {}, 'There is no command "alert.shout".'],
    [
      'bad-command',
      'alert.raise',
      { priority: 'P9', area: 'line-3', title: 'x' },
      '"priority" must be P0, P1, P2 or P3.',
    ],
    ['bad-command', 'alert.raise', { priority: 'P0', area: 'line-3' }, '"title" is missing.'],
    ['bad-command', 'alert.raise', { priority: 'P0', area: 'line-3', title: ' ' }, '"title" must not be empty.'],
    [
      'bad-command',
      'alert.raise',
      { priority: 'P0', area: 'Line 3', title: 'x' },
      '"area" must be a name of 1 to 64 characters a-z, 0-9 and -.',
    ],
    [
      'bad-command',
      'order.edit',
      { id: '00000000-0000-7000-8000-000000000001', fields: {}, baseVersion: 1 },
      '"fields" must name at least one field.',
    ],
    ['bad-command', 'chat.post', { line: 'line-3', text: 'a\u0007' }, '"text" must not contain control characters.'],
    ['bad-command', 'chat.post', { line: 'l', text: 'a\u202eb' }, '"text" must not contain control characters.'],
    ['bad-command', 'chat.post', { line: 'l', text: 'a\u2067b' }, '"text" must not contain control characters.'],
  ])('refuses with %s: %s %j', (code, type, data, message) => {
    expect(checkCommand(type, data)).toEqual({ ok: false, code, message })
  })

  it('takes markup as the text it is', () => {
    const text = '<img src=x onerror=alert(1)>'
    expect(checkCommand('chat.post', { line: 'line-3', text })).toEqual({
      ok: true,
      value: { type: 'chat.post', data: { line: 'line-3', text } },
    })
  })

  it('[W7] puts every alert.* in the urgent lane, and what it does not know in the normal one', () => {
    for (const type of Object.keys(COMMANDS)) if (type.startsWith('alert.')) expect(laneOf(type)).toBe('urgent')
    expect(laneOf('later.type')).toBe('normal')
  })
})

it('a cursor has a whole, not negative offset', () => {
  const cursor = { epoch: '0123456789abcdef', offset: 0, id: null }
  expect(check(Cursor, cursor, 'bad-frame').ok).toBe(true)
  for (const offset of [-1, 0.5, Number.MAX_SAFE_INTEGER + 1, null])
    expect(check(Cursor, { ...cursor, offset }, 'bad-frame').ok).toBe(false)
})
