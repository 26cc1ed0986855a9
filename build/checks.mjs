import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run, stopCode } from './child.mjs'
import { Problem, ROOT } from './console.mjs'
import { playwrightCounts, vitestCounts } from './reports.mjs'
import { findElectron, testScreen } from './electron.mjs'
import { ensureKiosk } from './kiosk-tasks.mjs'
import { ensureRenderer, runTool, TOOLS } from './tasks.mjs'

/** @typedef {import('./bootstrap.mjs').Runtime} Runtime */
/** @typedef {import('./reports.mjs').Counts} Counts */

/**
 * @typedef {object} Bench  what a step works with
 * @property {Runtime} runtime
 * @property {string} folder  for reports; gone afterwards
 * @property {string | null} chromium
 */

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {boolean} [needsChromium]
 * @property {() => string | null} [missing]  why it cannot run here
 * @property {(bench: Bench) => Promise<Counts>} run
 */

/** @type {Step[]} */
const CHECK = [
  { name: 'format', run: ({ runtime }) => single(runTool(runtime, 'oxfmt', ['--check', '.'])) },
  { name: 'lint', run: ({ runtime }) => single(runTool(runtime, 'oxlint', ['.'])) },
  { name: 'types', run: ({ runtime }) => single(runTool(runtime, 'tsc', ['--noEmit'])) },
  { name: 'unit', run: (bench) => vitest(bench, 'unit') },
]

/**
 * Minutes of faults on real processes, the last step of the tests: five where a build machine runs them (it says so with
 * `CI`), one at a desk, or what ANDON_SOAK_MINUTES says; 0 is none. After the other steps and not beside them: both measure
 * time on the same cores, and all of it together takes less than a quarter of an hour on two.
 */
const SOAK_MINUTES = process.env.ANDON_SOAK_MINUTES || (isBuildMachine() ? '5' : '1')

/** @type {Step[]} */
const TEST = [
  ...CHECK,
  { name: 'integration', run: (bench) => vitest(bench, 'integration') },
  { name: 'build', run: ({ runtime }) => single(ensureRenderer(runtime).then(() => 0)) },
  { name: 'browser', needsChromium: true, run: (bench) => vitest(bench, 'browser') },
  { name: 'e2e', needsChromium: true, run: endToEnd },
  { name: 'kiosk', missing: whyNoKiosk, run: kioskEndToEnd },
  { name: 'soak', missing: whyNoSoak, run: soakStep },
]

/** @type {(runtime: Runtime, names: string[]) => Promise<number>} */
export const check = (runtime, names) => runSteps(CHECK, runtime, names)

/** @type {(runtime: Runtime, names: string[]) => Promise<number>} */
export const test = (runtime, names) => runSteps(TEST, runtime, names)

/**
 * Runs the named steps, or all; a failed step does not stop the others. The last line is the sum of all of them,
 * where format, lint, types and build count as one each. A step that cannot run is said aloud and counts as nothing.
 * @param {Step[]} steps
 * @param {Runtime} runtime
 * @param {string[]} names
 */
async function runSteps(steps, runtime, names) {
  const unknown = names.find((name) => !steps.some((step) => step.name === name))
  if (unknown !== undefined) {
    throw new Problem(`no step ${unknown}; there are: ${steps.map((step) => step.name).join(', ')}`, 2)
  }
  const chosen = names.length === 0 ? steps : steps.filter((step) => names.includes(step.name))
  const folder = mkdtempSync(join(tmpdir(), 'andon-test-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const chromium = chosen.some((step) => step.needsChromium) ? findChromium(runtime) : null

  const total = { passed: 0, failed: 0, skipped: 0 }
  const lines = []
  for (const step of chosen) {
    if (step.needsChromium && chromium === null) {
      lines.push(`${step.name.padEnd(12)} not run: there is no Chromium (set ANDON_CHROMIUM or install one)`)
      continue
    }
    const missing = step.missing?.() ?? null
    if (missing !== null) {
      lines.push(`${step.name.padEnd(12)} not run: ${missing}`)
      continue
    }
    print(`\n=== ${step.name}`)
    const startedAt = Date.now()
    const counts = await step.run({ runtime, folder, chromium })
    const seconds = ((Date.now() - startedAt) / 1000).toFixed(1)
    total.passed += counts.passed
    total.failed += counts.failed
    total.skipped += counts.skipped
    lines.push(`${step.name.padEnd(12)} ${summary(counts)} (${seconds} s)`)
  }
  print(`\n${lines.join('\n')}\n${summary(total)}`)
  return total.failed === 0 ? 0 : 1
}

/** @param {Counts} counts */
function summary({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

/** @param {string} line */
function print(line) {
  process.stdout.write(`${line}\n`)
}

function isBuildMachine() {
  const { CI } = process.env
  return CI !== undefined && CI !== '' && CI !== 'false' && CI !== '0'
}

function whyNoSoak() {
  return SOAK_MINUTES === '0' ? 'ANDON_SOAK_MINUTES is 0' : null
}

/** @param {Bench} bench */
async function soakStep({ runtime }) {
  const ending = run(runtime.node, [join(ROOT, 'test/faults/soak/main.ts'), '--minutes', SOAK_MINUTES], {
    cwd: ROOT,
    env: runtime.env,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const counts = await single(ending)
  const stopped = stopCode()
  if (stopped !== null) throw new Problem('stopped', stopped)
  return counts
}

/**
 * A step that passes or fails as a whole.
 * @param {Promise<number>} ending its exit code
 * @returns {Promise<Counts>}
 */
async function single(ending) {
  const failed = (await ending) === 0 ? 0 : 1
  return { passed: 1 - failed, failed, skipped: 0 }
}

/**
 * @param {Bench} bench
 * @param {string} project of vitest.config.ts
 */
async function vitest({ runtime, folder, chromium }, project) {
  const report = join(folder, `${project}.json`)
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const code = await runTool(runtime, 'vitest', ['run', '--project', project, '--passWithNoTests', ...reporters], {
    ...(chromium !== null && { ANDON_CHROMIUM: chromium }),
  })
  return vitestCounts(report, code)
}

/** @param {Bench} bench */
async function endToEnd({ runtime, folder, chromium }) {
  // Named alone, this step would otherwise test an older build.
  await ensureRenderer(runtime)
  const report = join(folder, 'e2e.json')
  const code = await runTool(runtime, 'playwright', playwrightArguments('web'), {
    ANDON_CHROMIUM: chromium ?? undefined,
    PLAYWRIGHT_JSON_OUTPUT_FILE: report,
  })
  return playwrightCounts(report, code)
}

/** @param {'web' | 'kiosk'} project of test/e2e/playwright.config.ts */
function playwrightArguments(project) {
  return ['test', '--config', 'test/e2e/playwright.config.ts', '--project', project, '--reporter=list,json']
}

function whyNoKiosk() {
  const electron = findElectron()
  if ('missing' in electron) return electron.missing
  const screen = testScreen()
  return 'missing' in screen ? screen.missing : null
}

/**
 * The kiosk on a real Electron, on a screen of its own.
 * @param {Bench} bench
 */
async function kioskEndToEnd({ runtime, folder }) {
  const electron = findElectron()
  const screen = testScreen()
  if ('missing' in electron || 'missing' in screen) return { passed: 0, failed: 1, skipped: 0 } // was there a moment ago
  await ensureKiosk(runtime)
  const report = join(folder, 'kiosk.json')
  const [program = runtime.node, ...words] = [
    ...screen.words,
    runtime.node,
    join(ROOT, TOOLS.playwright),
    ...playwrightArguments('kiosk'),
  ]
  const code = await run(program, words, {
    cwd: ROOT,
    env: { ...runtime.env, PLAYWRIGHT_JSON_OUTPUT_FILE: report },
    stdio: 'inherit',
  })
  return playwrightCounts(report, code)
}

/**
 * In a process of its own, because it asks Playwright, which wants the Node we bring.
 * @param {Runtime} runtime
 * @returns {string | null}
 */
function findChromium(runtime) {
  const found = spawnSync(runtime.node, [join(ROOT, 'build/chromium.mjs'), '--install'], {
    env: runtime.env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return found.status === 0 ? found.stdout.trim() : null
}
