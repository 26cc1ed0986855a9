import type { Logger } from 'pino'
import { Gauge, type Registry } from 'prom-client'
import { v4 as uuidv4 } from 'uuid'
import type { SessionId } from '../relay/protocol/ids.ts'
import { openRedisHints } from './adapters/redis/redis-hints.ts'
import type { Commits } from './core/commit.ts'
import type { LastGreetings } from './core/device-links.ts'
import type { Hub } from './core/hub.ts'
import { FloorWatch, type FloorWatchOptions } from './gateway/floor-watch.ts'
import type { Gateway } from './gateway/gateway.ts'
import type { StoreTail } from './gateway/store-tail.ts'
import type { HintCounts, Hints } from './ports/hints.ts'
import type { SessionEnd } from './ports/sessions.ts'
import type { SharedFloor } from './ports/shared-floor.ts'

export interface NodesOptions {
  readonly redis: string | null
  /** Of the store: nodes of another floor are no concern of this one. */
  readonly floor: string
  readonly monotonic: () => number
  readonly metrics: Registry
  readonly log: Pick<Logger, 'info' | 'warn'>
}

/** News of other nodes, where there is somebody to bring it; without it each finds in the store what the others did (U6). */
export function openNodes({ redis, floor, monotonic, metrics, log }: NodesOptions): Hints | null {
  if (redis === null) return null
  const hints = openRedisHints({
    url: redis,
    floor,
    node: uuidv4(),
    monotonic,
    changed: (isHearing, why) => {
      if (isHearing) log.info({ event: 'nodes-heard' })
      else log.warn({ event: 'nodes-unheard', why })
    },
  })
  measureHints(metrics, () => hints.counts())
  return hints
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
    endSessions,
    ...options
  }: Pick<FloorWatchOptions, 'monotonic' | 'failed'> & {
    readonly gateway: Pick<Gateway, 'greeted' | 'operatorChanged' | 'greetAgain'>
    readonly endSessions: (sessions: readonly SessionId[], end: SessionEnd) => void
  },
): Promise<FloorWatch> {
  return FloorWatch.open({
    ...options,
    shared,
    greeted: (device, link) => gateway.greeted(device, link),
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

function measureHints(metrics: Registry, counts: () => HintCounts): void {
  const numbers = [
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
  for (const [name, help, what] of numbers) {
    const gauge: Gauge = new Gauge({
      name,
      help,
      registers: [metrics],
      collect: () => gauge.set(Number(counts()[what])),
    })
  }
}
