import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { run, serveDemo, useFolder } from '../testing/command-processes.ts'

useFolder()

describe('andon alert', () => {
  it('raises, lists, acknowledges and resolves', async () => {
    const { url } = await serveDemo()
    const alert = (...args: string[]) => run(['alert', ...args, '--server', url], { env: { ANDON_KEY: 'demo-key' } })
    expect(await alert('list')).toEqual({ code: 0, out: 'No active alerts.\n', err: '' })
    const raised = await alert(
      'raise',
      '--priority',
      'P0',
      '--area',
      'line-3',
      '--title',
      'Press 2 is on fire',
      '--body',
      'Door B',
    )
    expect(raised).toMatchObject({ code: 0, err: '' })
    const id = /(\S+)\n$/.exec(raised.out)?.[1] ?? ''
    expect(raised.out).toMatch(/^Raised P0 {2}line-3 {2}Press 2 is on fire {2}\(not acknowledged, raised /)
    expect((await alert('ack', id)).out).toMatch(/^Acknowledged P0 .*acknowledged by demo-key/)
    expect((await alert('list', '--area', 'line-3', '--priority', 'P0')).out).toContain(id)
    expect((await alert('list', '--area', 'line-1')).out).toBe('No active alerts.\n')
    expect((await alert('resolve', id)).out).toMatch(/^Resolved P0 .*cleared, acknowledged by demo-key/)
    expect(await alert('ack', id)).toEqual({
      code: 1,
      out: '',
      err: 'andon: This alert is not active any more, or never was. (alert-not-found)\n',
    })
    expect(await alert('raise', '--priority', 'P0', '--area', 'line-9', '--title', 'x')).toMatchObject({
      code: 1,
      err: 'andon: There is no area "line-9". (unknown-area)\n',
    })
    expect(await alert('list', '--key', 'wrong')).toMatchObject({
      code: 1,
      err: 'andon: The API key is missing or not known. (bad-key)\n',
    })
  })

  it('[C7] raises nothing that is empty to the eye or acts on who reads it, and one line of what has several', async () => {
    const { url } = await serveDemo()
    const raise = (title: string) =>
      run(['alert', 'raise', '--priority', 'P3', '--area', 'line-3', '--title', title, '--server', url], {
        env: { ANDON_KEY: 'demo-key' },
      })
    const refused = { code: 1, out: '', err: 'andon: "title" must not be empty. (bad-request)\n' }
    expect(await raise('\u3164\u200b')).toEqual(refused)
    expect((await raise('Oil\nleak')).out).toMatch(/^Raised P3 {2}line-3 {2}Oil leak {2}\(.*\n$/)
  })

  it('[C7] [X9] prints what a server has stored as one line each, with escapes for what acts', async () => {
    const at = '2026-11-20T05:00:00.000Z'
    const record = {
      id: '00000000-0000-7000-8000-000000000001',
      priority: 'P0',
      area: 'line-3',
      title: '\u001b[2J\u202eFire\nP0  line-3  Forged',
      body: null,
      raised: { by: 'device:\u009b2J', on: null, at },
      acknowledged: null,
      cleared: null,
    }
    const server = createServer((_request, response) => response.end(JSON.stringify({ alerts: [record] })))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const list = (...more: string[]) =>
      run(['alert', 'list', '--key', 'k', '--server', `http://127.0.0.1:${port}`, ...more])
    const words = await list()
    expect(words.out).toBe(
      `P0  line-3  \\u001b[2J\\u202eFire\\u000aP0  line-3  Forged  (not acknowledged, raised ${at} by device:\\u009b2J)  ${record.id}\n`,
    )
    const json = await list('--json')
    expect(json.out).not.toMatch(/[\u0080-\u009f\u202e]/)
    expect(JSON.parse(json.out)).toEqual({ alerts: [record] })
    server.close()
  })

  it.each<[string[], number, RegExp]>([
    [['list'], 2, /API key is needed/],
    [['list', '--key', 'k', '--server', 'nonsense'], 2, /--server must be an address/],
    [['list', '--key', 'k', '--server', 'http://127.0.0.1:1'], 1, /No server answers at http:\/\/127\.0\.0\.1:1/],
    [['raise', '--key', 'k', '--area', 'line-3', '--title', 'x'], 2, /--priority/],
    [['raise', '--key', 'k', '--area', 'line-3', '--title', 'x', '--priority', 'P9'], 2, /P0, P1, P2, P3/],
    [['raise', '--key', 'k', '--area', 'line-3', '--priority', 'P0'], 2, /--title/],
    [['ack', '--key', 'k'], 2, /missing required argument 'id'/],
    [['shout'], 2, /unknown command 'shout'/],
  ])('%j ends with code %d and one sentence', async (args, code, says) => {
    const result = await run(['alert', ...args])
    expect(result).toMatchObject({ code, out: '' })
    expect(result.err).toMatch(says)
    expect(result.err.trim()).not.toContain('\n')
  })
})
