import { laneRange, outboxKey, type OutboxMeta, type OutboxRow } from '../../relay/core/disk/rows.ts'
import type { Message } from '../../relay/protocol/binary.ts'
import type { ClientFrame, ServerFrame } from '../../relay/protocol/frames.ts'
import type { Lane } from '../../relay/protocol/lanes.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import type { Violate } from './ledger.ts'
import type { SimulatedDisk } from './simulated-disk.ts'

/** What the watch knows of the device besides its frames. */
export interface Watched {
  readonly disk: SimulatedDisk
  /** Urgent commands that were told saved and have not ended. */
  readonly savedUrgent: ReadonlySet<string>
  /** Commands whose result has reached this life of the relay. */
  readonly answered: Set<string>
  /** The id of the urgent command that was told "later", and is tried alone until it has ended. */
  urgentTried: string | null
}

/**
 * Reads one connection over the relay's shoulder. It knows what the relay knows and no more: what a socket says that the relay
 * has closed, or of commands that are none of its outbox, changes nothing here either (R2).
 *
 * 1. A command that is sent is on the disk; what is confirmed is not in its outbox any more (R4, R5).
 * 2. At most `maxInFlight` commands of a lane are without an answer (R8).
 * 3. A normal command is not sent while an urgent one could be, which is one of this outbox that was told saved (R7).
 * 4. The sequence an `expect` names is sent again, and not only when the lane has stood still for long (R9).
 */
export class UplinkWatch {
  readonly #watched: Watched
  readonly #violate: Violate
  readonly #unanswered: Record<Lane, Set<number>> = { urgent: new Set(), normal: new Set() }
  readonly #sent = new Set<string>()
  readonly #expected: Record<Lane, number | null> = { urgent: null, normal: null }

  constructor(watched: Watched, violate: Violate) {
    this.#watched = watched
    this.#violate = violate
  }

  sent(text: Message): void {
    if (typeof text !== 'string' || !text.startsWith('{"t":"co')) return
    const frame = JSON.parse(text) as ClientFrame
    if (frame.t === 'confirm') this.#confirmed(frame.lane, frame.upTo)
    if (frame.t === 'command') this.#commanded(frame)
  }

  heard(text: Message): void {
    if (typeof text !== 'string' || !/^\{"t":"(re|ex)/.test(text)) return
    const frame = JSON.parse(text) as ServerFrame
    if (frame.t === 'expect') this.#expected[frame.lane] = frame.seq
    else if (frame.t === 'result') {
      if (frame.seq === this.#expected[frame.lane]) this.#expected[frame.lane] = null
      this.#unanswered[frame.lane].delete(frame.seq)
      this.#watched.answered.add(frame.id)
      if (frame.id === this.#watched.urgentTried) this.#watched.urgentTried = null
    } else if (frame.t === 'retry-later' && frame.lane === 'urgent') this.#watched.urgentTried = frame.id
  }

  /** The relay says that a lane stands still from this sequence on. */
  stalled(lane: Lane, seq: number): void {
    if (this.#expected[lane] === seq) this.#violate('an expect was not obeyed', { lane, seq })
  }

  #commanded({ lane, seq, id }: Extract<ClientFrame, { t: 'command' }>): void {
    const { disk, savedUrgent, answered } = this.#watched
    const row = disk.text('outbox', outboxKey(lane, seq, volumeOf(disk)))
    if (row?.includes(id) !== true) this.#violate('a command was sent that is not on the disk', { lane, seq, id })
    if (seq === this.#expected[lane]) this.#expected[lane] = null
    const unanswered = this.#unanswered[lane]
    unanswered.add(seq)
    if (unanswered.size > LIMITS.maxInFlight) this.#violate('too many commands are in flight', { lane, seq })
    this.#sent.add(id)
    if (lane === 'urgent' || this.#unanswered.urgent.size >= LIMITS.maxInFlight) return
    const urgent = urgentRows(disk)
    if (urgent.some((each) => each.id === this.#watched.urgentTried)) return
    for (const { id: waits } of urgent) {
      if (savedUrgent.has(waits) && !this.#sent.has(waits) && !answered.has(waits))
        this.#violate('a normal command went before an urgent one', { id, urgent: waits })
    }
  }

  #confirmed(lane: Lane, upTo: number): void {
    const { disk } = this.#watched
    const { from } = laneRange(lane, volumeOf(disk))
    for (const key of disk.keys('outbox')) {
      if (key.startsWith(from) && Number(key.slice(from.length)) <= upTo)
        this.#violate('a result was confirmed that is not durable', { key, upTo })
    }
  }
}

/** The urgent command that was told "later" in an earlier life, if it is still the next one: only then it is tried alone. */
export function triedBefore(disk: SimulatedDisk): string | null {
  const meta = disk.get('meta', 'outbox') as OutboxMeta | null
  const [next] = urgentRows(disk)
  return next !== undefined && next.seq === meta?.trying?.urgent?.seq ? next.id : null
}

/** In the order of the lane; of an epoch that was given up there are none. */
function urgentRows(disk: SimulatedDisk): readonly OutboxRow[] {
  return disk.read('outbox', laneRange('urgent', volumeOf(disk))).map(({ value }) => value as OutboxRow)
}

function volumeOf(disk: SimulatedDisk): number {
  const meta = disk.get('meta', 'outbox') as OutboxMeta | null
  return meta?.volume ?? 0
}
