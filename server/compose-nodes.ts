import type { Logger } from 'pino'
import { Gauge, type Registry } from 'prom-client'
import { v4 as uuidv4 } from 'uuid'
import type { SessionId } from '../relay/protocol/ids.ts'
import { parseChannel } from '../relay/protocol/channels.ts'
import { openRedisHints } from './adapters/redis/redis-hints.ts'
import { openRedisLive } from './adapters/redis/redis-live.ts'
import type { RoomParts } from './compose-rooms.ts'
import type { Commits } from './core/commit.ts'
import type { LastGreetings } from './core/device-links.ts'
import type { Hub } from './core/hub.ts'
import type { Presence } from './core/presence.ts'
import { FloorWatch, type FloorWatchOptions } from './gateway/floor-watch.ts'
import type { Gateway } from './gateway/gateway.ts'
import type { StoreTail } from './gateway/store-tail.ts'
import type { TelemetryIntake } from './http/telemetry-intake.ts'
import type { Hints } from './ports/hints.ts'
import type { LiveNodes } from './ports/live-nodes.ts'
import type { SessionEnd } from './ports/sessions.ts'
import type { SharedFloor } from './ports/shared-floor.ts'

export interface NodesOptions {
  readonly redis: string | null
  /** The database, to be listened to; null where it is not. */
  readonly databaseDirect: string | null
  /** Of the store: nodes of another floor are no concern of this one. */
  readonly floor: string
  /** Server time, epoch milliseconds. */
  readonly nowMs: () => number
  readonly monotonic: () => number
  readonly metrics: Registry
  readonly log: Pick<Logger, 'info' | 'warn'>
}

/** By what the nodes of a floor hear each other. */
export interface Nodes {
  readonly hints: readonly Hints[]
  /** Values, signals and members; null where nothing brings them. */
  readonly live: LiveNodes | null
}

/**
 * News of other nodes, by whatever brings it; without anything each finds in the store what the others did (U6), and has values,
 * signals and members of its own only (U8).
 */
export async function openNodes({ databaseDirect, log, metrics, redis, ...options }: NodesOptions): Promise<Nodes> {
  const node = uuidv4()
  const changed = (isHearing: boolean, by: string, why: string): void => {
    if (isHearing) log.info({ event: 'nodes-heard', by })
    else log.warn({ event: 'nodes-unheard', by, why })
  }
  const hints: Hints[] = []
  if (databaseDirect !== null) {
    // Loaded only where it is wanted, as the store there is.
    const { openDatabaseHints } = await import('./adapters/postgres/database-hints.ts')
    const { monotonic } = options
    const woken = openDatabaseHints({
      url: databaseDirect,
      node,
      monotonic,
      changed: (isHearing, why) => changed(isHearing, 'database', why),
    })
    measure(metrics, WAKE_NUMBERS, () => woken.counts())
    hints.push(woken)
  }
  if (redis === null) return { hints, live: null }
  const { nowMs, ...rest } = options
  const common = { ...rest, url: redis, node }
  const told = openRedisHints({ ...common, changed: (isHearing, why) => changed(isHearing, 'redis', why) })
  const live = openRedisLive({ ...common, wall: nowMs })
  measure(metrics, HINT_NUMBERS, () => told.counts())
  measure(metrics, LIVE_NUMBERS, () => live.counts())
  return { hints: [...hints, told], live }
}

/** Shows here what is live at other nodes (U8). */
export function hearLive(
  nodes: LiveNodes,
  {
    presence,
    signals,
    telemetry,
    monotonic,
  }: Pick<RoomParts, 'presence' | 'signals'> & {
    readonly telemetry: Pick<TelemetryIntake, 'heard'>
    readonly monotonic: () => number
  },
): void {
  nodes.hear({
    values: (values, lagMs) => {
      for (const value of values) telemetry.heard(value, lagMs)
    },
    signals: (said) => {
      for (const { channel: name, ...signal } of said) {
        const channel = parseChannel(name)
        if (channel !== null) signals.heard(channel, signal, monotonic())
      }
    },
    seats: (node, seats) => presence.nodes.heard(node, seats, monotonic()),
    members: () => presence.nodes.members(monotonic()),
    listed: (node, began) => presence.nodes.listed(node, began, monotonic()),
    lost: (node, heardAt) => presence.nodes.lost(node, heardAt, monotonic()),
    hearing: (isHearing) => presence.hearing(isHearing, monotonic()),
  })
}

/** Which greeting of a device is its last: of this process, or of whichever node the device found. */
export function greetingsOf(shared: SharedFloor | null, own: LastGreetings): LastGreetings {
  if (shared === null) return own
  return { isLast: async (device, link) => (await shared.lastGreeting(device)) === link }
}

/** Ends here what is over elsewhere, or by somebody's word in the store. */
export function watchFloor(
  shared: SharedFloor,
  {
    gateway,
    presence,
    endSessions,
    ...options
  }: Pick<FloorWatchOptions, 'monotonic' | 'failed'> & {
    readonly gateway: Pick<Gateway, 'greeted' | 'operatorChanged' | 'greetAgain'>
    readonly presence: Presence
    readonly endSessions: (sessions: readonly SessionId[], end: SessionEnd) => void
  },
): Promise<FloorWatch> {
  return FloorWatch.open({
    ...options,
    shared,
    greeted: (device, link) => {
      gateway.greeted(device, link)
      presence.nodes.greeted(device, link, options.monotonic())
    },
    sessionEnded: (session, end) => endSessions([session], end),
    operatorChanged: (operator) => gateway.operatorChanged(operator),
    missed: () => gateway.greetAgain(),
  })
}

/** Takes what other nodes tell: an event that follows on what is here as it is, and everything else from the store. */
export function hearNodes(
  hints: Hints,
  {
    hub,
    commits,
    tail,
  }: { readonly hub: Pick<Hub<unknown>, 'behind'>; readonly commits: Commits; readonly tail: StoreTail },
  failed: (cause: unknown) => void,
): void {
  hints.hear({
    heard: (news) => {
      for (const hint of news) {
        const { channel, epoch, event } = hint
        if (event !== null) commits.elsewhere([{ channel, epoch, event }])
        else if (hub.behind([hint]).length > 0) tail.hear(channel)
      }
    },
    missed: () => void tail.look().catch(failed),
  })
}

/** How old what a node knows of the store may be: it grows while the database does not answer, whatever Redis says. */
export function measureTail(metrics: Registry, tail: Pick<StoreTail, 'ageMs'>): void {
  measure(
    metrics,
    [['andon_store_age_seconds', 'Time since all was seen of the database that was committed there.', 'age']],
    () => ({ age: tail.ageMs / 1_000 }),
  )
}

const HINT_NUMBERS = [
  [
    'andon_nodes_heard',
    'Whether this node hears the others: 1, or 0 while it finds their commits in the store only.',
    'isHearing',
  ],
  ['andon_hints_told', 'Commits that the other nodes were told of.', 'told'],
  ['andon_hints_heard', 'Commits that other nodes told this one of.', 'heard'],
  ['andon_hints_dropped', 'Commits that nobody was told of, because Redis did not take it.', 'dropped'],
  ['andon_hints_refused', 'Messages among the nodes that were none of theirs.', 'refused'],
] as const

const WAKE_NUMBERS = [
  [
    'andon_nodes_woken',
    'Whether the database wakes this node when another has committed: 1, or 0 while it looks by itself only.',
    'isHearing',
  ],
  ['andon_wakes_told', 'Commits for which the other nodes were woken.', 'told'],
  ['andon_wakes_heard', 'Times that this node was woken.', 'heard'],
] as const

const LIVE_NUMBERS = [
  ['andon_nodes', 'Other nodes of which something was heard in the last seconds.', 'nodes'],
  ['andon_nodes_live_heard', 'Whether values, signals and members of other nodes are heard: 1, or 0.', 'isHearing'],
  ['andon_nodes_live_told', 'Values, signals and members that the other nodes were told of.', 'told'],
  ['andon_nodes_live_received', 'Those that other nodes told this one of.', 'heard'],
  ['andon_nodes_live_conflated', 'Those that were replaced by a later one before they left.', 'conflated'],
  ['andon_nodes_live_dropped', 'Those that had no room to wait.', 'dropped'],
  ['andon_nodes_live_refused', 'Live messages among the nodes that were none of theirs.', 'refused'],
] as const

function measure<N extends string>(
  metrics: Registry,
  numbers: readonly (readonly [name: string, help: string, what: N])[],
  counts: () => Readonly<Record<N, number | boolean>>,
): void {
  for (const [name, help, what] of numbers) {
    const gauge: Gauge = new Gauge({
      name,
      help,
      registers: [metrics],
      collect: () => gauge.set(Number(counts()[what])),
    })
  }
}
