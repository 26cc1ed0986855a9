import type { DeviceId } from '../../../relay/protocol/ids.ts'
import { makesRoom, type DeviceRoom } from '../../ports/device-room.ts'
import type { DeviceFact } from './facts.ts'
import type { WorkingSet } from './working-set.ts'

/**
 * Who the devices of the site are (T18), in the working set of a group: how many there are is kept with each change, under the
 * lock of the register.
 */
export class KnownDevices {
  readonly #set: WorkingSet
  readonly #room: DeviceRoom

  constructor(set: WorkingSet, room: DeviceRoom) {
    this.#set = set
    this.#room = room
  }

  /** Whether nobody ever signed in on it. */
  isAlone(id: DeviceId): boolean {
    return this.#set.get('device', id)?.isPeoples !== true
  }

  /**
   * A command that it sent by itself was applied: it is kept like those that people use while such devices have room, in sum
   * and from where it comes; otherwise it stays a stranger. False for a stranger.
   */
  use(id: DeviceId): boolean {
    const device = this.#set.get('device', id)
    if (device === null || device.usedAt !== null) return device !== null
    this.#set.needsRegister('registry')
    this.#set.reads([
      ['sum', 'alone', ''],
      ['sum', 'used', ''],
      ['sum', 'strangers', ''],
      ['sum', 'alone-from', device.source],
      ['sum', 'strangers-from', device.source],
    ])
    const { alonePerSource, alone, used } = this.#room
    if (this.#sum('alone-from', device.source) >= alonePerSource) return false
    if (this.#sum('alone') >= alone || this.#sum('used') >= used) return false
    this.change({ ...device, usedAt: this.#set.now })
    this.#add('used', '', 1)
    this.#add('alone', '', 1)
    this.#add('alone-from', device.source, 1)
    this.#lessStrangers(device.source)
    return true
  }

  /** Takes a newcomer in. `refused`: there is no room for it; `evicted`: a stranger that made room for it. */
  register(device: DeviceFact): { readonly isRefused: boolean; readonly evicted: DeviceId | null } {
    const { source } = device
    this.#set.needsRegister('registry')
    this.#set.reads([
      ['sum', 'used', ''],
      ['sum', 'strangers', ''],
      ['sum', 'strangers-from', source],
    ])
    const bySource = new Map([[source, this.#sum('strangers-from', source)]])
    if (this.#sum('strangers') >= this.#room.strangers) {
      const loudest = this.#set.get('loudest', '')
      if (loudest !== null) bySource.set(loudest.source, this.#sum('strangers-from', loudest.source))
    }
    const room = makesRoom(source, { used: this.#sum('used'), strangers: this.#sum('strangers'), bySource }, this.#room)
    if (room === null) return { isRefused: true, evicted: null }
    const evicted = room.evicted === null ? null : this.#evict(room.evicted)
    this.change(device)
    this.#add('strangers', '', 1)
    this.#add('strangers-from', source, 1)
    return { isRefused: false, evicted }
  }

  change(device: DeviceFact): void {
    this.#set.needsDevice(device.id)
    this.#set.set('device', [device.id], device)
  }

  /** The one of that source that was away longest. A stranger has no sessions. */
  #evict(source: string): DeviceId | null {
    const id = this.#set.get('longestAway', source).find((each) => this.#set.noted(`evicted ${each}`) === undefined)
    if (id === undefined) return null
    this.#set.note(`evicted ${id}`, true)
    this.#set.write('evicted', id)
    this.#lessStrangers(source)
    return id
  }

  #lessStrangers(source: string): void {
    this.#add('strangers', '', -1)
    this.#add('strangers-from', source, -1)
  }

  #sum(kind: string, source = ''): number {
    return this.#set.get('sum', kind, source)
  }

  #add(kind: string, source: string, by: number): void {
    this.#set.set('sum', [kind, source], this.#sum(kind, source) + by)
  }
}
