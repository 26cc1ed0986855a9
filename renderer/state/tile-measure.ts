import type { NumberSize, TileMeasure } from './tile-fit.ts'

/** Units and limits whose width is remembered: those of a few thousand tiles. Digits are few. */
const MAX_REMEMBERED = 4_000
/** What the rounding of widths may add up to, share of a width. */
const SPARE = 1.01

/**
 * Measures words in the letters that tiles are drawn in. `probe` is a tile with nothing in it; its parts are filled one after
 * the other, once for each digit and once for each unit and limit, so that no value ever costs a layout.
 */
export function measureIn(probe: HTMLElement): TileMeasure {
  const value = part(probe, '.tile-value')
  const number = part(probe, '.tile-number')
  const unit = part(probe, '.tile-unit')
  const known = new Map<string, number>()
  const remembered = (key: string, find: () => number): number => {
    let width = known.get(key)
    if (width === undefined) {
      if (known.size >= MAX_REMEMBERED) known.clear()
      width = find() * SPARE
      known.set(key, width)
    }
    return width
  }
  const characters: Readonly<Record<NumberSize, Map<string, number>>> = {
    large: new Map(),
    medium: new Map(),
    small: new Map(),
  }
  const character = (one: string, size: NumberSize): number => {
    const measured = characters[size].get(one)
    if (measured !== undefined) return measured
    value.className = `tile-value tile-value-${size}`
    // Of ten at once, because a browser rounds a width to a part of a pixel.
    const width = (filled(number, one.repeat(10), () => number.getBoundingClientRect().width) / 10) * SPARE
    characters[size].set(one, width)
    return width
  }
  return {
    room: value.clientWidth,
    number: (words, size) => Array.from(words).reduce((sum, one) => sum + character(one, size), 0),
    unit: (words) =>
      remembered(`unit ${words}`, () => {
        value.className = 'tile-value tile-value-large'
        return filled(unit, words, () => unit.getBoundingClientRect().width) + pixels(getComputedStyle(value).columnGap)
      }),
    limit: (words, look) =>
      remembered(`${look} ${words}`, () => {
        const limit = part(probe, look === 'breach' ? '.tile-breach' : '.tile-limit:not(.tile-breach)')
        const { paddingLeft, paddingRight, columnGap } = getComputedStyle(limit)
        const sign = limit.querySelector('svg')
        const around = sign === null ? 0 : sign.getBoundingClientRect().width + pixels(columnGap)
        const place = part(limit, 'span')
        return filled(place, words, () => place.scrollWidth) + pixels(paddingLeft) + pixels(paddingRight) + around
      }),
  }
}

function filled(element: HTMLElement, words: string, measure: () => number): number {
  element.textContent = words
  const width = measure()
  element.textContent = ''
  return width
}

function pixels(size: string): number {
  return Number.parseFloat(size) || 0
}

function part(within: HTMLElement, selector: string): HTMLElement {
  const found = within.querySelector<HTMLElement>(selector)
  if (found === null) throw new Error(`the probe has no ${selector}`)
  return found
}
