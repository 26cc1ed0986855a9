import { hostname } from 'node:os'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import * as v from 'valibot'
import { LIMITS } from './protocol/limits.ts'
import { nameFrom } from './protocol/plain-text.ts'
import { line } from './protocol/text.ts'
import { WAYS, type Way } from './protocol/ways.ts'

export interface RelayArguments {
  readonly server: string
  readonly data: string
  readonly name: string
  readonly user: { readonly operator: string; readonly pin: string } | null
  readonly subscribe: readonly string[]
  readonly from: 'start' | null
  readonly linger: boolean
  /** The way by which it connects, whatever else works. */
  readonly transport: Way | null
  /** PEM file of further authorities to trust. */
  readonly ca: string | null
}

/** `exit`: help was shown (0), or the arguments are bad and stderr says why (2). */
export type ParsedArguments =
  | { readonly kind: 'run'; readonly arguments: RelayArguments }
  | { readonly kind: 'exit'; readonly code: 0 | 2 }

export interface ArgumentWorld {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly printHelp: (text: string) => void
  readonly printError: (text: string) => void
}

interface Options {
  readonly server: string
  readonly data: string
  readonly name: string
  readonly user?: string
  readonly pin?: string
  readonly subscribe: readonly string[]
  readonly from?: 'start'
  readonly linger: boolean
  readonly transport?: Way
  readonly ca?: string
}

const LINES = `
stdin, one JSON object a line:
  {"ref":"r1","command":"chat.post","data":{"line":"line-3","text":"…"}}
  {"subscribe":"chat/line-3"}   {"subscribe":"chat/line-3","from":"start"}   {"unsubscribe":"chat/line-3"}
  {"subscribe":"telemetry/line-3/press-1","maxHz":60}
  {"track":"presence/line-3","state":{"state":"here","looks":"Press 1"}}   {"track":"presence/line-3","state":null}
  {"signal":"room/line-3/press-1","key":"cursor","data":{"x":1}}
  {"seen":"r1"}

stdout, one JSON object a line, named by "kind":
  status saved result event live reset snapshot outbox error

The server is reached through the proxy that HTTPS_PROXY or HTTP_PROXY names, unless NO_PROXY names the server.

Ends with 0 at the end of input once the outbox is empty, or at SIGTERM; 2 for bad arguments; 1 otherwise.
Log on stderr: ANDON_LOG is debug, info, warn (unless set) or error.
`

/** Reads the arguments after `andon relay`. Never ends the process. */
export function parseArguments(args: readonly string[], world: ArgumentWorld): ParsedArguments {
  const program = describe(world)
  try {
    program.parse(args, { from: 'user' })
    return { kind: 'run', arguments: complete(program, program.opts<Options>(), world.env['ANDON_PIN']) }
  } catch (error) {
    // Commander has said why by then.
    if (error instanceof CommanderError) return { kind: 'exit', code: error.exitCode === 0 ? 0 : 2 }
    throw error
  }
}

function describe(world: ArgumentWorld): Command {
  return new Command('andon relay')
    .description('A headless relay: commands in, events out. Without --user it acts as the device alone.')
    .requiredOption('--server <url>', 'base address of the server, http or https', parseServer)
    .requiredOption('--data <dir>', 'folder of this device: its key, outbox and replica', parseText)
    .option('--ca <file>', 'PEM file of authorities to trust beside those of this machine', parseText)
    .option('--name <name>', 'what people call this device', parseName, nameFrom(hostname() || 'relay', LIMITS.maxName))
    .option('--user <operator>', 'sign in as this operator', parseText)
    .option('--pin <pin>', "the operator's PIN; or ANDON_PIN, which other users of this machine cannot read", parseText)
    .option('--subscribe <channels>', 'channels to follow, separated by commas', parseChannels, [])
    .addOption(new Option('--from <where>', 'read logs from their start instead of a snapshot').choices(['start']))
    .option('--linger', 'stay after the end of input', false)
    .addOption(new Option('--transport <way>', 'connect this way only, for tests and support').choices(WAYS))
    .addHelpText('after', LINES)
    .configureOutput({ writeOut: world.printHelp, writeErr: world.printError })
    .exitOverride()
}

function complete(program: Command, options: Options, pinOfEnvironment: string | undefined): RelayArguments {
  const { server, data, name, user, subscribe, from = null, linger, transport = null, ca = null } = options
  const pin = options.pin ?? pinOfEnvironment
  if (user === undefined && options.pin !== undefined) program.error('error: --pin needs --user')
  if (user !== undefined && !pin) program.error('error: --user needs --pin, or the PIN in ANDON_PIN')
  return {
    server,
    data,
    name,
    user: user === undefined || pin === undefined ? null : { operator: user, pin },
    subscribe,
    from,
    linger,
    transport,
    ca,
  }
}

function parseServer(text: string): string {
  const protocol = URL.canParse(text) ? new URL(text).protocol : ''
  if (protocol === 'http:' || protocol === 'https:') return text
  throw new InvalidArgumentError('It must be an address like http://host:7070.')
}

function parseText(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It must not be empty.')
  return text
}

/** The server makes a name of it in `hello`, too; here a person still reads why. */
function parseName(text: string): string {
  const name = v.safeParse(line(LIMITS.maxName), text)
  if (name.success) return name.output
  throw new InvalidArgumentError(`It must have 1 to ${LIMITS.maxName} characters, none of them a control character.`)
}

/** Which names exist is the relay's to say; it answers with an error line. */
function parseChannels(text: string): readonly string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}
