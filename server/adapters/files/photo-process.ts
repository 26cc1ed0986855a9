import { fork, type ChildProcess } from 'node:child_process'
import { setPriority } from 'node:os'
import { ASIDE } from '../background-thread.ts'
import type { AnsweredPhoto, AskedPhoto, PhotoAnswer, PhotoJob } from './photo-work.ts'

export interface PhotoProcessOptions {
  /** Module of the process. */
  readonly worker: URL
  /** Told of a process that ended in the middle of a job, or could not be started. */
  readonly failed: (what: string, cause: unknown) => void
  /** Pause after the first start that failed, milliseconds; after each further one it is twice as long. */
  readonly restMs?: number
}

/** In how many processes, each of which has decoded a photo of ours, one is looked at: bytes that end every one are no photo. */
const MAX_LOOKS = 2
/** When it is ended although it costs nothing: then nothing can be said of what it looks at. */
const MAX_JOB_MS = 120_000
/** By which others end a process: somebody who stops it, or the system where memory is short. It says nothing of the bytes. */
const FROM_OUTSIDE: ReadonlySet<string> = new Set(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'])
const REST_MS = 1_000
const MAX_REST_MS = 60_000
/** How long it waits for the next job: it holds the memory of a decoder. */
const IDLE_MS = 60_000

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
  /** Starts that failed, one after the other. */
  #failures = 0
  #isResting = false
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
    let deaths = 0
    for (let look = 0; look < MAX_LOOKS; look += 1) {
      const child = this.#child ?? (await this.#start())
      if (child === null) return null
      const answer = await this.#once(child, job)
      if (answer !== 'died' && answer !== 'stopped') {
        this.#idle = setTimeout(() => this.#end(), IDLE_MS).unref()
        return answer
      }
      if (answer === 'died') deaths += 1
    }
    return this.#isClosed || deaths < MAX_LOOKS ? null : { kind: 'refused', why: 'its decoder ended' }
  }

  /** `died`: by itself. `stopped`: others ended it. */
  #once(child: ChildProcess, job: PhotoJob): Promise<PhotoAnswer | 'died' | 'stopped' | null> {
    this.#ref += 1
    const ref = this.#ref
    return new Promise((resolve) => {
      const end = (answer: PhotoAnswer | 'died' | 'stopped' | null, why: string | null): void => {
        clearTimeout(overdue)
        child.off('message', answered).off('error', unstarted).off('exit', exited)
        if (why !== null) {
          if (!this.#isClosed) this.#options.failed('photo', why)
          this.#end()
        }
        resolve(answer)
      }
      // What was given up may still be answered, while the next one is asked for.
      const answered = (given: AnsweredPhoto | null): void => {
        if (given?.ref === ref) end(given.answer, null)
      }
      const unstarted = (cause: Error): void => end(null, String(cause))
      const exited = (code: number | null, signal: string | null): void =>
        end(signal !== null && FROM_OUTSIDE.has(signal) ? 'stopped' : 'died', `ended with ${signal ?? code}`)
      const overdue = setTimeout(() => end(null, 'it does not answer'), MAX_JOB_MS)
      child.on('message', answered).on('error', unstarted).on('exit', exited)
      // What cannot be sent any more ends as `exit` or `error`.
      child.send({ ref, job } satisfies AskedPhoto, () => undefined)
    })
  }

  /** A process that has decoded a photo of ours; null where there is none, or was none a moment ago. */
  async #start(): Promise<ChildProcess | null> {
    if (this.#isClosed || this.#isResting) return null
    try {
      const child = (this.#child = this.#fork())
      await isReady(child)
      this.#failures = 0
      return child
    } catch (cause) {
      this.#end()
      if (this.#isClosed) return null
      this.#options.failed('photos-unavailable', String(cause))
      const { restMs = REST_MS } = this.#options
      this.#isResting = true
      setTimeout(() => (this.#isResting = false), Math.min(restMs * 2 ** this.#failures, MAX_REST_MS)).unref()
      this.#failures += 1
      return null
    }
  }

  #fork(): ChildProcess {
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
      if (child.pid !== undefined) setPriority(child.pid, ASIDE)
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

async function isReady(child: ChildProcess): Promise<void> {
  let overdue: NodeJS.Timeout | undefined
  await new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve()).once('error', reject)
    child.once('exit', (code, signal) => reject(new Error(`it ended with ${signal ?? code} before it was ready`)))
    overdue = setTimeout(() => reject(new Error('it is not ready')), MAX_JOB_MS)
  }).finally(() => clearTimeout(overdue))
}
