import { existsSync, readFileSync } from 'node:fs'

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/**
 * The part of vitest's JSON report (its `json` reporter, after Jest's) that is read here.
 * @typedef {object} VitestReport
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numPendingTests
 * @property {number} numTodoTests
 * @property {{ status: string, assertionResults: { status: string }[] }[]} testResults
 */

/** @typedef {{ stats: { expected: number, unexpected: number, flaky: number, skipped: number } }} PlaywrightReport */

const NOTHING = { passed: 0, failed: 0, skipped: 0 }

/**
 * What a vitest run came to.
 * @param {string} file its JSON report
 * @param {number} exitCode
 * @returns {Counts}
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
  })
}

/**
 * What a Playwright run came to.
 * @param {string} file its JSON report
 * @param {number} exitCode
 * @returns {Counts}
 */
export function playwrightCounts(file, exitCode) {
  if (!existsSync(file)) return ended(exitCode, NOTHING)
  const { stats } = /** @type {PlaywrightReport} */ (JSON.parse(readFileSync(file, 'utf8')))
  return ended(exitCode, { passed: stats.expected, failed: stats.unexpected + stats.flaky, skipped: stats.skipped })
}

/**
 * A runner that ends badly has failed somewhere, even when no test of it did.
 * @param {number} exitCode
 * @param {Counts} counts
 * @returns {Counts}
 */
function ended(exitCode, counts) {
  return exitCode !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts
}
