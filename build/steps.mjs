/** The steps of which `check`, `test` and `prove` are made, and what runs them one after the other. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run, stopCode } from './child.mjs'
import { Problem, ROOT } from './console.mjs'
import { playwrightCounts, slowest, vitestCounts } from './reports.mjs'
import { findElectron, testScreen } from './electron.mjs'
import { ensureKiosk } from './kiosk-tasks.mjs'
import { ensureRenderer, runTool, TOOLS } from './tasks.mjs'

/** @typedef {import('./bootstrap.mjs').Runtime} Runtime */
/** @typedef {import('./reports.mjs').Counts} Counts */
/** @typedef {import('./reports.mjs').Duration} Duration */
/** @typedef {import('./reports.mjs').Outcome} Outcome */

/**
 * @typedef {object} Bench  what a step works with
 * @property {Runtime} runtime
 * @property {string} folder  for reports; gone afterwards
 * @property {string | null} chromium
 * @property {string[]} extra  for the runner of the one step that is named, after `--`
 * @property {number} secondsLeft  until no step begins any more; Infinity where there is no such time
 */

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {boolean} [needsChromium]
 * @property {() => string | null} [missing]  why it cannot run here
 * @property {number} [budget]  seconds it may take on two quiet cores; CONTRIBUTING has the same table
 * @property {boolean} [takesExtra]
 * @property {(bench: Bench) => Promise<Outcome>} run
 */

/**
 * Runs the named steps, or all; a failed step does not stop the others. The last line is the sum of all of them,
 * where format, lint, types and build count as one each. A step that cannot run is said aloud and counts as nothing.
 * What follows `--` goes to the runner of the one step named: `kiosk -- --grep "full disk" --repeat-each 5`.
 * @param {Step[]} steps
 * @param {Runtime} runtime
 * @param {string[]} args
 * @param {{ seconds?: number, some?: boolean }} [options]  after so long no step begins any more; with `some`, to run no test is
 * to fail
 */
export async function runSteps(steps, runtime, args, { seconds: limit = Infinity, some = false } = {}) {
  if (args.length === 1 && args[0] === '--again') return runAgain(steps, runtime)
  const [names, extra] = split(args)
  const unknown = names.find((name) => !steps.some((step) => step.name === name))
  if (unknown !== undefined) {
    throw new Problem(`no step ${unknown}; there are: ${steps.map((step) => step.name).join(', ')}`, 2)
  }
  const chosen = names.length === 0 ? steps : steps.filter((step) => names.includes(step.name))
  if (extra.length > 0 && !(chosen.length === 1 && chosen[0]?.takesExtra)) {
    const able = steps.filter((step) => step.takesExtra).map((step) => step.name)
    throw new Problem(`what follows -- needs one step that takes it: ${able.join(', ')}`, 2)
  }
  const folder = mkdtempSync(join(tmpdir(), 'andon-test-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const chromium = chosen.some((step) => step.needsChromium) ? findChromium(runtime) : null

  const total = { passed: 0, failed: 0, skipped: 0 }
  const lines = []
  /** @type {Duration[]} */
  const durations = []
  /** @type {string[]} */
  const failures = []
  /** @type {Again[]} */
  const again = []
  const begunAt = Date.now()
  for (const step of chosen) {
    const secondsLeft = limit - (Date.now() - begunAt) / 1000
    if (step.needsChromium && chromium === null) {
      lines.push(`${step.name.padEnd(12)} not run: there is no Chromium (set ANDON_CHROMIUM or install one)`)
      continue
    }
    const missing = secondsLeft <= 0 ? `its time was over after ${limit / 60} min` : (step.missing?.() ?? null)
    if (missing !== null) {
      lines.push(`${step.name.padEnd(12)} not run: ${missing}`)
      continue
    }
    print(`\n=== ${step.name}`)
    const startedAt = Date.now()
    const counts = await step.run({ runtime, folder, chromium, extra, secondsLeft })
    const seconds = (Date.now() - startedAt) / 1000
    total.passed += counts.passed
    total.failed += counts.failed
    total.skipped += counts.skipped
    durations.push(...(counts.durations ?? []))
    const { failures: own = [] } = counts
    // A step without a report of its tests has failed as a whole.
    failures.push(
      ...(counts.failed > 0 && own.length === 0 ? ['as a whole'] : own).map((each) => `${step.name}: ${each}`),
    )
    if (counts.failed > 0) again.push({ step: step.name, extra: step.takesExtra ? (counts.again ?? []) : [] })
    const over = step.budget !== undefined && seconds > step.budget ? `; its budget is ${step.budget} s` : ''
    lines.push(`${step.name.padEnd(12)} ${summary(counts)} (${seconds.toFixed(1)} s${over})`)
  }
  remember(again)
  if (durations.length > 0) print(`\nthe slowest tests:\n${slowest(durations, SLOWEST).join('\n')}`)
  if (failures.length > 0) print(`\nwhat failed:\n${failures.map((each) => `  ${each}`).join('\n')}`)
  print(`\n${lines.join('\n')}\n${summary(total)}`)
  return total.failed > 0 || (some && total.passed === 0) ? 1 : 0
}

/** @typedef {{ step: string, extra: string[] }} Again  a step that failed, and what its runner takes to run what failed in it */

/** What failed in the last run that was not a second look. */
const FAILED = join(ROOT, 'test-results', 'failed.json')

/** @param {Again[]} again */
function remember(again) {
  mkdirSync(join(FAILED, '..'), { recursive: true })
  writeFileSync(FAILED, JSON.stringify(again))
}

/**
 * Runs what failed in the last run once more, each by itself. What passes now depends on the machine or on chance, which is a
 * fault as well, so it is named; but it does not say that the change is at fault.
 * @param {Step[]} steps
 * @param {Runtime} runtime
 */
async function runAgain(steps, runtime) {
  const again = existsSync(FAILED) ? /** @type {Again[]} */ (JSON.parse(readFileSync(FAILED, 'utf8'))) : []
  if (again.length === 0) throw new Problem('nothing failed in the last run')
  let code = 0
  for (const { step, extra } of again) {
    const words = extra.length === 0 ? [step] : [step, '--', ...extra]
    if ((await runSteps(steps, runtime, words, { some: true })) !== 0) code = 1
  }
  remember(again)
  if (code === 0)
    print(`andon: it passed the second time: ${again.map(({ step, extra }) => [step, ...extra].join(' ')).join(', ')}`)
  return code
}

/** How many of the slowest tests are named at the end: who adds to the run sees what it costs. */
const SLOWEST = 10

/**
 * @param {string[]} args
 * @returns {[names: string[], extra: string[]]}
 */
function split(args) {
  const at = args.indexOf('--')
  return at === -1 ? [args, []] : [args.slice(0, at), args.slice(at + 1)]
}

/** @param {Counts} counts */
function summary({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

/** @param {string} line */
function print(line) {
  process.stdout.write(`${line}\n`)
}

/**
 * A step that passes or fails as a whole.
 * @param {Promise<number>} ending its exit code
 * @returns {Promise<Counts>}
 */
export async function single(ending) {
  const failed = (await ending) === 0 ? 0 : 1
  return { passed: 1 - failed, failed, skipped: 0 }
}

/**
 * @param {Bench} bench
 * @param {string} project of vitest.config.ts
 * @param {Readonly<Record<string, string>>} [env]
 */
export async function vitest({ runtime, folder, chromium, extra }, project, env = {}) {
  const report = join(folder, `${project}.json`)
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const code = await runTool(
    runtime,
    'vitest',
    ['run', '--project', project, '--passWithNoTests', ...reporters, ...extra],
    {
      ...(chromium !== null && { ANDON_CHROMIUM: chromium }),
      ...env,
    },
  )
  return vitestCounts(report, code)
}

/**
 * @param {Bench} bench
 * @param {Readonly<Record<string, string>>} [env]
 */
export async function endToEnd({ runtime, folder, chromium, extra }, env = {}) {
  // Named alone, this step would otherwise test an older build.
  await ensureRenderer(runtime)
  const report = join(folder, 'e2e.json')
  const code = await runTool(runtime, 'playwright', [...playwrightArguments('web', extra)], {
    ANDON_CHROMIUM: chromium ?? undefined,
    PLAYWRIGHT_JSON_OUTPUT_FILE: report,
    ...env,
  })
  return playwrightCounts(report, code)
}

/**
 * Traces cost a quarter of the processor, and nearly all of them are thrown away: they are kept where single tests run, as what
 * failed does once more (`--again`).
 * @param {'web' | 'kiosk'} project of test/e2e/playwright.config.ts
 * @param {readonly string[]} extra
 */
function playwrightArguments(project, extra) {
  const trace = extra.length > 0 ? 'retain-on-failure' : 'off'
  const words = ['test', '--config', 'test/e2e/playwright.config.ts', '--project', project, '--reporter=list,json']
  return [...words, '--trace', trace, ...extra]
}

export function whyNoKiosk() {
  const electron = findElectron()
  if ('missing' in electron) return electron.missing
  const screen = testScreen()
  return 'missing' in screen ? screen.missing : null
}

/**
 * The kiosk on a real Electron, on a screen of its own.
 * @param {Bench} bench
 */
export async function kioskEndToEnd({ runtime, folder, extra }) {
  const electron = findElectron()
  const screen = testScreen()
  if ('missing' in electron || 'missing' in screen) return { passed: 0, failed: 1, skipped: 0 } // was there a moment ago
  await ensureKiosk(runtime)
  const report = join(folder, 'kiosk.json')
  const [program = runtime.node, ...words] = [
    ...screen.words,
    runtime.node,
    join(ROOT, TOOLS.playwright),
    ...playwrightArguments('kiosk', extra),
  ]
  const code = await run(program, words, {
    cwd: ROOT,
    env: { ...runtime.env, PLAYWRIGHT_JSON_OUTPUT_FILE: report },
    stdio: 'inherit',
  })
  return playwrightCounts(report, code)
}

/**
 * @param {Bench} bench
 * @param {string} minutes
 * @param {readonly string[]} further  arguments
 */
export async function soakStep({ runtime }, minutes, further = []) {
  const ending = run(runtime.node, [join(ROOT, 'test/faults/soak/main.ts'), '--minutes', minutes, ...further], {
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
