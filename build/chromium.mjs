import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'
import { say } from './console.mjs'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome']

const isRoot = process.getuid?.() === 0

/** Quiet, offline, no graphics card; Chromium refuses its sandbox to root, and to nobody else. */
export const CHROMIUM_ARGS = [
  ...(isRoot ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/**
 * A Chromium to test with: ANDON_CHROMIUM, else one on the PATH, else Playwright's own.
 * @returns {string | null} its path
 */
export function findChromium() {
  const named = process.env['ANDON_CHROMIUM']
  if (named) return named // a wrong one must fail loudly, not be replaced
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin'].filter((folder) => folder !== '')
  const candidates = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)))
  return [...candidates, chromium.executablePath()].find(isExecutable) ?? null
}

/**
 * Debian's Chromium, where we may install it.
 * @returns {boolean} whether apt-get said that it worked
 */
function installChromium() {
  if (!isRoot || spawnSync('apt-get', ['--version']).status !== 0) return false
  say('installing Chromium for the browser tests')
  const apt = (/** @type {string[]} */ args) =>
    spawnSync('apt-get', args, {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: ['ignore', 'ignore', 'inherit'],
    }).status === 0
  const install = ['install', '-y', '-qq', '--no-install-recommends', 'chromium']
  return apt(install) || (apt(['update', '-qq']) && apt(install))
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false // absent or not ours to run: the next candidate
  }
}

// As a program: prints the path, or ends with 1. With --install it tries that first.
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const mayInstall = process.argv.includes('--install')
  const path = findChromium() ?? (mayInstall && installChromium() ? findChromium() : null)
  if (path !== null) process.stdout.write(`${path}\n`)
  process.exitCode = path === null ? 1 : 0
}
