/** What the integration tests of this folder stand on: the real app on the real store, with the demonstration floor in it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify'
import pino from 'pino'
import { Registry } from 'prom-client'
import { v4 as uuidv4, v7 as uuidv7 } from 'uuid'
import type { CommandId, DeviceId, OutboxEpoch, SessionId } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { ofEachWay } from '../../relay/protocol/ways.ts'
import { createTokens } from '../adapters/jose-tokens.ts'
import { openSqliteSearch } from '../adapters/sqlite/search-index.ts'
import { openSqliteSeries } from '../adapters/sqlite/series-store.ts'
import { openSqliteStore } from '../adapters/sqlite/sqlite-store.ts'
import { DeviceLinks } from '../core/device-links.ts'
import { LiveHub } from '../core/live.ts'
import { Machines } from '../core/machines.ts'
import { isSiteName, type SiteNames } from '../core/site-names.ts'
import type { Pins } from '../ports/pins.ts'
import type { SessionEnd } from '../ports/sessions.ts'
import type { Backups } from '../ports/backups.ts'
import type { Store } from '../ports/store.ts'
import type { Submission } from '../ports/submission.ts'
import type { Tokens } from '../ports/tokens.ts'
import { DEMO_KEY, seedDemo } from '../http/demo-floor.ts'
import { Certificate } from '../http/certificate.ts'
import { entranceOf } from '../http/entrance.ts'
import { createHttp } from '../http/http.ts'
import type { HttpSettings } from '../http/http-settings.ts'
import type { HttpOptions } from '../http/options.ts'
import { TelemetryIntake } from '../http/telemetry-intake.ts'
import { openAttachments, type Attachments } from '../compose-attachments.ts'
import { SearchDesk } from '../search-desk.ts'
import { START } from './start.ts'

export { START }
export const DEVICE = 'A'.repeat(43) as DeviceId
/** The greeting of the floor's devices; of others once they are welcome on `links`. */
export const LINK = 'first'
export const OTHER_DEVICE = 'B'.repeat(43) as DeviceId

/** Honest and fast; argon2 has its own test. */
const plainPins: Pins = {
  hash: (pin) => Promise.resolve(`plain:${pin}`),
  verify: (hash, pin) => Promise.resolve(hash === `plain:${pin}`),
}

/** By which this floor is asked, beside `localhost`: the tests' name for it, and what a test on a socket says. */
const OWN_NAMES: SiteNames = {
  named: new Set(['andon.example', 'x']),
  hasAddress: () => false,
  isCertified: () => false,
}

export interface Floor {
  readonly app: FastifyInstance
  readonly store: Store
  readonly tokens: Tokens
  readonly links: DeviceLinks
  /** As its last `welcome` brought it. */
  deviceToken(device: DeviceId): string
  /** Server time of the HTTP half; tests move it. `wallAheadMs`: by how much somebody set the wall clock since. */
  readonly clock: { ms: number; wallAheadMs: number }
  readonly ended: { readonly id: SessionId; readonly end: SessionEnd }[]
  readonly submitted: Submission[]
  readonly submit: HttpOptions['submit']
  readonly search: SearchDesk
  readonly attachments: Attachments
  /** Where everything of it is kept. */
  readonly folder: string
  readonly machines: Machines
  readonly live: LiveHub<string>
  /** With the demo key, and with a JSON body where there is one. */
  call(
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    url: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<LightMyRequestResponse>
  inject(options: InjectOptions): Promise<LightMyRequestResponse>
  close(): Promise<void>
}

export async function openFloor(
  settings: Partial<HttpSettings> = {},
  overrides: (store: Store & Backups) => Partial<HttpOptions> = () => ({}),
  { attachmentsWorker }: { readonly attachmentsWorker?: URL } = {},
): Promise<Floor> {
  const folder = await mkdtemp(join(tmpdir(), 'andon-http-'))
  const store = await openSqliteStore({
    folder,
    worker: new URL('../store-worker.ts', import.meta.url),
    failed: (what, cause) => {
      throw new Error(`${what}: ${cause}`)
    },
    died: (cause) => {
      throw cause
    },
  })
  await seedDemo(store, plainPins)
  for (const device of [DEVICE, OTHER_DEVICE]) await greet(store, device)
  const links = new DeviceLinks()
  for (const device of [DEVICE, OTHER_DEVICE]) links.welcomed(device, LINK)
  const clock = { ms: START, wallAheadMs: 0 }
  const tokens = await createTokens({ store, now: () => clock.ms, accessTokenMs: 300_000 })
  const ended: { readonly id: SessionId; readonly end: SessionEnd }[] = []
  const submitted: Submission[] = []
  const machines = new Machines()
  const live = new LiveHub<string>({
    encode: (frame) => JSON.stringify(frame),
    join: (frames) => frames.join('\n'),
    schedule: () => {},
  })
  const series = await openSqliteSeries({
    folder,
    worker: new URL('./series-worker.ts', import.meta.url),
    failed: (what, cause) => {
      throw new Error(`${what}: ${cause}`)
    },
    batchMs: 1,
  })
  const log = pino({ level: 'silent' })
  const search = new SearchDesk({
    index: openSqliteSearch({
      folder,
      worker: new URL('../search-worker.ts', import.meta.url),
      failed: (what, cause) => {
        throw new Error(`${what}: ${cause}`)
      },
    }),
    store,
    words: (note) => Promise.resolve(`What is in ${note}`),
    log,
  })
  const submit: HttpOptions['submit'] = async (submission) => {
    submitted.push(submission)
    const result = await store.submit(submission)
    machines.committed(result.events)
    search.committed(result.events)
    attachments.keeper.committed(result.events)
    return result
  }
  const attachments: Attachments = openAttachments({
    folder,
    maxBytes: 20 * LIMITS.maxAttachmentBytes,
    ...(attachmentsWorker !== undefined && { worker: attachmentsWorker }),
    store,
    submit,
    newId: () => uuidv7() as CommandId,
    isAlone: true,
    nowMs: () => clock.ms,
    log,
  })
  const time = { now: () => clock.ms + clock.wallAheadMs }
  const telemetry = new TelemetryIntake({
    store,
    submit,
    machines,
    live,
    series,
    clock: time,
    monotonic: () => clock.ms,
    log,
  })
  const config: HttpSettings = {
    demo: false,
    demoOpen: false,
    tls: null,
    origins: [],
    publicUrl: null,
    trustProxy: [],
    sessionMs: 12 * 3_600_000,
    ...settings,
  }
  const app = await createHttp({
    store,
    tokens,
    links,
    pins: plainPins,
    config,
    entrance: entranceOf(config, (host) => isSiteName(host, OWN_NAMES)),
    certificate: config.tls === null ? null : new Certificate({ files: config.tls, log, now: () => Date.now() }),
    log,
    metrics: new Registry(),
    version: '0.0.0',
    staticRoot: null,
    keptPages: null,
    submit,
    sessionEnded: (ids, end) => ended.push(...ids.map((id) => ({ id, end }))),
    clock: time,
    telemetry,
    machines,
    series,
    search,
    attachments: attachments.desk,
    liveCounts: () => live.counts(),
    backups: store,
    contents: attachments.files,
    restores: { folder, restore: () => Promise.resolve({ ok: true, value: null }) },
    ways: null,
    counts: () => ({
      connections: 3,
      subscriptions: 7,
      waitingBytes: 11,
      receiptsDropped: 0,
      silent: 0,
      greeting: 0,
      turnedAway: 0,
      gaveWay: 0,
      heldBytes: 0,
      heldTooMuch: 0,
      upgradesRefused: 0,
      linksRefused: 0,
      leftPlain: 0,
      links: ofEachWay(0),
      sockets: 3,
      socketsRefused: 0,
      socketsCut: 0,
    }),
    ...overrides(store),
  })
  return {
    app,
    store,
    tokens,
    links,
    deviceToken: (device) => tokens.issueDevice(device, LINK),
    clock,
    ended,
    submitted,
    submit,
    search,
    attachments,
    folder,
    machines,
    live,
    inject: (options) => app.inject(options),
    call: (method, url, body, headers = {}) =>
      app.inject({
        method,
        url,
        headers: {
          authorization: `Bearer ${DEMO_KEY}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { payload: JSON.stringify(body) }),
      }),
    async close() {
      await app.close()
      await series.close()
      await search.stop()
      await attachments.stop()
      await store.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export async function greet(store: Store, device: DeviceId): Promise<void> {
  await store.greet({
    device,
    publicKey: '{}',
    source: '127.0.0.1',
    name: `kiosk ${device[0]}`,
    defaultAreas: [],
    epoch: uuidv4() as OutboxEpoch,
    incarnation: null,
    oldest: { urgent: 1, normal: 1 },
  })
}

/** What every refusal looks like, whatever refused. */
export function problemIn(response: LightMyRequestResponse): {
  status: number
  code: unknown
  detail: unknown
  data?: unknown
} {
  const body: Record<string, unknown> = response.json()
  if (!String(response.headers['content-type']).startsWith('application/problem+json'))
    throw new Error(`no problem: ${response.body}`)
  if (body['status'] !== response.statusCode || body['type'] !== 'about:blank' || typeof body['title'] !== 'string') {
    throw new Error(`a malformed problem: ${response.body}`)
  }
  const { code, detail, data } = body
  return { status: response.statusCode, code, detail, ...(data !== undefined && { data }) }
}
