import { effect, signal, type ReadonlySignal } from '@preact/signals'
import { NO_MOVES, takeMoves, type RoomMove, type RoomMoves } from '../../relay/domain/room-moves.ts'
import { presenceChannel } from '../../relay/protocol/room-names.ts'
import type { App } from './app.ts'
import { useApp } from './use-app.ts'

/** What each window has noticed; gathered from the first time that a screen asks, for as long as the window lives. */
const noticed = new WeakMap<App, ReadonlySignal<RoomMoves>>()

/** The people who came last to the shown area and left it, newest first, since this person looks at it in this window. */
export function useRoomMoves(): readonly RoomMove[] {
  const app = useApp()
  const known = noticed.get(app) ?? notice(app)
  noticed.set(app, known)
  return known.value.moves
}

function notice({ rooms, area, session, rosters }: App): ReadonlySignal<RoomMoves> {
  const moves = signal(NO_MOVES)
  let of: string | null = null
  effect(() => {
    const values = rooms.value.get(presenceChannel(area.value))
    const whose = session.value === null ? null : `${session.value.operator} ${area.value}`
    // Names are for whoever may read them, and for nobody after them (P9).
    const before = whose !== null && whose === of ? moves.peek() : NO_MOVES
    of = whose
    moves.value = whose === null || values === undefined ? before : takeMoves(before, values, rosters.moment.peek())
  })
  return moves
}
