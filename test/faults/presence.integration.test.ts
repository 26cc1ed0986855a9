import { expect, it, onTestFinished } from 'vitest'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { presenceChannel } from '../../relay/protocol/room-names.ts'
import { AndonFloor, type Person } from '../bench/andon-floor.ts'
import { pause } from '../bench/processes.ts'
import type { RawWebSocket } from '../bench/raw-websocket.ts'
import { RoomScreen } from '../support/room-screen.ts'

/** `prove` lets a thousand devices flap for a minute at the usual heartbeat; here it is a case of that. */
const IS_FULL = process.env['ANDON_OBSTACLES'] === 'full'
const [DEVICES, FLAP_MS, HEARTBEAT_MS] = IS_FULL ? [1_000, 60_000, LIMITS.heartbeatMs] : [60, 4_000, 1_000]
const LINE = presenceChannel('line-3')
/** What lies open on each of the devices: a room below the area. */
const ORDER = presenceChannel('line-3', 'order-7')
const PIN = '1111'

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
  /** What its people look at, and whether somebody can. */
  #place: { readonly state: 'here' | 'screen-off'; readonly looks: string } = { state: 'here', looks: 'Alerts' }
  #socket: RawWebSocket | null = null
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
      else await this.#go()
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
    this.#track(socket)
    this.isIn = true
  }

  /** As a screen is to show it. */
  get shown() {
    const { device, operator } = this.person
    return { device: device.id as string, name: 'bench', operator, ...this.#place }
  }

  #track(socket: RawWebSocket): void {
    const state = this.#chance() < 0.3 ? 'screen-off' : 'here'
    this.#place = { state, looks: `WO-${Math.floor(this.#chance() * 100)}` }
    for (const channel of [LINE, ORDER]) socket.send(JSON.stringify({ t: 'track', channel, state: this.#place }))
  }

  async #go(): Promise<void> {
    const socket = this.#socket
    const chance = this.#chance()
    if (socket === null) return
    if (chance < 0.15) {
      for (const channel of [LINE, ORDER]) socket.send(JSON.stringify({ t: 'track', channel, state: null }))
      this.isIn = false
      return
    }
    if (chance < 0.3) {
      // A second connection, while the first is there.
      await this.come()
      return
    }
    if (chance < 0.65) socket.send(JSON.stringify({ t: 'bye', reason: chance < 0.5 ? 'suspending' : 'stopping' }))
    socket.destroy()
    this.#socket = null
    this.isIn = false
  }

  /** In the end: there and staying, or torn from the network this moment. */
  async settle(stays: boolean): Promise<void> {
    if (!stays) {
      this.#socket?.destroy()
      this.#socket = null
      this.isIn = false
      return
    }
    for (let isHeard = false; !isHeard;) {
      while (this.#socket === null) await this.come()
      this.#track(this.#socket)
      isHeard = await answered(this.#socket)
    }
    this.isIn = true
  }

  end(): void {
    this.#socket?.destroy()
  }
}

/** Whom a screen shows as being there, and how; who is gone or asleep is another matter. */
function thereOn(screen: RoomScreen, room: typeof LINE) {
  return (screen.rosterIn(room)?.members ?? [])
    .filter(({ state }) => state === 'here' || state === 'screen-off')
    .map(({ since: _since, ...member }) => member)
    .toSorted(byDevice)
}

function byDevice(one: { readonly device: string }, other: { readonly device: string }): number {
  return one.device < other.device ? -1 : 1
}

it.each([false, true])(
  '[M10] [M12] [M13] after devices came and went without end, every screen shows who is there and nobody else (server killed: %s)',
  async (isKilled) => {
    const floor = await AndonFloor.open(DEVICES + 2, ['--heartbeat-ms', String(HEARTBEAT_MS)], {
      devicesEach: 2,
      pin: PIN,
    })
    const screens: RoomScreen[] = []
    const devices: FlappingDevice[] = []
    onTestFinished(async () => {
      await Promise.all(screens.map((screen) => screen.close()))
      for (const device of devices) device.end()
      await floor.stop()
    })
    const screen = async (): Promise<RoomScreen> => {
      const { operator } = floor.people[0] as Person
      const opened = await RoomScreen.open({ url: floor.url, operator, pin: PIN, area: 'line-3' })
      screens.push(opened)
      opened.show(ORDER)
      opened.follow(ORDER)
      return opened
    }
    const watching = await screen()
    const lookingAway = await screen()
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
    lookingAway.hide()
    if (isKilled) await floor.restart(['--heartbeat-ms', String(HEARTBEAT_MS)])
    await Promise.all(flapping)
    await Promise.all(devices.map((device, index) => device.settle(index % 2 === 0)))
    const present = devices.filter(({ isIn }) => isIn)
    expect(present).toHaveLength(DEVICES / 2)
    // Heard after all of them, and torn from the network: once it is gone, a lease is over for each that was, by the server's clock
    // and however busy this machine is.
    const last = floor.nextPerson()
    const isGone = ({ roster }: RoomScreen): boolean =>
      roster?.members.some(({ device, state }) => device === last.device.id && state === 'gone') === true
    const socket = await floor.connect(last)
    socket.send(JSON.stringify({ t: 'track', channel: LINE, state: { state: 'here' } }))
    expect(await answered(socket)).toBe(true)
    socket.destroy()
    await watching.until(isGone)
    lookingAway.show(ORDER)
    // One that was never told of anybody who left.
    const fresh = await screen()
    for (const each of screens)
      await each.until(
        (shown) => isGone(shown) && [LINE, ORDER].every((room) => shown.rosterIn(room)?.confirmed === true),
      )
    const expected = present.map(({ shown }) => shown).toSorted(byDevice)
    const people = new Set(expected.map(({ operator }) => operator)).size
    for (const each of screens) {
      for (const room of [LINE, ORDER]) {
        expect(thereOn(each, room)).toEqual(expected)
        // Who is gone or asleep, and since when each is there, included.
        expect(each.rosterIn(room)).toEqual(fresh.rosterIn(room))
      }
      await each.until(({ headcount }) => headcount?.people === people && headcount.confirmed)
      const count = (state: string): number => expected.filter((member) => member.state === state).length
      expect(each.headcount?.devices).toMatchObject({ here: count('here'), 'screen-off': count('screen-off') })
    }
    // Programs as well hear of what comes now.
    const late = floor.nextPerson()
    const lateSocket = await floor.connect(late)
    lateSocket.send(JSON.stringify({ t: 'track', channel: ORDER, state: { state: 'here' } }))
    for (const { moves } of screens)
      await expect
        .poll(() => moves.filter(({ device }) => device === late.device.id))
        .toEqual([{ kind: 'joined', device: late.device.id }])
    lateSocket.destroy()
  },
  10 * 60_000,
)
