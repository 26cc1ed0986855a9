import { statfs } from 'node:fs/promises'
import { cpus, freemem, totalmem } from 'node:os'
import { monitorEventLoopDelay } from 'node:perf_hooks'

/** This machine and this process at one moment. Shares in per cent. */
export interface HostMeasure {
  /** Time the processors worked since the last measure. */
  readonly cpu: number
  readonly memory: number
  /** Of the file system that holds the data folder, as `df` counts it. */
  readonly disk: number
  /** The longest the event loop of this process was late since the last measure, milliseconds. */
  readonly loopDelayMs: number
}

/** How often the loop's delay is looked at, milliseconds: fine enough for what a person would notice. */
const RESOLUTION_MS = 10

/** Measures the machine this runs on. `stop` ends the watching of the event loop. */
export class HostMeter {
  readonly #folder: string
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  #cpu = cpuTimes()

  constructor(folder: string) {
    this.#folder = folder
  }

  start(): void {
    this.#delay.enable()
  }

  stop(): void {
    this.#delay.disable()
  }

  async measure(): Promise<HostMeasure> {
    const before = this.#cpu
    this.#cpu = cpuTimes()
    const total = this.#cpu.total - before.total
    const idle = this.#cpu.idle - before.idle
    // The monitor records whole intervals between two of its ticks; what is above its own is the delay. NaN before the first.
    const longestMs = this.#delay.max / 1e6
    this.#delay.reset()
    const { blocks, bfree, bavail } = await statfs(this.#folder)
    const used = blocks - bfree
    return {
      cpu: share(total - idle, total),
      memory: share(totalmem() - freemem(), totalmem()),
      disk: share(used, used + bavail),
      loopDelayMs: rounded(Math.max(0, (Number.isFinite(longestMs) ? longestMs : 0) - RESOLUTION_MS)),
    }
  }
}

function cpuTimes(): { readonly total: number; readonly idle: number } {
  let total = 0
  let idle = 0
  for (const { times } of cpus()) {
    total += times.user + times.nice + times.sys + times.idle + times.irq
    idle += times.idle
  }
  return { total, idle }
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : rounded(Math.min(Math.max((100 * part) / whole, 0), 100))
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10
}
