/** Letters of a wall board, measured as they are drawn: what is read from 8 m is 40 mm high on 55 inches, whatever it says. */
import { beforeEach, afterEach, describe, expect, test } from 'vitest'
import { page } from 'vitest/browser'
import { BOARD_SCENES } from '../testing/board-scenes.ts'
import { setStage } from '../testing/stage.ts'

const stage = setStage(BOARD_SCENES)
const BANDS = '[data-testid=line-band]'
const { style } = document.documentElement
beforeEach(() => {
  stage.root.style.height = '100vh'
  // As wide as the letters of a system come.
  style.setProperty('--system-type', '"DejaVu Sans"')
})
afterEach(() => void style.removeProperty('--system-type'))

/** Of a 55-inch screen of 1920 × 1080 (1217.6 mm wide), millimetres a pixel. */
const MM = 1_217.6 / 1_920
/** Height of a capital of 40 mm is 17 arc minutes from 8 m, and more than the least at which a person reads (16). */
const LEAST_MM = 40

/** How high these letters are, millimetres: capitals and figures, Hangul from its foot to its head. */
function letterHeight(element: Element, words: string): number {
  const { fontWeight, fontSize, fontFamily } = getComputedStyle(element)
  const context = document.createElement('canvas').getContext('2d')
  if (context === null) throw new Error('nothing can be measured here')
  context.font = `${fontWeight} ${fontSize} ${fontFamily}`
  const letter = words.match(/[\uAC00-\uD7A3]/)?.[0] ?? 'H'
  const { actualBoundingBoxAscent, actualBoundingBoxDescent } = context.measureText(letter)
  return (actualBoundingBoxAscent + (letter === 'H' ? 0 : actualBoundingBoxDescent)) * MM
}

/** What is wrong with a name or a state, as a sentence each: too low, cut, or over something else. */
function faultsOf(part: HTMLElement): readonly string[] {
  const words = part.textContent
  const height = letterHeight(part, words)
  const range = document.createRange()
  range.selectNodeContents(part)
  const band = part.closest(BANDS)?.getBoundingClientRect()
  const outside = [...range.getClientRects()].filter(
    (box) => band === undefined || box.left < band.left || box.right > band.right + 1 || box.bottom > band.bottom + 12,
  )
  return [
    ...(height < LEAST_MM ? [`${words}: ${height.toFixed(1)} mm`] : []),
    ...(outside.length > 0 ? [`${words}: beyond its band`] : []),
  ]
}

describe.each([
  [1920, 1080],
  [1080, 1920],
])('on 55 inches, %i × %i', (width, height) => {
  test.each([
    ['en', 'wall'],
    ['ko', 'wall'],
    ['en', 'wall-eight'],
    ['en', 'wall-shift-3'],
    ['ko', 'wall-shift-4'],
    ['en', 'wall-shift-8'],
    ['ko', 'wall-eight'],
    ['en', 'wall-24'],
    ['en', 'wall-96'],
    ['en', 'wall-200'],
    ['ko', 'wall-nine-wrong'],
    ['en', 'wall-200-named'],
    ['ko', 'wall-200-named'],
    ['en', 'wall-eight-named'],
    ['en', 'wall-eight-offline'],
    ['ko', 'wall-eight-offline'],
    ['ko', 'wall-alone'],
  ] as const)('every name and state is 40 mm high, and all of it is to be seen (%s, %s)', async (language, name) => {
    await page.viewport(width, height)
    const { app } = await stage.show(name)
    app.deviceLanguage.value = language
    await expect.poll(() => document.documentElement.lang).toBe(language)
    await expect.poll(() => stage.all(BANDS).length).toBeGreaterThan(2)
    const parts = stage.all(`${BANDS} .band-line bdi, ${BANDS} .band-standing`)
    expect(parts.length).toBe(2 * stage.all(BANDS).length)
    expect(parts.flatMap(faultsOf)).toEqual([])
    for (const band of stage.all(BANDS)) {
      const [line, standing] = ['.band-line bdi', '.band-standing'].map((part) => textBox(band, part))
      const isBeside = line !== undefined && standing !== undefined && line.right <= standing.left
      const isAbove = line !== undefined && standing !== undefined && line.bottom <= standing.top + 20
      expect([band.textContent, isBeside || isAbove]).toEqual([band.textContent, true])
    }
  })
})

/** Where the words stand. */
function textBox(band: HTMLElement, part: string): DOMRect {
  const range = document.createRange()
  const element = band.querySelector(part)
  if (element === null) throw new Error(`no ${part}`)
  range.selectNodeContents(element)
  return range.getBoundingClientRect()
}
