import { constants, existsSync, statSync } from 'node:fs'
import { access, statfs } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { unreachable } from '../../relay/protocol/rights.ts'
import type { Config } from '../config.ts'
import { isLocalName } from '../core/site-names.ts'
import { ageOf, readTls } from '../http/certificate.ts'

/** One line of the doctor: what was looked at, what was found, and what to do when it is wrong. */
export interface Finding {
  readonly name: string
  readonly ok: boolean
  readonly says: string
  readonly todo: string | null
}

/** The first Node that runs TypeScript as it is; before 22, better-sqlite3 ends the process without a word. */
const MIN_NODE = [22, 18] as const
/** Below this a busy floor fills the disk within a day. */
const MIN_FREE_BYTES = 500 * 1024 * 1024
/** This version did not exist before: a clock that says so was never set. */
const RELEASED = Date.UTC(2026, 10, 1)
const TEN_YEARS_MS = 10 * 365 * 24 * 3_600_000
const DAY_MS = 24 * 3_600_000

export function fine(name: string, says: string): Finding {
  return { name, ok: true, says, todo: null }
}

export function wrong(name: string, says: string, todo: string): Finding {
  return { name, ok: false, says, todo }
}

export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const isNew = major > MIN_NODE[0] || (major === MIN_NODE[0] && minor >= MIN_NODE[1])
  return isNew
    ? fine('node', `Node ${version}.`)
    : wrong(
        'node',
        `Node ${version} is too old.`,
        `Start with "node build/run.mjs", which brings its own, or install Node ${MIN_NODE.join('.')} or later.`,
      )
}

/** Loads what is native and does one small thing with it: a file that is there may still be for another machine. */
export async function checkPackage(name: string, use: () => Promise<unknown>): Promise<Finding> {
  try {
    await use()
    return fine('packages', `${name} loads.`)
  } catch (error) {
    return wrong(
      'packages',
      `${name} cannot be loaded (${reasonOf(error)}).`,
      'Run "npm ci" in the checkout, on this machine.',
    )
  }
}

export async function checkFolder(data: string): Promise<Finding[]> {
  const folder = resolve(data)
  const place = existingParent(folder)
  try {
    await access(place, constants.W_OK)
  } catch {
    return [
      wrong(
        'data',
        `${place} cannot be written to.`,
        'Change its owner or rights, or choose another folder with --data.',
      ),
    ]
  }
  if (!statSync(place).isDirectory()) return [wrong('data', `${place} is not a folder.`, 'Choose another with --data.')]
  const { bavail, bsize } = await statfs(place)
  const free = `${Math.round((bavail * bsize) / 1024 ** 2)} MB free`
  return [
    fine('data', place === folder ? `${folder} can be written to.` : `${folder} will be made at the first start.`),
    bavail * bsize >= MIN_FREE_BYTES
      ? fine('disk', `${free}.`)
      : wrong('disk', `Only ${free}.`, 'Make room on the disk of the data folder, or move it with --data.'),
  ]
}

/** `newest`: modification time of the database, which no right clock is behind. */
export function checkClock(nowMs: number, newest: number | null): Finding {
  const shown = new Date(nowMs).toISOString()
  const todo = 'Set the clock of this machine, and let it follow a time server.'
  if (nowMs < RELEASED || nowMs > RELEASED + TEN_YEARS_MS) return wrong('clock', `The clock says ${shown}.`, todo)
  if (newest !== null && newest > nowMs + DAY_MS) {
    return wrong(
      'clock',
      `The clock says ${shown}, but the database was written ${new Date(newest).toISOString()}.`,
      todo,
    )
  }
  return fine('clock', `The clock says ${shown}.`)
}

export function checkRenderer(): Finding {
  const index = join(import.meta.dirname, '..', '..', 'renderer', 'dist', 'index.html')
  return existsSync(index)
    ? fine('web UI', 'The web UI is built.')
    : wrong('web UI', 'The web UI is not built.', 'Run "node build/run.mjs build".')
}

export function checkTls({ tls, host }: Pick<Config, 'tls' | 'host'>, nowMs: number): Finding {
  if (tls === null) {
    return isLocalName(host)
      ? fine(
          'tls',
          'Plain HTTP, for this machine only: others need a proxy in front that speaks HTTPS (docs/network.md).',
        )
      : wrong(
          'tls',
          `Plain HTTP on ${host}: browsers on other machines do not run Andon there, and everybody on the way reads along.`,
          'Give it a certificate with --tls-cert and --tls-key, or listen on 127.0.0.1 behind a proxy (docs/network.md).',
        )
  }
  const found = readTls(tls)
  if (!found.ok) {
    return wrong(
      'tls',
      `The certificate and key cannot be used (${found.code}); a server that runs keeps those it had.`,
      `Check ${tls.cert} and ${tls.key}: a PEM certificate chain and its unencrypted key.`,
    )
  }
  const { validFrom, validTo } = found.pair.leaf
  const age = ageOf(found.pair.leaf, nowMs)
  switch (age) {
    case 'expired':
      return wrong('tls', `The certificate ran out on ${validTo}.`, `Renew ${tls.cert}.`)
    case 'not-yet-valid':
      return wrong('tls', `The certificate is valid from ${validFrom} only.`, `Check the clock, and ${tls.cert}.`)
    case 'expires-soon':
      return wrong('tls', `The certificate runs out on ${validTo}.`, `Renew ${tls.cert}.`)
    case null:
      return fine('tls', `The certificate is valid until ${validTo}.`)
    default:
      return unreachable(age)
  }
}

export function databaseFile(data: string): string {
  return join(resolve(data), 'andon.sqlite')
}

/** What a person may be told of an error: its code, or what it calls itself. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return 'code' in error ? String(error.code) : error.message
}

/** The folder itself, or the nearest one above that exists. */
function existingParent(folder: string): string {
  let place = folder
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place)
  return place
}
