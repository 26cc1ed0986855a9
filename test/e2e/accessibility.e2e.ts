import { expect, test } from '@playwright/test'
import { LANGUAGES } from '../../relay/protocol/record-words.ts'
import { serveGallery, SHOTS, type Gallery } from '../support/gallery.ts'
import { axeFindings } from './axe.ts'

/** What has nothing in it that others have not. */
const MORE_OF_THE_SAME = new Set([
  'equipment-240',
  'line-flood',
  'line-coming',
  'line-offline-quiet',
  'line-crowd',
  'site-offline',
  'wall-24',
  'wall-96',
  'wall-twelve',
  'wall-shift-3',
  'wall-shift-8',
  'wall-shift-20',
])
/** What differs from others by how much of it there is, and not by theme, language or screen: one look at each. */
const ONCE = new Set([
  'site-200',
  'wall-200',
  'wall-200-named',
  'wall-named',
  'wall-nine-wrong',
  'wall-p3',
  'wall-six',
  'wall-shift-4',
  'line-long-titles',
  'sheet-roster-crowd',
])
/**
 * Long texts change sizes, which other tests look at, and not what axe finds. Of 240 tiles one always stands half under the
 * edge of the scrolled list, which axe takes for a small target; the others have the same tiles.
 */
const SEEN = SHOTS.filter(({ name }) => !name.startsWith('long-') && !MORE_OF_THE_SAME.has(name))

let gallery: Gallery

test.beforeAll(async () => {
  gallery = await serveGallery()
})
test.afterAll(() => gallery.close())

const SIZES = { kiosk: { width: 1920, height: 1080 }, phone: { width: 390, height: 844 } }
/** Each size, theme and language once; `ANDON_WALK=all` is every one with every other. */
const WALKS =
  process.env['ANDON_WALK'] === 'all'
    ? LANGUAGES.flatMap((language) =>
        (['light', 'dark'] as const).flatMap((colorScheme) =>
          (['kiosk', 'phone'] as const).map((size) => ({ size, colorScheme, language })),
        ),
      )
    : ([
        { size: 'kiosk', colorScheme: 'light', language: 'ko' },
        { size: 'phone', colorScheme: 'dark', language: 'en' },
      ] as const)

for (const [walk, { size, colorScheme, language }] of WALKS.entries()) {
  test(`axe finds nothing on any screen or sheet (${size}, ${colorScheme}, ${language})`, async ({ browser }) => {
    test.setTimeout(900_000)
    const context = await browser.newContext({ viewport: SIZES[size], colorScheme })
    const page = await context.newPage()
    const found: Record<string, readonly string[]> = {}
    await page.goto(gallery.url)
    for (const shot of SEEN) {
      if (walk > 0 && ONCE.has(shot.name)) continue
      await gallery.show(page, shot, language)
      await page.locator(`html[lang=${language}] .shell`).waitFor()
      await expect(page.locator('.later-coming')).toHaveCount(0)
      const faults = await axeFindings(page)
      if (faults.length > 0) found[shot.name] = faults
    }
    await context.close()
    expect(found).toEqual({})
  })
}
