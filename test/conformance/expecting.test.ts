import { describe, expect, it } from 'vitest'
import { demand, demandEqual, demandThat, Mismatch, SENTENCE, Where } from './expecting.ts'

describe('demand', () => {
  it('hands on a frame that holds at least what is wanted', () => {
    const frame = { t: 'error', code: 'bad-frame', message: 'Something is wrong.', about: 'ping' }
    expect(demand(frame, { code: 'bad-frame', message: SENTENCE })).toBe(frame)
  })

  it('looks into objects, and takes lists as they are', () => {
    expect(() => demand({ a: { b: 1, c: 2 } }, { a: { b: 1 } })).not.toThrow()
    expect(() => demand({ a: [1, 2] }, { a: [1] })).toThrow(Mismatch)
  })

  it('says what it wanted and what came', () => {
    const wrong = () => demand({ code: 'bad-json' }, { code: 'bad-frame', message: SENTENCE })
    expect(wrong).toThrow('expected a frame with {"code":"bad-frame","message":"a sentence"}; came {"code":"bad-json"}')
  })

  it('knows a field by a property', () => {
    const positive = new Where('above 0', (value) => Number(value) > 0)
    expect(() => demand({ n: 1 }, { n: positive })).not.toThrow()
    expect(() => demand({ n: 0 }, { n: positive })).toThrow('above 0')
  })
})

it.each([
  ['Something is wrong.', true],
  ['', false],
  ['bad-frame', false],
  [undefined, false],
])('takes %j for a sentence: %j', (text, isSentence) => {
  expect(SENTENCE.fits(text)).toBe(isSentence)
})

it('compares whole values', () => {
  expect(() => demandEqual([1, 2], [1, 2], 'offsets')).not.toThrow()
  expect(() => demandEqual([1], [1, 2], 'offsets')).toThrow('expected offsets [1,2]; came [1]')
  expect(() => demandThat(false, 'patience', '3 ms')).toThrow('expected patience; came 3 ms')
})
