/** `npm run soak`: faults on a floor of real processes until the time is over, then the verdict. Composes and runs. */
import { parseArguments, type SoakArguments } from './arguments.ts'
import { Machine } from '../../support/machine.ts'
import { describeReport } from './report.ts'
import { Soak } from './soak.ts'

async function main(): Promise<number> {
  const parsed = parseArguments(process.argv.slice(2), () => Math.floor(Math.random() * 2 ** 31) + 1)
  return parsed.kind === 'exit' ? parsed.code : await run(parsed)
}

async function run(args: SoakArguments): Promise<number> {
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stop.abort())
  const machine = new Machine()
  try {
    print(`soak: seed ${args.seed}, ${args.minutes} min, ${args.relays} relays`)
    const soak = new Soak({ ...args, machine, print })
    const report = await soak.run(stop.signal)
    print(['', ...describeReport(report)].join('\n'))
    if (stop.signal.aborted) print('stopped before its time')
    return report.broken.size === 0 && !stop.signal.aborted ? 0 : 1
  } finally {
    machine.clear()
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

process.exit(await main())
