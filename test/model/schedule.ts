import fc from 'fast-check'
import { NO_OBSTACLE, type Obstacle } from './simulated-uplinks.ts'

/** What may happen in a world. Devices are numbers; what means nothing at the moment (waking one that is awake) does nothing. */
export type Move =
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'submit'; readonly device: number; readonly what: What }
  | { readonly kind: 'submitMany'; readonly device: number; readonly count: number }
  | { readonly kind: 'publish'; readonly count: number; readonly size: number; readonly urgent: boolean }
  | {
      readonly kind: OneDevice
      readonly device: number
    }
  | {
      readonly kind: 'sleep'
      readonly device: number
      readonly ms: number
      readonly monotonic: 'stood-still' | 'went-on'
    }
  | { readonly kind: 'jump'; readonly device: number; readonly ms: number }
  | { readonly kind: 'network'; readonly device: number; readonly state: 'on' | 'refusing' | 'dead' }
  | { readonly kind: 'signIn'; readonly device: number; readonly operator: 'kim' | 'lee' | 'park' }
  | { readonly kind: 'block'; readonly device: number; readonly obstacle: Obstacle }
  /** Another way for a while, and then beside it the better one again (R59). */
  | { readonly kind: 'detour'; readonly device: number; readonly backMs: number }
  /** One after the other, each so many milliseconds later, while the server's disk refuses the first of them. */
  | { readonly kind: 'stutter'; readonly device: number; readonly gapMs: number; readonly what: What }
  | { readonly kind: World }

export type What = 'chat' | 'raise-p0' | 'raise-p2' | 'ack' | 'resolve' | 'bad'
type OneDevice =
  | 'repeat'
  | 'cut'
  | 'freeze'
  | 'lose-command'
  | 'slow'
  | 'quick'
  | 'crash'
  | 'power-cut'
  | 'start'
  | 'sign-out'
  | 'retry'
  | 'woke'
  | 'online'
  | 'offline'
  | 'clone'
  | 'swap'
  | 'disk-fails'
  | 'disk-works'
  | 'leave'
  | 'follow'
type World =
  | 'server-crash'
  | 'server-power-cut'
  | 'server-start'
  | 'server-disk-fails'
  | 'server-disk-works'
  | 'server-hiccup'
  | 'backup'
  | 'restore'
  | 'prune'

const device = fc.integer({ min: 0, max: 1 })
const one = (kind: OneDevice) => device.map((of): Move => ({ kind, device: of }))
const world = (kind: World) => fc.constant<Move>({ kind })
const what = fc.constantFrom<What>('chat', 'chat', 'chat', 'raise-p0', 'raise-p0', 'raise-p2', 'ack', 'resolve', 'bad')

const wait: fc.Arbitrary<Move> = fc
  .oneof(
    { weight: 6, arbitrary: fc.integer({ min: 0, max: 60 }) },
    { weight: 3, arbitrary: fc.integer({ min: 60, max: 2_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: 2_000, max: 45_000 }) },
  )
  .map((ms) => ({ kind: 'wait', ms }))
const submit = fc.tuple(device, what).map(([of, it]): Move => ({ kind: 'submit', device: of, what: it }))
const submitMany = fc
  .tuple(device, fc.integer({ min: 2, max: 90 }))
  .map(([of, count]): Move => ({ kind: 'submitMany', device: of, count }))
const publish = fc
  .tuple(fc.integer({ min: 1, max: 12 }), fc.constantFrom(10, 10, 200, 3_900), fc.boolean())
  .map(([count, size, urgent]): Move => ({ kind: 'publish', count, size, urgent }))
const signIn = fc
  .tuple(device, fc.constantFrom('kim' as const, 'lee' as const, 'park' as const))
  .map(([of, operator]): Move => ({ kind: 'signIn', device: of, operator }))
const network = fc
  .tuple(device, fc.constantFrom('on' as const, 'on' as const, 'refusing' as const, 'dead' as const))
  .map(([of, state]): Move => ({ kind: 'network', device: of, state }))
const sleep = fc
  .tuple(device, fc.integer({ min: 100, max: 60_000 }), fc.constantFrom('stood-still' as const, 'went-on' as const))
  .map(([of, ms, monotonic]): Move => ({ kind: 'sleep', device: of, ms, monotonic }))
const jump = fc
  .tuple(device, fc.integer({ min: -7_200_000, max: 7_200_000 }))
  .map(([of, ms]): Move => ({ kind: 'jump', device: of, ms }))

const stutter = fc
  .tuple(device, fc.integer({ min: 1, max: 12 }), fc.constantFrom<What>('chat', 'raise-p0'))
  .map(([of, gapMs, it]): Move => ({ kind: 'stutter', device: of, gapMs, what: it }))

const block = fc
  .tuple(
    device,
    fc.constantFrom<Obstacle>(
      NO_OBSTACLE,
      { ways: ['ws'], how: 'silent' },
      { ways: ['ws', 'stream'], how: 'answered' },
      { ways: ['ws', 'stream'], how: 'silent' },
    ),
  )
  .map(([of, obstacle]): Move => ({ kind: 'block', device: of, obstacle }))
const detour = fc
  .tuple(device, fc.integer({ min: 300, max: 3_000 }))
  .map(([of, backMs]): Move => ({ kind: 'detour', device: of, backMs }))

type Weighted = fc.WeightedArbitrary<Move>
const weigh = (weight: number, ...arbitraries: fc.Arbitrary<Move>[]): Weighted[] =>
  arbitraries.map((arbitrary) => ({ weight, arbitrary }))

const common: readonly Weighted[] = [
  ...weigh(14, wait),
  ...weigh(8, submit),
  ...weigh(3, one('cut'), one('start'), world('server-start'), signIn, network),
  ...weigh(2, one('crash'), one('freeze'), world('server-crash'), one('repeat')),
  ...weigh(1, one('power-cut'), world('server-power-cut'), sleep, jump, one('woke'), one('retry'), one('offline')),
  ...weigh(2, detour),
  ...weigh(1, block, one('online')),
]

export const WEIGHTS = {
  /** For commands: everything that can lose, repeat or reorder one. */
  writing: [
    ...common,
    ...weigh(2, world('backup'), one('swap'), world('server-disk-works'), one('disk-works'), stutter),
    ...weigh(2, one('lose-command')),
    ...weigh(1, submitMany, world('restore'), one('clone'), one('sign-out')),
    ...weigh(1, world('server-disk-fails'), world('server-hiccup'), one('disk-fails')),
  ],
  /** For readers: everything that can lose, repeat or reorder an event. */
  reading: [
    ...common,
    ...weigh(8, publish),
    ...weigh(
      2,
      one('slow'),
      one('quick'),
      world('prune'),
      one('leave'),
      one('follow'),
      one('sign-out'),
      world('backup'),
    ),
    ...weigh(1, world('restore'), one('disk-fails'), one('disk-works'), one('clone'), one('swap')),
  ],
} as const satisfies Record<string, readonly Weighted[]>

export interface Schedule {
  readonly seed: number
  readonly moves: readonly Move[]
}

export function schedules(weighted: readonly Weighted[]): fc.Arbitrary<Schedule> {
  return fc.record({
    seed: fc.integer({ min: 1, max: 1_000_000 }),
    moves: fc.array(fc.oneof(...weighted), { minLength: 4, maxLength: 50, size: 'max' }),
  })
}
