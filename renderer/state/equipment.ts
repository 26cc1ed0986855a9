import { batch, signal, type ReadonlySignal, type Signal } from '@preact/signals'
import type { LiveEntry } from '../../relay/domain/live.ts'
import { readingOf, type Reading } from '../../relay/domain/telemetry.ts'
import type { ChannelName } from '../../relay/protocol/channels.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { telemetryChannel } from '../../relay/protocol/machine-names.ts'
import type { MachineRecord, MachineSignal } from '../../relay/protocol/telemetry.ts'
import type { WindowClient } from '../../relay/window.ts'
import { stepTroubled, type Troubled } from './trouble-order.ts'

/** What carries live values to this window. */
export type LiveSource = Pick<WindowClient, 'live' | 'listenLive' | 'now'>

/** When to draw: `after` waits at least `ms` and then for the next frame. Returns the cancel. */
export type Frames = (ms: number, draw: () => void) => () => void

/** One value on the screen: a signal of its own, so that a change draws this tile and no other. */
export interface LiveTile {
  readonly machine: MachineRecord
  readonly signal: MachineSignal
  readonly reading: ReadonlySignal<Reading>
}

interface HeldTile extends LiveTile {
  readonly reading: Signal<Reading>
}

/** Tiles that change in one frame: so many are drawn within a frame on a slow terminal, and presses come between. */
export const TILES_PER_FRAME = 24

/** Of a window that has just begun to listen nobody can say yet which machine is silent, milliseconds. */
const FIRST_VALUES_MS = 10_000

/** Machines of which nothing is in sight keep their last look; they are drawn when they come into sight. */
interface HeldMachine {
  readonly id: string
  readonly channel: ChannelName
  readonly tiles: readonly HeldTile[]
  isInSight: boolean
  /** What its tiles show; another map is news. */
  drawn: ReadonlyMap<string, LiveEntry> | null | undefined
}

/**
 * The tiles of the shown machines. News is drawn in animation frames, each tile at most ten times a second, so many tiles a
 * frame: layout and paint cost most by their number, and nobody reads faster. Once a second all are looked at, because
 * values age.
 */
export class LiveTiles {
  readonly #source: LiveSource
  readonly #frames: Frames
  #machines: readonly HeldMachine[] = []
  #cancelDraw: (() => void) | null = null
  /** When the round began in which tiles are being drawn. */
  #roundAt = Number.NEGATIVE_INFINITY
  readonly #breached = signal(0)
  readonly #beyond = new TroubleList()
  readonly #beyondSignals = new TroubleList()
  readonly #silent = new TroubleList()
  readonly #silentCount = signal(0)
  /** When this window began to listen; null while it does not. */
  #since: number | null = null

  constructor(source: LiveSource, frames: Frames = pageFrames) {
    this.#source = source
    this.#frames = frames
  }

  /** How many current values are beyond their limits, in sight or not; at most a second old. */
  get breached(): ReadonlySignal<number> {
    return this.#breached
  }

  /** Ids of the machines with a value beyond its limit, or lately; the same array while they are the same. */
  get troubled(): ReadonlySignal<readonly string[]> {
    return this.#beyond.ids
  }

  /** The same of the values themselves, as `tileKey` names them. */
  get troubledTiles(): ReadonlySignal<readonly string[]> {
    return this.#beyondSignals.ids
  }

  /** The same of those that have no present value: none came, or the last one is old. */
  get silent(): ReadonlySignal<readonly string[]> {
    return this.#silent.ids
  }

  /** How many are silent now. */
  get silentCount(): ReadonlySignal<number> {
    return this.#silentCount
  }

  /** The tiles of these machines, in their order; of signals that were shown before, the same ones. */
  show(machines: readonly MachineRecord[]): readonly (readonly LiveTile[])[] {
    const before = new Map(this.#machines.map((held) => [held.channel, held]))
    this.#machines = machines.map((machine) => {
      const channel = telemetryChannel(machine.area, machine.id)
      const known = before.get(channel)
      if (known !== undefined && known.tiles[0]?.machine === machine) return known
      const tiles = machine.signals.map((one) => this.#tileOf(machine, one, known?.tiles ?? []))
      return { id: machine.id, channel, tiles, isInSight: known?.isInSight ?? true, drawn: null }
    })
    return this.#machines.map(({ tiles }) => tiles)
  }

  /** A machine scrolled into sight, or out of it. */
  sighted(machine: Pick<MachineRecord, 'area' | 'id'>, isInSight: boolean): void {
    const channel = telemetryChannel(machine.area, machine.id)
    const held = this.#machines.find((one) => one.channel === channel)
    if (held === undefined || held.isInSight === isInSight) return
    held.isInSight = isInSight
    if (isInSight) this.#plan(0)
  }

  /** Follows what is live. Returns the release. */
  start(): () => void {
    const release = this.#source.listenLive(() => {
      this.#plan(Math.max(0, this.#roundAt + LIMITS.livePaceMs - this.#source.now()))
    })
    const aging = setInterval(() => this.look(), 1_000)
    this.#since = this.#source.now()
    this.look()
    return () => {
      release()
      clearInterval(aging)
      this.#cancelDraw?.()
      this.#cancelDraw = null
    }
  }

  /** Looks at every machine again: ages, and what came while it was out of sight. */
  look(): void {
    const { live } = this.#source
    const now = this.#source.now()
    let breached = 0
    const beyond: string[] = []
    const beyondSignals: string[] = []
    const silent: string[] = []
    const isNew = this.#since === null || now - this.#since < FIRST_VALUES_MS
    for (const held of this.#machines) {
      held.drawn = null
      const before = breached
      let isCurrent = held.tiles.length === 0
      let isKnown = !isNew
      for (const { machine, signal: one } of held.tiles) {
        const { breach, freshness } = readingOf(machine, one, { live, now })
        if (freshness === 'current') isCurrent = true
        if (freshness === 'stale') isKnown = true
        if (breach === null || freshness !== 'current') continue
        breached += 1
        beyondSignals.push(tileKey({ machine, signal: one }))
      }
      if (breached > before) beyond.push(held.id)
      if (isKnown && !isCurrent) silent.push(held.id)
    }
    this.#breached.value = breached
    this.#beyond.step(beyond, now)
    this.#beyondSignals.step(beyondSignals, now)
    this.#silent.step(silent, now)
    this.#silentCount.value = silent.length
    this.#plan(0)
  }

  #tileOf(machine: MachineRecord, one: MachineSignal, known: readonly HeldTile[]): HeldTile {
    const held = known.find((tile) => tile.signal.name === one.name)
    const now = readingOf(machine, one, { live: this.#source.live, now: this.#source.now() })
    return { machine, signal: one, reading: held?.reading ?? signal(now) }
  }

  #plan(ms: number): void {
    if (this.#cancelDraw !== null) return
    this.#cancelDraw = this.#frames(ms, () => {
      this.#cancelDraw = null
      this.#roundAt = this.#source.now()
      this.#draw()
    })
  }

  /** Draws what fits into a frame; what is left comes in the next one. */
  #draw(): void {
    const now = this.#source.now()
    const { live } = this.#source
    let room = TILES_PER_FRAME
    batch(() => {
      for (const held of this.#machines) {
        const news = live.get(held.channel)
        if (!held.isInSight || held.drawn === news) continue
        if (room <= 0) return
        held.drawn = news
        room -= held.tiles.length
        for (const { machine, signal: one, reading } of held.tiles) {
          const next = readingOf(machine, one, { live, now })
          if (!looksAlike(reading.peek(), next)) reading.value = next
        }
      }
    })
    if (room > 0) return
    this.#cancelDraw = this.#frames(0, () => {
      this.#cancelDraw = null
      this.#draw()
    })
  }
}

/** Who is in one kind of trouble, or was a moment ago. */
class TroubleList {
  readonly ids: Signal<readonly string[]> = signal([])
  #seen: Troubled = new Map()

  step(ids: readonly string[], now: number): void {
    this.#seen = stepTroubled(this.#seen, ids, now)
    const known = [...this.#seen.keys()].toSorted()
    if (known.join() !== this.ids.peek().join()) this.ids.value = known
  }
}

/** A value among those of its area. */
export function tileKey({ machine, signal: { name } }: Pick<LiveTile, 'machine' | 'signal'>): string {
  return `${machine.id}/${name}`
}

/** Age in whole seconds, as it is said. */
export function secondsOld({ ageMs }: Reading): number {
  return Math.floor((ageMs ?? 0) / 1_000)
}

/** Whether two readings of one signal are the same on the screen: their exact age is not on it. */
function looksAlike(a: Reading, b: Reading): boolean {
  return (
    a.freshness === b.freshness &&
    a.breach === b.breach &&
    a.signal === b.signal &&
    a.value?.value === b.value?.value &&
    a.value?.unit === b.value?.unit &&
    a.value?.limits?.low === b.value?.limits?.low &&
    a.value?.limits?.high === b.value?.limits?.high &&
    (b.freshness === 'current' ? secondsOld(a) === secondsOld(b) : a.value?.at === b.value?.at)
  )
}

function pageFrames(ms: number, draw: () => void): () => void {
  let frame = 0
  const timer = setTimeout(() => {
    frame = requestAnimationFrame(draw)
  }, ms)
  return () => {
    clearTimeout(timer)
    cancelAnimationFrame(frame)
  }
}
