import { describe, expect, it } from 'vitest'
import { checkClock, checkFolder, checkNode, checkPackage, checkTls } from './doctor-checks.ts'

const NOW = Date.UTC(2026, 10, 20)

describe('the doctor', () => {
  it.each([
    ['20.20.2', false],
    ['22.17.9', false],
    ['22.18.0', true],
    ['24.21.0', true],
    ['26.0.0', true],
  ])('Node %s runs the server: %s', (version, ok) => {
    expect(checkNode(version).ok).toBe(ok)
  })

  it('notices a clock that was never set, and one that is behind the database', () => {
    expect(checkClock(NOW, null).ok).toBe(true)
    expect(checkClock(NOW, NOW - 1).ok).toBe(true)
    expect(checkClock(0, null)).toMatchObject({ ok: false, says: 'The clock says 1970-01-01T00:00:00.000Z.' })
    expect(checkClock(Date.UTC(2050, 0), null).ok).toBe(false)
    expect(checkClock(NOW, NOW + 2 * 24 * 3_600_000).ok).toBe(false)
  })

  it('names the package that does not load, and why', async () => {
    expect(await checkPackage('x', () => Promise.resolve())).toMatchObject({ ok: true })
    const cause = Object.assign(new Error('no'), { code: 'ERR_DLOPEN_FAILED' })
    expect(await checkPackage('x', () => Promise.reject(cause))).toMatchObject({
      ok: false,
      says: 'x cannot be loaded (ERR_DLOPEN_FAILED).',
    })
  })

  it('judges a folder that is not there by the one above', async () => {
    expect(await checkFolder('/tmp/andon-nowhere/deep/down')).toMatchObject([
      { ok: true, says: expect.stringContaining('will be made') },
      { name: 'disk' },
    ])
    expect(await checkFolder('/dev/null/x')).toMatchObject([{ ok: false }])
  })

  it('every wrong finding says what to do', async () => {
    const tls = { cert: '/no/cert.pem', key: '/no/key.pem' }
    for (const finding of [
      checkNode('18.0.0'),
      checkClock(0, null),
      checkTls({ tls, host: '127.0.0.1' }, NOW),
      checkTls({ tls: null, host: '0.0.0.0' }, NOW),
      ...(await checkFolder('/dev/null/x')),
    ]) {
      expect(finding).toMatchObject({ ok: false, todo: expect.stringMatching(/^[A-Z].*\.$/) })
    }
  })
})
