import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { FIRST, SECOND } from '../testing/certificates.ts'
import { Certificate, readTls } from './certificate.ts'

const folder = mkdtempSync(join(tmpdir(), 'andon-certificate-'))
const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function put({ cert, key }: { readonly cert: string; readonly key: string }): void {
  writeFileSync(files.cert, cert)
  writeFileSync(files.key, key)
}

const NOW = Date.UTC(2030, 0)
const DAY_MS = 24 * 3_600_000
const END_MS = Date.parse(new X509Certificate(FIRST.cert).validTo)

function open(now = NOW) {
  const said: string[] = []
  const say = (line: object) => said.push(JSON.stringify(line))
  const clock = { now }
  const certificate = new Certificate({
    files,
    log: { info: say, warn: say, error: say },
    now: () => clock.now,
  })
  const take = () => said.splice(0).map((line) => (JSON.parse(line) as { readonly event: string }).event)
  return { certificate, clock, take }
}

describe('[X22] the certificate of the server', () => {
  beforeEach(() => put(FIRST))

  it('is replaced by what fits, names included, and is not touched otherwise', () => {
    const { certificate, take } = open()
    expect([certificate.look(), certificate.look(), take()]).toEqual([false, false, []])
    expect(certificate.isFor('andon.plant.example')).toBe(false)
    put(SECOND)
    expect([certificate.look(), certificate.look(), take()]).toEqual([true, false, ['certificate-taken']])
    expect(certificate.isFor('andon.plant.example')).toBe(true)
    expect(certificate.pair.cert.toString()).toBe(SECOND.cert)
  })

  it.each([
    ['garbage', { cert: 'garbage', key: 'garbage' }],
    ['an empty file', { cert: '', key: FIRST.key }],
    ['a key that is not its own', { cert: SECOND.cert, key: FIRST.key }],
    ['a certificate cut short', { cert: SECOND.cert.slice(0, 200), key: SECOND.key }],
  ])('is kept where it was replaced by %s, and that is said once', (_what, replacement) => {
    const { certificate, take } = open()
    put(replacement)
    // Somebody may be between the two files.
    expect([certificate.look(), take()]).toEqual([false, []])
    expect([certificate.look(), take()]).toEqual([false, ['certificate-refused']])
    expect([certificate.look(), certificate.look(), take()]).toEqual([false, false, []])
    expect(certificate.pair.cert.toString()).toBe(FIRST.cert)
    expect(readTls(files)).toMatchObject({ ok: false, code: expect.stringMatching(/^ERR_/) })
    put(SECOND)
    expect([certificate.look(), take()]).toEqual([true, ['certificate-taken']])
    put(replacement)
    for (let look = 0; look < 3; look += 1) certificate.look()
    expect(take()).toEqual(['certificate-refused'])
  })

  it('is kept while its files are away', () => {
    const { certificate, take } = open()
    rmSync(files.key)
    for (let look = 0; look < 3; look += 1) expect(certificate.look()).toBe(false)
    expect(take()).toEqual(['certificate-refused'])
    put(FIRST)
    expect([certificate.look(), take()]).toEqual([false, []])
  })

  it('says once that it runs out, and once that it ran out', () => {
    const { certificate, clock, take } = open()
    const aged = (ms: number) => {
      clock.now = END_MS + ms
      certificate.look()
      certificate.look()
      return take()
    }
    expect(aged(-8 * DAY_MS)).toEqual([])
    expect(aged(-DAY_MS)).toEqual(['certificate-expires-soon'])
    expect(aged(DAY_MS)).toEqual(['certificate-expired'])
    expect(open(END_MS + DAY_MS).take()).toEqual(['certificate-expired'])
    expect(open(0).take()).toEqual(['certificate-not-yet-valid'])
  })

  it('that does not fit at the start is no start', () => {
    put({ cert: SECOND.cert, key: FIRST.key })
    expect(() => open()).toThrow(expect.objectContaining({ code: 'ERR_OSSL_X509_KEY_VALUES_MISMATCH' }) as Error)
  })
})
