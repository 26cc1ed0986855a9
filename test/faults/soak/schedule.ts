import { unreachable } from '../../../relay/protocol/rights.ts'

/** A server; where there are several, each by its name. */
export type ServerPlace = 'server' | `server ${string}`
/** What several servers share. */
export type EnginePlace = 'postgres' | 'redis'
/** A relay by its index. */
export type Place = ServerPlace | EnginePlace | number

/** The way of a relay to the door, or of a server to the database that it shares. */
export type LinkPlace = number | ServerPlace

/** One thing that goes wrong for a while; everything is as before when it is over. */
export type Fault =
  /** SIGKILL; a supervisor starts it again after `lastsMs`. */
  | { readonly kind: 'kill'; readonly place: Place; readonly lastsMs: number }
  /** SIGTERM, as for an update: it must end with 0, and is started again `lastsMs` later. */
  | { readonly kind: 'term'; readonly place: ServerPlace | number; readonly lastsMs: number }
  /** SIGSTOP, then SIGCONT: a machine that sleeps, or is too busy. */
  | { readonly kind: 'freeze'; readonly place: Place; readonly lastsMs: number }
  | { readonly kind: 'cut'; readonly link: LinkPlace; readonly lastsMs: 0 }
  /** Cut again and again: every connection lives for about `everyMs`. */
  | { readonly kind: 'flap'; readonly link: LinkPlace; readonly everyMs: number; readonly lastsMs: number }
  | { readonly kind: 'refuse'; readonly link: LinkPlace; readonly lastsMs: number }
  | { readonly kind: 'stall'; readonly link: LinkPlace; readonly lastsMs: number }
  | {
      readonly kind: 'half-open'
      readonly link: LinkPlace
      readonly direction: 'up' | 'down'
      readonly lastsMs: number
    }
  | { readonly kind: 'forget'; readonly link: LinkPlace; readonly lastsMs: 0 }
  | {
      readonly kind: 'delay'
      readonly link: LinkPlace
      readonly ms: number
      readonly jitterMs: number
      readonly lastsMs: number
    }
  | { readonly kind: 'chop'; readonly link: LinkPlace; readonly bytes: number; readonly lastsMs: number }
  /** The file system of its data folder has no room. */
  | { readonly kind: 'disk-full'; readonly place: Place; readonly lastsMs: number }
  /** The wall clock is off by `byMs`; it jumps there and, at the end, back. */
  | { readonly kind: 'clock'; readonly place: Place; readonly byMs: number; readonly lastsMs: number }

export type FaultKind = Fault['kind']

export interface Planned {
  /** After the beginning of the round. */
  readonly atMs: number
  readonly fault: Fault
}

/** What this machine allows, and how large the floor is. */
export interface Bounds {
  readonly relays: number
  readonly servers: readonly ServerPlace[]
  readonly engines: readonly EnginePlace[]
  /** Places with a small disk of their own. */
  readonly disks: readonly Place[]
  /** Places whose wall clock can be set. */
  readonly clocks: readonly Place[]
}

/** A round's faults begin within this time. */
export const ROUND_MS = 12_000
/** The longest a fault may last: long enough for a link to be given up, short enough that much happens in five minutes. */
export const MAX_FAULT_MS = 12_000
const MIN_FAULTS = 4
const MAX_FAULTS = 10
const HOUR_MS = 3_600_000

/**
 * The faults of one round, in the order of their beginning. Same chance and bounds, same round. Faults of different things
 * overlap as they like; one thing has one fault at a time.
 */
export function planRound(random: () => number, bounds: Bounds): readonly Planned[] {
  const count = between(random, MIN_FAULTS, MAX_FAULTS)
  const planned: Planned[] = []
  for (let tries = 0; planned.length < count && tries < 10 * MAX_FAULTS; tries += 1) {
    const next = { atMs: between(random, 0, ROUND_MS), fault: drawFault(random, bounds) }
    if (!planned.some((other) => collide(other, next))) planned.push(next)
  }
  return planned.toSorted((a, b) => a.atMs - b.atMs)
}

/** The thing a fault is about. A process and its link and its disk are different things. */
export function thingOf(fault: Fault): string {
  switch (fault.kind) {
    case 'kill':
    case 'term':
    case 'freeze':
      return `process ${fault.place}`
    case 'disk-full':
      return `disk ${fault.place}`
    case 'clock':
      return `clock ${fault.place}`
    case 'cut':
    case 'flap':
    case 'refuse':
    case 'stall':
    case 'half-open':
    case 'forget':
    case 'delay':
    case 'chop':
      return `link ${fault.link}`
    default:
      return unreachable(fault)
  }
}

/** One line for people. */
export function describeFault(fault: Fault): string {
  const { kind, lastsMs, ...rest } = fault
  const details = Object.entries(rest).map(([name, value]) => `${name} ${value}`)
  const lasts = lastsMs === 0 ? [] : [`for ${(lastsMs / 1000).toFixed(1)} s`]
  return [kind, ...details, ...lasts].join(', ')
}

function collide(a: Planned, b: Planned): boolean {
  if (thingOf(a.fault) !== thingOf(b.fault)) return false
  // A second for the thing to be itself again.
  const end = ({ atMs, fault }: Planned) => atMs + fault.lastsMs + 1_000
  return a.atMs < end(b) && b.atMs < end(a)
}

type Draw = (random: () => number, bounds: Bounds) => Fault

const anyRelay: (random: () => number, bounds: Bounds) => number = (random, { relays }) =>
  between(random, 0, relays - 1)
/** One that is alone is not drawn, so that the schedule of a seed is the same however many there may be. */
const anyServer = (random: () => number, { servers }: Bounds): ServerPlace =>
  servers.length === 1 ? (servers[0] ?? 'server') : pick(random, servers)
/** Where servers share a database, one link in four is a server's own. */
const anyLink = (random: () => number, bounds: Bounds): LinkPlace =>
  bounds.engines.length > 0 && random() < 0.25 ? anyServer(random, bounds) : anyRelay(random, bounds)
const briefly = (random: () => number) => between(random, 300, 4_000)
const forLong = (random: () => number) => between(random, 1_000, MAX_FAULT_MS)

/** How often each kind comes, relative to the others, and how its details are drawn. */
const DRAWS: readonly {
  readonly weight: number
  readonly needs?: 'disks' | 'clocks' | 'engines'
  readonly draw: Draw
}[] = [
  {
    weight: 7,
    draw: (random, bounds) => ({ kind: 'kill', place: anyServer(random, bounds), lastsMs: briefly(random) }),
  },
  {
    weight: 2,
    draw: (random, bounds) => ({ kind: 'term', place: anyServer(random, bounds), lastsMs: briefly(random) }),
  },
  {
    weight: 3,
    draw: (random, bounds) => ({ kind: 'freeze', place: anyServer(random, bounds), lastsMs: forLong(random) }),
  },
  {
    weight: 10,
    draw: (random, bounds) => ({ kind: 'kill', place: anyRelay(random, bounds), lastsMs: briefly(random) }),
  },
  {
    weight: 2,
    draw: (random, bounds) => ({ kind: 'term', place: anyRelay(random, bounds), lastsMs: briefly(random) }),
  },
  {
    weight: 4,
    draw: (random, bounds) => ({ kind: 'freeze', place: anyRelay(random, bounds), lastsMs: forLong(random) }),
  },
  {
    weight: 5,
    draw: (random, bounds) => ({
      kind: 'flap',
      link: anyLink(random, bounds),
      everyMs: between(random, 100, 1_200),
      lastsMs: forLong(random),
    }),
  },
  { weight: 6, draw: (random, bounds) => ({ kind: 'cut', link: anyLink(random, bounds), lastsMs: 0 }) },
  {
    weight: 3,
    draw: (random, bounds) => ({ kind: 'refuse', link: anyLink(random, bounds), lastsMs: forLong(random) }),
  },
  {
    weight: 5,
    draw: (random, bounds) => ({ kind: 'stall', link: anyLink(random, bounds), lastsMs: forLong(random) }),
  },
  {
    weight: 5,
    draw: (random, bounds) => ({
      kind: 'half-open',
      link: anyLink(random, bounds),
      direction: random() < 0.5 ? 'up' : 'down',
      lastsMs: forLong(random),
    }),
  },
  { weight: 4, draw: (random, bounds) => ({ kind: 'forget', link: anyLink(random, bounds), lastsMs: 0 }) },
  {
    weight: 4,
    draw: (random, bounds) => ({
      kind: 'delay',
      link: anyLink(random, bounds),
      ms: between(random, 10, 1_500),
      jitterMs: between(random, 0, 1_000),
      lastsMs: forLong(random),
    }),
  },
  {
    weight: 2,
    draw: (random, bounds) => ({
      kind: 'chop',
      link: anyLink(random, bounds),
      bytes: between(random, 16, 400),
      lastsMs: forLong(random),
    }),
  },
  {
    weight: 5,
    needs: 'engines',
    draw: (random, { engines }) => ({ kind: 'kill', place: pick(random, engines), lastsMs: briefly(random) }),
  },
  {
    weight: 4,
    needs: 'engines',
    draw: (random, { engines }) => ({ kind: 'freeze', place: pick(random, engines), lastsMs: forLong(random) }),
  },
  {
    weight: 4,
    needs: 'disks',
    draw: (random, { disks }) => ({ kind: 'disk-full', place: pick(random, disks), lastsMs: forLong(random) }),
  },
  {
    weight: 4,
    needs: 'clocks',
    draw: (random, { clocks }) => ({
      kind: 'clock',
      place: pick(random, clocks),
      byMs: pick(random, [-HOUR_MS, -5 * 60_000, -10_000, 10_000, 5 * 60_000, HOUR_MS]),
      lastsMs: forLong(random),
    }),
  },
]

function drawFault(random: () => number, bounds: Bounds): Fault {
  const possible = DRAWS.filter(({ needs }) => needs === undefined || bounds[needs].length > 0)
  let left = random() * possible.reduce((sum, { weight }) => sum + weight, 0)
  for (const { weight, draw } of possible) {
    left -= weight
    if (left < 0) return draw(random, bounds)
  }
  return { kind: 'cut', link: 0, lastsMs: 0 }
}

/** A whole number from `least` to `most`, both included. */
export function between(random: () => number, least: number, most: number): number {
  return least + Math.floor(random() * (most - least + 1))
}

export function pick<T>(random: () => number, from: readonly T[]): T {
  const picked = from[Math.floor(random() * from.length)]
  if (picked === undefined) throw new Error('nothing to pick from')
  return picked
}
