/**
 * A storm of reconnects over many nodes in simulated time: the relay's own back-off and the server's own door, with what greetings
 * cost as it was measured. Nothing here opens a socket.
 */
import { backoffMs, backoffStep } from '../../relay/core/link/backoff.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { seededRandom } from '../../relay/testing/seeded-random.ts'
import { Admission, ADMISSION } from '../../server/core/admission.ts'
import { EventQueue } from './event-queue.ts'

export interface Storm {
  readonly devices: number
  readonly nodes: number
  /** Nodes that end at once; of all of them, they are back after `downMs`, of fewer never. */
  readonly lost: number
  readonly downMs: number
  /** Greetings that the processor of one node works off in a second. */
  readonly nodePerSecond: number
  /** Greetings that the database, which all nodes share, commits in a second. */
  readonly databasePerSecond: number
  readonly client: 'andon' | 'plain'
  readonly seed: number
}

export interface StormEnd {
  /** Seconds from the loss until so many were live again; null where that did not come within `GIVEN_UP` times the ideal. */
  readonly halfS: number | null
  readonly p99S: number | null
  readonly lastS: number | null
  /** Work ÷ what the nodes that are left, or the database, can do: no order of greetings is faster. */
  readonly idealS: number
  readonly sentAway: number
  /** Greetings that cost their whole work and came too late for their device. */
  readonly wasted: number
}

/** There and back, milliseconds: a handshake takes two of them, and the challenge with the hello one more. */
const ROUND_TRIP_MS = 20
const GIVEN_UP = 3
/** A plain client tries each second, give or take half of it, whatever it is told. */
const PLAIN_MS = 1_000

interface Node {
  readonly door: Admission<number>
  /** When its processor has worked off what it has taken, milliseconds. */
  freeAt: number
}

/** Every device that was at a lost node comes back; the others stay where they are. */
export function simulate(storm: Storm): StormEnd {
  const random = seededRandom(storm.seed)
  const chance = (): number => random.next()
  const events = new EventQueue()
  const nodes = Array.from({ length: storm.nodes }, (): Node => ({ door: new Admission<number>(ADMISSION), freeAt: 0 }))
  let up = nodes.slice(storm.lost)
  const isPlain = storm.client === 'plain'
  const returning = Math.round((storm.devices * storm.lost) / storm.nodes)
  const areAllLost = storm.lost === storm.nodes
  const lives: number[] = []
  let databaseFreeAt = 0
  let sentAway = 0
  let wasted = 0

  const again = (device: number, now: number): void => {
    const waitMs = isPlain ? PLAIN_MS * (0.5 + chance()) : backoffMs(backoffStep(now), chance())
    events.add(now + waitMs, () => dial(device, now + waitMs))
  }
  const dial = (device: number, now: number): void => {
    // nginx leads to those that answer, where there is one.
    const node = up[Math.floor(chance() * up.length)]
    if (node === undefined) return again(device, now + ROUND_TRIP_MS)
    const source = `10.0.${device >> 8}.0`
    if (!isPlain && node.door.enter(device, source, { now, chance: chance() }).kind === 'later')
      return again(device, now + ROUND_TRIP_MS)
    const helloAt = now + 3 * ROUND_TRIP_MS
    events.add(helloAt, () => hello(device, { node, dialledAt: now, now: helloAt }))
  }
  const hello = (
    device: number,
    { node, dialledAt, now }: { readonly node: Node; readonly dialledAt: number; readonly now: number },
  ): void => {
    if (!isPlain) {
      const answer = node.door.hello(device, 'known', now)
      if (answer.kind === 'later') {
        node.door.left(device, now)
        sentAway += 1
        const at = now + answer.delayMs
        return events.add(at, () => dial(device, at))
      }
    }
    node.freeAt = Math.max(node.freeAt, now) + 1_000 / storm.nodePerSecond
    databaseFreeAt = Math.max(databaseFreeAt, node.freeAt) + 1_000 / storm.databasePerSecond
    const endsAt = databaseFreeAt
    const deadline = dialledAt + LIMITS.greetingMs
    if (!isPlain) events.add(endsAt, () => node.door.left(device, endsAt))
    if (endsAt <= deadline) return events.add(endsAt, () => void lives.push(endsAt))
    // It gives up and comes again; what it asked for is done all the same.
    wasted += 1
    events.add(deadline, () => again(device, deadline))
  }

  if (areAllLost)
    events.add(storm.downMs, () => {
      up = nodes
    })
  // A connection that ends is noticed within a heartbeat at worst; a process that dies, at once.
  for (let device = 0; device < returning; device += 1) again(device, 0)
  const left = areAllLost ? storm.nodes : storm.nodes - storm.lost
  const perSecond = Math.min(storm.databasePerSecond, left * storm.nodePerSecond)
  const idealS = returning / perSecond + (areAllLost ? storm.downMs / 1_000 : 0)
  events.run(GIVEN_UP * idealS * 1_000, () => lives.length === returning)

  const at = (share: number): number | null => {
    const ms = lives[Math.ceil(returning * share) - 1]
    return ms === undefined ? null : ms / 1_000
  }
  return {
    halfS: at(0.5),
    p99S: at(0.99),
    lastS: at(1),
    idealS,
    sentAway,
    wasted,
  }
}
