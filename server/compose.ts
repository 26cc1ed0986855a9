import { readFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { Registry } from 'prom-client'
import { Argon2Pins } from './adapters/argon2-pins.ts'
import { createTokens } from './adapters/jose-tokens.ts'
import { openSqliteStore } from './adapters/sqlite/sqlite-store.ts'
import type { Config } from './config.ts'
import { openTelemetry } from './compose-telemetry.ts'
import { Evidence } from './core/evidence.ts'
import { Hub } from './core/hub.ts'
import { DEMO_MACHINES, startDemoMachines } from './demo-machines.ts'
import { eventBytes, joinFrames } from './gateway/frame-bytes.ts'
import { Gateway } from './gateway/gateway.ts'
import { Gathering } from './gateway/gathering.ts'
import { Ticks } from './gateway/writer.ts'
import { isLocalRequest } from './http/demo-gate.ts'
import { mixedFloor, seedDemo } from './http/demo-floor.ts'
import { createHttp } from './http/http.ts'
import { originAllowed } from './http/origin.ts'
import { countRejections } from './http/rejection-metrics.ts'
import { TelemetryIntake } from './http/telemetry-intake.ts'
import type { Restores } from './ports/backups.ts'
import { StoreOpenError, type Submission, type SubmitResult } from './ports/store.ts'

export interface RunningServer {
  /** Where it answers, for example `http://127.0.0.1:7070`. */
  readonly url: string
  /** Stops accepting, says goodbye, commits what it has and closes the store. */
  close(): Promise<void>
}

/** Frames of a channel kept to close the chase of a reader that is almost at the top. */
const RING_SIZE = 64
/** Patience of a drain with requests, beside that of the gateway. */
const HTTP_DRAIN_MS = 3_000

/**
 * One server on one store: every part made and joined.
 *
 * @throws {StoreOpenError} when the data folder cannot be used; the error of `listen` when the port is taken
 */
export async function composeServer(config: Config, log: Logger, restores: Restores): Promise<RunningServer> {
  const store = await openSqliteStore({
    folder: config.data,
    worker: new URL('./store-worker.ts', import.meta.url),
    failed: (what, cause) => log.error({ event: 'store-failed', what, cause }),
    died: (cause) => {
      // Without its store a server can only lie: end, and let the supervisor start it again.
      log.fatal({ event: 'store-died', cause })
      process.exitCode = 1
      setImmediate(() => process.exit(1))
    },
  })
  const closers: (() => Promise<void> | void)[] = [() => store.close()]
  try {
    const pins = new Argon2Pins()
    const mixed = await mixedFloor(store, config)
    if (mixed !== null) throw new StoreOpenError('database-demo', mixed)
    if (config.demo) await seedDemo(store, pins)
    const tokens = await createTokens({ store, accessTokenMs: config.accessTokenMs, now: () => Date.now() })
    const ticks = new Ticks()
    const hub: Hub<Buffer> = new Hub<Buffer>({
      encode: eventBytes,
      join: joinFrames,
      tops: await store.tops(),
      ringSize: RING_SIZE,
      schedule: (channel) => gathering.schedule(channel),
    })
    const gathering = new Gathering(ticks, () => hub.flush())
    const { live, pace, machines, series } = await openTelemetry(store, config.data, log)
    if (config.demo) machines.reserve(DEMO_MACHINES)
    closers.push(
      () => series.close(),
      () => pace.stop(),
    )
    const evidence = new Evidence()
    const now = (): string => new Date().toISOString()
    const monotonic = (): number => performance.now()
    const isTls = config.tls !== null
    const metrics = new Registry()
    const count = countRejections(metrics)

    const submit = (submission: Submission): Promise<SubmitResult> =>
      gathering.during(async () => {
        const result = await store.submit(submission)
        hub.publish(result.events)
        evidence.committed(result.events)
        machines.committed(result.events)
        count(result.events)
        if (result.endedSessions.length > 0)
          gateway.sessionsEnded(result.endedSessions, result.revoked === true ? 'session-revoked' : 'session-ended')
        return result
      })
    const gateway: Gateway = new Gateway({
      store,
      hub,
      live,
      evidence,
      ticks,
      tokens,
      submit,
      log,
      now,
      monotonic,
      newDeviceAreas: config.newDeviceAreas,
      heartbeatMs: config.heartbeatMs,
      admit({ headers, socket }) {
        if (config.demo && !config.demoOpen && !isLocalRequest(socket.remoteAddress, headers))
          return 'demo-loopback-only'
        return originAllowed(headers.origin, headers.host, isTls, config.origins) ? null : 'bad-origin'
      },
    })
    const clock = { now: () => Date.now() }
    const telemetry = new TelemetryIntake({ store, submit, machines, live, series, clock, monotonic, log })
    telemetry.start()
    closers.push(() => telemetry.stop())
    const http = await createHttp({
      store,
      tokens,
      pins,
      config,
      log,
      metrics,
      version: await packageVersion(),
      staticRoot: config.pages ?? builtRenderer(),
      keptPages: join(config.data, 'pages'),
      submit,
      sessionEnded: (sessions) => gateway.sessionsEnded(sessions, 'session-revoked'),
      clock,
      telemetry,
      machines,
      series,
      counts: () => gateway.counts(),
      liveCounts: () => live.counts(),
      backups: store,
      restores,
    })
    gateway.attach(http.server)
    const url = await http.listen({ host: config.host, port: config.port })
    if (config.demo) closers.push(await startDemoMachines({ intake: telemetry, submit, folder: config.data, log }))
    let closing: Promise<void> | null = null
    return {
      url,
      close: () =>
        (closing ??= (async () => {
          // Nobody comes in any more, devices and programs alike; who is here is answered first.
          const httpClosed = closeHttp(http)
          await gateway.drain(Math.random)
          await httpClosed
          await closeAll(closers)
        })()),
    }
  } catch (cause) {
    await closeAll(closers)
    throw cause
  }
}

/** A request of which only a part has come keeps `close` waiting; nobody was promised anything for it yet. */
async function closeHttp(http: Awaited<ReturnType<typeof createHttp>>): Promise<void> {
  const overdue = setTimeout(() => http.server.closeAllConnections(), HTTP_DRAIN_MS)
  await http.close()
  clearTimeout(overdue)
}

/** What was opened last goes first. */
async function closeAll(closers: readonly (() => Promise<void> | void)[]): Promise<void> {
  for (const close of closers.toReversed()) await close()
}

/** The renderer's build, or null when nobody has built it. */
function builtRenderer(): string | null {
  const folder = join(import.meta.dirname, '..', 'renderer', 'dist')
  return existsSync(folder) ? folder : null
}

async function packageVersion(): Promise<string> {
  const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  return version
}
