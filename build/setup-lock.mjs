import { closeSync, openSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Problem, ROOT, say } from './console.mjs'

/**
 * One set-up at a time. The lock is a file that only one process can create; its holder touches it while it works,
 * so a lock is stale when its process is gone, or when nobody has touched it for a while (another machine or
 * container, where the process id means nothing here).
 */

const LOCK = join(ROOT, '.setup.lock')
const TOUCH_EVERY_MS = 1_000
/** Many missed touches: a laptop that slept must not lose its lock to a moment of scheduling. */
const STALE_AFTER_MS = 30_000
const POLL_EVERY_MS = 200

/**
 * Runs `work` while holding the lock; waits for it first, and says so.
 * @param {() => Promise<void>} work
 */
export async function withSetupLock(work) {
  let waiting = false
  while (!acquire()) {
    if (!waiting) say('another run is setting up this checkout: waiting for it')
    waiting = true
    await sleep(POLL_EVERY_MS)
  }
  const touching = setInterval(touch, TOUCH_EVERY_MS)
  const release = () => rmSync(LOCK, { force: true })
  process.once('exit', release)
  try {
    await work()
  } finally {
    clearInterval(touching)
    process.off('exit', release)
    release()
  }
}

function touch() {
  const now = new Date()
  try {
    utimesSync(LOCK, now, now)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error // taken from us after a long sleep; what we do is still worth doing
  }
}

/** @returns {boolean} */
function acquire() {
  const pid = String(process.pid)
  try {
    const fd = openSync(LOCK, 'wx')
    writeSync(fd, pid)
    closeSync(fd)
    return true
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw new Problem(`this checkout cannot be set up: ${String(error)}`)
  }
  return removeIfStale(pid) && acquire()
}

/**
 * @param {string} pid ours
 * @returns {boolean} whether it is worth trying again at once
 */
function removeIfStale(pid) {
  try {
    const holder = readFileSync(LOCK, 'utf8')
    if (Date.now() - statSync(LOCK).mtimeMs < STALE_AFTER_MS && (holder === '' || isAlive(Number(holder)))) return false
    // By rename, not by removal: if another run was faster and this is already its fresh lock, it goes back.
    const aside = `${LOCK}.${pid}`
    renameSync(LOCK, aside)
    if (readFileSync(aside, 'utf8') === holder) rmSync(aside)
    else renameSync(aside, LOCK)
    return true
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error // somebody was faster
    return true
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) === 'EPERM' // alive, but another user's
  }
}

/** @param {unknown} error */
function codeOf(error) {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
