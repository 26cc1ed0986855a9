import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ownArguments, readSettings, type ReadSettings, type SettingSources } from './settings.ts'

const FILE = '/etc/andon/kiosk.json'

function read(args: readonly string[], rest: Partial<SettingSources> & { file?: string } = {}): ReadSettings {
  const { env = {}, file } = rest
  return readSettings({
    args,
    env,
    configFile: FILE,
    readFile: (path) => (path === FILE && file !== undefined ? file : null),
  })
}

const settingsOf = (result: ReadSettings) => (result.kind === 'run' ? result.settings : result)
const sentenceOf = (result: ReadSettings) => (result.kind === 'bad' ? result.sentence : result)

describe('the settings of a kiosk', () => {
  it('need nothing: one locked window, and no server yet', () => {
    const expected = { server: null, data: null, name: null, ca: null, windows: 1, windowed: false, transport: null }
    expect(settingsOf(read([]))).toEqual(expected)
  })

  it('come from flags before the environment before the file', () => {
    const file = JSON.stringify({ server: 'http://file:1', name: 'File', windows: 2, windowed: true })
    const env = {
      ANDON_KIOSK_SERVER: 'http://env:2',
      ANDON_KIOSK_NAME: 'Env',
      ANDON_KIOSK_CA: '/etc/plant.pem',
      ANDON_KIOSK_WINDOWED: '0',
      ANDON_KIOSK_TRANSPORT: 'poll',
    }
    expect(settingsOf(read(['--server', 'https://flag:3'], { env, file }))).toEqual({
      server: 'https://flag:3',
      data: null,
      name: 'Env',
      ca: '/etc/plant.pem',
      windows: 2,
      windowed: false,
      transport: 'poll',
    })
  })

  it('may stand in a file that begins with a byte order mark', () => {
    expect(settingsOf(read([], { file: '\ufeff{"windows": 2}' }))).toMatchObject({ windows: 2 })
  })

  it.each<[args: string[], rest: Parameters<typeof read>[1], part: string]>([
    [['--server', 'floor.example'], {}, '--server: must be an address like'],
    [['--server', 'ftp://floor'], {}, '--server: must be an address like'],
    [['--windows', '0'], {}, '--windows: must be at least 1'],
    [['--windows', '17'], {}, '--windows: must be at most 16'],
    [['--windows', 'two'], {}, '--windows: must be a number'],
    [['--name', 'x'.repeat(65)], {}, '--name: must have at most 64 characters'],
    [['--transport', 'pigeon'], {}, '--transport: must be one of ws, stream, poll'],
    [['--nonsense'], {}, "Unknown option '--nonsense'"],
    [['stray'], {}, 'stray'],
    [['--disable-web-security'], {}, '--disable-web-security'],
    [['--ignore-certificate-errors'], {}, '--ignore-certificate-errors'],
    [['--config', '/nowhere'], {}, 'There is no file /nowhere'],
    [[], { env: { ANDON_KIOSK_WINDOWED: 'yes' } }, 'ANDON_KIOSK_WINDOWED: must be true or false'],
    [[], { file: '{"sever": "http://a:1"}' }, 'There is no setting sever of /etc/andon/kiosk.json'],
    [[], { file: '{' }, '/etc/andon/kiosk.json cannot be read'],
  ])('refuse %j %j in a sentence that names it', (args, rest, part) => {
    expect(sentenceOf(read(args, rest))).toContain(part)
  })

  it('leave Chromium what is Chromium’s', () => {
    const args = ['--ozone-platform=x11', '--force-device-scale-factor=2', '--server', 'http://a:1']
    expect(settingsOf(read(args))).toMatchObject({ server: 'http://a:1' })
  })

  it('are what follows the folder of the program in a checkout, and everything in a package', () => {
    const folder = resolve('app/dist')
    expect(ownArguments(['electron', '--inspect=0', folder, '--server', 'x'], folder)).toEqual(['--server', 'x'])
    expect(ownArguments(['andon', '--server', 'x'], null)).toEqual(['--server', 'x'])
  })

  it('say what there is to set', () => {
    const help = read(['--help'])
    expect(help.kind === 'help' && help.text).toContain('--server URL')
  })
})
