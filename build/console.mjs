import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout. */
export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..')

/** Something outside Andon is wrong; the message tells a person what, and is all they see. */
export class Problem extends Error {
  /**
   * @param {string} message
   * @param {number} exitCode
   */
  constructor(message, exitCode = 1) {
    super(message)
    this.exitCode = exitCode
  }
}

/**
 * One line for the person at the terminal. On stderr: stdout is the contract of the commands.
 * @param {string} line
 */
export function say(line) {
  process.stderr.write(`andon: ${line}\n`)
}
