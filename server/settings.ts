/** Every setting of the server, once: what it is called in each place, what it may be, what `--help` says. */
import * as v from 'valibot'
import { Segment } from '../relay/protocol/ids.ts'
import { LIMITS } from '../relay/protocol/limits.ts'
import { parseNetwork } from './core/ip-address.ts'
import { parsePublicUrl } from './core/public-address.ts'
import { parseName } from './core/site-names.ts'

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** How text becomes the JSON value it stands for. */
export type Kind = 'text' | 'number' | 'switch' | 'list'

interface Setting {
  readonly kind: Kind
  /** What `--help` says. */
  readonly says: string
  readonly schema: v.GenericSchema<unknown, unknown>
  /** Its value is said in no sentence. */
  readonly isSecret?: true
}

const HOUR = 3_600_000
const text = v.pipe(v.string('must be text'), v.trim(), v.minLength(1, 'must not be empty'))

function wholeNumber(from: number, to: number) {
  const says = `must be a whole number from ${from} to ${to}`
  return v.pipe(v.number(says), v.safeInteger(says), v.minValue(from, says), v.maxValue(to, says))
}

const Origin = v.pipe(
  v.string('must be text'),
  v.check(isOrigin, 'must be origins like https://andon.example (scheme and host, no path)'),
)

const HOSTS_SAY = 'must be names or addresses like andon.example (no scheme, port or path)'
const Host = v.pipe(
  v.string(HOSTS_SAY),
  v.check((host) => parseName(host) !== null, HOSTS_SAY),
)

const PROXIES_SAY = 'must be addresses or networks like 127.0.0.1 or 10.0.0.0/8'
const Proxy = v.pipe(
  v.string(PROXIES_SAY),
  v.check((proxy) => parseNetwork(proxy) !== null, PROXIES_SAY),
)

const PublicUrl = v.pipe(
  text,
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const parsed = parsePublicUrl(dataset.value)
    if (typeof parsed !== 'string') return parsed
    addIssue({ message: parsed })
    return NEVER
  }),
)

const DATABASE_SAYS = 'must be an address like postgres://user@host/database'
const DatabaseUrl = v.pipe(
  text,
  v.check((address) => isDatabase(address), DATABASE_SAYS),
)

const AREAS_SAY = 'must be area names of a-z, 0-9 and -, or *'
const Area = v.pipe(
  v.string(AREAS_SAY),
  v.check((area) => area === '*' || v.is(Segment, area), AREAS_SAY),
)

/** THE SETTINGS: flag, environment variable and file key all follow from the name (`tlsCert`: `--tls-cert`, `ANDON_TLS_CERT`). */
export const SETTINGS = {
  host: { kind: 'text', says: 'address to listen on (default 127.0.0.1)', schema: text },
  port: {
    kind: 'number',
    says: 'port to listen on, 0 for any free one (default 7070)',
    schema: wholeNumber(0, 65_535),
  },
  data: { kind: 'text', says: 'folder of the database, and of photos and files (default ./data)', schema: text },
  maxAttachments: {
    kind: 'number',
    says: 'bytes of photos and files to keep in that folder (default 20000000000)',
    schema: wholeNumber(0, 100_000_000_000_000),
  },
  database: {
    kind: 'text',
    says: 'PostgreSQL that holds the store, like postgres://user@host/database (default a file in the data folder)',
    schema: DatabaseUrl,
    isSecret: true,
  },
  databaseDirect: {
    kind: 'text',
    says: 'the same database without a pooler between, by which nodes wake each other where there is no Redis (with --database)',
    schema: DatabaseUrl,
    isSecret: true,
  },
  redis: {
    kind: 'text',
    says: 'Redis by which the nodes of one floor hear each other at once, redis:// or rediss:// (with --database)',
    schema: v.pipe(text, v.regex(/^rediss?:\/\/\S+$/, 'must be an address like redis://127.0.0.1:6379')),
    isSecret: true,
  },
  node: {
    kind: 'text',
    says: 'name of this server among those of one floor, by which a proxy brings its links back to it',
    schema: v.pipe(v.string('must be text'), v.regex(/^[a-z0-9-]{1,32}$/, 'must be up to 32 of a-z, 0-9 and -')),
  },
  demo: { kind: 'switch', says: 'demonstration floor with known PINs, for this machine only', schema: v.boolean() },
  demoOpen: { kind: 'switch', says: 'let other machines use the demonstration floor', schema: v.boolean() },
  tlsCert: { kind: 'text', says: 'PEM certificate chain, with --tls-key', schema: text },
  tlsKey: { kind: 'text', says: 'PEM private key, with --tls-cert', schema: text },
  publicUrl: {
    kind: 'text',
    says: 'address people open, through every proxy, like https://plant.example/andon (default the one it listens on)',
    schema: PublicUrl,
  },
  pages: { kind: 'text', says: 'folder of the built web UI (default the one of this checkout)', schema: text },
  origins: {
    kind: 'list',
    says: 'further origins whose pages may use this server, comma-separated',
    schema: v.array(Origin),
  },
  hosts: {
    kind: 'list',
    says: 'further names screens and programs ask for this server by, comma-separated',
    schema: v.array(Host),
  },
  trustProxy: {
    kind: 'list',
    says: 'addresses or networks of proxies whose X-Forwarded-For is believed, comma-separated',
    schema: v.array(Proxy),
  },
  compress: {
    kind: 'switch',
    says: 'deflate pages of history and snapshots for screens that take it; for lines slower than a plant network',
    schema: v.boolean(),
  },
  logLevel: {
    kind: 'text',
    says: `${LOG_LEVELS.join(', ')} (default info)`,
    schema: v.picklist(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`),
  },
  // Below 100 ms a heartbeat measures the scheduler, not the link.
  heartbeatMs: { kind: 'number', says: 'interval of heartbeats', schema: wholeNumber(100, LIMITS.maxHeartbeatMs) },
  accessTokenMs: { kind: 'number', says: 'lifetime of an access token', schema: wholeNumber(1000, 24 * HOUR) },
  sessionMs: {
    kind: 'number',
    says: 'longest time from sign-in to the next',
    schema: wholeNumber(1000, 30 * 24 * HOUR),
  },
  newDeviceAreas: { kind: 'list', says: 'areas a new device may see, * for all', schema: v.array(Area) },
} as const satisfies Record<string, Setting>

export type SettingName = keyof typeof SETTINGS

export function flagOf(name: SettingName): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

export function variableOf(name: SettingName): string {
  return `ANDON_${name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`
}

export function isSetting(key: string): key is SettingName {
  return Object.hasOwn(SETTINGS, key)
}

export function settingNames(): SettingName[] {
  return Object.keys(SETTINGS).filter(isSetting)
}

function isDatabase(address: string): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, hostname, pathname } = new URL(address)
  return (protocol === 'postgres:' || protocol === 'postgresql:') && hostname !== '' && pathname.length > 1
}

function isOrigin(origin: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\/[^/?#\s@]+$/i.test(origin)
}
