import { describe, expect, it } from 'vitest'
import { Pace } from './pace.ts'
import { placeOf, type DisplayPlace } from './places.ts'
import { powerHints, type PowerEvents } from './power-hints.ts'
import { isBlocked, type KeyPress } from './shortcuts.ts'

const key = (name: string, modifiers: Partial<KeyPress> = {}): KeyPress => ({
  type: 'keyDown',
  key: name,
  control: false,
  meta: false,
  shift: false,
  alt: false,
  ...modifiers,
})

describe('the keyboard of a kiosk', () => {
  it.each([
    key('F11'),
    key('F12'),
    key('F5'),
    key('I', { control: true, shift: true }),
    key('j', { control: true, shift: true }),
    key('C', { control: true, shift: true }),
    key('c', { meta: true, shift: true }),
    key('r', { control: true }),
    key('R', { control: true, shift: true }),
    key('w', { control: true }),
    key('n', { control: true }),
    key('t', { meta: true }),
    key('p', { control: true }),
    key('s', { control: true }),
    key('u', { control: true }),
    key('+', { control: true }),
    key('0', { control: true }),
    key('F4', { alt: true }),
    key('Home', { alt: true }),
    key('ArrowLeft', { alt: true }),
    key('BrowserBack'),
  ])('leads nowhere: %j', (press) => {
    expect(isBlocked(press)).toBe(true)
  })

  it.each([
    key('a'),
    key('A', { shift: true }),
    key('c', { control: true }),
    key('v', { control: true }),
    key('x', { control: true }),
    key('z', { meta: true }),
    key('a', { control: true }),
    key('@', { control: true, alt: true }),
    key('Enter'),
    key('ArrowLeft'),
    key('Process'),
    key('r', { control: true, type: 'keyUp' }),
  ])('types: %j', (press) => {
    expect(isBlocked(press)).toBe(false)
  })
})

describe('a pace', () => {
  it('[P8] allows a burst, then so many a second', () => {
    const pace = new Pace({ perSecond: 2, burst: 3, now: 0 })
    expect([0, 0, 0, 0].map((now) => pace.take(now))).toEqual([true, true, true, false])
    expect([500, 500, 10_000, 10_000, 10_000, 10_000].map((now) => pace.take(now))).toEqual([
      true,
      false,
      true,
      true,
      true,
      false,
    ])
  })
})

describe('the place of a window', () => {
  const display = (x: number): DisplayPlace => ({
    bounds: { x, y: 0, width: 1920, height: 1080 },
    workArea: { x, y: 30, width: 1920, height: 1050 },
  })

  it('is a display each from left to right, then beginning again', () => {
    const displays = [display(1920), display(0)]
    const places = [0, 1, 2].map((index) => placeOf(index, displays, { isLocked: true }))
    expect(places.map(({ x }) => x)).toEqual([0, 1920, 0])
    expect(places[0]).toEqual(display(0).bounds)
  })

  it('of an ordinary window is inside its display, beside the one before it', () => {
    const places = [0, 1, 2].map((index) => placeOf(index, [display(0)], { isLocked: false }))
    expect(places).toEqual([
      { x: 0, y: 30, width: 1280, height: 800 },
      { x: 48, y: 78, width: 1280, height: 800 },
      { x: 96, y: 126, width: 1280, height: 800 },
    ])
    expect(placeOf(0, [], { isLocked: false })).toEqual({ x: 0, y: 0, width: 1280, height: 800 })
  })
})

describe('the hints of the machine', () => {
  it('[R6] say woke at resume and at unlocking, and when it sleeps or is locked, until released', () => {
    const listeners: [string, () => void][] = []
    const power: PowerEvents = {
      on: (event, heard) => listeners.push([event, heard]),
      off: (event, heard) =>
        listeners.splice(
          listeners.findIndex(([name, one]) => name === event && one === heard),
          1,
        ),
    }
    const hints: string[] = []
    const release = powerHints(power).listen((hint) => hints.push(hint))
    for (const [, heard] of listeners) heard()
    expect(hints).toEqual(['sleeps', 'woke', 'unwatched', 'woke', 'watched'])
    release()
    expect(listeners).toEqual([])
  })
})
