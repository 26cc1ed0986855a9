import { expect, it, onTestFinished } from 'vitest'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { presenceChannel, ROSTER_KEY } from '../../relay/protocol/room-names.ts'
import type { Headcount, Member } from '../../relay/protocol/presence.ts'
import { AndonFloor, type Person } from '../bench/andon-floor.ts'
import { pause } from '../bench/processes.ts'
import type { RawWebSocket } from '../bench/raw-websocket.ts'

/** `prove` lets a thousand devices flap for a minute at the usual heartbeat; here it is a case of that. */
const IS_FULL = process.env['ANDON_OBSTACLES'] === 'full'
const [DEVICES, FLAP_MS, HEARTBEAT_MS] = IS_FULL ? [1_000, 60_000, LIMITS.heartbeatMs] : [60, 4_000, 1_000]
const LINE = presenceChannel('line-3')

/** Asks once; true when all that was said before has been heard, false when the connection ends first. */
function answered(socket: RawWebSocket): Promise<boolean> {
  const { onClose } = socket
  return new Promise((resolve) => {
    socket.onClose = () => {
      onClose()
      resolve(false)
    }
    socket.onMessage = (payload) => {
      const { t, nonce } = JSON.parse(payload.toString()) as { t: string; nonce?: string }
      if (t === 'pong' && nonce === 'all-of-it') resolve(true)
    }
    socket.send(JSON.stringify({ t: 'ping', nonce: 'all-of-it' }))
  })
}

/** A device that comes, goes, sleeps and is torn from the network, as chance has it. */
class FlappingDevice {
  readonly person: Person
  readonly #floor: AndonFloor
  readonly #chance: () => number
  #socket: RawWebSocket | null = null
  #coming: Promise<void> = Promise.resolve()
  isIn = false

  constructor(floor: AndonFloor, person: Person, chance: () => number) {
    this.#floor = floor
    this.person = person
    this.#chance = chance
  }

  async flap(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      await pause(50 + this.#chance() * 1_450)
      if (this.#socket === null) await this.come()
      else this.#go()
    }
  }

  /** Here, on a connection of its own; one more takes the place of the one before. */
  async come(): Promise<void> {
    let socket: RawWebSocket
    try {
      socket = await this.#floor.connect(this.person)
    } catch {
      return // the server is being killed
    }
    this.#socket = socket
    const nonce = 'still-here'
    const beat = setInterval(() => socket.send(JSON.stringify({ t: 'ping', nonce })), HEARTBEAT_MS)
    socket.onMessage = () => {}
    socket.onClose = () => {
      clearInterval(beat)
      if (this.#socket !== socket) return
      this.#socket = null
      this.isIn = false
    }
    socket.send(JSON.stringify({ t: 'track', channel: LINE, state: { state: 'here' } }))
    this.isIn = true
  }

  #go(): void {
    const socket = this.#socket
    const chance = this.#chance()
    if (socket === null) return
    if (chance < 0.15) {
      socket.send(JSON.stringify({ t: 'track', channel: LINE, state: null }))
      this.isIn = false
      return
    }
    if (chance < 0.3) {
      // A second connection, while the first is there.
      this.#coming = this.come()
      return
    }
    if (chance < 0.65) socket.send(JSON.stringify({ t: 'bye', reason: chance < 0.5 ? 'suspending' : 'stopping' }))
    socket.destroy()
    this.#socket = null
    this.isIn = false
  }

  /** In the end: there and staying, or torn from the network this moment. */
  async settle(stays: boolean): Promise<void> {
    // On a busy machine one is still on its way, and would be there after all.
    await this.#coming
    if (!stays) {
      this.#socket?.destroy()
      this.#socket = null
      this.isIn = false
      return
    }
    for (let isHeard = false; !isHeard;) {
      while (this.#socket === null) await this.come()
      this.#socket.send(JSON.stringify({ t: 'track', channel: LINE, state: { state: 'here' } }))
      isHeard = await answered(this.#socket)
    }
    this.isIn = true
  }

  end(): void {
    this.#socket?.destroy()
  }
}

/** A reader that keeps what it is told, and comes back when the server is killed. */
class Observer {
  readonly members = new Map<string, Member>()
  count: Headcount | null = null
  isConfirmed = false
  isOver = false
  #awaited: { readonly id: string; readonly told: () => void } | null = null

  /** When this reader has been told that a device is gone, and all that was told with it or before. */
  goneOf(id: string): Promise<void> {
    return new Promise((told) => (this.#awaited = { id, told }))
  }

  async read(floor: AndonFloor, person: Person): Promise<void> {
    while (!this.isOver) {
      const socket = await floor.connect(person).catch(() => null)
      if (socket === null) {
        await pause(100)
        continue
      }
      // What a connection before said is not told again: what is there is.
      this.members.clear()
      this.isConfirmed = false
      const closed = Promise.withResolvers<void>()
      socket.onClose = () => closed.resolve()
      socket.onMessage = (payload) => this.#take(payload, socket)
      for (const channel of [LINE, 'headcount/line-3'])
        socket.send(JSON.stringify({ t: 'subscribe', channel, credit: 1 }))
      const beat = setInterval(() => {
        socket.send(JSON.stringify({ t: 'ping', nonce: 'still-here' }))
        if (this.isOver) socket.destroy()
      }, 500)
      await closed.promise
      clearInterval(beat)
    }
  }

  #take(payload: Buffer, socket: RawWebSocket): void {
    // Frames that leave together are one message each.
    const frame = JSON.parse(payload.toString()) as {
      t: string
      nonce?: string
      channel?: string
      key?: string
      value?: unknown
    }
    if (frame.t === 'pong' && frame.nonce === 'behind-it') this.#awaited?.told()
    if (frame.t !== 'live' || frame.key === undefined) return
    if (frame.channel !== LINE) this.count = frame.value as Headcount
    else if (frame.key === ROSTER_KEY) this.isConfirmed = (frame.value as { confirmed: boolean }).confirmed
    else if (frame.value === null) this.members.delete(frame.key)
    else this.members.set(frame.key, frame.value as Member)
    // What changed at the same time leaves in the same write, and the answer behind it.
    if (frame.key === this.#awaited?.id && this.members.get(frame.key)?.state === 'gone')
      socket.send(JSON.stringify({ t: 'ping', nonce: 'behind-it' }))
  }

  /** Who is here, by what this reader was told, sorted. */
  here(): readonly string[] {
    return [...this.members].flatMap(([id, { state }]) => (state === 'here' ? [id] : [])).toSorted()
  }
}

it.each([false, true])(
  '[M10] [M12] after devices came and went without end, every roster has who is there and nobody else (server killed: %s)',
  async (isKilled) => {
    const floor = await AndonFloor.open(DEVICES + 4, ['--heartbeat-ms', String(HEARTBEAT_MS)], { devicesEach: 2 })
    const observers = [new Observer(), new Observer(), new Observer()]
    const devices: FlappingDevice[] = []
    onTestFinished(async () => {
      for (const observer of observers) observer.isOver = true
      for (const device of devices) device.end()
      await floor.stop()
    })
    const reading = observers.map((observer) => observer.read(floor, floor.nextPerson()))
    let seed = 0x5eed
    // mulberry32: the same chances each time.
    const chance = (): number => {
      seed = (seed + 0x6d2b79f5) | 0
      let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
      return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
    }
    while (devices.length < DEVICES) devices.push(new FlappingDevice(floor, floor.nextPerson(), chance))
    const endsAt = performance.now() + FLAP_MS
    const flapping = devices.map((device) => device.flap(() => performance.now() > endsAt))
    await pause(FLAP_MS / 2)
    if (isKilled) await floor.restart(['--heartbeat-ms', String(HEARTBEAT_MS)])
    await Promise.all(flapping)
    await Promise.all(devices.map((device, index) => device.settle(index % 2 === 0)))
    const present = devices.filter(({ isIn }) => isIn)
    const expected = present.map(({ person }) => person.device.id as string).toSorted()
    // Heard after all of them, and torn from the network: once it is gone, a lease is over for each that was, by the server's clock
    // and however busy this machine is.
    const last = floor.nextPerson()
    const gone = observers.map((observer) => observer.goneOf(last.device.id))
    const socket = await floor.connect(last)
    socket.send(JSON.stringify({ t: 'track', channel: LINE, state: { state: 'here' } }))
    expect(await answered(socket)).toBe(true)
    socket.destroy()
    await Promise.all(gone)
    expect(expected).toHaveLength(DEVICES / 2)
    for (const observer of observers) {
      expect(observer.here()).toEqual(expected)
      expect(observer.isConfirmed).toBe(true)
    }
    while (observers.some(({ count }) => count?.devices.here !== expected.length)) await pause(100)
    // Two devices of a person are one person.
    const people = new Set(present.map(({ person }) => person.operator)).size
    for (const { count } of observers) expect(count).toMatchObject({ confirmed: true, people })
    for (const observer of observers) observer.isOver = true
    await Promise.all(reading)
  },
  10 * 60_000,
)
