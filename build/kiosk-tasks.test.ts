import { afterEach, describe, expect, it } from 'vitest'
import { addressOf, sortArguments } from './kiosk-tasks.mjs'

afterEach(() => {
  delete process.env['ANDON_PORT']
})

describe('npm start', () => {
  it('takes what is the kiosk’s, and leaves the server the rest', () => {
    expect(sortArguments(['--port', '7080', '--windows', '2', '--locked'])).toEqual({
      serverArgs: ['--port', '7080'],
      kioskArgs: ['--windows', '2', '--locked'],
      isWanted: true,
    })
    expect(sortArguments(['--no-kiosk', '--windows=3'])).toEqual({
      serverArgs: [],
      kioskArgs: ['--windows=3'],
      isWanted: false,
    })
  })

  it.each<[args: string[], address: string | null]>([
    [[], 'http://127.0.0.1:7070'],
    [['--port', '8080'], 'http://127.0.0.1:8080'],
    [['--port=8080', '--host', '0.0.0.0'], 'http://127.0.0.1:8080'],
    [['--host', '10.0.0.5', '--tls-cert', 'c', '--tls-key', 'k'], 'https://10.0.0.5:7070'],
    [['--host', '::1'], 'http://[::1]:7070'],
    [['--port', '0'], null],
    [['--config', 'floor.json'], null],
  ])('with %j opens the kiosk at %s', (args, address) => {
    expect(addressOf(args)).toBe(address)
  })

  it('knows the port of the environment, too', () => {
    process.env['ANDON_PORT'] = '7100'
    expect(addressOf([])).toBe('http://127.0.0.1:7100')
    expect(addressOf(['--port', '8080'])).toBe('http://127.0.0.1:8080')
  })
})
