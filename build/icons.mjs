/**
 * Draws the icons from the one drawing, `renderer/icon.svg`, by the Chromium the tests use. The results are committed:
 * a build needs no browser. Run it after the drawing changed: `node build/icons.mjs`; `icons.browser.test.ts` notices when
 * somebody forgot.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'
import { CHROMIUM_ARGS, findChromium } from './chromium.mjs'
import { Problem, ROOT, say } from './console.mjs'
import { ICONS, variantOf } from './icon-table.mjs'

const DRAWING = join(ROOT, 'renderer/icon.svg')
const FOLDER = join(ROOT, 'renderer/public/icons')

async function drawAll() {
  const executablePath = findChromium()
  if (executablePath === null)
    throw new Problem('there is no Chromium to draw with (set ANDON_CHROMIUM or install one)')
  const drawing = readFileSync(DRAWING, 'utf8')
  const browser = await chromium.launch({ executablePath, args: CHROMIUM_ARGS })
  try {
    const page = await browser.newPage()
    for (const icon of ICONS) {
      await page.setViewportSize({ width: icon.size, height: icon.size })
      await page.setContent(`<style>html,body{margin:0}svg{display:block;width:100vw;height:100vh}</style>
        ${variantOf(drawing, icon)}`)
      const path = join(FOLDER, icon.file)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, await page.screenshot({ omitBackground: true }))
      say(`drew ${icon.file}`)
    }
  } finally {
    await browser.close()
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await drawAll()
