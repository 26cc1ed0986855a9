import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { Problem, ROOT, say } from './console.mjs'
import { withSetupLock } from './setup-lock.mjs'

/**
 * @typedef {object} Runtime
 * @property {string} node              a Node that runs TypeScript: 22.18, 23.6, 24 or newer
 * @property {NodeJS.ProcessEnv} env    environment in which `node` and `npm` mean that Node
 */

const NODE_HOME = join(ROOT, 'build/node')
const NODE_BIN = join(NODE_HOME, 'node_modules/.bin')
const MARKER = 'node_modules/.andon-installed'

/**
 * Everything a fresh checkout needs before a command can run: a Node that is new enough, and the packages.
 * Cheap when there is nothing to do; safe when two first runs happen at once.
 * @returns {Promise<Runtime>}
 */
export async function bootstrap() {
  const runtime = canRunAndon(process.versions.node) ? ownRuntime() : broughtRuntime()
  const folders = runtime.node === process.execPath ? [ROOT] : [NODE_HOME, ROOT]
  if (folders.some((folder) => wantedMark(folder) !== null)) {
    await withSetupLock(async () => {
      for (const folder of folders) await install(folder, runtime.env)
    })
  }
  return runtime
}

/**
 * Whether this Node strips types without a flag, and has the Node-API that better-sqlite3 needs: on an older one
 * loading it is a segmentation fault, not an error.
 * @param {string} version
 */
export function canRunAndon(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > 23 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18)
}

/** @returns {Runtime} */
function ownRuntime() {
  return { node: process.execPath, env: environment(dirname(process.execPath)) }
}

/** @returns {Runtime} */
function broughtRuntime() {
  return { node: join(NODE_BIN, process.platform === 'win32' ? 'node.exe' : 'node'), env: environment(NODE_BIN) }
}

/**
 * @param {string} folder
 * @returns {NodeJS.ProcessEnv}
 */
function environment(folder) {
  return {
    // A server begins with some hundred modules, in three threads, whose types Node strips each time: a third of its start.
    NODE_COMPILE_CACHE: join(ROOT, 'node_modules/.cache/node'),
    ...process.env,
    PATH: folder + delimiter + (process.env['PATH'] ?? ''),
  }
}

/**
 * What the marker of a folder must say once its packages are installed; null if it already says so, or if there is
 * no lockfile to install from.
 * @param {string} folder
 */
function wantedMark(folder) {
  const lockfile = join(folder, 'package-lock.json')
  if (!existsSync(lockfile)) return null
  // The platform is part of it: a checkout may be shared between a machine and a container.
  const mark = createHash('sha256').update(`${process.platform} ${process.arch}\n`).update(readFileSync(lockfile))
  const wanted = mark.digest('hex')
  const marker = join(folder, MARKER)
  return existsSync(marker) && readFileSync(marker, 'utf8') === wanted ? null : wanted
}

/**
 * @param {string} folder
 * @param {NodeJS.ProcessEnv} env
 */
async function install(folder, env) {
  const mark = wantedMark(folder) // asked again: another run may have done it while we waited for the lock
  if (mark === null) return
  const isNode = folder === NODE_HOME
  say(
    isNode
      ? `this machine has Node ${process.versions.node}, Andon needs 22.18 or newer: bringing one into build/node (once)`
      : 'installing packages (once for each lockfile)',
  )
  const startedAt = Date.now()
  await npmCi(folder, env)
  if (isNode && !existsSync(broughtRuntime().node)) {
    throw new Problem(
      `there is no Node package for ${process.platform} ${process.arch}: install Node 22.18 or newer yourself`,
    )
  }
  writeFileSync(join(folder, MARKER), mark)
  say(`installed in ${((Date.now() - startedAt) / 1000).toFixed(1)} s`)
}

/**
 * @param {string} folder
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<void>}
 */
function npmCi(folder, env) {
  return new Promise((resolve, reject) => {
    const isWindows = process.platform === 'win32'
    // NODE_ENV=production would leave out what builds the web UI.
    const child = spawn(
      isWindows ? 'npm.cmd' : 'npm',
      ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'],
      {
        cwd: folder,
        env,
        shell: isWindows, // .cmd files need one
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    let said = ''
    child.stdout.on('data', (chunk) => (said += String(chunk)))
    child.stderr.on('data', (chunk) => (said += String(chunk)))
    const stop = (/** @type {NodeJS.Signals} */ signal) => {
      child.kill(signal)
      reject(new Problem('stopped while installing; the next run starts over', 128 + constants.signals[signal]))
    }
    process.once('SIGINT', stop).once('SIGTERM', stop).once('SIGHUP', stop)
    const release = () => process.off('SIGINT', stop).off('SIGTERM', stop).off('SIGHUP', stop)
    child.on('error', () => {
      release()
      reject(new Problem('npm was not found: install npm (it comes with Node) and run this again'))
    })
    child.on('close', (code) => {
      release()
      if (code === 0) return resolve()
      reject(new Problem(npmProblem(said, code)))
    })
  })
}

/** npm's codes for "no network", "no such name", "nobody answers". */
const OFFLINE = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED|network/i

/**
 * @param {string} said
 * @param {number | null} code
 */
function npmProblem(said, code) {
  if (OFFLINE.test(said)) {
    return 'packages could not be downloaded: npm does not reach its registry; connect this machine and run this again'
  }
  return `npm ci failed with code ${String(code)}:\n${said.trim().split('\n').slice(-15).join('\n')}`
}
