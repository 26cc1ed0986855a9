import type { CommandId, DeviceId, OutboxEpoch } from '../../../relay/protocol/ids.ts'
import type { Lane } from '../../../relay/protocol/lanes.ts'
import { LIMITS } from '../../../relay/protocol/limits.ts'
import type { OutboxSource } from '../../ports/submission.ts'
import type { MarkFact } from './facts.ts'
import type { WorkingSet } from './working-set.ts'

/** Marks and results of outboxes, in the working set of the group. A mark says how many results of its lane are kept. */
export class Lanes {
  readonly #set: WorkingSet

  constructor(set: WorkingSet) {
    this.#set = set
  }

  find(device: DeviceId, epoch: string, lane: Lane): MarkFact | null {
    return this.#set.get('marks', device).find((each) => each.epoch === epoch && each.lane === lane) ?? null
  }

  result({ device, epoch, lane, seq }: OutboxSource): { readonly id: string; readonly outcome: string } | null {
    if (seq <= this.#confirmed({ device, epoch, lane })) return null
    const made = this.#set.noted(resultName({ device, epoch, lane, seq }))
    // Noted below.
    if (made !== undefined) return made as { id: string; outcome: string }
    return this.#set.get('result', device, epoch, lane, String(seq))
  }

  /** Whether this device has so many results, or more. */
  reaches(device: DeviceId, count: number): boolean {
    // What was confirmed in this group is counted when it is deleted; until then no lane keeps more than came behind it.
    const held = this.#set
      .get('marks', device)
      .map((mark) => Math.min(mark.held, Math.max(0, mark.mark - this.#confirmed(mark))))
    return held.reduce((sum, each) => sum + each, 0) >= count
  }

  /** Results up to here are forgotten, and deleted with the group; a lane that is not known has none. */
  confirm(lane: LaneName, upTo: number): void {
    if (this.find(lane.device, lane.epoch, lane.lane) === null) return
    this.#set.needsMark(lane.device, lane.epoch, lane.lane, true)
    this.#set.write('confirmed', { ...lane, upTo })
    this.#set.note(confirmedName(lane), Math.max(upTo, this.#confirmed(lane)))
  }

  #confirmed(lane: LaneName): number {
    return (this.#set.noted(confirmedName(lane)) ?? 0) as number
  }

  /** The end of the command that is next in its lane. */
  put(source: OutboxSource, id: CommandId, outcome: string): void {
    const { device, epoch, lane, seq } = source
    if (seq === 1) this.#makeRoomForEpoch(device, epoch)
    const held = (this.find(device, epoch, lane)?.held ?? 0) + 1
    this.move({ device, epoch, lane, mark: seq, last: id, held, movedAt: this.#set.now })
    this.#set.write('results', { device, epoch, lane, seq, id, outcome })
    this.#set.note(resultName(source), { id, outcome })
  }

  move(mark: MarkFact): void {
    const { device, epoch, lane } = mark
    this.#set.needsMark(device, epoch, lane, this.find(device, epoch, lane) !== null)
    const others = this.#set.get('marks', device).filter((each) => each.epoch !== epoch || each.lane !== lane)
    this.#set.set('marks', [device], [...others, mark])
  }

  /** As if this had been taken, so that what comes behind it asks for what it needs, too. Nothing of it is written. */
  assume({ device, epoch, lane, seq }: OutboxSource, id: CommandId): void {
    const marks = this.#set.get('marks', device)
    const others = marks.filter((each) => each.epoch !== epoch || each.lane !== lane)
    const mark: MarkFact = { device, epoch, lane, mark: seq, last: id, held: 0, movedAt: this.#set.now }
    this.#set.set('marks', [device], [...others, mark])
  }

  /** Results of every other outbox of this device go; whether there were any. */
  dropOthers(device: DeviceId, epoch: OutboxEpoch): boolean {
    const others = this.#set.get('marks', device).filter((each) => each.epoch !== epoch && each.held > 0)
    for (const each of new Set(others.map((mark) => mark.epoch)))
      this.#set.write('droppedOutboxes', { device, epoch: each, withMarks: false })
    for (const mark of others) this.move({ ...mark, held: 0 })
    return others.length > 0
  }

  /** A device has few epochs in its life; of one that makes them up, the one that stood still longest goes (T12). */
  #makeRoomForEpoch(device: DeviceId, epoch: OutboxEpoch): void {
    const marks = this.#set.get('marks', device)
    const moved = new Map<OutboxEpoch, string>()
    for (const each of marks) {
      const before = moved.get(each.epoch) ?? ''
      if (each.epoch !== epoch) moved.set(each.epoch, each.movedAt > before ? each.movedAt : before)
    }
    if (moved.size < LIMITS.maxOutboxEpochs) return
    const newestFirst = [...moved].toSorted(([, a], [, b]) => (a < b ? 1 : -1))
    const old = new Set(newestFirst.slice(LIMITS.maxOutboxEpochs - 1).map(([each]) => each))
    this.#set.needsDevice(device)
    for (const each of old) this.#set.write('droppedOutboxes', { device, epoch: each, withMarks: true })
    this.#set.set(
      'marks',
      [device],
      marks.filter((each) => !old.has(each.epoch)),
    )
  }
}

interface LaneName {
  readonly device: DeviceId
  readonly epoch: OutboxEpoch
  readonly lane: Lane
}

function confirmedName({ device, epoch, lane }: LaneName): string {
  return `confirmed ${device} ${epoch} ${lane}`
}

function resultName({ device, epoch, lane, seq }: Pick<OutboxSource, 'device' | 'epoch' | 'lane' | 'seq'>): string {
  return `result ${device} ${epoch} ${lane} ${seq}`
}
