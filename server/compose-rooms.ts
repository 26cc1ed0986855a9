import type { Logger } from 'pino'
import { SITE_AREA } from '../relay/protocol/channels.ts'
import type { SessionId } from '../relay/protocol/ids.ts'
import { leaseMs, restingMs } from '../relay/protocol/heartbeats.ts'
import type { LiveHub } from './core/live.ts'
import { Presence } from './core/presence.ts'
import { Signals } from './core/signals.ts'
import { LastHeardKeeper } from './last-heard-keeper.ts'
import type { LiveNodes } from './ports/live-nodes.ts'
import type { LastHeardStore } from './ports/last-heard.ts'
import type { StoreAdministration } from './ports/store-administration.ts'
import type { SharedBytes } from './gateway/shared-bytes.ts'

/** How often what is over is looked for, and members are counted anew, milliseconds: nobody sees a quarter of a second. */
const SETTLE_MS = 250

export interface RoomParts {
  readonly presence: Presence
  readonly signals: Signals
  readonly lastHeard: () => { readonly kept: number; readonly untaken: number }
  /** Nobody is named any more by these sessions. */
  readonly sessionsEnded: (sessions: readonly SessionId[]) => void
  /** Another node took sessions of this operator away: whoever is named by one of them is looked up. */
  readonly revokedElsewhere: (operator: string) => void
  /** Ends what calls them by itself, and keeps when who is there was heard. */
  readonly stop: () => Promise<void>
}

export interface RoomsContext {
  readonly store: Pick<StoreAdministration, 'areas' | 'session'> & LastHeardStore
  readonly log: Pick<Logger, 'error' | 'warn'>
  readonly heartbeatMs: number
  /** No other server has devices of this floor. */
  readonly isAlone: boolean
  /** Other nodes, where there is something that they hear each other by. */
  readonly nodes: LiveNodes | null
  /** Server time, epoch milliseconds. */
  readonly nowMs: () => number
  readonly monotonic: () => number
}

/** Who is where, and what is said there, from now on: of what was before, it is only known who is silent (PROTOCOL M12). */
export async function openRooms(
  live: LiveHub<SharedBytes>,
  { store, log, heartbeatMs, isAlone, nodes, nowMs, monotonic }: RoomsContext,
): Promise<RoomParts> {
  const iso = (wallMs: number): string => new Date(wallMs).toISOString()
  // Whoever rests knows later than others that the server is another one.
  const startLeaseMs = leaseMs(restingMs(heartbeatMs))
  const areas = [...(await store.areas()), SITE_AREA]
  const presence = new Presence({
    live,
    wall: nowMs,
    iso,
    areas,
    startedAt: monotonic(),
    leaseMs: startLeaseMs,
    ...(nodes !== null && { share: (news) => nodes.tellSeat(news) }),
  })
  if (nodes !== null) presence.hearing(false, monotonic())
  const signals = new Signals({
    put: (channel, put, now) => live.put(channel, put, now),
    forget: (channel, key) => live.forget(channel, key),
    time: () => iso(nowMs()),
    ...(nodes !== null && { share: (channel, said) => nodes.tellSignal({ channel, ...said }) }),
  })
  const timer = setInterval(() => {
    presence.settle(monotonic())
    signals.sweep(monotonic())
  }, SETTLE_MS)
  timer.unref()
  const keeper = new LastHeardKeeper({
    presence,
    store,
    areas,
    log,
    isAlone,
    leaseMs: startLeaseMs,
    monotonic,
    wall: nowMs,
  })
  keeper.start()
  const sessionsEnded = (sessions: readonly SessionId[]): void => {
    presence.sessionsEnded(sessions, monotonic())
    signals.sessionsEnded(sessions, monotonic())
  }
  const lookUp = async (operator: string): Promise<void> => {
    for (const id of new Set([...presence.sessionsOf(operator), ...signals.sessionsOf(operator)]))
      if ((await store.session(id))?.status === 'revoked') sessionsEnded([id])
  }
  return {
    presence,
    signals,
    lastHeard: () => keeper.counts(),
    sessionsEnded,
    revokedElsewhere: (operator) => {
      lookUp(operator).catch((cause: unknown) => log.error({ event: 'revoked-unread', operator, cause }))
    },
    stop: async () => {
      clearInterval(timer)
      await keeper.stop()
    },
  }
}
