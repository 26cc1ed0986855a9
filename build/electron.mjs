import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { ROOT } from './console.mjs'

const PACKAGE = join(ROOT, 'node_modules/electron')

/**
 * An Electron to run the kiosk with, without ever downloading one: `require('electron')` would.
 * @returns {{ path: string } | { missing: string }} the program, or a sentence that says why there is none and what helps
 */
export function findElectron() {
  const named = process.env['ELECTRON_OVERRIDE_DIST_PATH']
  if (named) {
    const path = join(named, executable())
    return existsSync(path)
      ? { path }
      : { missing: `ELECTRON_OVERRIDE_DIST_PATH names ${named}, which has no Electron` }
  }
  const path = join(PACKAGE, 'dist', executable())
  if (!existsSync(path)) return { missing: 'this checkout has no Electron runtime (npx install-electron brings it)' }
  if (process.getuid?.() === 0) return { missing: 'Electron does not run as root (use an ordinary account)' }
  return { path }
}

/**
 * An unpacked Electron to pack the kiosk with: the folder ANDON_ELECTRON_DIST names, or the package's own.
 * @returns {{ folder: string } | { missing: string }}
 */
export function unpackedElectron() {
  const folder = process.env['ANDON_ELECTRON_DIST'] || join(PACKAGE, 'dist')
  if (existsSync(join(folder, 'version'))) return { folder }
  return { missing: `there is no unpacked Electron in ${folder} to pack with (ANDON_ELECTRON_DIST names another)` }
}

/** Where the package unpacks Electron to, by system. */
function executable() {
  const written = join(PACKAGE, 'path.txt')
  if (existsSync(written)) return readFileSync(written, 'utf8')
  if (process.platform === 'win32') return 'electron.exe'
  return process.platform === 'darwin' ? 'Electron.app/Contents/MacOS/Electron' : 'electron'
}

/** Whether windows can be shown here. */
export function hasDisplay() {
  if (process.platform !== 'linux') return true
  return Boolean(process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY'])
}

/**
 * How tests get a screen and, on Linux, a session bus: the words to put before a command. A virtual screen is taken even
 * where there is a real one, so that tests open no windows before a person. As root, the network is left behind as well:
 * loopback is enough, and a runtime of which only the hash is known has no business elsewhere.
 * @returns {{ words: string[] } | { missing: string }}
 */
export function testScreen() {
  if (process.platform !== 'linux') return { words: [] }
  if (!onPath('xvfb-run') || !onPath('xauth')) {
    return hasDisplay() ? { words: bus() } : { missing: 'there is no display (install xvfb and xauth)' }
  }
  const screen = ['xvfb-run', '-a', '-s', '-screen 0 1920x1080x24']
  return { words: [...loopbackOnly(), ...bus(), ...screen] }
}

function bus() {
  return onPath('dbus-run-session') ? ['dbus-run-session', '--'] : []
}

function loopbackOnly() {
  if (process.getuid?.() !== 0 || !onPath('unshare') || !onPath('ip')) return []
  return ['unshare', '-n', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh']
}

/** @param {string} name */
function onPath(name) {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)))
}
