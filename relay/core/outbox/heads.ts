/** The heads of the lanes: read from the disk a page at a time, at or before the moment they are due. */
import { LANES } from '../../protocol/lanes.ts'
import type { Row } from '../../ports.ts'
import { read } from '../disk/read.ts'
import { makerOf, outboxKey, type OutboxRow } from '../disk/rows.ts'
import type { Query } from '../step/from-disk.ts'
import type { Turn } from '../step/turn.ts'
import { headSize, laneFilled } from './lane.ts'
import type { Entry, LaneState, OutboxState } from './slice.ts'

/** Takes a command that is on disk into memory. */
export function hold(outbox: OutboxState, lane: LaneState, row: OutboxRow): void {
  const entry = restored(outbox.volume, row)
  lane.entries.set(row.seq, entry)
  outbox.byId.set(row.id, entry)
}

/** A command as the disk has it. */
export function restored(volume: number, row: OutboxRow): Entry {
  return { row, volume, status: 'saved', settled: null, notice: null, from: makerOf(row), origins: [] }
}

/** Reads the next page of each lane whose head runs low. Called at the end of every step. */
export function loadHeads(outbox: OutboxState, turn: Turn): void {
  const { volume, lanes } = outbox
  for (const name of LANES) {
    const lane = lanes[name]
    if (lane.isLoading || lane.loadedUpTo >= lane.savedUpTo || headSize(lane) > outbox.paging.head / 2) continue
    lane.isLoading = true
    const through = lane.savedUpTo
    const range = {
      from: outboxKey(name, lane.loadedUpTo + 1, volume),
      to: outboxKey(name, through + 1, volume),
      limit: outbox.paging.head - headSize(lane),
    }
    read(turn, { kind: 'lane', lane: name, volume, through }, { table: 'outbox', range })
  }
}

export function laneLoaded(outbox: OutboxState, query: Query & { kind: 'lane' }, rows: readonly Row[]): void {
  if (query.volume !== outbox.volume) return
  const lane = outbox.lanes[query.lane]
  lane.isLoading = false
  const before = lane.loadedUpTo
  const page = rows.map((each) => each.value as OutboxRow)
  lane.loadedUpTo = page.at(-1)?.seq ?? query.through
  lane.held -= lane.loadedUpTo - before - page.length
  for (const row of page) hold(outbox, lane, row)
  laneFilled(lane)
}
