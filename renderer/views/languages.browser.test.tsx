import { beforeEach, describe, expect, test } from 'vitest'
import { page } from 'vitest/browser'
import type { Text } from '../text/en.ts'
import { ko } from '../text/ko.ts'
import { setWords } from '../text/text.ts'
import { BOARD_SCENES } from '../testing/board-scenes.ts'
import { CHAT_SCENES } from '../testing/chat-scenes.ts'
import { EQUIPMENT_SCENES } from '../testing/equipment-scenes.ts'
import { LONG_SCENES } from '../testing/long-scenes.ts'
import { NOTE_SCENES } from '../testing/note-scenes.ts'
import { SCENES } from '../testing/scenes.ts'
import { SHEETS } from '../testing/sheets.ts'
import { painted, setStage, THUMB_PX } from '../testing/stage.ts'
import { stretchedWords } from '../testing/stretched-words.ts'

/** The kiosk, the phone, and the phone on its side. */
const SIZES = [
  [1920, 1080],
  [390, 844],
  [844, 390],
] as const
const TABLES: readonly (readonly [string, Text])[] = [
  ['Korean', ko],
  // English with more letters: where it has room, English has.
  ['more letters', stretchedWords],
]
/** Boards of many lines hold the same words as those of few; walls hang at one size. */
const FEW_LINES = ['line', 'line-offline', 'line-signed-out', 'site-offline']
const boards = Object.fromEntries(Object.entries(BOARD_SCENES).filter(([name]) => FEW_LINES.includes(name)))
const scenes = { ...SCENES, ...LONG_SCENES, ...EQUIPMENT_SCENES, ...CHAT_SCENES, ...NOTE_SCENES, ...boards }
const stage = setStage({ ...scenes, ...BOARD_SCENES })

/** What is wrong with the scene as it stands in the words of each language, one after the other; with the language's name. */
async function faultsOf(
  name: string,
  sheet: (typeof SHEETS)[number]['sheet'] | null = null,
): Promise<readonly string[]> {
  const mounted = await stage.show(name)
  mounted.app.sheet.value = sheet
  // The app itself says its language once it is drawn.
  await painted()
  const faults: string[] = []
  for (const [language, table] of TABLES) {
    setWords(table)
    await painted()
    if (sheet !== null) expect(stage.root.querySelector('dialog'), name).not.toBeNull()
    faults.push(...[...tooWide(), ...badButtons()].map((what) => `${language}: ${what}`))
  }
  return faults
}

/** A list that reaches into the sheet's margins; digits whose mark hangs beside the column. */
const BY_INTENT = '.outbox-refused, .cell-quantity, .cell-quantity .value'

/** What is wider inside than outside, and does not cut off by intent. */
function tooWide(): readonly string[] {
  return stage
    .all('*')
    .filter((element) => element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1)
    .filter((element) => !(element instanceof HTMLInputElement) && element.closest('svg') === null)
    .filter((element) => !element.matches(BY_INTENT))
    .filter((element) => {
      const { display, overflowX } = getComputedStyle(element)
      return display !== 'inline' && overflowX !== 'hidden' && overflowX !== 'clip'
    })
    .map((element) => `${element.className}: ${element.scrollWidth} in ${element.clientWidth}`)
}

const BUTTONS = '.button, .choice-face, .pin-key, .navigation-item'

/** Buttons whose words stand out of them or off the screen, and those a thumb would miss. */
function badButtons(): readonly string[] {
  return stage
    .all(BUTTONS)
    .filter((button) => button.getClientRects().length > 0)
    .filter((button) => {
      const { left, right, width, height } = button.getBoundingClientRect()
      const isCut = button.scrollHeight > button.clientHeight + 1 || button.scrollWidth > button.clientWidth + 1
      return isCut || left < -1 || right > innerWidth + 1 || Math.min(width, height) < THUMB_PX - 1
    })
    .map((button) => {
      const { width, height } = button.getBoundingClientRect()
      return `${button.className} “${button.textContent}” ${Math.round(width)} × ${Math.round(height)}`
    })
}

describe.each(SIZES)('at %i × %i', (width, height) => {
  beforeEach(() => page.viewport(width, height))

  test('every screen holds its words in Korean, and in a language with two fifths more letters than English', async () => {
    const wrong = new Map<string, string>()
    for (const name of Object.keys(scenes)) for (const what of await faultsOf(name)) wrong.set(what, name)
    expect(Object.fromEntries(wrong)).toEqual({})
  })

  test('every sheet holds its words in Korean, and in a language with two fifths more letters than English', async () => {
    const wrong = new Map<string, string>()
    for (const { name, scene, sheet } of SHEETS) for (const what of await faultsOf(scene, sheet)) wrong.set(what, name)
    expect(Object.fromEntries(wrong)).toEqual({})
  })
})
