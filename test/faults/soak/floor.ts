import { join } from 'node:path'
import { systemClock } from '../../../relay/adapters/system-clock.ts'
import { WAYS, type Way } from '../../../relay/protocol/ways.ts'
import type { Line } from '../../support/processes.ts'
import { RelayActor, superviseServer } from './actors.ts'
import type { Following, Ledger } from './ledger.ts'
import { Load } from './load.ts'
import type { Disk, FakeClock, Machine } from '../../support/machine.ts'
import { FaultProxy } from './proxy.ts'
import type { Bounds, LinkPlace, Place, ServerPlace } from './schedule.ts'
import { siteOfOne, siteOfThree, type Site } from './site.ts'
import type { Supervised } from './supervised.ts'

/** Room on the small disks: for what a soak of so many minutes writes, and not much more, so that filling is quick. */
const SERVER_MB = 48
const RELAY_MB = 24
const MB_PER_MINUTE = 40

/** Who sits at relay 0, 1, 2 and so on. The pins are those of the demonstration floor. */
const PEOPLE = [
  ['kim', '1111'],
  ['lee', '2222'],
  ['park', '3333'],
] as const

const CHAT = 'chat/line-3'
const STATES = ['alerts/urgent', 'alerts/line-3'] as const

/** What the soak has of one place, besides its process. */
interface Rooms {
  readonly folder: string
  readonly disk: Disk | null
  readonly clock: FakeClock | null
}

export interface Station {
  readonly relay: RelayActor
  readonly load: Load
  readonly proxy: FaultProxy
}

export interface FloorOptions {
  readonly machine: Machine
  readonly ledger: Ledger
  readonly relays: number
  readonly minutes: number
  /** Three servers instead of one. */
  readonly nodes: boolean
  readonly wayOf: (relay: number) => Way | null
  /** One for each use, so that the schedule does not depend on how busy the floor was. */
  readonly random: (use: string) => () => number
  readonly logged: (place: Place, line: string) => void
  readonly printed: (place: Place, line: Line) => void
}

/** One server or three, and relays each behind a network of its own, with a person at each. */
export class Floor {
  readonly stations: readonly Station[]
  readonly #site: Site
  readonly #servers: ReadonlyMap<Place, Supervised>
  readonly #rooms: ReadonlyMap<Place, Rooms>
  readonly #excused: Set<{ readonly place: Place }>

  private constructor(
    stations: readonly Station[],
    rest: {
      site: Site
      servers: ReadonlyMap<Place, Supervised>
      rooms: ReadonlyMap<Place, Rooms>
      excused: Set<{ readonly place: Place }>
    },
  ) {
    this.stations = stations
    this.#site = rest.site
    this.#servers = rest.servers
    this.#rooms = rest.rooms
    this.#excused = rest.excused
  }

  static async open(options: FloorOptions): Promise<Floor> {
    const { machine, ledger, nodes, random, relays, minutes, wayOf, logged } = options
    const site = nodes ? await siteOfThree(machine, (name) => random(`database ${name}`)) : await siteOfOne()
    const excused = new Set<{ readonly place: Place }>()
    const isExcused = (place: Place): boolean => [...excused].some((each) => each.place === place)
    const rooms = new Map<Place, Rooms>()
    const makeRooms = (place: Place): Rooms => {
      const isServer = typeof place === 'string'
      const name = isServer ? place.replace(' ', '-') : `relay-${place}`
      // Every other place keeps the machine's own disk and clock: what they do must not depend on ours.
      const isSpecial = isServer || place % 2 === 0
      const megabytes = (isServer ? SERVER_MB : RELAY_MB) + Math.ceil(minutes * MB_PER_MINUTE)
      const disk = isSpecial ? machine.makeDisk(name, megabytes) : null
      const clock = isServer || place % 2 === 1 ? machine.makeClock(name) : null
      const made = { folder: disk?.folder ?? machine.makeFolder(name), disk, clock }
      rooms.set(place, made)
      return made
    }

    const isCalm = (): boolean => [...site.engines.values()].every((engine) => engine.isCalm)
    const servers = new Map<Place, Supervised>()
    for (const { place, port, extra } of site.servers) {
      const { folder, clock } = makeRooms(place)
      const server = superviseServer({
        name: place,
        folder: join(folder, 'data'),
        port,
        clock,
        extra,
        violated: (promise, evidence) => ledger.add(promise, evidence),
        mayFailToStart: () => isExcused(place) || !isCalm(),
        logged: (line) => logged(place, line),
      })
      servers.set(place, server)
    }
    const stations: Station[] = []
    for (let index = 0; index < relays; index += 1) {
      const proxy = await FaultProxy.open({ port: site.port, clock: systemClock(), random: random(`proxy ${index}`) })
      const { folder, clock } = makeRooms(index)
      const relay = new RelayActor({
        index,
        url: `http://127.0.0.1:${proxy.port}`,
        folder,
        clock,
        user: PEOPLE[index % PEOPLE.length] ?? PEOPLE[0],
        way: wayOf(index),
        following: followingOf(index),
        ledger,
        mayFailToStart: () => isExcused(index),
        logged: (line) => logged(index, line),
        printed: (line) => {
          options.printed(index, line)
          load.heard(line)
        },
      })
      const load: Load = new Load({ relay, ledger, random: random(`load ${index}`) })
      stations.push({ relay, load, proxy })
    }
    return new Floor(stations, { site, servers, rooms, excused })
  }

  get bounds(): Bounds {
    const places = [...this.#rooms]
    return {
      relays: this.stations.length,
      servers: this.#site.servers.map(({ place }) => place),
      engines: [...this.#site.engines.keys()],
      disks: places.filter(([, { disk }]) => disk !== null).map(([place]) => place),
      clocks: places.filter(([, { clock }]) => clock !== null).map(([place]) => place),
    }
  }

  /** Every server answers, and what they share does. */
  get isUp(): boolean {
    const engines = [...this.#site.engines.values()]
    return [...this.#servers.values()].every(({ isReady }) => isReady) && engines.every((engine) => engine.isUp)
  }

  process(place: Place): Pick<Supervised, 'kill' | 'freeze'> {
    if (place === 'postgres' || place === 'redis') {
      const engine = this.#site.engines.get(place)
      if (engine === undefined) throw new Error(`no ${place}`)
      return engine
    }
    return this.program(place)
  }

  network(link: LinkPlace): FaultProxy {
    const network = typeof link === 'number' ? this.station(link).proxy : this.#site.networks.get(link)
    if (network === undefined) throw new Error(`no network of ${link}`)
    return network
  }

  program(place: ServerPlace | number): Supervised {
    if (typeof place === 'number') return this.station(place).relay.supervised
    const server = this.#servers.get(place)
    if (server === undefined) throw new Error(`no ${place}`)
    return server
  }

  station(index: number): Station {
    const station = this.stations[index]
    if (station === undefined) throw new Error(`no relay ${index}`)
    return station
  }

  clockOf(place: Place): FakeClock | null {
    return this.#rooms.get(place)?.clock ?? null
  }
  diskOf(place: Place): Disk | null {
    return this.#rooms.get(place)?.disk ?? null
  }

  /** A program may refuse to start from now until released: its disk is full, or its database away. Returns the release. */
  excuse(place: Place): () => void {
    const excused = { place }
    this.#excused.add(excused)
    return () => this.#excused.delete(excused)
  }

  start(): void {
    for (const server of this.#servers.values()) server.start()
    for (const { relay } of this.stations) relay.supervised.start()
  }

  /** Ends every program, then the networks. `politely`: by SIGTERM, relays first, each of which must end with 0. */
  async finish({ politely }: { readonly politely: boolean }): Promise<void> {
    for (const { load } of this.stations) load.stop()
    await Promise.all(this.stations.map(({ relay }) => relay.supervised.finish({ politely })))
    await Promise.all([...this.#servers.values()].map((server) => server.finish({ politely })))
    await Promise.all(this.stations.map(({ proxy }) => proxy.close()))
    await this.#site.end()
  }
}

/** Each way by itself, and the relay's own choice. */
const MIX: readonly (Way | null)[] = [...WAYS, null]

/** Of neighbouring relays each goes another way; from one seed to the next all of them change, since disks and clocks do not. */
export function mixedWays(seed: number): (relay: number) => Way | null {
  return (relay) => MIX[(seed + relay) % MIX.length] ?? null
}

/** Every relay follows the chat and the alerts; every second one reads the chat from its start at each of its own. */
function followingOf(index: number): readonly Following[] {
  return [
    { channel: CHAT, from: index % 2 === 0 ? 'start' : 'snapshot' },
    ...STATES.map((channel): Following => ({ channel, from: 'snapshot' })),
  ]
}
