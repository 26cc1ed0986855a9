import { splitLines, type InputLine } from './cli-input.ts'
import { errorLine, lineOf, parseLine, type Instruction, type OutputLine } from './cli-lines.ts'
import { SignInKeeper, type SignInOutcome } from './cli-sign-in.ts'
import type { OwnTrack } from './protocol/presence.ts'
import type { Checked } from './protocol/check.ts'
import type { Refusal } from './protocol/errors.ts'
import type { Lane } from './protocol/lanes.ts'
import { LIMITS } from './protocol/limits.ts'
import { unreachable } from './protocol/rights.ts'
import type { Clock, Log, Observation } from './ports.ts'

/** Commands handed to the relay and not yet durable: enough for the store to commit in groups, few enough to wait for. */
const MAX_UNSAVED = 256

/** What the program needs of `Relay`. */
export interface HeadlessRelay {
  start(): Promise<void>
  submit(command: { readonly ref: string; readonly type: string; readonly data: unknown }): Promise<Checked<unknown>>
  subscribe(channel: string, options?: { readonly from?: 'start'; readonly maxHz?: number }): Refusal | null
  track(channel: string, state: OwnTrack | null): Refusal | null
  signal(channel: string, data: unknown, key?: string): Promise<Checked<null>>
  unsubscribe(channel: string): void
  hostLags(isBehind: boolean): void
  seen(ref: string): Promise<void>
  signIn(operator: string, pin: string): Promise<SignInOutcome>
  signOut(): Promise<void>
  pending(): Readonly<Record<Lane, number>>
  idle(): Promise<void>
}

/** Where lines go. */
export interface LineOutput {
  print(line: OutputLine): void
  /** More is printed and not read than a reader that only pauses leaves. */
  isBehind(): boolean
  /** Resolves once the reader has caught up; at once if it has. */
  caughtUp(): Promise<void>
}

export interface ProgramOptions {
  readonly user: { readonly operator: string; readonly pin: string } | null
  readonly subscribe: readonly string[]
  readonly from: 'start' | null
  /** Stay after the end of input. */
  readonly linger: boolean
  readonly input: AsyncIterable<Uint8Array>
  readonly output: LineOutput
  readonly clock: Pick<Clock, 'after'>
  readonly log: Log
}

/**
 * `andon relay` between its pipes: lines in, observations out.
 *
 * 1. A command is taken only while its author is certain: with `--user` after that person's sign-in, without it when
 *    nobody is signed in.
 * 2. Input is read no faster than stdout is read, commands become durable, and the outbox has room; the pipe holds the rest.
 *    Channels are read no faster either, urgent alerts excepted: the server holds the rest (R52).
 * 3. A bad line costs an `error` line and nothing else.
 */
export class HeadlessProgram {
  readonly #options: ProgramOptions
  readonly #ended = Promise.withResolvers<number>()
  readonly #unsaved = new Set<Promise<void>>()
  readonly #keeper: SignInKeeper | null
  #hasEnded = false
  #isHolding = false
  #relay: HeadlessRelay | null = null
  #session: (Observation & { kind: 'session' })['session'] = null
  /** Called at the next change of the outbox. */
  #outboxChanged: (() => void) | null = null
  #lastStatus = ''
  /** A status that is not printed yet. */
  #heldStatus: OutputLine | null = null

  constructor(options: ProgramOptions) {
    this.#options = options
    const { user, clock } = options
    this.#keeper =
      user === null
        ? null
        : new SignInKeeper({
            ...user,
            clock,
            signIn: (operator, pin) => this.#need().signIn(operator, pin),
            refused: (code, message) => {
              options.output.print(errorLine({ code, message }))
              this.end(1)
            },
          })
  }

  /** The relay's observer. */
  observe(seen: Observation): void {
    if (seen.kind === 'session') {
      this.#session = seen.session
      this.#keeper?.sessionChanged(seen.session)
    }
    if (seen.kind === 'outbox') this.#outboxChanged?.()
    const line = lineOf(seen)
    if (seen.kind === 'status') this.#heldStatus = line
    else if (line !== null) this.#options.output.print(line)
    this.#printStatus()
    this.#holdWhileBehind()
  }

  #holdWhileBehind(): void {
    const { output } = this.#options
    if (this.#relay === null || this.#isHolding || !output.isBehind()) return
    const relay = this.#relay
    this.#isHolding = true
    relay.hostLags(true)
    void output.caughtUp().then(() => {
      this.#isHolding = false
      relay.hostLags(false)
    })
  }

  /**
   * Says `live` only when commands are taken too: a script that waits for it may write at once, whatever happens to the
   * server in the meantime.
   */
  #printStatus(): void {
    const line = this.#heldStatus
    if (line === null || (line.kind === 'status' && line.state === 'live' && this.#keeper?.isSignedIn() === false))
      return
    this.#heldStatus = null
    if (this.#isNewStatus(line)) this.#options.output.print(line)
  }

  /** Runs until the input is done, or `end`. Resolves with the exit code; the relay is the caller's to stop. */
  async run(relay: HeadlessRelay): Promise<number> {
    this.#relay = relay
    await relay.start()
    const { user } = this.#options
    if (this.#session !== null && this.#session.operator !== user?.operator) await relay.signOut()
    this.#keeper?.start()
    this.#work(relay).then(
      () => this.end(0),
      (error: unknown) => {
        this.#options.log('error', 'program-failed', { cause: error })
        this.end(1)
      },
    )
    return this.#ended.promise
  }

  /** Ends the run with this exit code; what was saved goes on at the next start. */
  end(code: number): void {
    this.#hasEnded = true
    this.#keeper?.stop()
    this.#ended.resolve(code)
  }

  async #work(relay: HeadlessRelay): Promise<void> {
    const { subscribe, from, input, linger } = this.#options
    await this.#keeper?.signedIn()
    for (const channel of subscribe) this.#subscribe(relay, { channel, from, maxHz: null })
    for await (const line of splitLines(input)) {
      await this.#readable(relay)
      if (this.#hasEnded) return // the relay is stopping; a line that was not answered was not taken
      this.#take(relay, line)
    }
    await Promise.all(this.#unsaved)
    await (linger ? this.#ended.promise : relay.idle())
  }

  /** Waits for whatever is behind (rule 2), and for the author (rule 1), which may be lost while waiting. */
  async #readable(relay: HeadlessRelay): Promise<void> {
    for (;;) {
      await this.#options.output.caughtUp()
      if (this.#keeper?.isSignedIn() === false) await this.#keeper.signedIn()
      else if (this.#unsaved.size >= MAX_UNSAVED) await Promise.race(this.#unsaved)
      else if (this.#isOutboxFull(relay)) await new Promise<void>((resolve) => (this.#outboxChanged = resolve))
      else return
    }
  }

  #isOutboxFull(relay: HeadlessRelay): boolean {
    const { urgent, normal } = relay.pending()
    return urgent + normal + this.#unsaved.size >= LIMITS.maxOutboxCommands
  }

  #take(relay: HeadlessRelay, line: InputLine): void {
    const parsed = parseLine(line)
    if (parsed.ok) this.#carryOut(relay, parsed.instruction)
    else this.#options.output.print(parsed.error)
  }

  #carryOut(relay: HeadlessRelay, instruction: Instruction): void {
    switch (instruction.kind) {
      case 'command':
        return this.#track(this.#submit(relay, instruction))
      case 'subscribe':
        return this.#subscribe(relay, instruction)
      case 'track':
        return this.#say(relay.track(instruction.channel, instruction.state), instruction.channel)
      case 'signal':
        return this.#track(this.#signal(relay, instruction))
      case 'unsubscribe':
        return relay.unsubscribe(instruction.channel)
      case 'seen':
        return this.#track(relay.seen(instruction.ref))
      default:
        return unreachable(instruction)
    }
  }

  /** The relay says `saved` and the result itself, by observation. */
  async #submit(relay: HeadlessRelay, { ref, type, data }: Instruction & { kind: 'command' }): Promise<void> {
    const checked = await relay.submit({ ref, type, data })
    if (!checked.ok) this.#options.output.print(errorLine(checked, { ref }))
  }

  #subscribe(relay: HeadlessRelay, { channel, from, maxHz }: Omit<Instruction & { kind: 'subscribe' }, 'kind'>): void {
    const options = { ...(from !== null && { from }), ...(maxHz !== null && { maxHz }) }
    this.#say(relay.subscribe(channel, options), channel)
  }

  async #signal(relay: HeadlessRelay, { channel, data, key }: Instruction & { kind: 'signal' }): Promise<void> {
    const checked = await relay.signal(channel, data, key)
    this.#say(checked.ok ? null : checked, channel)
  }

  #say(refusal: Refusal | null, channel: string): void {
    if (refusal !== null) this.#options.output.print(errorLine(refusal, { channel }))
  }

  /** A rejection is a bug or a broken machine: the run ends, and what was not reported as saved was not. */
  #track(task: Promise<void>): void {
    const tracked = task
      .catch((error: unknown) => {
        this.#options.log('error', 'relay-failed', { cause: error })
        this.end(1)
      })
      .finally(() => this.#unsaved.delete(tracked))
    this.#unsaved.add(tracked)
  }

  /** The relay tells of every change of its status, warnings and times included; the contract has two of its fields. */
  #isNewStatus(line: OutputLine): boolean {
    const status = JSON.stringify(line)
    if (status === this.#lastStatus) return false
    this.#lastStatus = status
    return true
  }

  #need(): HeadlessRelay {
    if (this.#relay === null) throw new Error('sign-in before run')
    return this.#relay
  }
}
