import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { become, run, stopCode } from './child.mjs'
import { Problem, ROOT, say } from './console.mjs'
import { withSetupLock } from './setup-lock.mjs'

/** @typedef {import('./bootstrap.mjs').Runtime} Runtime */

/** Entry files of the tools, run by our Node instead of through `.bin`, which is a script on one system only. */
export const TOOLS = {
  oxfmt: 'node_modules/oxfmt/bin/oxfmt',
  oxlint: 'node_modules/oxlint/bin/oxlint',
  playwright: 'node_modules/@playwright/test/cli.js',
  tsc: 'node_modules/typescript/bin/tsc',
  vitest: 'node_modules/vitest/vitest.mjs',
}

/**
 * Runs a tool in the checkout, on our own stdout and stderr.
 * @param {Runtime} runtime
 * @param {keyof typeof TOOLS} tool
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env] added to the runtime's
 * @returns {Promise<number>} its exit code
 */
export async function runTool(runtime, tool, args, env = {}) {
  const code = await run(runtime.node, [join(ROOT, TOOLS[tool]), ...args], {
    cwd: ROOT,
    env: { ...runtime.env, ...env },
    stdio: 'inherit',
  })
  const stopped = stopCode()
  if (stopped !== null) throw new Problem('stopped', stopped)
  return code
}

/**
 * How the server's process is started. A small young generation is collected more often and costs nothing measurable; the
 * default grows with every wave of greetings and keeps 30 KB more per connection (`docs/performance.md`).
 */
const SERVER_FLAGS = ['--max-semi-space-size=2']

/**
 * @param {Runtime} runtime
 * @param {string[]} args
 */
export async function server(runtime, args) {
  return become(runtime, [...SERVER_FLAGS, join(ROOT, 'server/cli.ts'), 'server', ...args])
}

/**
 * Faults on a floor of real processes.
 * @param {Runtime} runtime
 * @param {string[]} args
 */
export async function soak(runtime, args) {
  return become(runtime, [join(ROOT, 'test/faults/soak/main.ts'), ...args])
}

/**
 * The rules of the wire against any server.
 * @param {Runtime} runtime
 * @param {string[]} args
 */
export async function conformance(runtime, args) {
  return become(runtime, [join(ROOT, 'test/conformance/main.ts'), ...args])
}

/**
 * Benches with their peers, in one run.
 * @param {Runtime} runtime
 * @param {string[]} args
 */
export async function bench(runtime, args) {
  return become(runtime, [join(ROOT, 'test/bench/main.ts'), ...args])
}

/**
 * Every screen as a picture, for looking at.
 * @param {Runtime} runtime
 * @param {string[]} args
 */
export async function screenshots(runtime, args) {
  return become(runtime, [join(ROOT, 'test/screenshots/main.ts'), ...args])
}

/**
 * @param {Runtime} runtime
 * @param {string[]} args
 */
export async function build(runtime, args) {
  const code = await buildRenderer(runtime, args)
  if (code === 0) writeFileSync(RENDERER_MARKER, rendererSources())
  return code
}

/**
 * @param {Runtime} runtime
 * @param {string[]} args
 */
export function format(runtime, args) {
  return runTool(runtime, 'oxfmt', args.length > 0 ? args : ['.'])
}

/** Outside `renderer/dist`, whose every file is served. */
const RENDERER_MARKER = join(ROOT, 'node_modules/.andon-renderer')
const RENDERER_INDEX = join(ROOT, 'renderer/dist/index.html')

/**
 * Builds the web UI if it was not yet built from these sources.
 * @param {Runtime} runtime
 */
export async function ensureRenderer(runtime) {
  if (isRendererCurrent()) return
  await withSetupLock(async () => {
    if (isRendererCurrent()) return // another run built it while we waited
    say('building the web UI')
    const sources = rendererSources()
    const code = await buildRenderer(runtime, ['--quiet'])
    if (code !== 0)
      throw new Problem(`the web UI could not be built (the build ended with ${code}); its words are above`)
    writeFileSync(RENDERER_MARKER, sources)
  })
}

/**
 * @param {Runtime} runtime
 * @param {string[]} args
 */
function buildRenderer(runtime, args) {
  // On stderr like all our words: `start` goes on to a command whose stdout is a contract.
  return run(runtime.node, [join(ROOT, 'build/pages.mjs'), ...args], {
    cwd: ROOT,
    env: { ...runtime.env, ANDON_BUILD: rendererSources().slice(0, 12) },
    stdio: ['ignore', 2, 2],
  })
}

function isRendererCurrent() {
  return (
    existsSync(RENDERER_INDEX) &&
    existsSync(RENDERER_MARKER) &&
    readFileSync(RENDERER_MARKER, 'utf8') === rendererSources()
  )
}

/** A hash over everything the built web UI depends on. */
function rendererSources() {
  const hash = createHash('sha256')
  for (const path of ['package-lock.json', 'build/pages.mjs', ...filesOf('renderer'), ...filesOf('relay')]) {
    hash.update(`${path}\n`).update(readFileSync(join(ROOT, path)))
  }
  return hash.digest('hex')
}

/**
 * Files of a folder that can end up in the build, from the root, in a stable order.
 * @param {string} folder
 * @returns {string[]}
 */
export function filesOf(folder) {
  const entries = readdirSync(join(ROOT, folder), { withFileTypes: true })
  entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  return entries.flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return path === 'renderer/dist' || path === 'app/dist' ? [] : filesOf(path)
    return /\.(test|contract)\.tsx?$|\.md$/.test(entry.name) ? [] : [path]
  })
}
