import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { run, serveDemo, useFolder } from '../testing/command-processes.ts'

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
