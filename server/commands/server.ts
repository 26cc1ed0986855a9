import { once } from 'node:events'
import pino from 'pino'
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
  // stdout belongs to the announcement; synchronous, so that the last words before a crash are written.
  // A person at a terminal reads the banner; what is worth a log line there is a warning.
  const level = streams.isTerminal && config.logLevel === 'info' ? 'warn' : config.logLevel
  const log = pino(
    { level, serializers: { cause: pino.stdSerializers.err } },
    pino.destination({ dest: 2, sync: true }),
  )
  const stopped = Promise.race(['SIGTERM', 'SIGINT'].map((signal) => once(process, signal)))
  try {
    const { startServer } = await import('../main.ts')
    const server = await startServer(config, log)
    streams.out(
      streams.isTerminal ? banner(server.url, config) : JSON.stringify({ event: 'listening', url: server.url }),
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
