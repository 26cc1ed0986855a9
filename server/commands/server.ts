import { once } from 'node:events'
import pino from 'pino'
import { openLogStream } from '../../relay/stdio/log-stream.ts'
import { environment, loadConfig } from '../config.ts'
import { banner } from './banner.ts'
import { startFailure } from './start-failure.ts'
import type { Streams } from './streams.ts'

/** Time for a drain; beyond it something hangs, and a supervisor that waits is worse off than one that restarts. */
const DRAIN_MS = 15_000

/** `andon server`: runs until SIGTERM or SIGINT. Exit code 0 after a drain, 1 when it could not start, 2 for bad settings. */
export async function serve(flags: Readonly<Record<string, unknown>>, streams: Streams): Promise<number> {
  const loaded = loadConfig({ flags, env: environment() })
  if (!loaded.ok) {
    streams.err(loaded.message)
    return 2
  }
  const { config } = loaded
  // stdout belongs to the announcement. A person at a terminal reads the banner; what is worth a log line there is a warning.
  const wanted = streams.isTerminal && config.logLevel === 'info' ? 'warn' : config.logLevel
  // Nobody wants a process to end without a word: what ends it is said even where nothing else is.
  const level = wanted === 'silent' ? 'fatal' : wanted
  const log = pino({ level, serializers: { cause: pino.stdSerializers.err } }, openLogStream(droppedLine))
  // Node's own words about a crash would wait for a reader; a supervisor waits for the end.
  process.on('uncaughtException', (cause) => {
    log.fatal({ event: 'crashed', cause })
    process.exit(1)
  })
  const stopped = Promise.race(['SIGTERM', 'SIGINT'].map((signal) => once(process, signal)))
  try {
    const { startServer } = await import('../main.ts')
    const server = await startServer(config, log)
    streams.out(
      ...(streams.isTerminal
        ? banner(server.url, config).split('\n')
        : [JSON.stringify({ event: 'listening', url: server.url })]),
    )
    await stopped
    const overdue = setTimeout(() => {
      log.fatal({ event: 'drain-overdue', afterMs: DRAIN_MS })
      process.exit(1)
    }, DRAIN_MS)
    await server.close()
    clearTimeout(overdue)
    return 0
  } catch (cause) {
    const failure = startFailure(cause, config)
    if (!failure.isExpected) log.error({ event: 'start-failed', err: cause })
    else log.debug({ event: 'start-failed', err: cause })
    streams.err(failure.message)
    return 1
  }
}

function droppedLine(count: number): string {
  return `${JSON.stringify({ level: pino.levels.values['warn'], time: Date.now(), event: 'log-dropped', count })}\n`
}
