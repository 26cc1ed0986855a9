import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { WAYS, type Way } from '../../../relay/protocol/ways.ts'

export interface SoakArguments {
  readonly minutes: number
  readonly relays: number
  readonly seed: number
  /** Three servers on one database instead of one with a file. */
  readonly nodes: boolean
  /** The way of every relay; null for a mix. */
  readonly transport: Way | null
  /** File for everything that was heard, with its time; null for none. */
  readonly trace: string | null
}

/** `exit`: help was shown (0), or the arguments are bad and stderr says why (2). */
export type Parsed = (SoakArguments & { readonly kind: 'run' }) | { readonly kind: 'exit'; readonly code: 0 | 2 }

interface Options {
  readonly minutes: number
  readonly relays: number
  readonly seed?: number
  readonly nodes: boolean
  readonly transport?: Way
  readonly trace?: string
}

const MAX_MINUTES = 24 * 60
/** Each is a process, and this is one machine. */
const MAX_RELAYS = 64

const MORE = `
Starts one server and that many relays, real processes on loopback, and lets things go wrong by a schedule that follows
from the seed: kills, freezes, cut, stalled, half-open, slow networks, full disks (as root), wall clocks that jump (with
libfaketime). An onlooker holds every line the relays print against the promises of the design. Exit code 1 when one was
broken, with the lines that show it.

With --nodes PostgreSQL and Redis are killed and frozen, too, and any of the servers; all three have to be installed.

Unless told otherwise, of four relays one goes by each way alone, and one by whichever comes through.
`

/** Reads the arguments after `andon soak`. Never ends the process. */
export function parseArguments(args: readonly string[], randomSeed: () => number): Parsed {
  const program = new Command('andon soak')
    .description('Lets faults loose on a floor of real processes, and checks what was promised.')
    .option('--minutes <n>', 'how long faults come; the end takes up to a minute more', numberUpTo(MAX_MINUTES), 1)
    .option('--relays <n>', 'how many relays', wholeNumberUpTo(MAX_RELAYS), 4)
    .option('--seed <n>', 'the same faults again (default: any)', wholeNumberUpTo(2 ** 32 - 1))
    .option('--nodes', 'three servers on PostgreSQL and Redis, behind the nginx of docs/deploy', false)
    .addOption(new Option('--transport <way>', 'connect every relay this way only (default: a mix)').choices(WAYS))
    .option('--trace <file>', 'write down everything that was heard, JSON lines with their time')
    .addHelpText('after', MORE)
    .exitOverride()
  try {
    program.parse(args, { from: 'user' })
    const { minutes, nodes, relays, seed, transport = null, trace = null } = program.opts<Options>()
    return { kind: 'run', minutes, nodes, relays, seed: seed ?? randomSeed(), transport, trace }
  } catch (error) {
    // Commander has said why by then.
    if (error instanceof CommanderError) return { kind: 'exit', code: error.exitCode === 0 ? 0 : 2 }
    throw error
  }
}

function numberUpTo(most: number) {
  return (text: string): number => {
    const value = Number(text)
    if (value > 0 && value <= most) return value
    throw new InvalidArgumentError(`It must be a number above 0, at most ${most}.`)
  }
}

function wholeNumberUpTo(most: number) {
  const check = numberUpTo(most)
  return (text: string): number => {
    if (/^\d+$/.test(text)) return check(text)
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${most}.`)
  }
}
