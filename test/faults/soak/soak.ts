import { setTimeout as pause } from 'node:timers/promises'
import type { Way } from '../../../relay/protocol/ways.ts'
import { seededRandom } from '../../../relay/testing/seeded-random.ts'
import type { SoakArguments } from './arguments.ts'
import { inject } from './faults.ts'
import { Floor, mixedWays } from './floor.ts'
import { Ledger } from './ledger.ts'
import { LogWatch } from './log-watch.ts'
import type { Machine } from '../../support/machine.ts'
import { DEADLINE_MS, recover } from './recovery.ts'
import type { Report, Round } from './report.ts'
import { Trace } from './trace.ts'
import { describeFault, planRound, type FaultKind, type Planned } from './schedule.ts'

const PROGRESS_MS = 5_000
/** A recovery that takes longer is worth a line of its own. */
const SLOW_MS = 10_000
/** The first start of everything, on a busy machine. */
const START_MS = 60_000

export interface SoakOptions extends SoakArguments {
  readonly machine: Machine
  readonly print: (line: string) => void
}

/** Rounds of faults, each followed by a recovery, while people work; at the end rest, and the accounts. */
export class Soak {
  readonly #options: SoakOptions
  readonly #ledger = new Ledger()
  readonly #logs = new LogWatch()
  readonly #rounds: Round[] = []
  readonly #faults = new Map<FaultKind, number>()
  readonly #began = performance.now()
  readonly #trace: Trace

  constructor(options: SoakOptions) {
    this.#options = options
    this.#trace = new Trace(options.trace)
  }

  async run(signal: AbortSignal): Promise<Report> {
    const { machine, minutes, nodes, relays, seed, transport } = this.#options
    const mixed = mixedWays(seed)
    const wayOf = (relay: number): Way | null => transport ?? mixed(relay)
    const floor = await Floor.open({
      machine,
      ledger: this.#ledger,
      relays,
      minutes,
      nodes,
      wayOf,
      random: (use) => chanceFor(seed, use),
      logged: (place, line) => {
        this.#trace.logged(place, line)
        this.#logs.heard(place, line)
      },
      printed: (place, line) => this.#trace.heard(place, line),
    })
    const progress = setInterval(() => this.#options.print(this.#progress(floor)), PROGRESS_MS)
    try {
      await Promise.race([this.#work(floor, signal), aborted(signal)])
    } finally {
      clearInterval(progress)
      await floor.finish({ politely: !signal.aborted })
      await this.#trace.close()
    }
    if (!signal.aborted) this.#ledger.close()
    return {
      seed,
      relays: Array.from({ length: relays }, (_, relay) => wayOf(relay)),
      seconds: Math.round((performance.now() - this.#began) / 1000),
      rounds: this.#rounds,
      faults: this.#faults,
      counts: this.#ledger.counts(),
      runs: this.#ledger.runs,
      errors: this.#logs.errors,
      lacks: machine.lacks,
      broken: this.#ledger.broken,
      violations: this.#ledger.violations,
    }
  }

  async #work(floor: Floor, signal: AbortSignal): Promise<void> {
    const { minutes, seed } = this.#options
    floor.start()
    if (!(await allLive(floor, signal))) {
      const states = floor.stations.map(({ relay }) => `relay ${relay.index} is ${relay.state}`)
      if (!signal.aborted) this.#ledger.add('a floor starts', states)
      return
    }
    for (const { load } of floor.stations) load.start()
    const end = performance.now() + minutes * 60_000
    const chance = chanceFor(seed, 'schedule')
    while (performance.now() < end && !signal.aborted) await this.#round(floor, planRound(chance, floor.bounds), signal)
    for (const { load } of floor.stations) load.stop()
    await this.#recovered(floor, [], signal)
  }

  async #round(floor: Floor, planned: readonly Planned[], signal: AbortSignal): Promise<void> {
    const faults = planned.map(({ atMs, fault }) => `${(atMs / 1000).toFixed(1)} s ${describeFault(fault)}`)
    this.#options.print(`round ${this.#rounds.length + 1}: ${faults.join('; ')}`)
    await Promise.all(
      planned.map(async ({ atMs, fault }) => {
        await pause(atMs)
        if (signal.aborted) return
        this.#faults.set(fault.kind, (this.#faults.get(fault.kind) ?? 0) + 1)
        this.#trace.did(`begin ${describeFault(fault)}`)
        await inject(floor, this.#ledger, fault)
        this.#trace.did(`end ${describeFault(fault)}`)
      }),
    )
    await this.#recovered(floor, faults, signal)
  }

  async #recovered(floor: Floor, faults: readonly string[], signal: AbortSignal): Promise<void> {
    const { ms, last, missing } = await recover(floor, this.#ledger, signal)
    const number = this.#rounds.length + 1
    if (!signal.aborted) this.#rounds.push({ number, faults, recoveryMs: ms, last })
    if (ms !== null && ms > SLOW_MS) this.#options.print(`slow: ${(ms / 1000).toFixed(1)} s, last ${last.join(', ')}`)
    if (missing.length === 0) return
    const ended = ms === null ? 'never' : `after ${(ms / 1000).toFixed(1)} s`
    this.#ledger.add(`progress resumes within ${DEADLINE_MS / 1000} s`, [
      `round ${number}, ${ended}: ${faults.join('; ')}`,
      ...missing,
    ])
  }

  #progress(floor: Floor): string {
    const { saved, open, events } = this.#ledger.counts()
    const live = floor.stations.filter(({ relay }) => relay.isLive).length
    const broken = [...this.#ledger.broken.values()].reduce((sum, count) => sum + count, 0)
    const seconds = Math.round((performance.now() - this.#began) / 1000)
    return `${String(seconds).padStart(5)} s  ${live}/${floor.stations.length} live, ${saved} saved, ${open} open, ${events} events, ${broken} violations`
  }
}

/** Whoever stops a soak does not want to wait for its faults to be over. */
function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

async function allLive(floor: Floor, signal: AbortSignal): Promise<boolean> {
  const deadline = performance.now() + START_MS
  while (!floor.stations.every(({ relay }) => relay.isLive)) {
    if (signal.aborted || performance.now() > deadline) return false
    await pause(100)
  }
  return true
}

/** A sequence of its own for each use; its seed is a hash of both (FNV-1a). */
function chanceFor(seed: number, use: string): () => number {
  let hash = 0x811c9dc5 ^ seed
  for (const letter of use) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193)
  const random = seededRandom(hash >>> 0)
  return () => random.next()
}
