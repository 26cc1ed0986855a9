import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Log } from '../ports.ts'

/** The part of `node:tls` that is needed; older runtimes have neither. */
export interface TrustStore {
  readonly getCACertificates?: (kind: 'default' | 'system') => readonly string[]
  readonly setDefaultCACertificates?: (certificates: readonly string[]) => void
}

/**
 * Lets everything that this process opens trust what the machine trusts, and the authorities that were named: a plant's own
 * stands in the system's store, and Node looks at a list of its own. False where the runtime is too old for that: then only
 * public authorities count, and the log says so.
 */
export function trustSystem(tls: TrustStore, log: Log, named: readonly string[] = []): boolean {
  const { getCACertificates, setDefaultCACertificates } = tls
  if (getCACertificates === undefined || setDefaultCACertificates === undefined) {
    log('info', 'system-trust-unsupported')
    return false
  }
  const system = systemOf(getCACertificates, log)
  if (system.length + named.length > 0)
    setDefaultCACertificates([...new Set([...getCACertificates('default'), ...system, ...named])])
  log('debug', 'system-trust', { certificates: system.length, named: named.length })
  return true
}

/** Trusts what the machine trusts, and the authorities in a PEM file where one is named. What is wrong with that is a sentence. */
export function trustNamed(tls: TrustStore, log: Log, file: string | null): string | null {
  const named = file === null ? [] : read(file)
  if (typeof named === 'string') return named
  const isTrusted = trustSystem(tls, log, named)
  return isTrusted || file === null
    ? null
    : 'This runtime cannot be told whom to trust: --ca needs Node 22.19 or newer.'
}

function read(file: string): readonly string[] | string {
  try {
    return authoritiesIn(readFileSync(file, 'utf8')) ?? `${file} holds no certificate that can be read (PEM).`
  } catch {
    return `${file} cannot be read.`
  }
}

/** The certificates of a PEM file, or null when there is none in it, or one that is none. */
function authoritiesIn(pem: string): readonly string[] | null {
  const found = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  try {
    return found.length === 0 ? null : found.map((one) => new X509Certificate(one).toString())
  } catch {
    return null // not a certificate, whatever it says of itself
  }
}

function systemOf(getCACertificates: NonNullable<TrustStore['getCACertificates']>, log: Log): readonly string[] {
  try {
    return getCACertificates('system')
  } catch (cause) {
    log('warn', 'system-trust-failed', { cause })
    return []
  }
}
