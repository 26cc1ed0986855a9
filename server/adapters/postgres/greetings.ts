import type { DeviceId, Incarnation } from '../../../relay/protocol/ids.ts'
import { LANES, type Lane } from '../../../relay/protocol/lanes.ts'
import type { DeviceRoom } from '../../ports/device-room.ts'
import type { Greeting, GreetingRequest } from '../../ports/greeting.ts'
import { sessionState } from '../../ports/sessions.ts'
import type { DeviceFact } from './facts.ts'
import { KnownDevices } from './known-devices.ts'
import { Lanes } from './lanes.ts'
import { addReview } from './reviews.ts'
import { rowOf } from './speakers.ts'
import type { WorkingSet } from './working-set.ts'

/** Where an outbox goes on, and the sequences that this store never saw and will not ask for. */
interface Settled {
  readonly outbox: Greeting['outbox']
  readonly marks: Record<Lane, number>
  readonly skipped: readonly { readonly lane: Lane; readonly from: number; readonly to: number }[]
}

const OVERTAKEN: Settled = { outbox: 'overtaken', marks: { urgent: 0, normal: 0 }, skipped: [] }

/** A greeting that was on its way for so long that a later one of the same run came first, by whichever node (N12). */
function isOvertaken(known: DeviceFact | null, { run }: GreetingRequest): boolean {
  const last = known?.run
  return run !== undefined && last?.life === run.life && run.attempt < last.attempt
}

/**
 * Registers or finds a device and settles where its outbox goes on (PROTOCOL W10), in the working set of the group. The number
 * of its link is in its row before anybody is told of it, because the next link may come by another node.
 */
export class Greetings {
  readonly #set: WorkingSet
  readonly #incarnation: Incarnation
  readonly #devices: KnownDevices
  readonly #lanes: Lanes

  constructor(set: WorkingSet, { incarnation, room }: { incarnation: Incarnation; room: DeviceRoom }) {
    this.#set = set
    this.#incarnation = incarnation
    this.#devices = new KnownDevices(set, room)
    this.#lanes = new Lanes(set)
  }

  greet(request: GreetingRequest): Greeting {
    const { device: id, epoch, oldest } = request
    const at = this.#set.now
    const session = request.session === undefined ? [] : ([['session', request.session]] as const)
    this.#set.reads([['device', id], ['marks', id], ['areas', ''], ...session])
    this.#set.needsDevice(id)
    const known = this.#set.get('device', id)
    const { outbox, marks, skipped } = isOvertaken(known, request) ? OVERTAKEN : this.#settle(request, known === null)
    const device =
      known === null
        ? newcomer(request, at)
        : {
            ...known,
            name: request.name,
            lastSeen: later(known, at),
            greeting: request.link ?? null,
            run: request.run ?? null,
          }
    const greeting: Greeting = {
      device: rowOf(device),
      isAlone: !device.isPeoples,
      link: 0,
      incarnation: this.#incarnation,
      siteAreas: this.#set.get('areas', ''),
      session: this.#session(request),
      outbox,
      marks,
    }
    if (outbox === 'overtaken') return greeting
    // A device that is turned away keeps the link it has.
    const link = device.status === 'active' ? device.link + 1 : device.link
    if (known !== null) {
      this.#devices.change({ ...device, link })
      // Nobody else has an older link of a newcomer.
      if (link !== known.link) this.#set.write('greeted', { device: id, link })
    } else if (this.#devices.register({ ...device, link }).isRefused) return { ...greeting, outbox: 'refused' }
    for (const { lane, from, to } of skipped) {
      addReview(this.#set, { kind: 'skipped-range', device: id, detail: { epoch, lane, from, to }, at })
      const held = this.#lanes.find(id, epoch, lane)?.held ?? 0
      this.#lanes.move({ device: id, epoch, lane, mark: to, last: null, held, movedAt: at })
    }
    if (outbox === 'forgotten') addReview(this.#set, { kind: 'forgotten', device: id, detail: { epoch, oldest }, at })
    return device.status === 'active' ? { ...greeting, link } : greeting
  }

  /** The device goes on by another link. One that is not known (any more) has no row to keep its number in. */
  moveLink(id: DeviceId): number {
    this.#set.reads([['device', id]])
    const device = this.#set.get('device', id)
    if (device === null) return 1
    this.#devices.change({ ...device, link: device.link + 1 })
    return device.link + 1
  }

  /** It is still here, long after its greeting. */
  seen(id: DeviceId): void {
    this.#set.reads([['device', id]])
    const device = this.#set.get('device', id)
    if (device !== null) this.#devices.change({ ...device, lastSeen: later(device, this.#set.now) })
  }

  #settle({ device, epoch, oldest, incarnation }: GreetingRequest, isNew: boolean): Settled {
    const marks: Record<Lane, number> = { urgent: 0, normal: 0 }
    const rows = this.#set.get('marks', device).filter((each) => each.epoch === epoch)
    for (const { lane, mark } of rows) marks[lane] = mark
    // A restored store may have lost marks it once gave: the device's own oldest pending sequence decides, and what the
    // store does not know about is written down for people, never guessed.
    const isRestored = incarnation !== null && incarnation !== this.#incarnation
    // The same incarnation, and yet the device is past what this store knows: it was rolled back behind our back.
    const isBehind = rows.length > 0 && LANES.some((lane) => oldest[lane] > marks[lane] + 1)
    if (isRestored || isBehind) {
      // At or below the mark nothing was skipped: what the device still holds is answered by its stored results.
      const skipped = LANES.map((lane) => ({ lane, from: marks[lane] + 1, to: oldest[lane] - 1 })).filter(
        ({ from, to }) => from <= to,
      )
      for (const { lane, to } of skipped) marks[lane] = to
      return { outbox: 'adopted', marks, skipped }
    }
    const hasHistory = LANES.some((lane) => oldest[lane] > 1)
    const outbox = rows.length > 0 ? 'known' : hasHistory ? 'forgotten' : isNew ? 'new' : 'known'
    return { outbox, marks, skipped: [] }
  }

  #session({ session: id, device }: GreetingRequest): Greeting['session'] {
    if (id === undefined) return null
    const row = this.#set.get('session', id)?.row ?? null
    const operator = row === null ? null : this.#set.get('operator', row.operator)
    return sessionState(row, operator, { device, at: this.#set.now })
  }
}

function newcomer(
  { device, publicKey, name, source, defaultAreas, link: greeting, run }: GreetingRequest,
  at: string,
): DeviceFact {
  return {
    id: device,
    publicKey,
    name,
    areas: defaultAreas,
    status: 'active',
    usedAt: null,
    lastSeen: at,
    source,
    link: 0,
    greeting: greeting ?? null,
    run: run ?? null,
    isPeoples: false,
  }
}

function later({ lastSeen }: DeviceFact, at: string): string {
  return lastSeen > at ? lastSeen : at
}
