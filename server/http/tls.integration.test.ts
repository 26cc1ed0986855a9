import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { get } from 'node:https'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { openFloor } from '../testing/http-floor.ts'

// For localhost, signed by itself, made for this test and used nowhere else.
const CERT = `-----BEGIN CERTIFICATE-----
MIIBQTCB6KADAgECAgEBMAoGCCqGSM49BAMCMBQxEjAQBgNVBAMMCWxvY2FsaG9z
dDAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowFDESMBAGA1UEAwwJ
bG9jYWxob3N0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEbk/fHZlPvqYDFZHr
WvZzRgnbVVdPWfBp1U3OuGdFmT9aX63UiEk0fxRAUNWXiCFFWtk34H0evicTzjPi
BSeE06MpMCcwFAYDVR0RBA0wC4IJbG9jYWxob3N0MA8GA1UdEwEB/wQFMAMBAf8w
CgYIKoZIzj0EAwIDSAAwRQIhANS1rYcG/11gsN9BNtLLPbHwBp0zv+VNJ20kaq/y
aB6UAiBA8NkJTgHAu6IhCK/vH+huGkr8Ehd7f2M4i5VImMVFCA==
-----END CERTIFICATE-----
`
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQghUApICYq4SLFni9t
QHFHI7NtzutHWspMnRh4gumTBSShRANCAARuT98dmU++pgMVketa9nNGCdtVV09Z
8GnVTc64Z0WZP1pfrdSISTR/FEBQ1ZeIIUVa2TfgfR6+JxPOM+IFJ4TT
-----END PRIVATE KEY-----
`

const folder = mkdtempSync(join(tmpdir(), 'andon-tls-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('with TLS it speaks HTTPS, says so for the future, and its cookie never leaves it', async () => {
  const tls = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
  writeFileSync(tls.cert, CERT)
  writeFileSync(tls.key, KEY)
  const floor = await openFloor({ tls })
  try {
    await floor.app.listen({ host: '127.0.0.1', port: 0 })
    const { port } = floor.app.server.address() as { port: number }
    const [response] = (await once(
      get({ host: 'localhost', port, path: '/healthz', ca: CERT, agent: false }),
      'response',
    )) as [IncomingMessage]
    response.resume()
    expect(response.statusCode).toBe(200)
    expect(response.headers['strict-transport-security']).toBe('max-age=31536000')
    const forgotten = await floor.inject({
      method: 'POST',
      url: '/api/sessions/forget',
      headers: { origin: 'https://localhost', host: 'localhost' },
    })
    expect(forgotten.headers['set-cookie']).toContain('Secure')
  } finally {
    await floor.close()
  }
})
