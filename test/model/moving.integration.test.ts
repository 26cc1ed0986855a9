/** Schedules in which a link moves, with whatever may come between: the random ones have moves too, but seldom in the middle of much. */
import { expect, it } from 'vitest'
import type { Move } from './schedule.ts'
import { play } from './world.ts'

const SEEDS = 20
const MANY_SEEDS_MS = 120_000

/** Live by another way; the better one is tried beside it, and taken after a while. */
const DETOUR: readonly Move[] = [
  { kind: 'detour', device: 0, backMs: 1_000 },
  { kind: 'wait', ms: 1_500 },
]
/** In fewer pieces the trial is made, whatever is said beside the work: it comes between all of them. */
const PIECES = 80

function busily(more: (piece: number) => readonly Move[]): readonly Move[] {
  const pieces = Array.from({ length: PIECES }, (_, piece): readonly Move[] => [
    { kind: 'submit', device: 0, what: piece % 3 === 0 ? 'raise-p0' : 'chat' },
    ...(piece % 2 === 0 ? [{ kind: 'publish', count: 2, size: 200, urgent: true } as const] : []),
    ...more(piece),
    { kind: 'wait', ms: 37 },
  ])
  return [...DETOUR, ...pieces.flat()]
}

/** How many links moved, and how often the server lacked a command, in all schedules together. */
async function playMany(moves: (seed: number) => readonly Move[]) {
  const sum = { moved: 0, expects: 0 }
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const { server, devices } = await play({ seed, moves: moves(seed) })
    sum.moved += server.moves
    for (const { uplinks } of devices) sum.expects += uplinks.expects
  }
  return sum
}

it(
  '[R59 N14] a link that moves in the middle of work loses, repeats and reorders nothing, and nothing is sent in vain',
  async () => {
    const { moved, expects } = await playMany(() => busily(() => []))
    expect(moved).toBeGreaterThanOrEqual(SEEDS)
    // What is lost on the way is asked for again, and nobody would notice.
    expect(expects).toBe(0)
  },
  MANY_SEEDS_MS,
)

it.each<[string, Move]>([
  ['one of its two connections is cut', { kind: 'cut', device: 0 }],
  ['one of its two connections falls silent', { kind: 'freeze', device: 0 }],
  ['the server is killed', { kind: 'server-crash' }],
  ['the device is killed', { kind: 'crash', device: 0 }],
  ['the device reads nothing for a while', { kind: 'slow', device: 0 }],
  ['somebody presses "try again"', { kind: 'retry', device: 0 }],
])(
  '[R59 N11 N14] where %s, at any moment of a move, as well',
  async (_what, fault) => {
    // A few moves are over before the fault, most are in the middle of it, wherever that is.
    await playMany((seed) => busily((piece) => (piece === 5 + 2 * seed ? [fault] : [])))
  },
  MANY_SEEDS_MS,
)
