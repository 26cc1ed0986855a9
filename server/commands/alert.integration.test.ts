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
