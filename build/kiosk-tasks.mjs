import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { run } from './child.mjs'
import { Problem, ROOT, say } from './console.mjs'
import { findElectron, hasDisplay } from './electron.mjs'
import { withSetupLock } from './setup-lock.mjs'
import { ensureRenderer, filesOf, server } from './tasks.mjs'

/** @typedef {import('./bootstrap.mjs').Runtime} Runtime */

/** What Electron runs from a checkout, and what `electron-builder.yml` packs. */
export const KIOSK = join(ROOT, 'app/dist')
const KIOSK_MARKER = join(ROOT, 'node_modules/.andon-kiosk-built')

/**
 * Builds the kiosk, and the pages in it, if they were not yet built from these sources.
 * @param {Runtime} runtime
 */
export async function ensureKiosk(runtime) {
  await ensureRenderer(runtime)
  if (isKioskCurrent()) return
  await withSetupLock(async () => {
    if (isKioskCurrent()) return // another run built it while we waited
    say('building the kiosk')
    const sources = kioskSources()
    const code = await run(runtime.node, [join(ROOT, 'build/kiosk.mjs'), '--quiet'], {
      cwd: ROOT,
      env: { ...runtime.env, ANDON_BUILD: sources.slice(0, 12) },
      stdio: ['ignore', 2, 2],
    })
    if (code !== 0)
      throw new Problem(`the kiosk could not be built (the build ended with ${code}); its words are above`)
    writeFileSync(KIOSK_MARKER, sources)
  })
}

function isKioskCurrent() {
  return (
    existsSync(join(KIOSK, 'main.js')) &&
    existsSync(KIOSK_MARKER) &&
    readFileSync(KIOSK_MARKER, 'utf8') === kioskSources()
  )
}

/** A hash over everything the kiosk is made of; the pages stand for their own sources. */
function kioskSources() {
  const hash = createHash('sha256')
  const paths = ['package.json', 'package-lock.json', 'build/kiosk.mjs', ...filesOf('app'), ...filesOf('relay')]
  for (const path of [...paths, ...filesOf('renderer')]) hash.update(`${path}\n`).update(readFileSync(join(ROOT, path)))
  return hash.digest('hex')
}

/**
 * `npm run kiosk`: only the kiosk, in ordinary windows unless `--locked` is given.
 * @param {Runtime} runtime
 * @param {string[]} args handed to the kiosk after our own, so they win
 */
export async function kiosk(runtime, args) {
  const electron = findElectron()
  if ('missing' in electron) throw new Problem(`no kiosk: ${electron.missing}`)
  if (!hasDisplay())
    throw new Problem('no kiosk: there is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set)')
  await ensureKiosk(runtime)
  return openKiosk(runtime, electron.path, args)
}

/**
 * @param {Runtime} runtime
 * @param {string} electron
 * @param {string[]} args
 * @param {AbortSignal} [over] ends it
 */
async function openKiosk(runtime, electron, args, over) {
  const isLocked = args.includes('--locked')
  const given = args.filter((arg) => arg !== '--locked')
  // Root is left by whatever starts Electron there, and the account it becomes has a folder of its own.
  const data = process.getuid?.() === 0 ? [] : ['--data', resolve(ROOT, 'data/kiosk')]
  return run(electron, [KIOSK, ...data, ...(isLocked ? [] : ['--windowed']), ...given], {
    // Beside a server its lines would bury what a person is to read.
    env: { ANDON_LOG: 'warn', ...runtime.env },
    stdio: ['ignore', 2, 2],
    ...(over !== undefined && { signal: over }),
  })
}

/** How long `npm start` waits for its server before it opens no kiosk. */
const ANSWER_MS = 60_000
const ASK_AGAIN_MS = 200

/**
 * `npm start`: the demonstration server with the web UI, and the kiosk beside it where there are a display and an Electron
 * runtime. `--no-kiosk` leaves the kiosk out, `--windows N` opens several windows; the rest is the server's.
 * @param {Runtime} runtime
 * @param {string[]} args
 */
export async function start(runtime, args) {
  const { serverArgs, kioskArgs, isWanted } = sortArguments(args)
  const electron = isWanted ? findElectron() : null
  const address = addressOf(serverArgs)
  const without = electron === null ? null : whyNoKiosk(electron, address)
  if (electron !== null && without === null) await ensureKiosk(runtime)
  else await ensureRenderer(runtime)
  if (without !== null) say(`no kiosk window: ${without}; open the address below in a browser instead`)
  const ended = new AbortController()
  const serving = server(runtime, ['--demo', '--data', './data/demo', ...serverArgs]).finally(() => ended.abort())
  if (electron === null || 'missing' in electron || address === null || without !== null) return serving
  const showing = answers(address, ended.signal).then((does) =>
    does ? openKiosk(runtime, electron.path, ['--server', address, ...kioskArgs], ended.signal) : 0,
  )
  // Its end is not the server's: a closed kiosk leaves the server running.
  const [code] = await Promise.all([serving, showing.catch(() => 0)])
  return code
}

/**
 * @param {ReturnType<typeof findElectron>} electron
 * @param {string | null} address
 */
function whyNoKiosk(electron, address) {
  if ('missing' in electron) return electron.missing
  if (!hasDisplay()) return 'there is no display here'
  return address === null ? 'the server chooses its address itself (npm run kiosk -- --server URL opens one)' : null
}

/**
 * What is the kiosk's of the words after `npm start --`.
 * @param {string[]} args
 */
export function sortArguments(args) {
  const serverArgs = []
  const kioskArgs = []
  let isWanted = true
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? ''
    if (arg === '--no-kiosk') isWanted = false
    else if (arg === '--windows') kioskArgs.push(arg, args[(index += 1)] ?? '')
    else if (arg === '--locked' || arg.startsWith('--windows=')) kioskArgs.push(arg)
    else serverArgs.push(arg)
  }
  return { serverArgs, kioskArgs, isWanted }
}

/**
 * Where the server will answer, as far as its arguments and environment say; null where only it knows.
 * @param {string[]} args
 */
export function addressOf(args) {
  const value = (/** @type {string} */ name) => {
    const at = args.findLastIndex((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`))
    if (at !== -1) return args[at]?.includes('=') ? args[at].slice(name.length + 3) : args[at + 1]
    return process.env[`ANDON_${name.toUpperCase().replaceAll('-', '_')}`]
  }
  const port = value('port') ?? '7070'
  if (port === '0' || value('config') !== undefined) return null
  const host = value('host') ?? '127.0.0.1'
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  const name = reachable.includes(':') ? `[${reachable}]` : reachable
  return `${value('tls-cert') === undefined ? 'http' : 'https'}://${name}:${port}`
}

/**
 * Whether our server answers there before it ends; whatever else has the port would make it end.
 * @param {string} address
 * @param {AbortSignal} ended
 */
async function answers(address, ended) {
  const deadline = Date.now() + ANSWER_MS
  while (!ended.aborted && Date.now() < deadline) {
    const isReady = await fetch(`${address}/readyz`).then(
      (response) => response.ok,
      () => false, // not yet
    )
    if (isReady) return !ended.aborted
    await new Promise((resolved) => setTimeout(resolved, ASK_AGAIN_MS))
  }
  return false
}

/**
 * `npm run dist`: packages of the kiosk by electron-builder. `--electron-dist DIR` (or ANDON_ELECTRON_DIST) packs the unpacked
 * Electron of that folder instead of downloading one.
 * @param {Runtime} runtime
 * @param {string[]} args
 */
export async function dist(runtime, args) {
  await ensureKiosk(runtime)
  const at = args.indexOf('--electron-dist')
  const folder = at === -1 ? process.env['ANDON_ELECTRON_DIST'] : args[at + 1]
  const rest = at === -1 ? args : args.toSpliced(at, 2)
  return run(
    runtime.node,
    [
      join(ROOT, 'node_modules/electron-builder/cli.js'),
      '--config',
      join(ROOT, 'electron-builder.yml'),
      '--publish',
      'never',
      ...(folder === undefined ? [] : fromFolder(resolve(folder))),
      ...rest,
    ],
    { cwd: ROOT, env: runtime.env, stdio: ['ignore', 2, 2] },
  )
}

/** @param {string} folder */
function fromFolder(folder) {
  const written = join(folder, 'version')
  if (!existsSync(written)) throw new Problem(`${folder} holds no unpacked Electron: it has no file "version"`)
  return [`-c.electronDist=${folder}`, `-c.electronVersion=${readFileSync(written, 'utf8').trim().replace(/^v/, '')}`]
}
