import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Problem, ROOT } from './console.mjs'

const FORWARDED = /** @type {const} */ (['SIGTERM', 'SIGINT', 'SIGHUP'])

/** stdin, stdout, stderr handed on as they are; the fourth is the lifeline (lifeline.mjs). */
const INHERIT_WITH_LIFELINE = /** @type {const} */ (['inherit', 'inherit', 'inherit', 'pipe'])
const LIFELINE_FD = 3

/**
 * What Node makes of our sources is kept beside the packages: a start takes a third less, and a server that died is back sooner.
 * Who may write there may write the sources, too. Where nobody may, there is none.
 */
const COMPILE_CACHE = join(ROOT, 'node_modules/.cache/andon')

/** @type {NodeJS.Signals | null} */
let stopSignal = null

/**
 * The exit code of a signal that we were sent, so that nothing new is begun after it; null if there was none.
 * @returns {number | null}
 */
export function stopCode() {
  return stopSignal === null ? null : 128 + constants.signals[stopSignal]
}

/**
 * Runs a program in our place and resolves with its exit code. Signals reach it, and its death is ours: 128 + n
 * when signal n killed it. When we are killed outright, the lifeline ends it too.
 * The program must take a signal twice as once: a terminal and some supervisors signal the whole process group.
 * @param {import('./bootstrap.mjs').Runtime} runtime
 * @param {string[]} args arguments of `node`
 * @returns {Promise<number>}
 */
export function become(runtime, args) {
  const lifeline = pathToFileURL(join(ROOT, 'build/lifeline.mjs')).href
  return run(runtime.node, ['--import', lifeline, ...args], {
    env: { NODE_COMPILE_CACHE: COMPILE_CACHE, ...runtime.env, ANDON_LIFELINE_FD: String(LIFELINE_FD) },
    stdio: [...INHERIT_WITH_LIFELINE],
  })
}

/**
 * Runs a program to its end, forwarding signals meanwhile.
 * @param {string} program
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} options
 * @returns {Promise<number>} its exit code, 128 + n if signal n killed it
 */
export function run(program, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, options)
    const forward = (/** @type {NodeJS.Signals} */ signal) => {
      stopSignal = signal
      child.kill(signal)
    }
    for (const signal of FORWARDED) process.on(signal, forward)
    const release = () => {
      for (const signal of FORWARDED) process.off(signal, forward)
    }
    child.on('error', (error) => {
      release()
      reject(new Problem(`${program} could not be started: ${error.message}`))
    })
    child.on('exit', (code, signal) => {
      release()
      resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal])
    })
  })
}
