import { once } from 'node:events'
import { readdir, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { SUBPROTOCOL } from '../../relay/protocol/version.ts'
import { RawWebSocket } from '../../test/bench/raw-websocket.ts'
import { run, serveDemo, useFolder } from '../testing/command-processes.ts'

const folder = useFolder()

describe('andon server', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'announces itself in one JSON line, serves, and drains with code 0 at %s',
    async (signal) => {
      const { child, url } = await serveDemo()
      expect((await fetch(`${url}/readyz`)).status).toBe(200)
      const rest = text(child.stdout)
      const said = text(child.stderr)
      child.kill(signal)
      expect(await once(child, 'exit')).toEqual([0, null])
      expect([await rest, await said]).toEqual(['', ''])
      expect(await readdir(join(folder(), 'data'))).toContain('andon.sqlite')
    },
  )

  it('drains with code 0 while a request is in it that never ends', async () => {
    const { child, url } = await serveDemo()
    const half = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => {})
    await once(half, 'connect')
    half.write('POST /api/alerts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer demo-key\r\n')
    half.write('Content-Type: application/json\r\nContent-Length: 70\r\n\r\n{"priority":')
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([0, null])
    half.destroy()
  })

  it('[V9] lets nobody in any more while it says goodbye to those who are here', async () => {
    const { child, url } = await serveDemo()
    // Takes its leave from nobody, so that the goodbye lasts.
    const rude = await RawWebSocket.open(`${url.replace('http', 'ws')}/sync`, SUBPROTOCOL)
    const said = new Promise<void>((resolve) => {
      rude.onMessage = (payload) => {
        if (payload.toString().includes('"bye"')) resolve()
      }
    })
    child.kill('SIGTERM')
    await said
    for (const path of ['/healthz', '/api/alerts']) {
      const refused = await fetch(url + path)
      expect([refused.status, await refused.json()]).toEqual([503, expect.objectContaining({ code: 'unavailable' })])
    }
    rude.destroy()
    expect(await once(child, 'exit')).toEqual([0, null])
  })

  it('[V21] listens once for localhost, so that nobody comes in past the bounds of the door', async () => {
    const { url } = await serveDemo('--host', 'localhost')
    const { port } = new URL(url)
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200)
    await expect(fetch(`http://[::1]:${port}/readyz`)).rejects.toThrow('fetch failed')
  })

  it('says in one sentence why it cannot start, and what to do', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as { port: number }
    const { url } = await serveDemo('--data', 'busy')
    await writeFile(join(folder(), 'file'), '')
    await writeFile(join(folder(), 'bad.pem'), 'nonsense')
    const cases: [string[], number, string][] = [
      [
        ['--port', String(port), '--data', 'one'],
        1,
        `andon: Port ${port} on 127.0.0.1 is in use; stop what listens there, or choose another with --port.\n`,
      ],
      [
        ['--host', '203.0.113.9', '--data', 'two'],
        1,
        'andon: This machine has no address 203.0.113.9; choose one it has with --host.\n',
      ],
      [
        ['--port', '0', '--data', 'busy'],
        1,
        `andon: ${join('busy', 'andon.sqlite')} is in use by another Andon; stop that one, or choose another folder with --data.\n`,
      ],
      [
        ['--port', '0', '--data', join('file', 'x')],
        1,
        `andon: The data folder ${join('file', 'x')} cannot be written to; check its owner and rights, or choose another with --data.\n`,
      ],
      [
        ['--port', '0', '--data', 'three', '--tls-cert', 'bad.pem', '--tls-key', 'bad.pem'],
        1,
        'andon: The files of --tls-cert and --tls-key are not a PEM certificate and its key; "andon doctor" says more.\n',
      ],
    ]
    await Promise.all(
      cases.map(async ([args, code, err]) => expect(await run(['server', ...args])).toEqual({ code, out: '', err })),
    )
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    other.close()
  })

  it('names a flag or setting that is wrong, with code 2', async () => {
    const cases: [string[], number, string][] = [
      [['--port', 'x'], 2, 'andon: --port must be a whole number from 0 to 65535, not "x".\n'],
      [['--prot', '1'], 2, "andon: unknown option '--prot' (Did you mean --port?)\n"],
      [['extra'], 2, "andon: too many arguments for 'server'. Expected 0 arguments but got 1: extra.\n"],
    ]
    await Promise.all(
      cases.map(async ([args, code, err]) => expect(await run(['server', ...args])).toEqual({ code, out: '', err })),
    )
    expect(await run(['server'], { env: { ANDON_PROT: '1' } })).toEqual({
      code: 2,
      out: '',
      err: 'andon: There is no setting ANDON_PROT (in the environment).\n',
    })
  })

  it('[P1 P10] of a demonstration is there again after a kill -9', async () => {
    const first = await serveDemo()
    const raised = await run([
      'alert',
      'raise',
      '--server',
      first.url,
      '--key',
      'demo-key',
      '--priority',
      'P0',
      '--area',
      'line-3',
      '--title',
      'Fire',
      '--json',
    ])
    first.child.kill('SIGKILL')
    await once(first.child, 'exit')
    const second = await serveDemo()
    const listed = await run(['alert', 'list', '--server', second.url, '--json'], { env: { ANDON_KEY: 'demo-key' } })
    expect(JSON.parse(listed.out)).toEqual({ alerts: [JSON.parse(raised.out)] })
  })
})
