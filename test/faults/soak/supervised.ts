import { setTimeout as pause } from 'node:timers/promises'
import type { Line, Program, ProgramOptions } from '../../support/processes.ts'

/** Between two attempts to start, as a supervisor paces them. */
const RESTART_MS = 500
/** The longest a program may take to end after SIGTERM: its own limit (15 s for the server) and a moment. */
const TERM_MS = 18_000

export interface SupervisedOptions {
  readonly name: string
  readonly spawn: (options: ProgramOptions) => Program
  /** Whether this line shows that it works. */
  readonly isReady: (line: Line) => boolean
  /** A process begins; what it is to be told first is written here. */
  readonly started: (program: Program) => void
  readonly printed: (line: Line) => void
  /** One line of its log. */
  readonly logged: (line: string) => void
  readonly violated: (promise: string, evidence: readonly string[]) => void
  /** Whether it may now end before it is ready, with a sentence: its disk is full. */
  readonly mayFailToStart: () => boolean
}

/** A program and the supervisor that starts it again whatever ends it. Its own end, unasked, breaks a promise. */
export class Supervised {
  readonly #options: SupervisedOptions
  #program: Program | null = null
  #isReady = false
  /** Somebody is ending it on purpose. */
  #isEnding = false
  #isOver = false
  /** What is being done to it: a drain may take longer than the schedule thought. */
  #turn: Promise<void> = Promise.resolve()

  constructor(options: SupervisedOptions) {
    this.#options = options
  }

  /** Null while it is down. */
  get program(): Program | null {
    return this.#program
  }
  /** Up, and its first word said. */
  get isReady(): boolean {
    return this.#program !== null && this.#isReady
  }

  start(): void {
    if (this.#isOver || this.#program !== null) return
    const { started, printed, isReady, logged } = this.#options
    this.#isReady = false
    this.#isEnding = false
    const program: Program = this.#options.spawn({
      keep: 50,
      onLine: (line) => {
        if (this.#program !== program) return
        if (isReady(line)) this.#isReady = true
        printed(line)
      },
      onStderr: logged,
    })
    this.#program = program
    started(program)
    void program.exited.then(() => this.#ended(program))
  }

  kill(downMs: number): Promise<void> {
    return this.#inTurn(async () => {
      await this.#end(() => this.#program?.kill())
      await pause(downMs)
      this.start()
    })
  }

  term(downMs: number): Promise<void> {
    return this.#inTurn(async () => {
      await this.#end(() => this.#stop())
      await pause(downMs)
      this.start()
    })
  }

  freeze(forMs: number): Promise<void> {
    return this.#inTurn(async () => {
      const program = this.#program
      program?.signal('SIGSTOP')
      await pause(forMs)
      program?.signal('SIGCONT')
    })
  }

  /** For good. `politely`: by SIGTERM, which must end it with 0. */
  async finish({ politely }: { readonly politely: boolean }): Promise<void> {
    this.#isOver = true
    await this.#end(() => (politely ? this.#stop() : this.#program?.kill()))
  }

  #inTurn(act: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(act)
    return this.#turn
  }

  async #end(how: () => Promise<void> | undefined): Promise<void> {
    this.#isEnding = true
    await how()
    this.#program = null
  }

  async #stop(): Promise<void> {
    const program = this.#program
    if (program === null) return
    const { name, violated, mayFailToStart } = this.#options
    const wasReady = this.#isReady
    const overdue = new AbortController()
    const stopped = program.stop().finally(() => overdue.abort())
    const isOverdue = await pause(TERM_MS, true, { signal: overdue.signal }).catch(() => false)
    if (isOverdue) {
      violated('SIGTERM ends a program in time', [`${name} still ran after ${TERM_MS / 1000} s`, program.stderr])
      await program.kill()
    } else {
      const code = await stopped
      // Told to go before it could listen to signals, it goes as the system has it.
      const isEarly = !wasReady && (program.exit?.signal === 'SIGTERM' || mayFailToStart())
      if (code !== 0 && !isEarly) {
        violated('SIGTERM ends a program with 0', [`${name}: ${JSON.stringify(program.exit)}`, program.stderr])
      }
    }
  }

  #ended(program: Program): void {
    const { name, violated, mayFailToStart } = this.#options
    if (program.broken.length > 1 || (program.broken.length === 1 && program.exit?.signal !== 'SIGKILL')) {
      violated('every line is JSON', [name, ...program.broken.slice(0, 3)])
    }
    if (this.#program !== program || this.#isEnding) return
    this.#program = null
    const mayBe = !this.#isReady && mayFailToStart()
    if (!mayBe)
      violated('a program does not end by itself', [`${name}: ${JSON.stringify(program.exit)}`, program.stderr])
    void pause(RESTART_MS).then(() => this.start())
  }
}
