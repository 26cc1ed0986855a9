import { FairQueue } from '../fair-queue.ts'
import { sourceOf, type GroupCall } from './group-call.ts'
import type { GroupAnswer } from './groups.ts'

/** Calls of one transaction: how long it holds what it locked, and how many have to be carried out alone where one is refused. */
const MAX_GROUP = 32
/** Calls that may wait while the database is slow or away. */
export const MAX_WAITING = 10_000

interface Waiting {
  readonly call: GroupCall
  readonly answer: (answer: GroupAnswer) => void
}

/**
 * Calls that wait for one writer: what comes within a turn and while a group is being carried out is the next one. Devices and
 * keys have their turns one after the other, a call each, and calls of one keep their order (P8, T15).
 */
export class WriteLane {
  readonly #queue = new FairQueue<Waiting>()
  readonly #carryOut: (calls: readonly GroupCall[]) => Promise<readonly GroupAnswer[]>
  #isRunning = false
  #isIdle: Promise<void> = Promise.resolve()

  constructor(carryOut: (calls: readonly GroupCall[]) => Promise<readonly GroupAnswer[]>) {
    this.#carryOut = carryOut
  }

  call(call: GroupCall): Promise<GroupAnswer> {
    if (this.#queue.size >= MAX_WAITING) return Promise.resolve({ kind: 'unavailable' })
    return new Promise((answer) => {
      this.#queue.add(sourceOf(call), { call, answer })
      if (this.#isRunning) return
      this.#isRunning = true
      this.#isIdle = new Promise((idle) => {
        // After this turn's input, not within it: what one socket read brought is one group.
        setImmediate(() => void this.#run().then(idle))
      })
    })
  }

  /** Everything that was called before is answered. */
  idle(): Promise<void> {
    return this.#isIdle
  }

  async #run(): Promise<void> {
    for (let group = this.#next(); group.length > 0; group = this.#next()) {
      for (let waiting = group; waiting.length > 0;) {
        const answers = await this.#answers(waiting.map(({ call }) => call))
        for (const [index, answer] of answers.entries()) waiting[index]?.answer(answer)
        waiting = waiting.slice(answers.length)
      }
    }
    this.#isRunning = false
  }

  async #answers(calls: readonly GroupCall[]): Promise<readonly GroupAnswer[]> {
    try {
      return await this.#carryOut(calls)
    } catch (cause) {
      // A bug: who waits is told, and the next group goes on.
      return calls.map(() => ({ kind: 'failed', cause }))
    }
  }

  #next(): readonly Waiting[] {
    const group: Waiting[] = []
    for (let next = this.#queue.take(); next !== undefined; next = this.#queue.take()) {
      group.push(next)
      if (group.length === MAX_GROUP) break
    }
    return group
  }
}
