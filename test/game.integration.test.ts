/**
 * A game on live values: thirty players at sixty ticks a second, and nothing of it in a database's log. It stands for whatever
 * moves faster than people read: a joystick, a crane, a robot that is taught.
 *
 * - The *arena*, one program, is the only one that moves anybody. It hears players in a room, and tells where they are, and the
 *   last input that is in it, as values of a machine, read at 60 Hz.
 * - A *player* is moved at once, before anybody answers: where it is, is where the arena says, with every input on top that the
 *   arena has not acknowledged. Each signal carries all of those, so that the one that counts, the last, is enough.
 */
import { expect, it, onTestFinished } from 'vitest'
import { LIMITS } from '../relay/protocol/limits.ts'
import { API_KEY, AndonFloor } from './bench/andon-floor.ts'
import { pause } from './bench/processes.ts'
import type { RawWebSocket } from './bench/raw-websocket.ts'

const PLAYERS = 30
const TICKS_PER_SECOND = 60
const SECONDS = 3
/** A device may say twenty things a second. */
const SIGNAL_TICKS = 3
const ROOM = 'room/line-3/arena'
const ARENA = 'telemetry/line-3/arena'

/** One press of the stick: `id` counts 1, 2, 3 … */
interface Input {
  readonly id: number
  readonly move: -1 | 0 | 1
}

/** Where a player is, by the arena, and the last input that is in it. */
interface Place {
  x: number
  ack: number
}

/** What a player sees of itself: nothing waits for the network. */
function predicted({ x, ack }: Place, inputs: readonly Input[]): number {
  return inputs.reduce((at, { id, move }) => (id > ack ? at + move : at), x)
}

class Player {
  readonly #socket: RawWebSocket
  readonly number: number
  readonly #place: Place = { x: 0, ack: 0 }
  #inputs: Input[] = []
  /** Every input that was ever given, for the end. */
  moved = 0
  /** How far a correction of the arena has moved it, in all. */
  corrected = 0
  seen = 0

  constructor(number: number, socket: RawWebSocket) {
    this.number = number
    this.#socket = socket
    socket.onMessage = (payload) => this.#hear(payload)
    socket.send(JSON.stringify({ t: 'subscribe', channel: ARENA, credit: 1, maxHz: TICKS_PER_SECOND }))
  }

  get x(): number {
    return predicted(this.#place, this.#inputs)
  }
  get unacknowledged(): number {
    return this.#inputs.length
  }

  tick(tick: number): void {
    const move = (((tick * 7 + this.number * 13) % 3) - 1) as Input['move']
    const id = (this.#inputs.at(-1)?.id ?? this.#place.ack) + 1
    this.#inputs.push({ id, move })
    this.moved += move
    if (tick % SIGNAL_TICKS === 0) this.say()
  }

  say(): void {
    const data = { player: this.number, inputs: this.#inputs.slice(-60) }
    this.#socket.send(JSON.stringify({ t: 'signal', channel: ROOM, key: 'input', data }))
  }

  #hear(payload: Buffer): void {
    const frame = JSON.parse(payload.toString()) as { t: string; key?: string; value?: { value: number } }
    const value = frame.value?.value
    if (frame.t !== 'live' || value === undefined) return
    const before = this.x
    if (frame.key === `p${this.number}`) {
      this.seen += 1
      // Place and acknowledgement are one value: sent apart, one of them could be of another tick.
      this.#place.x = Math.trunc(value / 1_000_000) - 1_000
      this.#place.ack = value % 1_000_000
      this.#inputs = this.#inputs.filter(({ id }) => id > this.#place.ack)
      this.corrected += Math.abs(this.x - before)
    }
  }
}

class Arena {
  readonly places: Place[] = Array.from({ length: PLAYERS }, () => ({ x: 0, ack: 0 }))
  readonly #url: string

  constructor(url: string, socket: RawWebSocket) {
    this.#url = url
    socket.onMessage = (payload) => this.#hear(payload)
    socket.send(JSON.stringify({ t: 'subscribe', channel: ROOM, credit: 1, maxHz: TICKS_PER_SECOND }))
  }

  #hear(payload: Buffer): void {
    const frame = JSON.parse(payload.toString()) as { t: string; value?: { data: unknown } }
    if (frame.t !== 'live' || frame.value === undefined) return
    const { player, inputs } = frame.value.data as { player: number; inputs: readonly Input[] }
    const place = this.places[player]
    if (place === undefined) return
    for (const { id, move } of inputs) {
      // Once, and in order: what came before is skipped, and nothing is jumped over.
      if (id !== place.ack + 1) continue
      place.x += move
      place.ack = id
    }
  }

  async tell(): Promise<void> {
    const samples = this.places.map(({ x, ack }, player) => {
      const value = (x + 1_000) * 1_000_000 + ack
      return { area: 'line-3', machine: 'arena', signal: `p${player}`, value, unit: '' }
    })
    const response = await fetch(`${this.#url}/api/telemetry`, {
      method: 'POST',
      headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify(samples),
    })
    expect(response.status).toBe(202)
  }
}

it('[M3] [M8] thirty players at sixty ticks a second see what they do at once, and end where the arena has them', async () => {
  const floor = await AndonFloor.open(PLAYERS + 1)
  onTestFinished(() => floor.stop())
  const arena = new Arena(floor.url, await floor.connect(floor.nextPerson()))
  const players: Player[] = []
  while (players.length < PLAYERS) players.push(new Player(players.length, await floor.connect(floor.nextPerson())))
  for (let tick = 1; tick <= TICKS_PER_SECOND * SECONDS; tick += 1) {
    for (const player of players) player.tick(tick)
    await Promise.all([arena.tell(), pause(1_000 / TICKS_PER_SECOND)])
  }
  // What a machine that was busy let fall is said again, until the arena has it.
  const deadline = performance.now() + 60_000
  while (players.some(({ unacknowledged }) => unacknowledged > 0) && performance.now() < deadline) {
    for (const player of players) if (player.unacknowledged > 0) player.say()
    await arena.tell()
    await pause(1_000 / LIMITS.liveHz)
  }
  expect(players.map(({ x }) => x)).toEqual(arena.places.map(({ x }) => x))
  expect(players.map(({ x }) => x)).toEqual(players.map(({ moved }) => moved))
  expect(players.every(({ seen, corrected }) => seen > 1 && corrected === 0)).toBe(true)
}, 180_000)
