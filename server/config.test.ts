import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { loadConfig, type Config, type ConfigSources } from './config.ts'
import { flagOf, SETTINGS, variableOf } from './settings.ts'

const folder = mkdtempSync(join(tmpdir(), 'andon-config-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let files = 0
function file(content: unknown): string {
  files += 1
  const path = join(folder, `${files}.json`)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

function load(sources: Partial<ConfigSources>): Config {
  const result = loadConfig({ flags: {}, env: {}, ...sources })
  if (!result.ok) throw new Error(result.message)
  return result.config
}
function refusal(sources: Partial<ConfigSources>): string {
  const result = loadConfig({ flags: {}, env: {}, ...sources })
  return result.ok ? 'accepted' : result.message
}

describe('settings', () => {
  it('have defaults for a server that answers its own machine only', () => {
    expect(load({})).toMatchObject({
      host: '127.0.0.1',
      port: 7070,
      data: './data',
      database: null,
      databaseDirect: null,
      demo: false,
      tls: null,
      newDeviceAreas: [],
    })
  })

  it('deflate nothing unless somebody asks for it', () => {
    expect(load({}).compress).toBe(false)
    expect(load({ flags: { compress: true } }).compress).toBe(true)
    expect(load({ env: { ANDON_COMPRESS: 'true' } }).compress).toBe(true)
  })

  it('[T24] name a database of PostgreSQL, and say no word of an address that is none', () => {
    const database = 'postgres://andon:geheim@db.plant/floor'
    expect(load({ env: { ANDON_DATABASE: database } }).database).toBe(database)
    for (const bad of [
      'mysql://u:geheim@db/floor',
      'postgres://u:ge/heim@db/floor',
      'postgres://u:geheim@db',
      'geheim',
    ])
      expect(refusal({ flags: { database: bad } })).toBe(
        '--database must be an address like postgres://user@host/database.',
      )
  })

  it('come from flags, then the environment, then the file', () => {
    const config = file({ port: 1, host: 'file', data: 'file' })
    const env = { ANDON_PORT: '2', ANDON_HOST: 'env' }
    expect(load({ flags: { port: '3', config }, env })).toMatchObject({ port: 3, host: 'env', data: 'file' })
  })

  it('may stand in a file that begins with a byte order mark', () => {
    expect(load({ flags: { config: file('\ufeff{"port": 1}') } })).toMatchObject({ port: 1 })
  })

  it('show every area to a new device of the demonstration floor, and none elsewhere', () => {
    expect(load({ flags: { demo: true } }).newDeviceAreas).toEqual(['*'])
    expect(load({ flags: { demo: true, newDeviceAreas: 'line-1, line-2' } }).newDeviceAreas).toEqual([
      'line-1',
      'line-2',
    ])
  })

  it('are read from text and from JSON alike', () => {
    const text = load({ env: { ANDON_DEMO: 'true', ANDON_ORIGINS: 'https://a.example,https://b.example:8443' } })
    const json = load({
      flags: { config: file({ demo: true, origins: ['https://a.example', 'https://b.example:8443'] }) },
    })
    expect(text).toEqual(json)
  })

  it('[X21] take the public address apart, wherever it comes from', () => {
    const andon = { origin: 'https://plant.example', host: 'plant.example', basePath: '/andon' }
    expect(load({}).publicUrl).toBeNull()
    expect(load({ flags: { publicUrl: 'https://plant.example/andon' } }).publicUrl).toEqual(andon)
    expect(load({ env: { ANDON_PUBLIC_URL: ' https://plant.example/andon/ ' } }).publicUrl).toEqual(andon)
    expect(load({ flags: { config: file({ publicUrl: 'https://plant.example/andon' }) } }).publicUrl).toEqual(andon)
  })

  it('[X21] refuse a public address that is none, and repeat no password', () => {
    expect(refusal({ flags: { publicUrl: 'https://plant.example/andon?floor=3' } })).toBe(
      '--public-url must have no query (what follows "?"), not "https://plant.example/andon?floor=3".',
    )
    expect(refusal({ flags: { publicUrl: 'plant' } })).toMatch(/^--public-url must be an address like https/)
    expect(refusal({ env: { ANDON_PUBLIC_URL: 'https://kim:1111@plant.example' } })).toBe(
      'ANDON_PUBLIC_URL (in the environment) must have no name or password in it, not "https://…@plant.example".',
    )
    expect(refusal({ flags: { config: file({ publicUrl: 7 }) } })).toMatch(/^"publicUrl" .* must be text, not 7\.$/)
  })

  it('name the file of the environment when no flag does', () => {
    expect(load({ env: { ANDON_CONFIG: file({ port: 12 }) } }).port).toBe(12)
  })

  it('ignore the variables that other parts of Andon read, and everybody else’s', () => {
    const env = {
      ANDON_KEY: 'k',
      ANDON_PIN: '1',
      ANDON_LOG: 'x',
      ANDON_CHROMIUM: '/c',
      ANDON_SQLITE_BINDING: '/b',
      PATH: '/bin',
      PORT: 'x',
    }
    expect(refusal({ env })).toBe('accepted')
  })
})

describe('a setting that is wrong is named with its source', () => {
  it.each<[string, Partial<ConfigSources>, string]>([
    [
      'unknown in the environment',
      { env: { ANDON_PROT: '1' } },
      'There is no setting ANDON_PROT (in the environment).',
    ],
    ['bad flag', { flags: { port: 'x' } }, '--port must be a whole number from 0 to 65535, not "x".'],
    ['port beyond the last', { flags: { port: '65536' } }, '--port must be a whole number from 0 to 65535, not 65536.'],
    [
      'negative port',
      { env: { ANDON_PORT: '-1' } },
      'ANDON_PORT (in the environment) must be a whole number from 0 to 65535, not "-1".',
    ],
    ['empty host', { env: { ANDON_HOST: ' ' } }, 'ANDON_HOST (in the environment) must not be empty, not " ".'],
    [
      'bad level',
      { flags: { logLevel: 'loud' } },
      '--log-level must be one of debug, info, warn, error, silent, not "loud".',
    ],
    [
      'bad origin',
      { flags: { origins: 'https://a.example/path' } },
      '--origins must be origins like https://andon.example (scheme and host, no path), not ["https://a.example/path"].',
    ],
    [
      'bad area',
      { env: { ANDON_NEW_DEVICE_AREAS: 'Line 3' } },
      'ANDON_NEW_DEVICE_AREAS (in the environment) must be area names of a-z, 0-9 and -, or *, not ["Line 3"].',
    ],
    [
      'address of a page as a host',
      { flags: { hosts: 'andon.example,https://andon.example' } },
      '--hosts must be names or addresses like andon.example (no scheme, port or path), not ["andon.example","https://andon.example"].',
    ],
    [
      'host with a port',
      { flags: { hosts: 'andon.example:7070' } },
      '--hosts must be names or addresses like andon.example (no scheme, port or path), not ["andon.example:7070"].',
    ],
    [
      'no address of a proxy',
      { flags: { trustProxy: '10.0.0.0/8,proxy.example' } },
      '--trust-proxy must be addresses or networks like 127.0.0.1 or 10.0.0.0/8, not ["10.0.0.0/8","proxy.example"].',
    ],
    [
      'everybody as a proxy',
      { env: { ANDON_TRUST_PROXY: '0.0.0.0/0' } },
      'ANDON_TRUST_PROXY (in the environment) must be addresses or networks like 127.0.0.1 or 10.0.0.0/8, not ["0.0.0.0/0"].',
    ],
    ['demo-open alone', { flags: { demoOpen: true } }, '--demo-open needs --demo.'],
    [
      'certificate without key',
      { env: { ANDON_TLS_CERT: '/c.pem' } },
      'ANDON_TLS_CERT (in the environment) needs --tls-key.',
    ],
    ['key without certificate', { flags: { tlsKey: '/k.pem' } }, '--tls-key needs --tls-cert.'],
    [
      'no such certificate',
      { flags: { tlsCert: '/no/c.pem', tlsKey: '/no/k.pem' } },
      '--tls-cert: the file /no/c.pem cannot be read.',
    ],
    ['no such file', { flags: { config: '/no/such.json' } }, 'The configuration file /no/such.json cannot be read.'],
  ])('%s', (_name, sources, message) => {
    expect(refusal(sources)).toBe(message)
  })

  it('unknown in the file', () => {
    const config = file({ prot: 1 })
    expect(refusal({ flags: { config } })).toBe(`There is no setting "prot" (in ${config}).`)
  })

  it('of the wrong type in the file', () => {
    const config = file({ demo: 'yes' })
    expect(refusal({ flags: { config } })).toMatch(`"demo" (in ${config}) `)
  })

  it.each(['[]', 'null', '1', '{'])('a file that holds %s', (content) => {
    const config = file(content)
    expect(refusal({ flags: { config } })).toMatch(`The configuration file ${config}`)
  })

  it('heartbeats have a floor and the protocol’s ceiling', () => {
    expect(refusal({ flags: { heartbeatMs: '99' } })).toMatch('--heartbeat-ms must be')
    expect(refusal({ flags: { heartbeatMs: '30001' } })).toMatch('--heartbeat-ms must be')
    expect(load({ flags: { heartbeatMs: '30000' } }).heartbeatMs).toBe(30_000)
  })
})

it('flags and variables follow from the name of the setting', () => {
  expect(flagOf('newDeviceAreas')).toBe('--new-device-areas')
  expect(variableOf('newDeviceAreas')).toBe('ANDON_NEW_DEVICE_AREAS')
  expect(Object.keys(SETTINGS)).toContain('tlsCert')
})
