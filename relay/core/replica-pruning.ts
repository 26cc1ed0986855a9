/** Lets go of replicas that nobody has wanted for long: they are a cache, the server has what they held. */
import { parseChannel, URGENT_CHANNEL } from '../protocol/channels.ts'
import { save } from './ledger.ts'
import { emptyReplica, newReplica } from './replica.ts'
import type { ChannelRow } from './rows.ts'
import type { EngineState } from './state.ts'
import type { Turn } from './turn.ts'

/** How long a replica that nobody wants stays on disk. */
export const KEEP_REPLICA_MS = 30 * 24 * 3_600_000
/** Replicas that nobody wants on one disk; beyond it those that were wanted longest ago go first. */
export const MAX_STORED_CHANNELS = 1000
/** Replicas that one call lets go of: each is a range to delete, and a start must not wait for hundreds of them. */
export const PRUNED_AT_ONCE = 16

/** Called at start, when nobody wants anything yet, and every hour. */
export function pruneReplicas(state: EngineState, turn: Turn): void {
  const { stored } = state.channels
  const wantedAt = ({ wantedAt: at, confirmedAt }: ChannelRow) => at ?? confirmedAt ?? turn.wall
  const tooMany = stored.size - MAX_STORED_CHANNELS
  const byAge = [...stored].toSorted(([, a], [, b]) => wantedAt(a) - wantedAt(b))
  for (const [index, [name, row]] of byAge.slice(0, PRUNED_AT_ONCE).entries()) {
    const channel = parseChannel(name)
    const isOld = turn.wall - wantedAt(row) > KEEP_REPLICA_MS
    if (channel === null || name === URGENT_CHANNEL || (!isOld && index >= tooMany)) continue
    save(state.ledger, turn, emptyReplica(newReplica(channel, row)))
    stored.delete(name)
  }
}
