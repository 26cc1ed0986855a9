import { setTimeout as pause } from 'node:timers/promises'
import { LIMITS } from '../../../relay/protocol/limits.ts'
import type { Floor } from './floor.ts'
import type { Ledger } from './ledger.ts'
import type { Asked } from './ledger-terms.ts'

/**
 * Within this everything goes on after the last fault is over (realtime pitfall 19): the longest back-off, which a relay may
 * just have begun, and the time to come up and catch up on a busy machine.
 */
export const DEADLINE_MS = LIMITS.maxBackoffMs + 10_000
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
  for (;;) {
    const left = leftToDo(floor, ledger, { before, tops })
    const ms = performance.now() - since
    if (left.length === 0) return { ms, last, missing }
    last = left
    if (ms > DEADLINE_MS && missing.length === 0) missing = left
    if (ms > DEADLINE_MS + PATIENCE_MS || signal.aborted)
      return { ms: null, last, missing: signal.aborted ? [] : missing }
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
    ...(floor.server.isReady ? [] : ['the server is not up']),
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
