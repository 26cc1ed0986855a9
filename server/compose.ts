import { readFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { Registry } from 'prom-client'
import { v5 as uuidv5, v7 as uuidv7 } from 'uuid'
import { Argon2Pins } from './adapters/argon2-pins.ts'
import { openDocuments } from './adapters/yjs/documents.ts'
import { createTokens } from './adapters/jose-tokens.ts'
import type { CommandId, SessionId } from '../relay/protocol/ids.ts'
import { VERSIONS, type Versions } from '../relay/protocol/version.ts'
import type { Config } from './config.ts'
import { greetingsOf, hearLive, hearNodes, measureTail, openNodes, watchFloor } from './compose-nodes.ts'
import { openRooms } from './compose-rooms.ts'
import { openAttachments, type Attachments } from './compose-attachments.ts'
import { openSearch } from './compose-search.ts'
import { openTelemetry } from './compose-telemetry.ts'
import { Commits } from './core/commit.ts'
import { DeviceLinks } from './core/device-links.ts'
import { clientOf, proxiesOf } from './core/client-address.ts'
import { Hub } from './core/hub.ts'
import { MAX_KNOWN_DEVICES } from './core/known-devices.ts'
import { pacedLog } from './core/paced-log.ts'
import { DEMO_MACHINES, startDemoMachines } from './demo-machines.ts'
import { RequestDoor } from './gateway/ends/request-door.ts'
import { SocketGuard } from './gateway/ends/socket-guard.ts'
import { WebSocketDoor } from './gateway/ends/web-socket-door.ts'
import { Gateway } from './gateway/gateway.ts'
import { Gathering } from './gateway/gathering.ts'
import { deflatedEvents } from './gateway/deflated-events.ts'
import { Deflater } from './gateway/ends/deflater.ts'
import { eventBytes, joinBytes, type SharedBytes } from './gateway/shared-bytes.ts'
import { LOOK_MS, SEVERAL_LOOK_MS, StoreTail } from './gateway/store-tail.ts'
import { Ticks } from './gateway/writer.ts'
import { Certificate } from './http/certificate.ts'
import { mixedFloor, seedDemo } from './http/demo-floor.ts'
import { entranceOf } from './http/entrance.ts'
import { createHttp } from './http/http.ts'
import type { HttpPatience } from './http/limits.ts'
import { measureRooms } from './http/room-metrics.ts'
import { countRejections } from './http/rejection-metrics.ts'
import { TelemetryIntake } from './http/telemetry-intake.ts'
import { NoteDesk } from './note-desk.ts'
import { openStore } from './open-store.ts'
import { ownNames } from './own-names.ts'
import type { Restores } from './ports/backups.ts'
import type { SessionEnd } from './ports/sessions.ts'
import type { SearchDesk } from './search-desk.ts'
import { TimerClock } from './timer-clock.ts'
import { StoreOpenError } from './ports/store-errors.ts'
import type { Submission, SubmitResult } from './ports/submission.ts'

export interface RunningServer {
  /** Where it answers, for example `http://127.0.0.1:7070`. */
  readonly url: string
  /** Stops accepting, says goodbye, commits what it has and closes the store. */
  close(): Promise<void>
}

/** What a server is joined with; tests speak another version, or are in a hurry. */
export interface ServerOptions {
  /** Of the wire. */
  readonly versions?: Versions
  /** With slow HTTP clients. */
  readonly patience?: HttpPatience
}

interface ComposeOptions extends ServerOptions {
  readonly restores: Restores
  /** The store takes nothing more: the server has to be closed and composed again. */
  readonly renewed: () => void
}

/** Frames of a channel kept to close the chase of a reader that is almost at the top. */
const RING_SIZE = 64
/** Patience of a drain with requests, beside that of the gateway: of one of which only a part has come nobody was promised anything. */
const HTTP_DRAIN_MS = 3_000

/** Name space of ids that follow from what was due (RFC 9562 §5.5); any will do that no other use has. */
const TIMERS = '6f0f4b0e-5a56-4d0e-8f3b-2f1f0a8f6c11'

/**
 * One server on one store: every part made and joined.
 *
 * @throws {StoreOpenError} when the data folder cannot be used; the error of `listen` when the port is taken
 */
export async function composeServer(
  config: Config,
  log: Logger,
  { renewed, restores, versions = VERSIONS, patience }: ComposeOptions,
): Promise<RunningServer> {
  const store = await openStore(config, {
    failed: (what, cause) => log.error({ event: 'store-failed', what, cause }),
    renewed: ({ missing, unknown }) => {
      log.error({ event: 'floor-renewed', missing, unknown })
      renewed()
    },
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
    const nowMs = (): number => store.shared?.nowMs() ?? Date.now()
    const tokens = await createTokens({ store, accessTokenMs: config.accessTokenMs, now: nowMs })
    const ticks = new Ticks()
    const { position, tops } = await store.tail(null)
    const deflater = config.compress ? new Deflater() : null
    const hub: Hub<SharedBytes> = new Hub<SharedBytes>({
      encode: eventBytes,
      join: joinBytes,
      ...(deflater !== null && { prepare: deflatedEvents(deflater) }),
      tops,
      ringSize: RING_SIZE,
      schedule: (channel) => gathering.schedule(channel),
      behind: (channel) => tail.hear(channel),
      reloaded: (channel, why) => log.error({ event: 'channel-reloaded', channel, why }),
    })
    const gathering = new Gathering(ticks, () => hub.flush())
    const { live, pace, machines, series } = await openTelemetry(store, config.data, log)
    if (config.demo) machines.reserve(DEMO_MACHINES)
    const monotonic = (): number => performance.now()
    const isAlone = config.database === null
    const metrics = new Registry()
    const { redis, databaseDirect } = config
    const floor = await store.incarnation()
    const nodes = await openNodes({ redis, databaseDirect, floor, nowMs, monotonic, metrics, log })
    const shared = nodes.live
    closers.push(
      async () =>
        void (await Promise.all([...nodes.hints, ...(shared === null ? [] : [shared])].map((each) => each.close()))),
    )
    const rooms = await openRooms(live, {
      store,
      log,
      heartbeatMs: config.heartbeatMs,
      isAlone,
      nowMs,
      monotonic,
      nodes: shared,
    })
    closers.push(
      () => series.close(),
      () => pace.stop(),
      () => rooms.stop(),
    )
    const links = new DeviceLinks()
    const greetings = greetingsOf(store.shared, links)
    const now = (): string => new Date(nowMs()).toISOString()
    const certificate = config.tls === null ? null : new Certificate({ files: config.tls, log, now: () => Date.now() })
    const isCertified = (name: string): boolean => certificate?.isFor(name) ?? false
    const entrance = entranceOf(config, ownNames(config, isCertified, monotonic))
    const proxies = proxiesOf(config.trustProxy)
    measureRooms(metrics, rooms)
    const endSessions = (sessions: readonly SessionId[], end: SessionEnd): void => {
      gateway.sessionsEnded(sessions, end)
      rooms.sessionsEnded(sessions)
    }
    const commits = new Commits({
      hub,
      followers: [
        (events) => machines.committed(events),
        (events) => notes.committed(events),
        (events) => search.committed(events),
        (events) => attachments.keeper.committed(events),
        countRejections(metrics),
      ],
      tell: (events) => nodes.hints.forEach((hints) => hints.tell(events)),
      sessionsEnded: endSessions,
      revokedElsewhere: (operator) => {
        gateway.revokedElsewhere(operator)
        rooms.revokedElsewhere(operator)
      },
    })
    const tailFailed = (cause: unknown): void => log.error({ event: 'tail-failed', cause })
    const tail = new StoreTail({
      store,
      hub,
      commits,
      position,
      monotonic,
      // Other nodes may write to a database, and to a file nobody.
      behind: (channel) => log[isAlone ? 'error' : 'debug']({ event: 'channel-behind', channel }),
      failed: tailFailed,
    })
    if (!isAlone) measureTail(metrics, tail)
    closers.push(tail.follow(isAlone ? LOOK_MS : SEVERAL_LOOK_MS))
    for (const hints of nodes.hints) hearNodes(hints, { hub, commits, tail }, tailFailed)
    const newId = (): CommandId => uuidv7() as CommandId
    const notes: NoteDesk = new NoteDesk({
      documents: openDocuments({
        worker: new URL('./documents-worker.ts', import.meta.url),
        givenUp: (job, why) => log.warn({ event: 'document-given-up', job, why }),
      }),
      store,
      commit: (submission) => gathering.during(async () => commits.here(await store.submit(submission))),
      newId,
      log,
    })
    closers.push(() => notes.close())
    const search: SearchDesk = openSearch(config.data, { store, words: (note) => notes.words(note), log })
    closers.push(() => search.stop())
    const submit = (submission: Submission): Promise<SubmitResult> => notes.submit(submission)
    const attachments: Attachments = openAttachments({
      folder: config.data,
      maxBytes: config.maxAttachments,
      store,
      submit,
      newId,
      isAlone,
      nowMs,
      log,
    })
    attachments.keeper.start()
    closers.push(() => attachments.stop())
    const gateway: Gateway = new Gateway({
      store,
      hub,
      live,
      presence: rooms.presence,
      signals: rooms.signals,
      ticks,
      tokens,
      links,
      submit,
      log,
      now,
      monotonic,
      newDeviceAreas: config.newDeviceAreas,
      heartbeatMs: config.heartbeatMs,
      isCurrent: () => isAlone || tail.ageMs < config.heartbeatMs,
      versions,
      knownDevices: await store.usedDevices(MAX_KNOWN_DEVICES),
      random: Math.random,
      deflater,
    })
    if (store.shared !== null) {
      const watch = await watchFloor(store.shared, {
        gateway,
        presence: rooms.presence,
        endSessions,
        monotonic,
        failed: tailFailed,
      })
      closers.push(watch.follow(SEVERAL_LOOK_MS))
    }
    const say = pacedLog(log, monotonic)
    const guard = new SocketGuard({ monotonic, random: Math.random, say })
    const doors = {
      gateway,
      guard,
      say,
      admit: (request: IncomingMessage) => entrance.admits(request) ?? entrance.admitsPage(request),
      sourceOf: ({ headers, socket }: IncomingMessage) => clientOf(socket.remoteAddress, headers, proxies).source,
    }
    const upgrades = new WebSocketDoor({ ...doors, isDeflating: config.compress })
    const requests = new RequestDoor({
      ...doors,
      heartbeatMs: config.heartbeatMs,
      isDeflating: config.compress,
      node: config.node,
    })
    const clock = { now: nowMs }
    const telemetry = new TelemetryIntake({
      store,
      submit,
      machines,
      live,
      series,
      clock,
      monotonic,
      log,
      ...(shared !== null && { share: (value) => shared.tellValue(value) }),
    })
    if (shared !== null) hearLive(shared, { ...rooms, telemetry, monotonic })
    telemetry.start()
    closers.push(() => telemetry.stop())
    const http = await createHttp({
      store,
      tokens,
      links: greetings,
      pins,
      ...(store.shared !== null && { pinBudget: store.shared.pins }),
      config,
      entrance,
      certificate,
      log,
      metrics,
      version: await packageVersion(),
      staticRoot: config.pages ?? builtRenderer(),
      keptPages: join(config.data, 'pages'),
      submit,
      sessionEnded: endSessions,
      clock,
      telemetry,
      machines,
      series,
      search,
      attachments: attachments.desk,
      counts: () => ({
        ...gateway.counts(),
        ...guard.counts(),
        upgradesRefused: upgrades.refused,
        linksRefused: requests.refused,
        leftPlain: deflater?.leftPlain ?? 0,
      }),
      ways: requests,
      liveCounts: () => live.counts(),
      backups: store,
      contents: attachments.files,
      restores,
      ...(patience !== undefined && { patience }),
    })
    const timers = new TimerClock({ store, submit, now, idOf: (name) => uuidv5(name, TIMERS) as CommandId, log })
    timers.start()
    closers.push(() => timers.stop())
    guard.watch(http.server)
    upgrades.attach(http.server)
    // For this name Fastify listens twice, and on its second server nothing watches the sockets. A browser that tries ::1 first
    // tries the other next.
    const host = config.host === 'localhost' ? '127.0.0.1' : config.host
    let drained: Promise<void> = Promise.resolve()
    // A device that polls is told between two questions, so the server listens until everybody has been.
    http.addHook('preClose', () => drained)
    const url = await http.listen({ host, port: config.port })
    if (config.demo) closers.push(await startDemoMachines({ intake: telemetry, submit, folder: config.data, log }))
    let closing: Promise<void> | null = null
    return {
      url,
      close: () =>
        (closing ??= (async () => {
          // Nobody comes in any more, devices and programs alike; who is here is answered first.
          drained = gateway.drain(Math.random)
          const httpClosed = http.close()
          const overdue = setTimeout(() => http.server.closeAllConnections(), HTTP_DRAIN_MS)
          const isOver = new Promise<void>((resolve) => setTimeout(resolve, HTTP_DRAIN_MS).unref())
          await drained
          // A handshake that does not end and a peer that keeps its half open would keep it waiting.
          await Promise.race([httpClosed, isOver.then(() => guard.cutAll())])
          await httpClosed
          clearTimeout(overdue)
          await closeAll(closers)
        })()),
    }
  } catch (cause) {
    await closeAll(closers)
    throw cause
  }
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
