import { setTimeout as pause } from 'node:timers/promises'
import { unreachable } from '../../../relay/protocol/rights.ts'
import type { Floor, Station } from './floor.ts'
import type { Ledger } from './ledger.ts'
import type { Heal } from './proxy.ts'
import type { Fault } from './schedule.ts'

/** A burst takes about so long from stdin to the last result, milliseconds; what strikes falls somewhere into it. */
const MAX_BUSY_MS = 60
/** Refusals that were under way when there was room again may still be said, milliseconds. */
const LATE_REFUSALS_MS = 5_000
/** A server that began while it did not reach its database gives up a little later, milliseconds. */
const LATE_STARTS_MS = 10_000

/** Makes it go wrong; resolves when it is over and everything that can be put right by us was. */
export async function inject(floor: Floor, ledger: Ledger, fault: Fault): Promise<void> {
  // In the middle of work: between saving and sending, commit and answer, page and cursor.
  for (const { load } of struckBy(floor, fault)) load.burst()
  await pause(fault.lastsMs % MAX_BUSY_MS)
  const isReached = 'link' in fault && typeof fault.link === 'string' ? floor.excuse(fault.link) : null
  await strike(floor, ledger, fault)
  if (isReached !== null) setTimeout(isReached, LATE_STARTS_MS).unref()
}

/** Whose work is interrupted. */
function struckBy(floor: Floor, fault: Fault): readonly Station[] {
  const place = 'link' in fault ? fault.link : fault.place
  return typeof place === 'number' ? [floor.station(place)] : floor.stations
}

async function strike(floor: Floor, ledger: Ledger, fault: Fault): Promise<void> {
  switch (fault.kind) {
    case 'kill':
      return floor.process(fault.place).kill(fault.lastsMs)
    case 'term':
      return terminate(floor, ledger, fault)
    case 'freeze':
      return floor.process(fault.place).freeze(fault.lastsMs)
    case 'cut':
      return floor.network(fault.link).cut()
    case 'forget':
      return floor.network(fault.link).forget()
    case 'flap':
      return flap(floor, fault)
    case 'refuse':
      return during(fault, floor.network(fault.link).refuse())
    case 'stall':
      return during(fault, floor.network(fault.link).stall())
    case 'half-open':
      return during(fault, floor.network(fault.link).halfOpen(fault.direction))
    case 'delay':
      return during(fault, floor.network(fault.link).delay(fault.ms, fault.jitterMs))
    case 'chop':
      return during(fault, floor.network(fault.link).chop(fault.bytes))
    case 'disk-full':
      return fillDisk(floor, ledger, fault)
    case 'clock':
      return setClock(floor, fault)
    default:
      return unreachable(fault)
  }
}

async function flap(floor: Floor, fault: Fault & { kind: 'flap' }): Promise<void> {
  const { everyMs, lastsMs, link } = fault
  for (let ms = 0; ms < lastsMs; ms += everyMs) {
    await pause(everyMs)
    for (const { load } of struckBy(floor, fault)) load.burst()
    await pause(ms % MAX_BUSY_MS)
    floor.network(link).cut()
  }
}

async function during(fault: Fault, heal: Heal): Promise<void> {
  await pause(fault.lastsMs)
  heal()
}

async function fillDisk(floor: Floor, ledger: Ledger, { place, lastsMs }: Fault & { kind: 'disk-full' }) {
  const disk = floor.diskOf(place)
  if (disk === null) return
  const hasRoom = floor.excuse(place)
  const excused = typeof place === 'number' ? ledger.mayRefuse(place, 'disk-full') : null
  const release = await disk.fill()
  await pause(lastsMs)
  await release()
  setTimeout(() => {
    hasRoom()
    excused?.()
  }, LATE_REFUSALS_MS).unref()
}

async function terminate(floor: Floor, ledger: Ledger, { place, lastsMs }: Fault & { kind: 'term' }): Promise<void> {
  const excused = typeof place === 'number' ? ledger.mayRefuse(place, 'stopping') : null
  await floor.program(place).term(lastsMs)
  excused?.()
}

async function setClock(floor: Floor, { place, byMs, lastsMs }: Fault & { kind: 'clock' }): Promise<void> {
  floor.clockOf(place)?.set(byMs)
  await pause(lastsMs)
  floor.clockOf(place)?.set(0)
}
