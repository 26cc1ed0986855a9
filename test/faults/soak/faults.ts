import { setTimeout as pause } from 'node:timers/promises'
import { unreachable } from '../../../relay/protocol/rights.ts'
import type { Floor } from './floor.ts'
import type { Ledger } from './ledger.ts'
import type { Heal } from './proxy.ts'
import type { Fault, Place } from './schedule.ts'

/** A burst takes about so long from stdin to the last result, milliseconds; the kill falls somewhere into it. */
const MAX_BUSY_MS = 60
/** Refusals that were under way when there was room again may still be said, milliseconds. */
const LATE_REFUSALS_MS = 5_000

/** Makes it go wrong; resolves when it is over and everything that can be put right by us was. */
export async function inject(floor: Floor, ledger: Ledger, fault: Fault): Promise<void> {
  switch (fault.kind) {
    case 'kill':
      return killBusy(floor, fault)
    case 'term':
      return floor.process(fault.place).term(fault.lastsMs)
    case 'freeze':
      return floor.process(fault.place).freeze(fault.lastsMs)
    case 'cut':
      return floor.station(fault.relay).proxy.cut()
    case 'forget':
      return floor.station(fault.relay).proxy.forget()
    case 'refuse':
      return during(fault, floor.station(fault.relay).proxy.refuse())
    case 'stall':
      return during(fault, floor.station(fault.relay).proxy.stall())
    case 'half-open':
      return during(fault, floor.station(fault.relay).proxy.halfOpen(fault.direction))
    case 'delay':
      return during(fault, floor.station(fault.relay).proxy.delay(fault.ms, fault.jitterMs))
    case 'chop':
      return during(fault, floor.station(fault.relay).proxy.chop(fault.bytes))
    case 'disk-full':
      return fillDisk(floor, ledger, fault)
    case 'clock':
      return setClock(floor, fault)
    default:
      return unreachable(fault)
  }
}

/** In the middle of work: between saving and sending, commit and answer, page and cursor. */
async function killBusy(floor: Floor, { place, lastsMs }: Fault & { kind: 'kill' }): Promise<void> {
  const stations = place === 'server' ? floor.stations : [floor.station(place)]
  for (const { load } of stations) load.burst()
  await pause(lastsMs % MAX_BUSY_MS)
  await floor.process(place).kill(lastsMs)
}

async function during(fault: Fault, heal: Heal): Promise<void> {
  await pause(fault.lastsMs)
  heal()
}

async function fillDisk(floor: Floor, ledger: Ledger, { place, lastsMs }: Fault & { kind: 'disk-full' }) {
  const disk = floor.diskOf(place)
  if (disk === null) return
  floor.setFull(place, true)
  allowRefusals(ledger, place, true)
  const release = await disk.fill()
  await pause(lastsMs)
  await release()
  setTimeout(() => {
    floor.setFull(place, false)
    allowRefusals(ledger, place, false)
  }, LATE_REFUSALS_MS).unref()
}

function allowRefusals(ledger: Ledger, place: Place, isAllowed: boolean): void {
  if (place !== 'server') ledger.mayRefuse(place, isAllowed)
}

async function setClock(floor: Floor, { place, byMs, lastsMs }: Fault & { kind: 'clock' }): Promise<void> {
  floor.clockOf(place)?.set(byMs)
  await pause(lastsMs)
  floor.clockOf(place)?.set(0)
}
