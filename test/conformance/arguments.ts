import { spawn } from 'node:child_process'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { WAYS, type Way } from '../../relay/protocol/ways.ts'
import type { Person, Target } from './target.ts'

export interface Choice {
  readonly target: Target
  /** Only cases of these rules; all when empty. */
  readonly rules: readonly string[]
}

/** `exit`: help was shown (0), or the arguments are bad and stderr says why (2). */
export type Parsed = { readonly kind: 'run'; readonly choice: Choice } | { readonly kind: 'exit'; readonly code: 0 | 2 }

interface Options {
  readonly server: string
  readonly way: Way
  readonly key: string
  readonly user: string
  readonly pin: string
  readonly supervisor: Person
  readonly stranger: string
  readonly area: string
  readonly otherArea: string
  readonly revoke?: string
  readonly drain?: string
  readonly nodes: boolean
  readonly timeout: number
  readonly rules: readonly string[]
}

const NEEDS = `
What the server must have (andon server --demo has all of it):
  two areas; an operator of the first alone; a supervisor of both; an API key with the right to raise, resolve and
  acknowledge alerts; sign-in at POST /api/sessions as in /api/openapi.json.
The suite writes chat messages and raises alerts, which it takes back. Never point it at a floor where people work.

One line per case: "ok RULE sentence", "NOT OK …" with what was expected and what came, or "-- …" for what this server
does not let us see. Then the table of the rules of PROTOCOL.md. Exit code 1 when a case failed.
`

/** Reads the arguments after `andon conformance`. Never ends the process. */
export function parseArguments(args: readonly string[]): Parsed {
  const program = describe()
  try {
    program.parse(args, { from: 'user' })
    return { kind: 'run', choice: choiceOf(program.opts<Options>()) }
  } catch (error) {
    // Commander has said why by then.
    if (error instanceof CommanderError) return { kind: 'exit', code: error.exitCode === 0 ? 0 : 2 }
    throw error
  }
}

function describe(): Command {
  return new Command('andon conformance')
    .description('Checks any server that speaks the wire of relay/protocol/PROTOCOL.md, from outside.')
    .requiredOption('--server <url>', 'base address of the server, http or https', parseServer)
    .addOption(new Option('--way <way>', 'by which frames come and go').choices(WAYS).default('ws'))
    .addOption(new Option('--key <key>', 'API key').env('ANDON_KEY').default('demo-key'))
    .option('--user <operator>', 'an operator of --area alone', 'kim')
    .addOption(new Option('--pin <pin>', "that operator's PIN").env('ANDON_PIN').default('1111'))
    .addOption(
      new Option('--supervisor <operator:pin>', 'a supervisor of both areas')
        .argParser(parsePerson)
        .default({ name: 'park', pin: '3333' }, 'park:3333'),
    )
    .option('--stranger <operator>', 'somebody else; only the name is used', 'lee')
    .option('--area <area>', 'where the operator works', 'line-3')
    .option('--other-area <area>', 'where the operator does not work', 'line-1')
    .option('--revoke <command>', 'shell command that revokes the device in $DEVICE (for G7)')
    .option('--drain <command>', 'shell command that stops the server in a planned way (for L1, run last)')
    .option('--nodes', 'several servers of one floor stand behind the address', false)
    .option('--timeout <seconds>', 'patience with an answer', parseSeconds, 5)
    .addOption(
      new Option('--rules <ids>', 'only cases of these rules, separated by commas')
        .argParser(parseRules)
        .default([], 'all'),
    )
    .addHelpText('after', NEEDS)
    .exitOverride()
}

function choiceOf(options: Options): Choice {
  const { server, way, key, user, pin, supervisor, stranger, area, otherArea, revoke, drain, nodes, timeout, rules } =
    options
  return {
    rules,
    target: {
      url: server.replace(/\/+$/, ''),
      way,
      key,
      user: { name: user, pin },
      supervisor,
      stranger,
      area,
      otherArea,
      revoke: revoke === undefined ? null : (device) => shell(revoke, { DEVICE: device }),
      drain: drain === undefined ? null : () => shell(drain, {}),
      hasNodes: nodes,
      timeoutMs: timeout * 1000,
    },
  }
}

function parseServer(text: string): string {
  const protocol = URL.canParse(text) ? new URL(text).protocol : ''
  if (protocol === 'http:' || protocol === 'https:') return text
  throw new InvalidArgumentError('It must be an address like http://host:7070.')
}

function parsePerson(text: string): Person {
  const [name = '', pin = ''] = text.split(':')
  if (name !== '' && pin !== '') return { name, pin }
  throw new InvalidArgumentError('It must be a name and a PIN like park:3333.')
}

function parseSeconds(text: string): number {
  const seconds = Number(text)
  if (seconds > 0 && seconds <= 600) return seconds
  throw new InvalidArgumentError('It must be a number of seconds above 0, at most 600.')
}

function parseRules(text: string): readonly string[] {
  return text
    .split(',')
    .map((rule) => rule.trim().toUpperCase())
    .filter((rule) => rule !== '')
}

/** The owner's own command, with the owner's rights. Rejects when it ends badly. */
function shell(command: string, env: Readonly<Record<string, string>>): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, { shell: true, stdio: ['ignore', 2, 2], env: { ...process.env, ...env } })
    child.on('error', reject)
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`"${command}" ended with ${code}`))))
  })
}
