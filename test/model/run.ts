import fc from 'fast-check'
import { expect, it } from 'vitest'
import { schedules, type WEIGHTS } from './schedule.ts'
import { play } from './world.ts'

/** Schedules of both files together; `ANDON_MODEL_RUNS` changes it, and `npm run prove` plays as many as its time holds. */
const RUNS = Number(process.env['ANDON_MODEL_RUNS'] ?? 2_000)
/** Of one file: no schedule begins after so long (`ANDON_MODEL_SECONDS`). */
const LIMIT_MS = Number(process.env['ANDON_MODEL_SECONDS'] ?? Infinity) * 1_000
/** Short runs, each with a seed of its own: a failure shrinks soon, and its name says how to repeat it. */
const PARTS = 5
const PART_TIMEOUT_MS = 600_000

/**
 * Plays random schedules, of the same seeds for everybody, so that a change is judged and not its luck. `ANDON_MODEL_SEED=N`
 * plays the run of that seed alone, `ANDON_MODEL_SEED=random` other seeds each time: that is how to look for more. What fails is
 * written down by its moves in `regressions.test.ts`, because a seed means something else as soon as a kind of move is added.
 */
export function explore(title: string, weights: (typeof WEIGHTS)[keyof typeof WEIGHTS]): void {
  const wanted = process.env['ANDON_MODEL_SEED']
  const parts = Array.from({ length: PARTS }, (_, part) => part + 1)
  const seeds =
    wanted === undefined
      ? parts
      : wanted === 'random'
        ? parts.map(() => Math.floor(Math.random() * 2 ** 31))
        : [Number(wanted)]
  const numRuns = Math.ceil(RUNS / 2 / PARTS)
  it.each(seeds)(
    `${title} (seed %i, ${numRuns} schedules)`,
    async (seed) => {
      let played = 0
      await fc.assert(
        fc.asyncProperty(schedules(weights), async (schedule) => {
          await play(schedule)
          played += 1
        }),
        { numRuns, seed, ...(LIMIT_MS < Infinity && { interruptAfterTimeLimit: LIMIT_MS / seeds.length }) },
      )
      if (LIMIT_MS < Infinity) process.stdout.write(`${played} of ${numRuns} schedules of seed ${seed} were played\n`)
      else expect(played).toBe(numRuns)
    },
    PART_TIMEOUT_MS,
  )
}
