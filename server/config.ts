/**
 * The settings of the server: flags first, then `ANDON_*` environment, then the JSON file of `--config`, then defaults.
 * This file is the server's only reader of the environment.
 */
import { accessSync, constants, readFileSync } from 'node:fs'
import * as v from 'valibot'
import { LIMITS } from '../relay/protocol/limits.ts'
import type { PublicAddress } from './core/public-address.ts'
import { isLocalName } from './core/site-names.ts'
import { unreachable } from '../relay/protocol/rights.ts'
import {
  flagOf,
  isSetting,
  settingNames,
  SETTINGS,
  variableOf,
  type Kind,
  type LogLevel,
  type SettingName,
} from './settings.ts'

export interface Config {
  readonly host: string
  /** 0 asks the system for a free one. */
  readonly port: number
  readonly data: string
  /** Address of the PostgreSQL that holds the store; null for a file in the data folder. There may be a password in it. */
  readonly database: string | null
  /** The same database, to be listened to; null where nobody does. */
  readonly databaseDirect: string | null
  /** Bytes of photos and files, kept and on their way. */
  readonly maxAttachments: number
  /** Where the other nodes of the floor are heard; null: they are found in the store. */
  readonly redis: string | null
  /** What the links of this server begin with, for a proxy; null where it has no name. */
  readonly node: string | null
  readonly demo: boolean
  readonly demoOpen: boolean
  /** Paths of PEM files; null serves plain HTTP. */
  readonly tls: { readonly cert: string; readonly key: string } | null
  /** Where people find this server; null: where it listens. */
  readonly publicUrl: PublicAddress | null
  /** Folder of the built web UI; null for the one built in this checkout. */
  readonly pages: string | null
  /** Origins of pages that may use this server besides its own (a TLS proxy in front, the kiosk's scheme). */
  readonly origins: readonly string[]
  /** Names and addresses this server is asked by, besides those it knows itself (`own-names.ts`). */
  readonly hosts: readonly string[]
  /** Addresses and networks of the proxies that say who a request comes from. */
  readonly trustProxy: readonly string[]
  /** Pages leave deflated, once for everybody (PROTOCOL Z1). */
  readonly compress: boolean
  readonly logLevel: LogLevel
  readonly heartbeatMs: number
  readonly accessTokenMs: number
  readonly sessionMs: number
  /** Areas a device starts with when it is first seen. */
  readonly newDeviceAreas: readonly string[]
}

/** Where settings come from; flags and environment are text, the file is JSON. Tests pass their own. */
export interface ConfigSources {
  /** Flags that were given, by setting name (`tlsCert`), and `config`: the path of the file. */
  readonly flags: Readonly<Record<string, unknown>>
  readonly env: Readonly<Record<string, string | undefined>>
}

export type ConfigResult =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly message: string }

/** `ANDON_*` variables that other parts of Andon read (alert command, relay, bootstrap, native binding, tests). */
const OTHER_VARIABLES = new Set([
  'ANDON_CONFIG',
  'ANDON_KEY',
  'ANDON_PIN',
  'ANDON_LOG',
  'ANDON_CHROMIUM',
  'ANDON_SQLITE_BINDING',
  'ANDON_ELECTRON_DIST',
  'ANDON_LIFELINE_FD',
  'ANDON_SOAK_MINUTES',
  'ANDON_BENCH_UWS',
  'ANDON_BENCH_UWS_NODE',
  'ANDON_WALK',
  'ANDON_OBSTACLES',
  'ANDON_MODEL_RUNS',
  'ANDON_MODEL_SECONDS',
  'ANDON_MODEL_SEED',
])

/** The kiosk's settings are its own to judge (`app/main/settings.ts`). */
function isOthers(variable: string): boolean {
  return OTHER_VARIABLES.has(variable) || variable.startsWith('ANDON_KIOSK_')
}

/** The settings, or one sentence that names the bad one and where it came from. Reads the `--config` file, nothing else. */
export function loadConfig({ flags, env }: ConfigSources): ConfigResult {
  try {
    return { ok: true, config: complete(collect(flags, env)) }
  } catch (error) {
    if (!(error instanceof SettingError)) throw error
    return { ok: false, message: error.message }
  }
}

/** The process's environment, for the composition roots. */
export function environment(): Readonly<Record<string, string | undefined>> {
  return process.env
}

/** Unwinds from whichever setting is wrong to `loadConfig`; never leaves this file. */
class SettingError extends Error {}

type Values = { [N in SettingName]?: v.InferOutput<(typeof SETTINGS)[N]['schema']> }

interface Collected {
  readonly values: Values
  readonly from: ReadonlyMap<SettingName, string>
}

function collect(flags: ConfigSources['flags'], env: ConfigSources['env']): Collected {
  const values: Record<string, unknown> = {}
  const from = new Map<SettingName, string>()
  const take = (name: SettingName, value: unknown, source: string) => {
    const parsed = v.safeParse<v.GenericSchema<unknown, unknown>>(SETTINGS[name].schema, value, { abortEarly: true })
    if (!parsed.success) {
      const { isSecret } = SETTINGS[name] as { readonly isSecret?: true }
      throw new SettingError(
        `${source} ${parsed.issues[0].message}${isSecret === true ? '' : `, not ${shown(value)}`}.`,
      )
    }
    values[name] = parsed.output
    from.set(name, source)
  }
  const path = flags['config'] ?? env['ANDON_CONFIG']
  if (typeof path === 'string') {
    for (const [key, value] of Object.entries(readFile(path))) {
      if (!isSetting(key)) throw new SettingError(`There is no setting "${key}" (in ${path}).`)
      take(key, value, `"${key}" (in ${path})`)
    }
  }
  for (const [variable, value] of Object.entries(env)) {
    if (!variable.startsWith('ANDON_') || value === undefined || isOthers(variable)) continue
    const name = settingNames().find((candidate) => variableOf(candidate) === variable)
    if (name === undefined) throw new SettingError(`There is no setting ${variable} (in the environment).`)
    take(name, fromText(SETTINGS[name].kind, value), `${variable} (in the environment)`)
  }
  for (const name of settingNames()) {
    const value = flags[name]
    if (value !== undefined) take(name, fromText(SETTINGS[name].kind, value), flagOf(name))
  }
  // Every value went through the schema of its name, which is what the type says.
  return { values, from }
}

function complete({ values, from }: Collected): Config {
  const demo = values.demo ?? false
  const demoOpen = values.demoOpen ?? false
  if (demoOpen && !demo) throw new SettingError(`${from.get('demoOpen')} needs --demo.`)
  const host = values.host ?? '127.0.0.1'
  if (demo && !demoOpen && !isLocalName(host)) {
    throw new SettingError(
      `${from.get('host')}: the demonstration floor listens on this machine only; add --demo-open to open it.`,
    )
  }
  return {
    host,
    port: values.port ?? 7070,
    data: values.data ?? './data',
    database: values.database ?? null,
    databaseDirect: directOf({ values, from }),
    maxAttachments: values.maxAttachments ?? 20_000_000_000,
    redis: redisOf({ values, from }),
    node: values.node ?? null,
    demo,
    demoOpen,
    tls: tlsOf({ values, from }),
    publicUrl: values.publicUrl ?? null,
    pages: values.pages ?? null,
    origins: values.origins ?? [],
    hosts: values.hosts ?? [],
    trustProxy: values.trustProxy ?? [],
    compress: values.compress ?? false,
    logLevel: values.logLevel ?? 'info',
    heartbeatMs: values.heartbeatMs ?? LIMITS.heartbeatMs,
    accessTokenMs: values.accessTokenMs ?? 5 * 60_000,
    sessionMs: values.sessionMs ?? 12 * 3_600_000,
    newDeviceAreas: values.newDeviceAreas ?? (demo ? ['*'] : []),
  }
}

function directOf({ values, from }: Collected): Config['databaseDirect'] {
  if (values.databaseDirect !== undefined && values.database === undefined)
    throw new SettingError(`${from.get('databaseDirect')} needs --database: it is another way to the same.`)
  return values.databaseDirect ?? null
}

function redisOf({ values, from }: Collected): Config['redis'] {
  if (values.redis !== undefined && values.database === undefined)
    throw new SettingError(`${from.get('redis')} needs --database: nodes of one floor share one store.`)
  return values.redis ?? null
}

function tlsOf({ values, from }: Collected): Config['tls'] {
  const { tlsCert: cert, tlsKey: key } = values
  if (cert === undefined && key === undefined) return null
  if (key === undefined) throw new SettingError(`${from.get('tlsCert')} needs --tls-key.`)
  if (cert === undefined) throw new SettingError(`${from.get('tlsKey')} needs --tls-cert.`)
  if (!isReadable(cert)) throw new SettingError(`${from.get('tlsCert')}: the file ${cert} cannot be read.`)
  if (!isReadable(key)) throw new SettingError(`${from.get('tlsKey')}: the file ${key} cannot be read.`)
  return { cert, key }
}

/** Text as the JSON value it stands for; what cannot be one stays text, and its schema says no. */
function fromText(kind: Kind, value: unknown): unknown {
  if (typeof value !== 'string') return value
  switch (kind) {
    case 'text':
      return value
    case 'number':
      return /^\d{1,15}$/.test(value) ? Number(value) : value
    case 'switch':
      return value === 'true' || value === '1' ? true : value === 'false' || value === '0' ? false : value
    case 'list':
      return value
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== '')
    default:
      return unreachable(kind)
  }
}

function readFile(path: string): object {
  let content: string
  try {
    content = readFileSync(path, 'utf8')
  } catch {
    throw new SettingError(`The configuration file ${path} cannot be read.`)
  }
  let value: unknown
  try {
    // Editors on Windows begin a file with a byte order mark.
    value = JSON.parse(content.replace(/^\ufeff/, ''))
  } catch {
    throw new SettingError(`The configuration file ${path} is not valid JSON.`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new SettingError(`The configuration file ${path} must hold one JSON object.`)
  }
  return value
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK)
    return true
  } catch {
    return false // the caller says which file, and that is all a person needs
  }
}

/** What stands before `@` in an address may be a password, and a sentence about it in a log. */
function shown(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).replaceAll(/\/\/[^/]*@/g, '//…@').slice(0, 80)
}
