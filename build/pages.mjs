/**
 * Builds the web UI: the pages by Vite, then the service worker with the list of what they need to open without a network.
 * A program of its own, because Vite and Workbox want the Node we bring: `node build/pages.mjs [--out DIR] [--quiet]`,
 * with the name of the build in ANDON_BUILD.
 *
 * Everything is made beside the old pages and takes their place at the end: a running server never serves half a build, and
 * a build that fails changes nothing.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'
import { injectManifest } from 'workbox-build'
import { ROOT, say } from './console.mjs'

/** Where builds are made: on the same disk as the checkout, and out of everybody's way. */
const WORKSHOP = join(ROOT, 'node_modules/.andon-pages')

/**
 * What a device keeps to open offline: the page, its scripts and styles, the relay's worker, what the manifest names. Fonts
 * are left out: hundreds of slices of which a screen needs three, and every system has letters of its own.
 */
const PRECACHED = ['index.html', 'manifest.webmanifest', 'assets/**/*.{js,css,svg}', 'icons/*.png']

/** More than any script of ours; what is larger stops the build instead of being left out without a word. */
const MAX_PRECACHED_BYTES = 4 * 1024 * 1024

/** What shrinks; fonts and pictures are packed already. */
const TEXT = /\.(js|css|html|svg)$/
/** Less fits into one packet either way. */
const MIN_PACKED_BYTES = 1024

/** @type {import('vite').LogLevel} */
const QUIET = 'warn'

const { values } = parseArgs({
  options: { out: { type: 'string', default: 'renderer/dist' }, quiet: { type: 'boolean', default: false } },
})
const logLevel = values.quiet ? QUIET : 'info'
const out = resolve(ROOT, values.out)

mkdirSync(WORKSHOP, { recursive: true })
const workshop = mkdtempSync(join(WORKSHOP, 'build-'))
try {
  const pages = join(workshop, 'pages')
  await build({ configFile: join(ROOT, 'renderer/vite.config.ts'), logLevel, build: { outDir: pages } })
  await buildServiceWorker(pages)
  pack(pages)
  replace(out, pages)
} finally {
  rmSync(workshop, { recursive: true, force: true })
}

/** @param {string} pages */
async function buildServiceWorker(pages) {
  const bare = join(workshop, 'worker')
  await build({
    configFile: false,
    root: join(ROOT, 'renderer'),
    logLevel: QUIET,
    publicDir: false,
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      outDir: bare,
      emptyOutDir: true,
      target: ['chrome130', 'safari17'],
      // A classic script: module service workers are younger than the browsers we serve.
      lib: {
        entry: join(ROOT, 'renderer/pwa/service-worker.ts'),
        formats: ['iife'],
        name: 'andon',
        fileName: () => 'sw.js',
      },
    },
  })
  const { count, size, warnings } = await injectManifest({
    swSrc: join(bare, 'sw.js'),
    swDest: join(pages, 'sw.js'),
    injectionPoint: 'self.andonPages',
    globDirectory: pages,
    globPatterns: PRECACHED,
    // Names with a hash in them never change their content.
    dontCacheBustURLsMatching: /^assets\/[^/]+-[\w-]{8}\.\w+$/,
    maximumFileSizeToCacheInBytes: MAX_PRECACHED_BYTES,
  })
  if (warnings.length > 0) throw new Error(`the service worker would not open offline: ${warnings.join('; ')}`)
  if (!values.quiet) say(`${count} files (${Math.round(size / 1024)} KB) open without a network`)
}

/**
 * Lays `NAME.gz` beside each text, for the server to send as it is (`server/http/static-pages.ts`).
 * @param {string} pages
 */
function pack(pages) {
  for (const entry of readdirSync(pages, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !TEXT.test(entry.name)) continue
    const path = join(entry.parentPath, entry.name)
    const text = readFileSync(path)
    if (text.length >= MIN_PACKED_BYTES) writeFileSync(`${path}.gz`, gzipSync(text, { level: 9 }))
  }
}

/**
 * Puts the new pages where the old ones are.
 * @param {string} old
 * @param {string} next
 */
function replace(old, next) {
  mkdirSync(join(old, '..'), { recursive: true })
  try {
    move(old, join(workshop, 'away'))
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error // there was no build before
  }
  move(next, old)
}

/**
 * In one step where both places are on one disk.
 * @param {string} from
 * @param {string} to
 */
function move(from, to) {
  try {
    renameSync(from, to)
  } catch (error) {
    if (codeOf(error) !== 'EXDEV') throw error
    cpSync(from, to, { recursive: true })
    rmSync(from, { recursive: true })
  }
}

/** @param {unknown} error */
function codeOf(error) {
  return error instanceof Error && 'code' in error ? error.code : null
}
