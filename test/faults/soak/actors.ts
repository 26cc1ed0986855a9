import { join } from 'node:path'
import type { Way } from '../../../relay/protocol/ways.ts'
import { startRelay, Program, type Line } from '../../support/processes.ts'
import type { Following, Ledger } from './ledger.ts'
import type { Asked } from './ledger-terms.ts'
import type { FakeClock } from '../../support/machine.ts'
import { Supervised } from './supervised.ts'

/** Far below the standard, so that a link that was forgotten is noticed within the time the soak gives. */
export const HEARTBEAT_MS = 2_000
/** Short, so that tokens run out and are renewed in the middle of faults. */
const ACCESS_TOKEN_MS = 15_000

export interface ServerOptions {
  readonly name: string
  readonly folder: string
  readonly port: number
  readonly clock: FakeClock | null
  /** Further settings. */
  readonly extra: readonly string[]
  readonly violated: (promise: string, evidence: readonly string[]) => void
  readonly mayFailToStart: () => boolean
  readonly logged: (line: string) => void
}

export function superviseServer({ folder, port, clock, extra, ...rest }: ServerOptions): Supervised {
  const flags = ['--heartbeat-ms', String(HEARTBEAT_MS), '--access-token-ms', String(ACCESS_TOKEN_MS)]
  const args = ['server', '--demo', '--data', folder, '--port', String(port), '--log-level', 'warn', ...flags, ...extra]
  return new Supervised({
    ...rest,
    spawn: (options) => new Program('server/cli.ts', args, { ...options, env: clock?.env ?? {} }),
    isReady: (line) => line['event'] === 'listening',
    started: () => {},
    printed: () => {},
  })
}

export interface RelayOptions {
  readonly index: number
  readonly url: string
  readonly folder: string
  readonly user: readonly [name: string, pin: string]
  /** Its only way; null for whichever comes through. */
  readonly way: Way | null
  readonly following: readonly Following[]
  readonly ledger: Ledger
  readonly clock: FakeClock | null
  readonly mayFailToStart: () => boolean
  readonly logged: (line: string) => void
  /** Told every line, after the ledger. */
  readonly printed: (line: Line) => void
}

/** What a command is on stdin, besides its ref. */
export interface Wish extends Asked {
  readonly command: string
  readonly data: object
}

/** A headless relay as a careful script uses it: what was not reported as saved is asked for again by the next process. */
export class RelayActor {
  readonly supervised: Supervised
  readonly #options: RelayOptions
  /** By ref, to say it again. */
  readonly #wishes = new Map<string, Wish>()
  #status = 'down'
  #reason = ''
  #pending = { urgent: 0, normal: 0 }

  constructor(options: RelayOptions) {
    this.#options = options
    const { index, url, folder, user, way, ledger, clock, mayFailToStart, logged } = options
    this.supervised = new Supervised({
      name: `relay ${index}`,
      spawn: (program) =>
        startRelay({
          ...program,
          url,
          folder: join(folder, 'data'),
          user,
          extra: ['--linger', '--name', `soak-${index}`, ...(way === null ? [] : ['--transport', way])],
          env: clock?.env ?? {},
        }),
      isReady: (line) => line.kind === 'status',
      started: (program) => this.#started(program),
      printed: (line) => this.#printed(line),
      logged,
      violated: (promise, evidence) => ledger.add(promise, evidence),
      mayFailToStart,
    })
  }

  get index(): number {
    return this.#options.index
  }
  get user(): string {
    return this.#options.user[0]
  }
  get isLive(): boolean {
    return this.supervised.program !== null && this.#status === 'live'
  }
  /** For evidence: what it last said of its link. */
  get state(): string {
    return this.supervised.program === null ? 'down' : `${this.#status}${this.#reason}`
  }
  get pending(): number {
    return this.#pending.urgent + this.#pending.normal
  }

  ask(wish: Wish): void {
    const { ledger } = this.#options
    const { program } = this.supervised
    if (program === null) return
    ledger.asked(wish)
    this.#wishes.set(wish.ref, wish)
    say(program, wish)
  }

  /** The end of this wish was heard; the relay may forget it. */
  seen(ref: string): void {
    this.supervised.program?.send({ seen: ref })
  }

  #started(program: Program): void {
    const { ledger, following, index } = this.#options
    this.#status = 'starting'
    this.#reason = ''
    ledger.runStarted(index, following)
    for (const { channel, from } of following) {
      program.send(from === 'start' ? { subscribe: channel, from } : { subscribe: channel })
    }
    for (const { ref } of ledger.unsaved(index)) {
      const wish = this.#wishes.get(ref)
      if (wish !== undefined) say(program, wish)
    }
  }

  #printed(line: Line): void {
    const { ledger, index, printed } = this.#options
    if (line.kind === 'status') {
      this.#status = String(line['state'])
      this.#reason = typeof line['reason'] === 'string' ? ` (${line['reason']})` : ''
    }
    const isEnd = line.kind === 'error' || (line.kind === 'result' && line['outcome'] !== 'retry-later')
    if (isEnd && typeof line['ref'] === 'string') this.#wishes.delete(line['ref'])
    if (line.kind === 'outbox') this.#pending = line['pending'] as { urgent: number; normal: number }
    ledger.printed(index, line)
    printed(line)
  }
}

function say(program: Program, { ref, command, data }: Wish): void {
  program.send({ ref, command, data })
}
