/**
 * Every screen as a picture, in both languages, both themes, on two kiosks and on the phone, wall boards upright, too, and as an
 * eye has them from 8 m: `node build/run.mjs screenshots
 * [--only PART] [--out FOLDER]`. For looking at; it asserts nothing but that a page drew something and logged no error.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { chromium, type Browser } from '@playwright/test'
import { CHROMIUM_ARGS, findChromium } from '../../build/chromium.mjs'
import { LANGUAGES } from '../../relay/protocol/record-words.ts'
import { serveGallery, SHOTS, type Gallery } from '../support/gallery.ts'
import { fromAfar } from './from-afar.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const isWall = (name: string): boolean => name.startsWith('wall')
const SIZES = {
  kiosk: { width: 1920, height: 1080 },
  'kiosk-1280': { width: 1280, height: 800 },
  'wall-upright': { width: 1080, height: 1920 },
  phone: { width: 390, height: 844 },
  'phone-landscape': { width: 844, height: 390 },
} as const
const THEMES = ['light', 'dark'] as const
/** A first page is compiled while it is waited for. */
const PATIENCE_MS = 15_000

const USAGE = `Every screen as a picture, in both languages and themes, on two kiosks and on the phone. Wall boards are there upright, too,
and beside each, as "…-from-8m", as large as one has it on 55 inches from 8 m: to be held at arm's length.

  node build/run.mjs screenshots [--only PART] [--out FOLDER]

  --only PART    only pictures with this in their path, for example kiosk-ko or phone-en-dark/alerts
  --out FOLDER   where they go (test-results/screenshots)
  --help         this
`

const values = optionsOf(process.argv.slice(2))
if (values === null) process.exit(2)
if (values.help) {
  process.stdout.write(USAGE)
  process.exit(0)
}
const { only } = values
const out = resolve(ROOT, values.out)

const gallery = await serveGallery()
try {
  const executablePath = findChromium()
  const browser = await chromium.launch({ args: CHROMIUM_ARGS, ...(executablePath !== null && { executablePath }) })
  try {
    const problems = await takeAll(browser, gallery)
    for (const problem of problems) process.stderr.write(`${problem}\n`)
    process.exitCode = problems.length === 0 ? 0 : 1
  } finally {
    await browser.close()
  }
} finally {
  await gallery.close()
}

/** Null where they cannot be understood, which is said. */
function optionsOf(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        only: { type: 'string', default: '' },
        out: { type: 'string', default: 'test-results/screenshots' },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (cause) {
    process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n\n${USAGE}`)
    return null
  }
}

/** Returns what went wrong, a sentence each. Pictures are `SIZE-LANGUAGE-THEME/NAME.png`; `--only` is a part of that. */
async function takeAll(browser: Browser, { addressOf }: Gallery): Promise<readonly string[]> {
  const problems: string[] = []
  let count = 0
  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const language of LANGUAGES) {
      for (const colorScheme of THEMES) {
        const folder = join(out, `${size}-${language}-${colorScheme}`)
        const fitting = size === 'wall-upright' ? SHOTS.filter(({ name }) => isWall(name)) : SHOTS
        const wanted = fitting.filter(({ name }) => join(folder, `${name}.png`).includes(only))
        if (wanted.length === 0) continue
        await mkdir(folder, { recursive: true })
        const page = await browser.newPage({ viewport, colorScheme })
        const afar = await browser.newPage()
        let shown = ''
        page.on('pageerror', (error) => problems.push(`${shown}: ${error.message}`))
        for (const shot of wanted) {
          shown = `${size} ${language} ${colorScheme} ${shot.name}`
          try {
            await page.goto(addressOf(shot, language))
            await page.locator(`html[lang=${language}] .shell`).waitFor({ timeout: PATIENCE_MS })
            // A view and a sheet over it come each in their time.
            const isThere = () => document.querySelector('.later-coming') === null
            await page.waitForFunction(isThere, null, { timeout: PATIENCE_MS })
            await page.evaluate(() => document.fonts.ready)
            // Values that are shown after the page are brought again by then.
            if ((await page.locator('.bands, .line').count()) > 0) await page.waitForTimeout(1_800)
            const picture = await page.screenshot({ path: join(folder, `${shot.name}.png`), animations: 'disabled' })
            if (isWall(shot.name) && (size === 'kiosk' || size === 'wall-upright'))
              await writeFile(join(folder, `${shot.name}-from-8m.png`), await fromAfar(afar, picture, viewport.width))
            count += 1
          } catch (cause) {
            problems.push(`${shown} was not drawn: ${String(cause)}`)
          }
        }
        await page.close()
        await afar.close()
      }
    }
  }
  process.stderr.write(`${count} pictures in ${out}\n`)
  return count === 0 && problems.length === 0 ? [`There is no picture of that name: ${only}`] : problems
}
