/**
 * Which way the next link takes. `stepLadder` is pure: what became of a way comes in, with time and chance.
 *
 *            blocked twice, silent, cut            blocked twice, silent, cut
 *      ws ─────────────────────────────▶ stream ─────────────────────────────▶ poll
 *       ▲                                  ▲ │                                   │
 *       └──── a trial that was taken ──────┴─┴───────────────────────────────────┘
 *
 * Invariants
 *   1. Only what a blocked way does leads down. A refusal in the server's words, and that nobody answers, leave the way (R57).
 *   2. Whatever fails, some way is tried next: after the last one comes the first, behind a pause.
 *   3. Whoever is not on the best way has a time at which a better one is tried, from its first proof on.
 */
import { LIMITS } from '../../protocol/limits.ts'
import { unreachable } from '../../protocol/rights.ts'
import type { Way } from '../../protocol/ways.ts'
import type { WayReason } from '../../protocol/way-reasons.ts'
import type { Cuts, Ladder, NetworkMemory } from './slice.ts'

/** Time for `challenge` before the next way is tried, milliseconds; doubled with each round in which nothing came through. */
const PATIENCE_MS = 2_000
/** Lives of links that were cut by the same obstacle differ by so much at most, milliseconds or as a part. */
const SAME_LIFE_MS = 1_000
const SAME_LIFE_PART = 0.1
/** Cut as early as that, even a third time may be chance, so it takes one more. */
const SHORT_LIFE_MS = 5_000
const SURE_TIMES = 3
/** What is older than that is not cut by an obstacle, but ends. */
const LONG_LIFE_MS = 10 * 60_000
/** A better way is tried after 5, 10, 20 … 60 min. */
const TRIAL_MS = 5 * 60_000
const MAX_TRIAL_MS = 60 * 60_000
/** A way that was left only because nothing came in time may have met a server that was starting: it is tried soon, once. */
const SOON_MS = 15_000
/** How often a trial that went with the living link is begun anew that soon: it may be the trial that ends the link. */
const MAX_LOST = 3
/** A trial may last a minute (N13), and still has to be taken then. */
const TRIAL_LIFE_MS = 50_000
/** How often in a row nobody may answer on a lower way until the best one is asked again. */
const MAX_UNANSWERED = 3
/** Networks of which the way is remembered: the oldest goes. A device on wheels meets a dozen. */
export const MAX_NETWORKS = 16

interface Timed {
  readonly now: number
  readonly chance: number
}
/**
 * How an attempt ended before `welcome`. `refused`: the server said no itself. `unanswered`: nobody was there. `silent`: in time
 * nothing came. `blocked`: something else answered, or the server says what is in the way.
 */
export type Failure =
  | { readonly by: 'refused' | 'unanswered' | 'silent' }
  | { readonly by: 'blocked'; readonly reason: WayReason }

export type LadderInput = Timed &
  (
    | ({ readonly kind: 'attemptFailed' } & Failure)
    /** The server's `challenge` came. */
    | { readonly kind: 'cameThrough' }
    /** Our own pong came. */
    | { readonly kind: 'proved' }
    /** A proved link is over: `server`, by its word; `cut`, without one, or it fell silent. */
    | { readonly kind: 'linkEnded'; readonly by: 'server' | 'cut'; readonly lifeMs: number }
    /** The network is another one, or may be. */
    | { readonly kind: 'networkChanged'; readonly network: string }
    | { readonly kind: 'trialFailed'; readonly way: Way; readonly reason: WayReason | null }
    /** It ended because the living link did. */
    | { readonly kind: 'trialLost'; readonly way: Way }
    | { readonly kind: 'trialTaken'; readonly way: Way }
  )

/** Begins with what worked in this network the last time. */
export function newLadder(ways: Ladder['ways'], network: string, memory: NetworkMemory): Ladder {
  return inNetwork({ ways, network, memory })
}

export function stepLadder(ladder: Ladder, input: LadderInput): Ladder {
  switch (input.kind) {
    case 'attemptFailed':
      return attemptFailed(ladder, input)
    case 'cameThrough':
      return {
        ...ladder,
        failed: [],
        rounds: 0,
        blocked: 0,
        unanswered: 0,
        reasons: without(ladder.reasons, ladder.way),
      }
    case 'proved':
      return planTrial({ ...ladder, memory: remembered(ladder) }, input)
    case 'linkEnded':
      return linkEnded(ladder, input)
    case 'networkChanged':
      return networkChanged(ladder, input)
    case 'trialFailed':
      return trialFailed(ladder, input)
    case 'trialLost':
      return trialLost(ladder, input)
    case 'trialTaken':
      return trialTaken(ladder, input)
    default:
      return unreachable(input)
  }
}

/** How long the next link may take until something comes through it, milliseconds. */
export function patienceMs({ ways, rounds }: Ladder): number {
  // With nothing to go on to, patience costs nothing.
  return ways.length === 1 ? LIMITS.greetingMs : Math.min(PATIENCE_MS * 2 ** rounds, LIMITS.greetingMs)
}

/** Whether the next attempt follows at once: another way, or the same once more to be sure. */
export function goesOnAtOnce({ ways, failed, blocked }: Ladder): boolean {
  return ways.length > 1 && (failed.length > 0 || blocked > 0)
}

/** Why the device is not on its best way; null where it is. */
export function wayReason({ ways, way, reasons }: Ladder): WayReason | null {
  if (ways.length === 1) return 'pinned'
  return way === ways[0] ? null : (reasons[ways[0]] ?? 'way-silent')
}

/** The better way that is due to be tried. */
export function dueTrial({ trial }: Ladder, now: number): Way | null {
  return trial.at !== null && now >= trial.at ? trial.way : null
}

/**
 * How long a trial of this way has to live until it is taken, milliseconds: longer than the links that were cut, where that
 * is less than a trial may last (PROTOCOL N13).
 */
export function trialLifeMs({ cuts }: Ladder, way: Way): number {
  const cut = cuts[way]
  return cut === undefined ? 0 : Math.min(cut.lifeMs * 1.5, TRIAL_LIFE_MS)
}

// ----------------------------------------------------------------------------------------------------- what happens

function attemptFailed(ladder: Ladder, input: Timed & Failure): Ladder {
  switch (input.by) {
    case 'refused':
      return { ...ladder, failed: [], blocked: 0, unanswered: 0 }
    case 'unanswered':
      return nobodyAnswered(ladder)
    case 'silent':
      return nextWay(ladder, 'way-silent', true)
    case 'blocked':
      // Once may be a server that was just starting, or a proxy in front of it.
      return ladder.blocked === 0 ? { ...ladder, blocked: 1 } : nextWay(ladder, input.reason, false)
    default:
      return unreachable(input)
  }
}

/** It is the server that is away: what was cut before, or failed in this round, may have been that, too. */
function nobodyAnswered(ladder: Ladder): Ladder {
  const { ways, failed } = ladder
  const unanswered = ladder.unanswered + 1
  const cuts = Object.fromEntries(Object.entries(ladder.cuts).filter(([, cut]) => isObstacle(cut)))
  const base: Ladder = { ...ladder, failed: [], blocked: 0, unanswered, cuts }
  // Of the way that worked before nothing is known any more; the best one is as good a guess.
  if (unanswered >= MAX_UNANSWERED) return { ...base, way: ways[0] }
  return { ...base, way: failed[0] ?? ladder.way }
}

function nextWay(ladder: Ladder, reason: WayReason, isDoubtful: boolean): Ladder {
  const { ways, way, rounds } = ladder
  const failed = [...ladder.failed, way]
  const reasons = { ...ladder.reasons, [way]: reason }
  const trial = { ...ladder.trial, isSoon: isDoubtful && ladder.trial.step === 0 }
  const next = ways.find((each) => ways.indexOf(each) > ways.indexOf(way) && !failed.includes(each))
  const base: Ladder = { ...ladder, reasons, trial, blocked: 0, unanswered: 0 }
  return next === undefined ? { ...base, way: ways[0], failed: [], rounds: rounds + 1 } : { ...base, way: next, failed }
}

function linkEnded(ladder: Ladder, { by, lifeMs }: Extract<LadderInput, { kind: 'linkEnded' }>): Ladder {
  const { way, ways, cuts } = ladder
  if (lifeMs > LONG_LIFE_MS) return { ...ladder, cuts: without(cuts, way), trial: { ...ladder.trial, step: 0 } }
  if (by === 'server') return ladder
  const last = cuts[way]
  const isSame = last !== undefined && livedAsLong(last.lifeMs, lifeMs)
  const cut = { lifeMs, times: isSame ? last.times + 1 : 1 }
  // What cuts one way after that time, and now this one for the first time, is the same obstacle.
  const isKnown = Object.values(cuts).some((each) => isObstacle(each) && livedAsLong(each.lifeMs, lifeMs))
  const next: Ladder = { ...ladder, cuts: { ...cuts, [way]: isKnown && !isSame ? { ...cut, times: SURE_TIMES } : cut } }
  if (!isKnown && !isObstacle(cut)) return next
  if (way === ways.at(-1)) return next
  return nextWay(next, 'way-cut', false)
}

function livedAsLong(one: number, other: number): boolean {
  return Math.abs(one - other) <= Math.max(SAME_LIFE_MS, SAME_LIFE_PART * Math.max(one, other))
}

function isObstacle({ lifeMs, times }: Cuts): boolean {
  return times >= (lifeMs < SHORT_LIFE_MS ? SURE_TIMES : 2)
}

function networkChanged(ladder: Ladder, { network, now }: { readonly network: string; readonly now: number }): Ladder {
  if (network !== ladder.network) return inNetwork({ ...ladder, network })
  const way = betterThan(ladder)[0] ?? null
  const trial = { at: way === null ? null : now, way, step: 0, isSoon: false }
  return { ...ladder, failed: [], rounds: 0, blocked: 0, unanswered: 0, trial }
}

/** Nothing is known of this network but what is remembered. */
function inNetwork({ ways, network, memory }: Pick<Ladder, 'ways' | 'network' | 'memory'>): Ladder {
  const known = memory.find((each) => each.network === network)?.way
  return {
    ways,
    network,
    memory,
    way: known !== undefined && ways.includes(known) ? known : ways[0],
    reasons: {},
    failed: [],
    rounds: 0,
    blocked: 0,
    unanswered: 0,
    cuts: {},
    trial: { at: null, way: null, step: 0, isSoon: false },
  }
}

function remembered({ ways, memory, network, way }: Ladder): NetworkMemory {
  const last = memory.at(-1)
  // Where there is no choice there is nothing to know.
  if (ways.length === 1) return memory
  if (last?.network === network && last.way === way) return memory
  return [...memory.filter((each) => each.network !== network), { network, way }].slice(-MAX_NETWORKS)
}

// ------------------------------------------------------------------------------------------------------- trials

function betterThan({ ways, way }: Ladder): readonly Way[] {
  return ways.slice(0, ways.indexOf(way))
}

/** A proved link: from here on the next trial is counted. One that is planned stays. */
function planTrial(ladder: Ladder, timed: Timed): Ladder {
  const better = betterThan(ladder)
  const { at, way } = ladder.trial
  if (better.length === 0) return { ...ladder, trial: { ...ladder.trial, at: null, way: null, isSoon: false } }
  return at === null || way === null || !better.includes(way) ? laterTrial(ladder, timed) : ladder
}

function laterTrial(ladder: Ladder, { now, chance }: Timed): Ladder {
  const { step, isSoon } = ladder.trial
  const [way = null] = betterThan(ladder)
  const delay = isSoon ? SOON_MS : Math.min(TRIAL_MS * 2 ** step, MAX_TRIAL_MS)
  // Up to a tenth later, so that a floor that went down together does not try together.
  const at = now + Math.round(delay * (1 + chance / 10))
  return { ...ladder, trial: { at, way, step: isSoon ? 0 : step + 1, isSoon: false } }
}

/** The next better one at once; where there is none left, all of them later. */
function trialFailed(
  ladder: Ladder,
  { way, reason, ...timed }: Timed & { readonly way: Way; readonly reason: WayReason | null },
): Ladder {
  const reasons = reason === null ? ladder.reasons : { ...ladder.reasons, [way]: reason }
  const better = betterThan(ladder)
  const next = better[better.indexOf(way) + 1]
  if (next === undefined) return laterTrial({ ...ladder, reasons }, timed)
  return { ...ladder, reasons, trial: { ...ladder.trial, at: timed.now, way: next } }
}

/** Nothing was learnt of the way: the same one soon again, but not without end. */
function trialLost(ladder: Ladder, { way, ...timed }: Timed & { readonly way: Way }): Ladder {
  const { step } = ladder.trial
  if (step >= MAX_LOST) return laterTrial(ladder, timed)
  const at = timed.now + Math.round(SOON_MS * (1 + timed.chance / 10))
  return { ...ladder, trial: { at, way, step: step + 1, isSoon: false } }
}

function trialTaken(ladder: Ladder, { way, ...timed }: Timed & { readonly way: Way }): Ladder {
  const taken: Ladder = { ...ladder, way, reasons: without(ladder.reasons, way) }
  return planTrial({ ...taken, memory: remembered(taken), trial: { ...taken.trial, at: null } }, timed)
}

function without<K extends string, V>(map: Readonly<Partial<Record<K, V>>>, key: K): Readonly<Partial<Record<K, V>>> {
  const { [key]: _gone, ...rest } = map
  return rest as Readonly<Partial<Record<K, V>>>
}
