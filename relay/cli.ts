/** `andon relay …`: the headless relay. Composes and runs; `cli-program.ts` says how it behaves. */
import tls from 'node:tls'
import packageJson from '../package.json' with { type: 'json' }
import { isLogLevel, jsonLog } from './adapters/json-log.ts'
import { openNodeRelay } from './adapters/node.ts'
import { openWayOut, proxyOfEnvironment } from './adapters/node-proxy.ts'
import { trustNamed } from './adapters/node-trust.ts'
import { systemClock } from './adapters/system-clock.ts'
import { parseArguments, type RelayArguments } from './cli-arguments.ts'
import { StreamOutput } from './cli-output.ts'
import { HeadlessProgram } from './cli-program.ts'
import { printable } from './protocol/printable.ts'
import { openOutputStream } from './stdio/output-stream.ts'

/** Time for a clean stop; a disk that hangs must not keep a supervisor waiting longer. */
const STOP_MS = 10_000

async function main(): Promise<number> {
  const parsed = parseArguments(process.argv.slice(2), {
    env: process.env,
    printHelp: (text) => process.stdout.write(text),
    printError: (text) => process.stderr.write(text),
  })
  if (parsed.kind === 'exit') return parsed.code
  const level = process.env['ANDON_LOG'] ?? 'warn'
  if (!isLogLevel(level)) return fail(`ANDON_LOG is "${level}"; it must be debug, info, warn or error.`, 2)
  try {
    return await run(parsed.arguments, jsonLog(level))
  } catch (error) {
    if (isStorageError(error)) return fail(error.message, 1)
    throw error
  }
}

async function run(args: RelayArguments, log: ReturnType<typeof jsonLog>): Promise<number> {
  const { server, data, name, transport, ca, ...rest } = args
  const untrusted = trustNamed(tls, log, ca)
  if (untrusted !== null) return fail(untrusted, 2)
  const way = proxyOfEnvironment(server)
  if (!way.ok) return fail(way.sentence, 2)
  const wayOut = openWayOut(() => Promise.resolve(way.proxy))
  const output = new StreamOutput(openOutputStream(), (why) => {
    log('error', 'output-failed', { why })
    program.end(1)
  })
  const program = new HeadlessProgram({ ...rest, input: process.stdin, output, clock: systemClock(), log })
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => stop(program))
  // Node's own words about a crash would wait for a reader of stderr; a supervisor waits for the end.
  process.on('uncaughtException', (cause) => {
    log('error', 'crashed', { cause })
    process.exit(1)
  })

  const opened = await openNodeRelay({
    dataDir: data,
    serverUrl: server,
    name,
    transport,
    wayOut,
    build: packageJson.version,
    kind: 'headless',
    nativeBinding: process.env['ANDON_SQLITE_BINDING'],
    log,
    observe: (seen) => program.observe(seen),
  })
  try {
    return await program.run(opened.relay)
  } finally {
    await opened.close()
    await wayOut.release()
    await output.flushed()
  }
}

/** Taken twice as once: a terminal signals the launcher and us. */
function stop(program: HeadlessProgram): void {
  program.end(0)
  setTimeout(() => process.exit(1), STOP_MS).unref()
}

/** What an adapter or the shell says of the disk is a sentence for people; the code tells it from a bug. */
function isStorageError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('storage-')
}

function fail(sentence: string, code: number): number {
  process.stderr.write(`andon relay: ${printable(sentence)}\n`)
  return code
}

// stdin may still be open: nothing of ours is, once main has resolved.
process.exit(await main())
