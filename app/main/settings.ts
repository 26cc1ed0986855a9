import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import * as v from 'valibot'
import { line } from '../../relay/protocol/text.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { WAYS, type Way } from '../../relay/protocol/ways.ts'

/** Windows of one kiosk: a display each, and none has more. */
export const MAX_WINDOWS = 16

/** How this kiosk was set up. */
export interface KioskSettings {
  /** Base address of the server; null while nobody has named one. */
  readonly server: string | null
  /** Folder of this device: key, outbox, replica, browser profile; null: where the system keeps such things. */
  readonly data: string | null
  /** What people call this device; null: the machine's name. */
  readonly name: string | null
  readonly windows: number
  /** PEM file of authorities to trust beside the machine's own; null: none. */
  readonly ca: string | null
  /** Ordinary windows instead of whole locked screens. */
  readonly windowed: boolean
  /** The way by which it connects, whatever else works; null chooses by itself. */
  readonly transport: Way | null
}

export type ReadSettings =
  | { readonly kind: 'run'; readonly settings: KioskSettings }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'bad'; readonly sentence: string }

export interface SettingSources {
  /** What follows the program's own name, Chromium's switches included. */
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** Text of a file; null when there is none. Throws what the system says otherwise. */
  readonly readFile: (path: string) => string | null
  /** The config file that is read unless another is named. */
  readonly configFile: string
}

const HELP = `andon kiosk: the screens of this device

  --server URL    base address of the server, http or https        (ANDON_KIOSK_SERVER)
  --data DIR      folder of this device                            (ANDON_KIOSK_DATA)
  --name NAME     what people call this device                     (ANDON_KIOSK_NAME)
  --ca FILE       PEM file of authorities to trust beside the machine's    (ANDON_KIOSK_CA)
  --windows N     how many windows, one after the other display    (ANDON_KIOSK_WINDOWS)
  --windowed      ordinary windows instead of locked screens       (ANDON_KIOSK_WINDOWED=1)
  --transport WAY connect by ws, stream or poll only, for support  (ANDON_KIOSK_TRANSPORT)
  --config FILE   JSON with the same names                         (ANDON_KIOSK_CONFIG)
`

const Text = v.pipe(v.string(), v.trim(), v.nonEmpty('must not be empty'))
const Values = v.strictObject({
  server: v.optional(v.pipe(Text, v.check(isWebAddress, 'must be an address like http://host:7070'))),
  data: v.optional(Text),
  ca: v.optional(Text),
  name: v.optional(
    v.pipe(Text, v.maxLength(LIMITS.maxName, `must have at most ${LIMITS.maxName} characters`), line(LIMITS.maxName)),
  ),
  windows: v.optional(
    v.pipe(
      v.union([v.number(), v.pipe(v.string(), v.digits(), v.transform(Number))], 'must be a number'),
      v.integer('must be a whole number'),
      v.minValue(1, 'must be at least 1'),
      v.maxValue(MAX_WINDOWS, `must be at most ${MAX_WINDOWS}`),
    ),
  ),
  windowed: v.optional(
    v.union(
      [
        v.boolean(),
        v.pipe(
          v.picklist(['0', '1']),
          v.transform((text) => text === '1'),
        ),
      ],
      'must be true or false (1 or 0 in the environment)',
    ),
  ),
  transport: v.optional(v.picklist(WAYS, `must be one of ${WAYS.join(', ')}`)),
})
type Values = v.InferInput<typeof Values>

const NAMES = ['server', 'data', 'name', 'ca', 'windows', 'windowed', 'transport'] as const

/** Switches of Chromium that whoever installs a kiosk may need; it reads them itself. Any other unknown word is refused. */
const CHROMIUM_SWITCHES = new Set([
  'disable-gpu',
  'force-device-scale-factor',
  'inspect',
  'lang',
  'no-proxy-server',
  'no-sandbox',
  'ozone-platform',
  'ozone-platform-hint',
  'password-store',
  'proxy-bypass-list',
  'proxy-pac-url',
  'proxy-server',
  'remote-debugging-port',
  'touch-events',
  'use-gl',
])

/** Flags before environment before file. A value that is wrong, or a name that is not known, is a sentence that names it. */
export function readSettings(sources: SettingSources): ReadSettings {
  const flags = readFlags(sources.args)
  if (typeof flags === 'string') return { kind: 'bad', sentence: flags }
  if (flags.help === true) return { kind: 'help', text: HELP }
  const named = flags.config ?? sources.env['ANDON_KIOSK_CONFIG']
  const file = readConfig(named ?? sources.configFile, named !== undefined, sources.readFile)
  if (!file.ok) return { kind: 'bad', sentence: file.sentence }
  const { config: _config, help: _help, ...given } = flags
  const levels: readonly (readonly [where: (name: string) => string, values: unknown])[] = [
    [(name) => `${name} of ${named ?? sources.configFile}`, file.values],
    [(name) => environmentName(name), fromEnvironment(sources.env)],
    [(name) => `--${name}`, given],
  ]
  let values: v.InferOutput<typeof Values> = {}
  for (const [where, level] of levels) {
    const parsed = v.safeParse(Values, level)
    if (!parsed.success) return { kind: 'bad', sentence: wrong(parsed.issues[0], where) }
    values = { ...values, ...parsed.output }
  }
  const { server = null, data = null, name = null, ca = null, windows = 1, windowed = false, transport = null } = values
  return { kind: 'run', settings: { server, data, name, ca, windows, windowed, transport } }
}

interface Flags extends Omit<Values, 'transport'> {
  readonly transport?: string
  readonly config?: string
  readonly help?: boolean
}

function readFlags(args: readonly string[]): Flags | string {
  try {
    const { values } = parseArgs({
      args: args.filter((arg) => !isChromiums(arg)),
      options: {
        server: { type: 'string' },
        data: { type: 'string' },
        ca: { type: 'string' },
        name: { type: 'string' },
        windows: { type: 'string' },
        windowed: { type: 'boolean' },
        transport: { type: 'string' },
        config: { type: 'string' },
        help: { type: 'boolean' },
      },
    })
    return values
  } catch (error) {
    return error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error)
  }
}

/** Chromium takes its values behind `=` only, so each is one word. */
function isChromiums(arg: string): boolean {
  return arg.startsWith('--') && CHROMIUM_SWITCHES.has(arg.slice(2).split('=')[0] ?? '')
}

function fromEnvironment(env: SettingSources['env']): Record<string, string> {
  const set = NAMES.flatMap((name) => {
    const text = env[environmentName(name)]
    return text === undefined || text === '' ? [] : [[name, text] as const]
  })
  return Object.fromEntries(set)
}

function environmentName(name: string): string {
  return `ANDON_KIOSK_${name.toUpperCase()}`
}

function readConfig(
  path: string,
  mustExist: boolean,
  readFile: SettingSources['readFile'],
): { readonly ok: true; readonly values: unknown } | { readonly ok: false; readonly sentence: string } {
  try {
    const text = readFile(path)
    // Editors on Windows begin a file with a byte order mark.
    if (text !== null) return { ok: true, values: JSON.parse(text.replace(/^\ufeff/, '')) }
    return mustExist ? { ok: false, sentence: `There is no file ${path}.` } : { ok: true, values: {} }
  } catch (error) {
    return { ok: false, sentence: `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}` }
  }
}

function wrong(issue: v.BaseIssue<unknown>, where: (name: string) => string): string {
  const name = issue.path?.map(({ key }) => String(key)).join('.') ?? ''
  return issue.expected === 'never' ? `There is no setting ${where(name)}.` : `${where(name)}: ${issue.message}.`
}

function isWebAddress(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol } = new URL(text)
  return protocol === 'http:' || protocol === 'https:'
}

/**
 * What belongs to us of the process's arguments: in a checkout what follows the folder of the program, which Electron's own
 * arguments precede; in a package everything.
 */
export function ownArguments(argv: readonly string[], appPath: string | null): readonly string[] {
  const [, ...rest] = argv
  if (appPath === null) return rest
  const index = rest.findIndex((arg) => !arg.startsWith('-') && resolve(arg) === appPath)
  return index === -1 ? rest : rest.slice(index + 1)
}
