/** The commands on their way that windows are shown: the newest, and those the server had a word for. */
import { LANES } from '../../protocol/lanes.ts'
import { LOCAL_LIMITS, type PendingCommand } from '../../protocol/local.ts'
import type { Turn } from '../step/turn.ts'
import { announce } from '../tell/bus.ts'
import { mayShow } from '../tell/reading.ts'
import type { Entry, LaneState, OutboxState } from './slice.ts'
import { commandView } from './views.ts'

export function pendingView({ row, status, notice }: Entry): PendingCommand {
  return commandView(row, { saved: status !== 'saving', notice })
}

/** Keeps an entry among those shown, or what is new about it; the one shown longest makes room. */
export function keepShown(lane: LaneState, entry: Entry): void {
  lane.shown.set(entry.row.seq, pendingView(entry))
  if (lane.shown.size <= LOCAL_LIMITS.shownPending) return
  for (const seq of lane.shown.keys()) {
    lane.shown.delete(seq)
    return
  }
}

/** What windows are shown, in the order in which it is sent. */
export function shownCommands({ lanes, arriving }: OutboxState): readonly PendingCommand[] {
  return LANES.flatMap((name) => {
    const shown = [...lanes[name].shown].toSorted(([a], [b]) => a - b).map(([, command]) => command)
    return [...shown, ...[...arriving[name].values()].flatMap(({ early }) => early ?? [])]
  })
}

export function tellPending(outbox: OutboxState, turn: Turn, entry: Entry): void {
  if (entry.from === 'relay') return
  const lane = outbox.lanes[entry.row.lane]
  if (lane.entries.get(entry.row.seq) === entry) keepShown(lane, entry)
  const command = pendingView(entry)
  if (mayShow(turn, command)) announce(turn, { t: 'pending', command })
}
