import { existsSync, readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { ROOT } from './console.mjs'

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */
/** @typedef {{ title: string, seconds: number }} Duration  of one test */
/**
 * Of a step.
 * @typedef {Counts & { durations?: Duration[], failures?: string[], again?: string[] }} Outcome  `durations` in no order;
 * `failures`: a line each about what failed, in the order of the report; `again`: what its runner takes to run just that
 */

/**
 * The part of vitest's JSON report (its `json` reporter, after Jest's) that is read here.
 * @typedef {object} VitestReport
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numPendingTests
 * @property {number} numTodoTests
 * @property {{ name: string, status: string, message: string, assertionResults: VitestTest[] }[]} testResults
 */
/** @typedef {{ status: string, fullName: string, duration?: number, failureMessages?: string[] }} VitestTest */

/**
 * The part of Playwright's JSON report that is read here.
 * @typedef {object} PlaywrightReport
 * @property {{ expected: number, unexpected: number, flaky: number, skipped: number }} stats
 * @property {PlaywrightSuite[]} suites
 */
/**
 * @typedef {object} PlaywrightSuite
 * @property {PlaywrightSuite[]} [suites]
 * @property {PlaywrightSpec[]} specs
 */
/** @typedef {{ title: string, file: string, line: number, tests: { results: PlaywrightResult[] }[] }} PlaywrightSpec */
/** @typedef {{ status: string, duration: number, errors?: { message?: string }[] }} PlaywrightResult */

const NOTHING = { passed: 0, failed: 0, skipped: 0 }

/**
 * What a vitest run came to.
 * @param {string} file its JSON report
 * @param {number} exitCode
 * @returns {Outcome}
 */
export function vitestCounts(file, exitCode) {
  if (!existsSync(file)) return ended(exitCode, NOTHING)
  const report = /** @type {VitestReport} */ (JSON.parse(readFileSync(file, 'utf8')))
  // A file that does not even load has no tests to fail: it counts as one.
  const broken = report.testResults.filter(
    (result) => result.status === 'failed' && !result.assertionResults.some((test) => test.status === 'failed'),
  )
  return ended(exitCode, {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
    durations: report.testResults.flatMap((result) =>
      result.assertionResults.map(({ fullName, duration = 0 }) => ({ title: fullName, seconds: duration / 1000 })),
    ),
    again: report.testResults.flatMap(({ name, status }) => (status === 'failed' ? [relative(ROOT, name)] : [])),
    failures: [
      ...broken.map(({ name, message }) => failure(relative(ROOT, name), message)),
      ...report.testResults
        .flatMap(({ assertionResults }) => assertionResults)
        .filter(({ status }) => status === 'failed')
        .map(({ fullName, failureMessages = [] }) => failure(fullName, failureMessages[0])),
    ],
  })
}

/**
 * What a Playwright run came to.
 * @param {string} file its JSON report
 * @param {number} exitCode
 * @returns {Outcome}
 */
export function playwrightCounts(file, exitCode) {
  if (!existsSync(file)) return ended(exitCode, NOTHING)
  const { stats, suites } = /** @type {PlaywrightReport} */ (JSON.parse(readFileSync(file, 'utf8')))
  return ended(exitCode, {
    passed: stats.expected,
    failed: stats.unexpected + stats.flaky,
    skipped: stats.skipped,
    durations: suites.flatMap(playwrightDurations),
    failures: suites.flatMap(playwrightFailures),
    again: suites.flatMap(failedSpecs),
  })
}

/**
 * @param {PlaywrightSuite} suite
 * @returns {Duration[]}
 */
function playwrightDurations({ suites = [], specs }) {
  const own = specs.map(({ title, tests }) => {
    const ms = tests.flatMap(({ results }) => results).reduce((sum, { duration }) => sum + duration, 0)
    return { title, seconds: ms / 1000 }
  })
  return [...own, ...suites.flatMap(playwrightDurations)]
}

/**
 * What failed at least once: a retry that went well hides nothing.
 * @param {PlaywrightSuite} suite
 * @returns {string[]}
 */
function playwrightFailures({ suites = [], specs }) {
  const own = specs.flatMap(({ title, tests }) =>
    tests
      .flatMap(({ results }) => results)
      .filter(({ status }) => !['passed', 'skipped'].includes(status))
      .map(({ errors }) => failure(title, errors?.[0]?.message)),
  )
  return [...own, ...suites.flatMap(playwrightFailures)]
}

/**
 * @param {PlaywrightSuite} suite
 * @returns {string[]} `file:line` of each that failed
 */
function failedSpecs({ suites = [], specs }) {
  const own = specs.flatMap(({ file, line, tests }) =>
    tests.some(({ results }) => results.some(({ status }) => !['passed', 'skipped'].includes(status)))
      ? [`${file}:${line}`]
      : [],
  )
  return [...own, ...suites.flatMap(failedSpecs)]
}

/**
 * @param {string} title
 * @param {string} [message] of which the first line says what was wrong
 */
function failure(title, message = '') {
  const [why = ''] = stripVTControlCharacters(message).trim().split('\n')
  return `${title}: ${why.slice(0, MAX_WHY)}`
}

/** Characters of a failure's own words. */
const MAX_WHY = 200

/**
 * Lines about the tests that took longest, longest first.
 * @param {Duration[]} durations
 * @param {number} count
 */
export function slowest(durations, count) {
  return durations
    .toSorted((one, other) => other.seconds - one.seconds)
    .slice(0, count)
    .map(({ title, seconds }) => `${seconds.toFixed(1).padStart(8)} s  ${title}`)
}

/**
 * A runner that ends badly has failed somewhere, even when no test of it did.
 * @param {number} exitCode
 * @param {Outcome} counts
 * @returns {Outcome}
 */
function ended(exitCode, counts) {
  return exitCode !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts
}
