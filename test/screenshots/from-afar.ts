/**
 * A board as large as an eye has it from afar, for whoever holds the picture at arm's length: every angle is what it is before
 * the wall. Letters of 40 mm from 8 m are 0.29° (17 arc minutes), and 3 mm at 60 cm.
 */
import type { Page } from '@playwright/test'

/** A 55-inch screen of 1920 × 1080: 1217.6 mm wide. */
export const MM_PER_PIXEL = 1_217.6 / 1_920
const FROM_MM = 8_000
const ARM_MM = 600
/** CSS has 96 pixels an inch. */
const MM_PER_CSS_PIXEL = 25.4 / 96

/** How wide a board of so many pixels is seen, CSS pixels at arm's length. */
export function seenWidth(pixels: number): number {
  return Math.round((pixels * MM_PER_PIXEL * ARM_MM) / FROM_MM / MM_PER_CSS_PIXEL)
}

/** The picture, scaled to that. `page` is an empty one. */
export async function fromAfar(page: Page, picture: Buffer, pixels: number): Promise<Buffer> {
  const source = `data:image/png;base64,${picture.toString('base64')}`
  await page.setContent(`<body style="margin:0"><img width="${seenWidth(pixels)}" src="${source}">`)
  return page.locator('img').screenshot()
}
