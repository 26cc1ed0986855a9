import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openDatabase } from '../adapters/sqlite/open-database.ts'
import { FIRST, SECOND } from '../testing/certificates.ts'
import { run, serve, serveDemo, useFolder } from '../testing/command-processes.ts'

const folder = useFolder()

describe('andon doctor', () => {
  const examine = async (...args: string[]) => {
    const { code, out } = await run(['doctor', '--json', ...args])
    const { ok, checks } = JSON.parse(out) as { ok: boolean; checks: { name: string; ok: boolean; says: string }[] }
    expect(code).toBe(ok ? 0 : 1)
    return new Map(checks.map((check) => [check.name, check]))
  }

  it('finds the parts of a running server well', async () => {
    const { url } = await serveDemo()
    const found = await examine('--port', new URL(url).port)
    for (const name of ['node', 'settings', 'packages', 'data', 'database', 'port', 'tls'])
      expect(found.get(name)).toMatchObject({ ok: true })
    expect(found.get('port')?.says).toMatch(/^Andon .* answers/)
    expect(found.get('database')?.says).toContain('in use by a running server')
  })

  it('finds API keys of before whose name is read as a person’s or the server’s', async () => {
    const db = openDatabase(folder())
    const person = db.prepare(`INSERT INTO operators VALUES (?, 'operator', '[]', 'x', 'active')`)
    const key = db.prepare(`INSERT INTO api_keys VALUES (?, ?, ?, 'operator', '[]')`)
    for (const id of ['kim', 'lee']) person.run(id)
    for (const name of ['Ki m', 'scada', 'SYSTEM']) key.run(name, name, name)
    db.close()
    const { says } = (await examine('--data', folder())).get('names of keys') ?? {}
    expect(says).toBe(
      'What is done reads alike: the API key "Ki m" like the person "kim", the API key "SYSTEM" like the server itself or a device.',
    )
  })

  it('[X22] finds that a running server does not show the certificate that is in the file', async () => {
    const [cert, key] = [join(folder(), 'cert.pem'), join(folder(), 'key.pem')]
    const put = async (pair: { readonly cert: string; readonly key: string }) => {
      await writeFile(cert, pair.cert)
      await writeFile(key, pair.key)
    }
    await put(FIRST)
    const tls = ['--tls-cert', cert, '--tls-key', key]
    const { url } = await serve('--demo', ...tls)
    const port = ['--port', new URL(url).port]
    expect((await examine(...port, ...tls)).get('port')).toMatchObject({ ok: true })
    await put({ cert: SECOND.cert, key: FIRST.key })
    const found = await examine(...port, ...tls)
    expect(found.get('tls')).toMatchObject({ ok: false, says: expect.stringContaining('keeps those it had') })
    await writeFile(join(folder(), 'other.pem'), SECOND.cert)
    await writeFile(join(folder(), 'other.key'), SECOND.key)
    const other = ['--tls-cert', join(folder(), 'other.pem'), '--tls-key', join(folder(), 'other.key')]
    expect((await examine(...port, ...other)).get('port')).toMatchObject({
      ok: false,
      says: expect.stringContaining('shows another certificate'),
    })
  })

  it('finds what is wrong, in words', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    await writeFile(join(folder(), 'andon.sqlite'), 'no database, but long enough to look at. '.repeat(100))
    await writeFile(join(folder(), 'bad.pem'), 'nonsense')
    const found = await examine(
      '--data',
      folder(),
      '--port',
      String((other.address() as { port: number }).port),
      '--tls-cert',
      'bad.pem',
      '--tls-key',
      'bad.pem',
    )
    for (const name of ['database', 'port', 'tls']) expect(found.get(name)).toMatchObject({ ok: false })
    other.close()
    expect((await examine('--port', 'x')).get('settings')).toMatchObject({
      ok: false,
      says: expect.stringContaining('--port must be'),
    })
    const lines = (await run(['doctor', '--port', '0', '--data', folder()])).out
    expect(lines).toMatch(/^✗ database: .* → .*backup\.$/m)
    expect(lines).toMatch(/^✓ node: /m)
  })
})
