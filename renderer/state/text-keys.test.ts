import { describe, expect, test } from 'vitest'
import { IDLE_KEYS, stepKeys, type TextEvent, type Verdict } from './text-keys.ts'

function key(name: string, over: Partial<TextEvent & { kind: 'keyPressed' }> = {}): TextEvent {
  const keyCode = name === 'Enter' ? 13 : 65
  return { kind: 'keyPressed', key: name, keyCode, isComposing: false, isShifted: false, isRepeated: false, ...over }
}
const METHOD = { keyCode: 229, isComposing: true }
const up: TextEvent = { kind: 'keyReleased', key: 'Enter' }
const began: TextEvent = { kind: 'compositionBegan' }
const ended: TextEvent = { kind: 'compositionEnded' }
const broken: TextEvent = { kind: 'lineBroken' }

/** What becomes of each event, one after the other. */
function verdicts(...events: readonly TextEvent[]): readonly Verdict[] {
  let keys = IDLE_KEYS
  return events.map((event) => {
    const [next, verdict] = stepKeys(keys, event)
    keys = next
    return verdict
  })
}
const times = (verdict: Verdict, of: readonly Verdict[]): number => of.filter((one) => one === verdict).length

describe('one press of Enter on the last syllable', () => {
  const COMPOSED = [key('ㅏ', METHOD), began]

  test.each<[string, readonly TextEvent[], { sent: number }]>([
    ['Chrome on Windows, Korean', [key('Process', METHOD), ended, key('Enter'), up], { sent: 1 }],
    ['Chrome on Windows, Japanese', [key('Process', METHOD), ended, up], { sent: 0 }],
    ['Chrome on macOS, a line break behind it', [key('Enter', METHOD), ended, broken, up], { sent: 0 }],
    ['Chrome on macOS, told anew', [key('Enter', METHOD), ended, key('Enter'), up], { sent: 1 }],
    ['Chrome on macOS, the line break first', [key('Enter', METHOD), broken, ended, up], { sent: 0 }],
    ['Safari', [ended, key('Enter', { keyCode: 229 }), broken, up], { sent: 0 }],
    ['Firefox', [key('Process', METHOD), ended, up], { sent: 0 }],
    ['Android, the key not named', [key('Unidentified', METHOD), ended, broken], { sent: 0 }],
    ['Android, the key named', [ended, key('Enter'), broken, up], { sent: 1 }],
  ])('%s: breaks no line, and sends at most once, when the words are whole', (_name, press, { sent }) => {
    const said = verdicts(...COMPOSED, ...press)
    expect(times('enter', said)).toBe(sent)
    press.forEach((event, index) => {
      if (event.kind === 'lineBroken') expect(said[COMPOSED.length + index]).toBe('swallow')
    })
    // The next press is a person's own, on every platform.
    expect(verdicts(...COMPOSED, ...press, key('Enter')).at(-1)).toBe('enter')
  })
})

test('without a composition Enter is Enter, once however long it is held, and Shift breaks the line', () => {
  expect(verdicts(key('a'), key('Enter'), key('Enter', { isRepeated: true }), up)).toEqual([
    'pass',
    'enter',
    'swallow',
    'pass',
  ])
  expect(verdicts(key('Enter', { isShifted: true }), broken, up)).toEqual(['pass', 'pass', 'pass'])
})

test('an Android keyboard that names no key is heard by the line break it makes', () => {
  expect(verdicts(key('Unidentified', { keyCode: 229 }), broken)).toEqual(['pass', 'enter'])
  expect(verdicts(key('Unidentified', { keyCode: 229 }))).toEqual(['pass'])
})

describe('one press of Escape on a syllable', () => {
  const escape = key('Escape', { keyCode: 27 })
  const released: TextEvent = { kind: 'keyReleased', key: 'Escape' }

  test.each<[string, readonly TextEvent[]]>([
    ['while composing', [key('Escape', METHOD), ended, released]],
    ['Safari, after the composition', [ended, key('Escape', { keyCode: 229 }), released]],
    ['Windows, told anew', [key('Escape', METHOD), ended, escape, released]],
    ['held down', [key('Escape', METHOD), ended, escape, { ...escape, isRepeated: true } as TextEvent, released]],
    ['never told that it was released', [key('Escape', METHOD), ended, escape]],
  ])("%s: is the input method's, and the next is a person's", (_name, press) => {
    const said = verdicts(key('ㅏ', METHOD), began, ...press, escape)
    expect(times('escape', said)).toBe(1)
    expect(said.at(-1)).toBe('escape')
  })

  test("without a composition it is a person's, each time", () => {
    expect(verdicts(escape, released, escape)).toEqual(['escape', 'pass', 'escape'])
  })
})

test('a line break that no key made is left alone: dictated, or of a program that types', () => {
  expect(verdicts(broken)).toEqual(['pass'])
})

test('a composition that ends with the field is over', () => {
  expect(verdicts(began, { kind: 'left' }, key('Enter'))).toEqual(['pass', 'pass', 'enter'])
})
