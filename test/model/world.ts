import type { CommandId, DeviceId } from '../../relay/protocol/ids.ts'
import type { ChannelName } from '../../relay/protocol/channels.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import type { Random } from '../../relay/ports.ts'
import { unreachable } from '../../relay/protocol/rights.ts'
import { seededRandom } from '../../relay/testing/seeded-random.ts'
import type { DatabaseCopy } from '../../server/testing/memory-database.ts'
import { isReviewed, Ledger, type LedgerCopy } from './ledger.ts'
import { checkView } from './reader.ts'
import type { Move, Schedule, What } from './schedule.ts'
import { CHANNELS, SimulatedDevice, type Memory } from './simulated-device.ts'
import { SimulatedServer } from './simulated-server.ts'
import { SimulatedTime } from './simulated-time.ts'
import { NO_OBSTACLE } from './simulated-uplinks.ts'

/** Virtual time in which everything has to be well again once nothing goes wrong any more. */
const RECOVERY_MS = 150_000
/** Ends whose effect nobody knows: what is told is that it went to review. */
const UNKNOWN_ENDS: ReadonlySet<string | null> = new Set(['outbox-forked', 'device-forgotten'])

/** A server and two devices, everything between them, and what must never be. */
export class World {
  readonly time = new SimulatedTime()
  readonly ledger: Ledger
  readonly server: SimulatedServer
  readonly devices: readonly SimulatedDevice[]
  readonly #random: Random
  readonly #violations: string[] = []
  #backup: { readonly database: DatabaseCopy; readonly ledger: LedgerCopy } | null = null
  #largestTurn = 0
  #isRestored = false

  constructor(seed: number) {
    const random = seededRandom(seed)
    this.#random = random
    const violate = (what: string, details?: unknown): void => void this.#violations.push(tell(what, details))
    this.ledger = new Ledger(violate)
    this.server = new SimulatedServer({
      time: this.time,
      uuid: () => random.uuid(),
      latency: () => Math.floor(random.next() * 6),
      decided: (submission, outcome, events) => this.ledger.decided(submission, outcome, events, this.server.database),
      failed: violate,
      accessTokenMs: random.next() < 0.5 ? 25_000 : 5 * 60_000,
      sessionMs: random.next() < 0.2 ? 60_000 : 12 * 3_600_000,
      ringSize: random.next() < 0.5 ? 2 : 64,
    })
    this.devices = ['a', 'b'].map((letter) => {
      const id = letter.repeat(43) as DeviceId
      const { time, server, ledger } = this
      return new SimulatedDevice({ id, time, server, ledger, violate, random })
    })
  }

  async begin(): Promise<void> {
    this.server.start()
    for (const device of this.devices) device.start()
    await this.time.advance(300)
    for (const device of this.devices) device.signIn('kim')
    await this.time.advance(300)
    this.check()
  }

  async make(move: Move): Promise<void> {
    if (move.kind === 'wait') await this.time.advance(move.ms)
    else {
      this.#do(move)
      await this.time.advance(0)
    }
    this.check()
  }

  /** The first violation ends the run. */
  check(): void {
    for (const { waitingBytes, subscriptions } of this.server.buffers()) {
      const bound = LIMITS.softBufferBytes + (subscriptions + 1) * 1.5 * LIMITS.maxPageBytes + this.#largestTurn
      if (waitingBytes > bound) this.#violations.push(`a connection holds ${waitingBytes} bytes`)
    }
    const [first] = this.#violations
    if (first !== undefined) throw new Error(`at ${this.time.now} ms: ${first}`)
  }

  /** Nothing goes wrong any more: within the deadline everything saved has ended and every relay shows what the store holds. */
  async recover(): Promise<void> {
    this.server.isDiskFailing = false
    this.server.start()
    for (const device of this.devices) {
      device.uplinks.network = 'on'
      device.uplinks.obstacle = NO_OBSTACLE
      device.start()
      device.wake('went-on')
      device.slow(false)
      device.isDiskFailing = false
      for (const channel of CHANNELS) device.follow(channel)
    }
    await this.#settle()
    for (const device of this.devices) {
      if (device.spare === null) continue
      device.swap()
      await this.#settle()
    }
    for (const device of this.devices) {
      this.#checkEnds(device, device.memory)
      if (device.spare !== null) this.#checkEnds(device, device.spare)
    }
    this.check()
  }

  async #settle(): Promise<void> {
    const until = this.time.now + RECOVERY_MS
    for (let wait = 100; this.#unwell() !== null; wait = Math.min(wait * 2, 2_000)) {
      if (this.time.now >= until) throw new Error(`not well after ${RECOVERY_MS} ms: ${this.#unwell()}`)
      await this.time.advance(wait)
      this.check()
    }
  }

  /** What is not yet as it should be; null when all is well. */
  #unwell(): string | null {
    for (const device of this.devices) {
      const name = device.id.slice(0, 1)
      if (device.status !== 'live') return `${name} is ${device.status}`
      if (!device.isIdle) return `${name} has commands that have not ended`
      for (const ref of device.memory.saved.keys()) {
        if (!device.memory.results.has(ref)) return `${name} was not told the end of ${ref}`
      }
      const view = device.view()
      for (const channel of CHANNELS) {
        const shown = view?.channels.find((each) => each.channel === channel)
        if (shown === undefined) return `${name} does not show ${channel}`
        if (shown.refused !== null && channel.startsWith('chat/') && !device.isSignedIn) continue
        const { epoch, top } = this.server.database.open(channel as ChannelName)
        if (shown.epoch !== epoch || shown.offset !== top || !shown.current)
          return `${name} has ${channel} at ${shown.offset} of ${top}, ${shown.refused ?? 'allowed'}`
        checkView(shown, this.ledger, (what, details) => void this.#violations.push(tell(what, details)))
      }
    }
    return null
  }

  #checkEnds(device: SimulatedDevice, memory: Memory): void {
    device.checkAllSaved(memory)
    for (const [ref, id] of memory.saved) {
      const end = memory.results.get(ref)
      const decisions = this.ledger.decisions(id)
      if (end === undefined) this.#violations.push(`${ref} has no end`)
      else if (end.outcome === 'applied') this.#checkKept(device, ref, id)
      else if (UNKNOWN_ENDS.has(end.code)) this.#checkForked(device, ref)
      else if (!decisions.some(({ outcome }) => outcome === 'rejected'))
        this.#violations.push(`${ref} ended as ${end.code}, which the server never said`)
    }
  }

  /**
   * Applied is applied, or was lost by a restore and is in review. A second disk may have used the lost numbers anew before
   * the first one came back: of a copied device the store cannot know what it lacks.
   */
  #checkKept(device: SimulatedDevice, ref: string, id: string): void {
    if (this.ledger.outcome(id) === 'applied' || this.ledger.cloned.has(device.id)) return
    const applied = this.ledger.decisions(id).filter(({ outcome }) => outcome === 'applied')
    const isKnown = applied.some(({ source }) => source !== null && isReviewed(this.server.database, source))
    if (!isKnown) this.#violations.push(tell(`${ref} was called applied and is lost without a word`, applied))
  }

  /** Without a second disk and without a restore nobody can hold another command under a number. */
  #checkForked(device: SimulatedDevice, ref: string): void {
    if (!this.#isRestored && !this.ledger.cloned.has(device.id))
      this.#violations.push(`${ref} was given up as forked, and there is one disk and one store`)
  }

  // -------------------------------------------------------------------------------------------------------- moves

  #do(move: Exclude<Move, { kind: 'wait' }>): void {
    const { server } = this
    if ('device' in move) return this.#doOn(move, this.devices[move.device])
    switch (move.kind) {
      case 'publish':
        return this.#publish(move)
      case 'server-crash':
        return server.crash(() => Math.floor(this.#random.next() * 50))
      case 'server-power-cut':
        return server.crash(null)
      case 'server-start':
        return server.start()
      case 'server-disk-fails':
      case 'server-disk-works':
        server.isDiskFailing = move.kind === 'server-disk-fails'
        return
      case 'server-hiccup':
        return server.hiccup(Math.floor(this.#random.next() * 12))
      case 'backup':
        this.#backup = { database: server.database.copy(), ledger: this.ledger.copy() }
        return
      case 'restore':
        if (this.#backup === null) return
        server.restore(this.#backup.database)
        this.#isRestored = true
        this.ledger.restored(this.#backup.ledger, this.#backup.database, server.database)
        return
      case 'prune':
        for (const { name, top } of server.database.tables.channels.values()) {
          server.database.prune(name, Math.floor(top * this.#random.next()))
        }
        return
      default:
        return unreachable(move)
    }
  }

  #doOn(move: Extract<Move, { device: number }>, device: SimulatedDevice | undefined): void {
    if (device === undefined) return
    switch (move.kind) {
      case 'submit':
        return device.submit(...this.#command(move.what))
      case 'submitMany':
        for (let index = 0; index < move.count; index += 1)
          device.submit(...this.#command(index % 3 ? 'chat' : 'raise-p0'))
        return
      case 'stutter':
        this.#stutter(device, move)
        return
      case 'repeat':
        return device.repeat()
      case 'cut':
        return device.uplinks.link?.breaks(Math.floor(this.#random.next() * 300), Math.floor(this.#random.next() * 300))
      case 'freeze':
        return device.uplinks.link?.freeze()
      case 'lose-command':
        return device.uplinks.link?.loseCommand()
      case 'slow':
      case 'quick':
        return device.slow(move.kind === 'slow')
      case 'crash':
        return device.crash(Math.floor(this.#random.next() * 50))
      case 'power-cut':
        return device.crash(null)
      case 'start':
        return device.start()
      case 'sleep':
        device.sleep()
        this.time.after(move.ms, () => device.wake(move.monotonic))
        return
      case 'jump':
        return device.jump(move.ms)
      case 'network':
        device.uplinks.network = move.state
        return
      case 'signIn':
        return device.signIn(move.operator)
      case 'sign-out':
        return device.signOut()
      case 'retry':
        return device.retry()
      case 'detour':
        return device.detour(move.backMs)
      case 'block':
        device.uplinks.obstacle = move.obstacle
        return
      case 'woke':
      case 'online':
      case 'offline':
        return device.hint(move.kind)
      case 'clone':
        return device.clone()
      case 'swap':
        return device.swap()
      case 'disk-fails':
      case 'disk-works':
        device.isDiskFailing = move.kind === 'disk-fails'
        return
      case 'leave':
        return device.leave('chat/line-3')
      case 'follow':
        return device.follow('chat/line-3')
      default:
        return unreachable(move)
    }
  }

  /** A lane is in flight when one of it is refused: what follows arrives above the mark. */
  #stutter(device: SimulatedDevice, { gapMs, what }: Extract<Move, { kind: 'stutter' }>): void {
    for (let index = 0; index < 5; index += 1) {
      this.time.after(index * gapMs, () => device.submit(...this.#command(what)))
    }
    // About when the first has been saved here and has come to the store there.
    this.time.after(10 + Math.floor(this.#random.next() * 40), () =>
      this.server.hiccup(Math.floor(this.#random.next() * 12)),
    )
  }

  #publish({ count, size, urgent }: Extract<Move, { kind: 'publish' }>): void {
    if (!this.server.isUp) return
    this.#largestTurn = Math.max(this.#largestTurn, count * (size + 600))
    for (let index = 0; index < count; index += 1) {
      const id = this.#random.uuid() as CommandId
      const [type, data] =
        urgent && index % 3 === 0
          ? this.#command('raise-p0')
          : this.#command(index % 2 === 0 ? 'chat' : 'raise-p2', size)
      const order = this.ledger.asked.size
      this.ledger.asked.set(id, { device: null, ref: '', type, data, session: null, order, at: this.server.now })
      this.server.publish(type, data, id)
    }
  }

  #command(what: What, size = 0): [type: string, data: unknown] {
    const text = `${this.ledger.asked.size}${'x'.repeat(size)}`
    switch (what) {
      case 'chat':
        return ['chat.post', { line: 'line-3', text }]
      case 'raise-p0':
      case 'raise-p2': {
        const priority = what === 'raise-p0' ? 'P0' : 'P2'
        return ['alert.raise', { priority, area: 'line-3', title: text.slice(0, 100), body: text.slice(0, 2_000) }]
      }
      case 'ack':
      case 'resolve':
        return [`alert.${what}`, { id: this.#someAlert() }]
      case 'bad':
        return ['chat.post', { line: 'line-9', text }]
      default:
        return unreachable(what)
    }
  }

  #someAlert(): string {
    const alerts = [...this.server.database.tables.records.keys()].filter((key) => key.startsWith('alerts/'))
    return alerts[Math.floor(this.#random.next() * alerts.length)]?.slice('alerts/'.length) ?? this.#random.uuid()
  }
}

function tell(what: string, details?: unknown): string {
  return details === undefined ? what : `${what} ${JSON.stringify(details)}`
}

/** Plays a schedule from beginning to end; rejects with the first violation. */
export async function play({ seed, moves }: Schedule): Promise<World> {
  const world = new World(seed)
  const release = useTimersOf(world.time)
  try {
    await world.begin()
    for (const move of moves) await world.make(move)
    await world.recover()
  } finally {
    release()
  }
  return world
}

/** The gateway sets its timers by the global functions: in a simulated world they are the world's. */
export function useTimersOf(time: SimulatedTime): () => void {
  const { setTimeout: set, clearTimeout: clear } = globalThis
  const simulated = (call: () => void, ms = 0) => {
    let cancel = time.after(ms, call)
    const refresh = (): void => {
      cancel()
      cancel = time.after(ms, call)
    }
    return { cancel: () => cancel(), refresh, unref: () => undefined }
  }
  globalThis.setTimeout = simulated as unknown as typeof set
  globalThis.clearTimeout = ((timer: { readonly cancel?: () => void } | undefined) => timer?.cancel?.()) as typeof clear
  return () => {
    globalThis.setTimeout = set
    globalThis.clearTimeout = clear
  }
}
