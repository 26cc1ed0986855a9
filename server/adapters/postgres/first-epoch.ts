import { createHash } from 'node:crypto'
import type { Epoch, Incarnation } from '../../../relay/protocol/ids.ts'

/**
 * The first epoch of a channel follows from the incarnation and its name: a cursor that was taken before the first event stays
 * good, on every node, and after a restore, which begins an incarnation, it does not.
 */
export function firstEpoch(incarnation: Incarnation, channel: string): Epoch {
  const hash = createHash('sha256').update(`${incarnation} ${channel}`)
  return hash.digest('hex').slice(0, 16) as Epoch
}
