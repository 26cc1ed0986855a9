import { Argument, Command, CommanderError } from 'commander'
import type { Bench } from './bench.ts'

/** `exit`: help was shown (0), or the arguments are bad and stderr says why (2). */
export type Parsed =
  | { readonly kind: 'run'; readonly benches: readonly Bench[]; readonly markdown: boolean }
  | { readonly kind: 'exit'; readonly code: 0 | 2 }

/** Reads the arguments after `andon bench`. Never ends the process. */
export function parseArguments(args: readonly string[], benches: readonly Bench[]): Parsed {
  const names = benches.map(({ name }) => name)
  const program = new Command('andon bench')
    .description('Measures Andon beside the peers that are installed, one after the other. Asserts nothing.')
    .addArgument(new Argument('[name...]', 'which benches; all of them unless named').choices(names))
    .option('--markdown', 'tables as docs/performance.md has them')
    .addHelpText('after', more(benches))
    .exitOverride()
  try {
    program.parse(args, { from: 'user' })
    const chosen: readonly string[] = program.args.length === 0 ? names : program.args
    const { markdown = false } = program.opts<{ readonly markdown?: boolean }>()
    return { kind: 'run', benches: benches.filter(({ name }) => chosen.includes(name)), markdown }
  } catch (error) {
    // Commander has said why by then.
    if (error instanceof CommanderError) return { kind: 'exit', code: error.exitCode === 0 ? 0 : 2 }
    throw error
  }
}

function more(benches: readonly Bench[]): string {
  const rows = benches.map(({ name, says, seconds }) => `  ${name.padEnd(10)}${says} (about ${seconds} s)`)
  return `
Benches:
${rows.join('\n')}

Peers: plain ws and Socket.IO always, nats-server and mosquitto where they are installed, µWebSockets where
ANDON_BENCH_UWS names the folder of its package (ANDON_BENCH_UWS_NODE: the Node it is built for). ↓ less is better, ↑ more is
better; "Andon ÷ peer" is the ratio of the two in this run. Only ratios of one run mean something, on a machine that does
nothing else. How each is measured stands in docs/performance.md. Tables go to stdout, progress to stderr.
`
}
