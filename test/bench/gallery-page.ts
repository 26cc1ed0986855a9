import { chromium, type Browser } from 'playwright-core'
import { CHROMIUM_ARGS, findChromium } from '../../build/chromium.mjs'
import { serveGallery } from '../support/gallery.ts'

/** Measures on the gallery's page, in a Chromium of its own; both are gone afterwards. */
export async function onGallery<T>(
  progress: (words: string) => void,
  measure: (browser: Browser, url: string) => Promise<T>,
): Promise<T> {
  progress('building the page')
  const gallery = await serveGallery()
  try {
    const executablePath = findChromium()
    const browser = await chromium.launch({ args: CHROMIUM_ARGS, ...(executablePath !== null && { executablePath }) })
    try {
      return await measure(browser, gallery.url)
    } finally {
      await browser.close()
    }
  } finally {
    await gallery.close()
  }
}
