import { Worker } from 'node:worker_threads'
import type { Answer, Documents, Inspected, TextFacts } from '../../ports/documents.ts'
import { FairQueue } from '../fair-queue.ts'
import type { DocumentAnswer, DocumentJob } from './document-work.ts'

export interface DocumentThreadsOptions {
  /** Module of the thread. */
  readonly worker: URL
  /** Told of a job that cost too much, or whose thread failed. */
  readonly givenUp: (job: DocumentJob['kind'], why: string) => void
}

/**
 * What a job may cost of a processor, milliseconds: an update of the largest size takes a few, a note of the largest size tens.
 * It is the thread's own time that counts, so on a busy machine nothing is given up that is only slow.
 */
const MAX_CPU_MS = { inspect: 50, fits: 2_000, text: 2_000, words: 2_000, merge: 2_000 } as const
const LOOK_MS = 50
/** Where the runtime does not tell a thread's own time (Node before 24.6), this many times as much may pass. */
const PATIENCE = 20
const REFUSED = { ok: false, why: 'refused' } as const
const NOT_RUN = { ok: false, why: 'not-run' } as const
/** Whose are the jobs that nobody asked for. */
const SITE = 'site'

/** Documents in threads of their own: one for what commands wait for, one for what nobody waits for. */
export function openDocuments(options: DocumentThreadsOptions): Documents {
  const asked = new DocumentThread(options)
  const aside = new DocumentThread(options)
  return {
    // The thread answers each kind with its own type (`carryOut`).
    inspect: (update, source) => asked.ask({ kind: 'inspect', update }, source) as Promise<Answer<Inspected>>,
    fits: (updates, places, source) => asked.ask({ kind: 'fits', updates, places }, source) as Promise<Answer<boolean>>,
    text: (updates, source) => asked.ask({ kind: 'text', updates }, source) as Promise<Answer<TextFacts>>,
    words: (updates) => aside.ask({ kind: 'words', updates }, SITE) as Promise<Answer<string>>,
    merge: (updates, { isAll, partBytes }) =>
      aside.ask({ kind: 'merge', updates, isAll, partBytes }, SITE) as Promise<Answer<readonly string[]>>,
    close: async () => {
      await Promise.all([asked.close(), aside.close()])
    },
  }
}

interface Waiting {
  readonly job: DocumentJob
  readonly resolve: (answer: Answer<DocumentAnswer>) => void
}

/** Jobs one after the other in a thread, of each source in turn; it begins with the first, and one that costs too much ends it. */
class DocumentThread {
  readonly #options: DocumentThreadsOptions
  #worker: Promise<Worker> | null = null
  readonly #waiting = new FairQueue<Waiting>()
  #isRunning = false
  #isClosed = false

  constructor(options: DocumentThreadsOptions) {
    this.#options = options
  }

  ask(job: DocumentJob, source: string): Promise<Answer<DocumentAnswer>> {
    return new Promise((resolve) => {
      this.#waiting.add(source, { job, resolve })
      void this.#work()
    })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const worker = await this.#worker?.catch(() => null)
    await worker?.terminate()
  }

  async #work(): Promise<void> {
    if (this.#isRunning) return
    this.#isRunning = true
    for (let next = this.#waiting.take(); next !== undefined; next = this.#waiting.take())
      next.resolve(await this.#run(next.job))
    this.#isRunning = false
  }

  /**
   * A job that was cut short is tried once more: whatever its thread had read before may have cost it the time or the memory. A
   * thread that begins with it has only this job to blame.
   */
  async #run(job: DocumentJob): Promise<Answer<DocumentAnswer>> {
    const ended = await this.#attempt(job)
    const answer = ended === 'cut' ? await this.#attempt(job) : ended
    return answer === 'cut' ? REFUSED : answer
  }

  async #attempt(job: DocumentJob): Promise<Answer<DocumentAnswer> | 'cut'> {
    if (this.#isClosed) return NOT_RUN
    const worker = await (this.#worker ??= this.#start()).catch((cause: unknown) => {
      this.#options.givenUp(job.kind, String(cause))
      this.#worker = null
      return null
    })
    if (worker === null) return NOT_RUN
    const before = await cpuMs(worker)
    const began = performance.now()
    return new Promise((resolve) => {
      let isOver = false
      const end = (answer: Answer<DocumentAnswer> | 'cut'): void => {
        // A look that was under way when the answer came says nothing of it, and must not end the thread of the next job.
        if (isOver) return
        isOver = true
        clearInterval(looking)
        worker.off('message', answered).off('error', failed).off('exit', failed)
        resolve(answer)
      }
      const cut = (why: string): void => {
        if (isOver) return
        if (this.#isClosed) return end(NOT_RUN)
        this.#options.givenUp(job.kind, why)
        this.#worker = null
        void worker.terminate()
        end('cut')
      }
      const answered = (value: DocumentAnswer | null): void => end(value === null ? REFUSED : { ok: true, value })
      const failed = (cause: unknown): void => cut(String(cause))
      const looking = setInterval(() => {
        void cpuMs(worker).then((now) => {
          const isTooMuch =
            before === null || now === null
              ? performance.now() - began > PATIENCE * MAX_CPU_MS[job.kind]
              : now - before > MAX_CPU_MS[job.kind]
          if (isTooMuch) cut('it took too long')
        })
      }, LOOK_MS)
      worker.on('message', answered).on('error', failed).on('exit', failed)
      worker.postMessage(job)
    })
  }

  /** A thread that has loaded what it works with: that is no cost of the job for which it was started. */
  async #start(): Promise<Worker> {
    const worker = new Worker(this.#options.worker, { resourceLimits: { maxOldGenerationSizeMb: 256 } })
    worker.unref()
    await new Promise<void>((resolve, reject) => {
      worker.once('message', () => resolve())
      worker.once('error', reject)
      worker.once('exit', () => reject(new Error('it ended at once')))
    })
    return worker
  }
}

/** What this thread has used of a processor so far, milliseconds; null where the runtime does not tell. */
async function cpuMs(worker: Worker): Promise<number | null> {
  if (typeof worker.cpuUsage !== 'function') return null
  try {
    const { user, system } = await worker.cpuUsage()
    return (user + system) / 1_000
  } catch {
    // It has ended; its `exit` says so.
    return null
  }
}
