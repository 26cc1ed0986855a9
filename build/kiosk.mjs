/**
 * Builds the kiosk beside its sources into `app/dist`: the main process and its store thread (ES modules), the preload (one
 * CommonJS file: a sandboxed one can load no other), the pages, and `built.json`, which lists all that the kiosk may serve or
 * load, with what each file must hold. A folder that Electron runs as it is, and that `electron-builder.yml` packs.
 * A program of its own, because Vite wants the Node we bring: `node build/kiosk.mjs [--out DIR] [--pages DIR] [--quiet]`,
 * after the pages were built, with the name of the build in ANDON_BUILD.
 */
import { createHash } from 'node:crypto'
import { builtinModules } from 'node:module'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { build } from 'vite'
import { ROOT } from './console.mjs'

/** Where builds are made: on the same disk as the checkout, and out of everybody's way. */
const WORKSHOP = join(ROOT, 'node_modules/.andon-kiosk')
const PREBUILDS = join(ROOT, 'node_modules/better-sqlite3/prebuilds')

/** Electron's own, Node's, and what `ws` would use if somebody had installed it. */
const OUTSIDE = ['electron', 'bufferutil', 'utf-8-validate', ...builtinModules, /^node:/]

/** The oldest runtime the kiosk is tested on: Electron 33, which is Node 20 and Chromium 130. */
const MAIN_TARGET = 'node20'
const PRELOAD_TARGET = 'chrome130'

/** Of the pages, what only a browser needs: its relay's worker, its service worker, how it is installed. */
const BROWSERS_ONLY = /^(sw\.js|manifest\.webmanifest|icons\/|assets\/relay\.worker-)|\.gz$/

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'app/dist' },
    pages: { type: 'string', default: 'renderer/dist' },
    quiet: { type: 'boolean', default: false },
  },
})
const OUT = resolve(ROOT, values.out)
const PAGES = resolve(ROOT, values.pages)
const logLevel = /** @type {import('vite').LogLevel} */ (values.quiet ? 'warn' : 'info')
const { version } = /** @type {{ version: string }} */ (JSON.parse(read('package.json').toString()))

mkdirSync(WORKSHOP, { recursive: true })
const workshop = mkdtempSync(join(WORKSHOP, 'build-'))
try {
  const out = join(workshop, 'dist')
  await buildMain(out)
  await buildPreload(out)
  cpSync(PAGES, join(out, 'pages'), { recursive: true, filter: (path) => !isBrowsersOnly(path) })
  copySqlite(out)
  writeJson(join(out, 'built.json'), {
    build: `${version}+${process.env['ANDON_BUILD'] ?? 'dev'}`,
    pages: listed(join(out, 'pages')),
    sqlite: sqliteHashes(),
  })
  writeJson(join(out, 'package.json'), {
    name: 'andon',
    productName: 'Andon',
    description: 'Keeps every screen of a factory floor in agreement',
    version,
    license: 'Apache-2.0',
    author: 'The Andon authors',
    homepage: 'https://andon.invalid',
    private: true,
    type: 'module',
    main: 'main.js',
  })
  rmSync(OUT, { recursive: true, force: true })
  renameSync(out, OUT)
} finally {
  rmSync(workshop, { recursive: true, force: true })
}

/**
 * Everything in it but Electron: a package then needs no `node_modules`.
 * @param {string} out
 */
async function buildMain(out) {
  await build({
    configFile: false,
    root: ROOT,
    logLevel,
    publicDir: false,
    ssr: { noExternal: true, external: ['electron'], target: 'node' },
    build: {
      ssr: true,
      target: MAIN_TARGET,
      outDir: out,
      emptyOutDir: false,
      minify: false, // a stack in the log names functions
      rolldownOptions: {
        input: {
          main: join(ROOT, 'app/main/main.ts'),
          'sqlite-store-worker': join(ROOT, 'relay/adapters/sqlite-store-worker.ts'),
        },
        external: OUTSIDE,
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'shared-[hash].js' },
      },
    },
  })
}

/** @param {string} out */
async function buildPreload(out) {
  await build({
    configFile: false,
    root: ROOT,
    logLevel,
    publicDir: false,
    build: {
      target: PRELOAD_TARGET,
      outDir: out,
      emptyOutDir: false,
      minify: false,
      lib: { entry: join(ROOT, 'app/preload/preload.ts'), formats: ['cjs'], fileName: () => 'preload.cjs' },
      rolldownOptions: { external: ['electron'] },
    },
  })
}

/** @param {string} path */
function isBrowsersOnly(path) {
  return BROWSERS_ONLY.test(path.slice(PAGES.length + 1).replaceAll('\\', '/'))
}

/**
 * This machine's own, for a kiosk that runs from the checkout; a package gets its target's (electron-builder.yml).
 * @param {string} out
 */
function copySqlite(out) {
  const name = `${process.platform}-${process.arch}.node`
  mkdirSync(join(out, 'native'))
  cpSync(join(PREBUILDS, name), join(out, 'native', name))
}

/** By platform and architecture, for every target there is. */
function sqliteHashes() {
  const names = readdirSync(PREBUILDS).toSorted()
  return Object.fromEntries(
    names.map((name) => [name.replace(/\.node$/, ''), sha256(readFileSync(join(PREBUILDS, name)))]),
  )
}

/**
 * Every file of a folder by the address it is served at.
 * @param {string} folder
 */
function listed(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const paths = entries.map((entry) => join(entry.parentPath, entry.name)).toSorted()
  return Object.fromEntries(
    paths.map((path) => {
      const bytes = readFileSync(path)
      return [path.slice(folder.length).replaceAll('\\', '/'), { sha256: sha256(bytes), bytes: bytes.length }]
    }),
  )
}

/** @param {Uint8Array} bytes */
function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex')
}

/** @param {string} path from the root */
function read(path) {
  return readFileSync(join(ROOT, path))
}

/**
 * @param {string} path
 * @param {unknown} value
 */
function writeJson(path, value) {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`)
}
