import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'

/** Paths of PEM files. */
export interface TlsFiles {
  readonly cert: string
  readonly key: string
}

/** A certificate chain and its key that fit each other. */
export interface TlsPair {
  readonly cert: Buffer
  readonly key: Buffer
  /** The first of the chain: the server's own. */
  readonly leaf: X509Certificate
}

/** `mark` tells one content of the files from another. */
export type ReadTls =
  | { readonly ok: true; readonly mark: string; readonly pair: TlsPair }
  | { readonly ok: false; readonly mark: string; readonly code: string }

/** What TLS has spoken since 2008, and everything before it must not (RFC 8996). */
export const MIN_TLS = 'TLSv1.2'
/** How often the files are read again: no system tells reliably that what a link leads to was replaced. */
const LOOK_MS = 10_000
/** A certificate that ends within this time should have been replaced: authorities give ninety days, or fewer. */
const SOON_MS = 7 * 24 * 3_600_000

/** Reads and tries both files. Never throws: a file that is not there is a trouble like any other. */
export function readTls({ cert: certFile, key: keyFile }: TlsFiles): ReadTls {
  let mark = ''
  try {
    const cert = readFileSync(certFile)
    mark = cert.toString('latin1')
    const key = readFileSync(keyFile)
    mark += key.toString('latin1')
    createSecureContext({ cert, key })
    return { ok: true, mark, pair: { cert, key, leaf: new X509Certificate(cert) } }
  } catch (error) {
    return { ok: false, mark, code: error instanceof Error && 'code' in error ? String(error.code) : 'unreadable' }
  }
}

/** Of a certificate on its way out, or not yet in: what a log calls it. Null for one that is well. */
export function ageOf(leaf: X509Certificate, now: number): 'expired' | 'not-yet-valid' | 'expires-soon' | null {
  if (now > Date.parse(leaf.validTo)) return 'expired'
  if (now < Date.parse(leaf.validFrom)) return 'not-yet-valid'
  return now > Date.parse(leaf.validTo) - SOON_MS ? 'expires-soon' : null
}

export interface CertificateOptions {
  readonly files: TlsFiles
  readonly read?: (files: TlsFiles) => ReadTls
  readonly log: Record<'info' | 'warn' | 'error', (line: object) => void>
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Time between two looks; `LOOK_MS` unless a test is in a hurry. */
  readonly lookMs?: number
}

/**
 * The certificate that the server shows, and its successors (X22): the files are read again and again, and what fits is taken
 * while connections go on. What does not fit changes nothing, and is said once: at the second look, because whoever replaces
 * two files does one after the other.
 *
 * Throws at the start, where there is no other to keep, what the files threw.
 */
export class Certificate {
  readonly #options: CertificateOptions
  #pair: TlsPair
  #mark: string
  /** What did not fit at the last look, and whether that is said. */
  #trouble: { readonly mark: string; isSaid: boolean } | null = null
  /** What was last said of the age of which certificate. */
  #saidAge = ''

  constructor(options: CertificateOptions) {
    this.#options = options
    const first = this.#read()
    if (!first.ok) throw Object.assign(new Error('the certificate and its key cannot be used'), { code: first.code })
    this.#pair = first.pair
    this.#mark = first.mark
    this.#sayAge()
  }

  get pair(): TlsPair {
    return this.#pair
  }

  /** Whether it is for this name, wildcards included. */
  isFor(name: string): boolean {
    return this.#pair.leaf.checkHost(name) !== undefined
  }

  /** Looks from time to time; `taken` hears of each successor. Returns the release. */
  watch(taken: (pair: TlsPair) => void): () => void {
    const timer = setInterval(() => {
      if (this.look()) taken(this.#pair)
    }, this.#options.lookMs ?? LOOK_MS)
    timer.unref()
    return () => clearInterval(timer)
  }

  /** Whether another one is shown from now on. */
  look(): boolean {
    const found = this.#read()
    const isNew = found.ok && found.mark !== this.#mark
    if (found.ok) {
      this.#trouble = null
      this.#pair = found.pair
      this.#mark = found.mark
    } else this.#heard(found)
    if (isNew) this.#options.log.info({ event: 'certificate-taken', validTo: this.#pair.leaf.validTo })
    this.#sayAge()
    return isNew
  }

  #read(): ReadTls {
    return (this.#options.read ?? readTls)(this.#options.files)
  }

  #heard({ mark, code }: Extract<ReadTls, { ok: false }>): void {
    const { files, log } = this.#options
    if (this.#trouble?.mark !== mark) {
      this.#trouble = { mark, isSaid: false }
      return
    }
    if (this.#trouble.isSaid) return
    this.#trouble.isSaid = true
    const todo = 'The one before is kept. "andon doctor" with the same settings says more.'
    log.error({ event: 'certificate-refused', code, cert: files.cert, key: files.key, todo })
  }

  #sayAge(): void {
    const { log, files, now } = this.#options
    const { leaf } = this.#pair
    const age = ageOf(leaf, now())
    const said = `${age} ${leaf.fingerprint256}`
    if (said === this.#saidAge) return
    this.#saidAge = said
    if (age === null) return
    const { validFrom, validTo } = leaf
    log[age === 'expires-soon' ? 'warn' : 'error']({
      event: `certificate-${age}`,
      cert: files.cert,
      validFrom,
      validTo,
    })
  }
}
