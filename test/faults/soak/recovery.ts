import { setTimeout as pause } from 'node:timers/promises'
import { LIMITS } from '../../../relay/protocol/limits.ts'
import { HEARTBEAT_MS } from './actors.ts'
import type { Floor } from './floor.ts'
import type { Ledger } from './ledger.ts'
import type { Asked } from './ledger-terms.ts'

/**
 * What the rules allow one relay after the last fault, each step at its worst and one after the other. The back-off may well
 * be at its top: where attempts fail at once (`refuse`, `flap`, no server), five of them fit into the twelve seconds of a
 * fault, since full jitter waits 0.5, 1, 2, 4 and 8 s on average.
 */
const STEPS_MS = {
  /** The link is dead and nobody knows: two heartbeats without a pong (H1), or an attempt without an answer (R6). */
  notice: Math.max((LIMITS.missedHeartbeats + 1) * HEARTBEAT_MS, LIMITS.greetingMs),
  /** Drawn while the fault still lasted: the top of the back-off (R3). What a server asks for is below it. */
  backoff: LIMITS.maxBackoffMs,
  /** So long to open, so long to be welcomed (R6). */
  connecting: 2 * LIMITS.greetingMs,
  /** What four people asked for meanwhile is sent, decided and read, on a busy machine with two cores. */
  work: 10_000,
} as const

/** Within this everything goes on, counted from when the faults are over and the server answers (realtime pitfall 19). */
export const DEADLINE_MS = Object.values(STEPS_MS).reduce((sum, ms) => sum + ms, 0)
/** For a server that was just started again to listen, which is no relay's fault; beyond it the deadline runs. */
const START_MS = 30_000
/** Beyond the deadline it is watched so much longer, to tell late from never. */
const PATIENCE_MS = 90_000
const LOOK_MS = 50
/** Of each kind of evidence, so many lines. */
const MAX_SHOWN = 6

export interface Recovery {
  /** From the end of the last fault until nothing of before was left to do; null when that never came. */
  readonly ms: number | null
  /** What was missing at the last look that found something: what took longest. */
  readonly last: readonly string[]
  /** What was missing at the deadline; empty when it was kept. */
  readonly missing: readonly string[]
}

/**
 * Waits until everything that was asked for before this moment has its end, every relay is live, and every reader has read
 * what anybody had read at this moment. New wishes may come meanwhile: progress is what counts, not rest.
 */
export async function recover(floor: Floor, ledger: Ledger, signal: AbortSignal): Promise<Recovery> {
  const since = performance.now()
  const before = new Set(ledger.open().map(keyOf))
  const tops = ledger.tops()
  let missing: readonly string[] = []
  let last: readonly string[] = []
  let upAt: number | null = null
  for (;;) {
    const left = leftToDo(floor, ledger, { before, tops })
    const ms = performance.now() - since
    if (left.length === 0) return { ms, last, missing }
    last = left
    if (upAt === null && (floor.isUp || ms > START_MS)) upAt = ms
    const deadline = (upAt ?? START_MS) + DEADLINE_MS
    if (ms > deadline && missing.length === 0) missing = left
    if (ms > deadline + PATIENCE_MS || signal.aborted) return { ms: null, last, missing: signal.aborted ? [] : missing }
    await pause(LOOK_MS)
  }
}

interface Before {
  readonly before: ReadonlySet<string>
  readonly tops: ReadonlyMap<string, number>
}

function leftToDo(floor: Floor, ledger: Ledger, { before, tops }: Before): readonly string[] {
  const open = ledger.open().filter((asked) => before.has(keyOf(asked)))
  const dead = floor.stations.filter(({ relay }) => !relay.isLive)
  const behind = ledger.behind(tops)
  return [
    ...(floor.isUp ? [] : ['a server is not up']),
    ...dead.map(({ relay }) => `relay ${relay.index} is ${relay.state}`),
    ...shown(open.map(({ relay, ref, lane }) => `relay ${relay}: ${ref} (${lane}) has no end`)),
    ...shown(behind),
  ]
}

function shown(lines: readonly string[]): readonly string[] {
  const rest = lines.length - MAX_SHOWN
  return rest > 0 ? [...lines.slice(0, MAX_SHOWN), `and ${rest} more`] : lines
}

function keyOf({ relay, ref }: Asked): string {
  return `${relay} ${ref}`
}
