import { fork, type ChildProcess } from 'node:child_process'
import { setPriority } from 'node:os'
import type { AnsweredPhoto, AskedPhoto, PhotoAnswer, PhotoJob } from './photo-work.ts'

export interface PhotoProcessOptions {
  /** Module of the process. */
  readonly worker: URL
  /** Told of a process that ended in the middle of a job, or could not be started. */
  readonly failed: (what: string, cause: unknown) => void
}

/** How often the same bytes may end their process: what ends a decoder twice is no photo. */
const MAX_DEATHS = 2
/** When it is ended although it costs nothing: then nothing can be said of what it looks at. */
const MAX_JOB_MS = 120_000
/** How long it waits for the next job: it holds the memory of a decoder. */
const IDLE_MS = 60_000
/** Below everything else on the machine. */
const NICE = 10

/**
 * Bytes of strangers are decoded in a process of its own, one after the other: what a decoder does with its memory and for how
 * long is nobody else's, and no thread of a process can be taken from it in the middle of native code.
 */
export class PhotoProcess {
  readonly #options: PhotoProcessOptions
  #child: ChildProcess | null = null
  #ref = 0
  #last: Promise<unknown> = Promise.resolve()
  #idle: NodeJS.Timeout | null = null
  #isClosed = false

  constructor(options: PhotoProcessOptions) {
    this.#options = options
  }

  /** Null where nobody could look. */
  ask(job: PhotoJob): Promise<PhotoAnswer | null> {
    const answer = this.#last.then(() => this.#run(job))
    this.#last = answer
    return answer
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#end()
    await this.#last
  }

  async #run(job: PhotoJob): Promise<PhotoAnswer | null> {
    if (this.#idle !== null) clearTimeout(this.#idle)
    for (let deaths = 0; deaths < MAX_DEATHS; deaths += 1) {
      if (this.#isClosed) return null
      const answer = await this.#once(job)
      if (answer === 'died') continue
      this.#idle = setTimeout(() => this.#end(), IDLE_MS).unref()
      return answer
    }
    return this.#isClosed ? null : { kind: 'refused', why: 'its decoder ended' }
  }

  #once(job: PhotoJob): Promise<PhotoAnswer | 'died' | null> {
    const child = (this.#child ??= this.#start())
    this.#ref += 1
    const ref = this.#ref
    return new Promise((resolve) => {
      const end = (answer: PhotoAnswer | 'died' | null, why: string | null): void => {
        clearTimeout(overdue)
        child.off('message', answered).off('error', unstarted).off('exit', exited)
        if (why !== null) {
          if (!this.#isClosed) this.#options.failed('photo', why)
          this.#end()
        }
        resolve(answer)
      }
      // What was given up may still be answered, while the next one is asked for.
      const answered = (given: AnsweredPhoto): void => {
        if (given.ref === ref) end(given.answer, null)
      }
      const unstarted = (cause: Error): void => end(null, String(cause))
      const exited = (code: number | null, signal: string | null): void => end('died', `ended with ${signal ?? code}`)
      const overdue = setTimeout(() => end(null, 'it does not answer'), MAX_JOB_MS)
      child.on('message', answered).on('error', unstarted).on('exit', exited)
      // What cannot be sent any more ends as `exit` or `error`.
      child.send({ ref, job } satisfies AskedPhoto, () => undefined)
    })
  }

  #start(): ChildProcess {
    const child = fork(this.#options.worker, [], {
      execArgv: [],
      env: {},
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    // Whoever waits has listeners of its own; without any an error would end this process.
    child.on('error', () => undefined)
    child.once('exit', () => {
      if (this.#child === child) this.#child = null
    })
    child.unref()
    child.channel?.unref()
    try {
      if (child.pid !== undefined) setPriority(child.pid, NICE)
    } catch {
      // It has ended, or the system has no priorities: it is then as important as others.
    }
    return child
  }

  #end(): void {
    this.#child?.kill('SIGKILL')
    this.#child = null
  }
}
