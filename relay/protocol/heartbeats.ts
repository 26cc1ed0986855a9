import { LIMITS } from './limits.ts'

/** How often a device that nobody looks at is heard on a site of this heartbeat, milliseconds (PROTOCOL H5). */
export function restingMs(heartbeatMs: number): number {
  return Math.min(heartbeatMs * LIMITS.restingHeartbeats, LIMITS.maxHeartbeatMs)
}

/** For how long from its last sign of life a device with this heartbeat is a member of its rooms, milliseconds (PROTOCOL M10). */
export function leaseMs(heartbeatMs: number): number {
  return heartbeatMs * LIMITS.leaseHeartbeats
}

/** After how long without a sign of life a member with this lease is stale, milliseconds (PROTOCOL M10). */
export function staleMs(leaseForMs: number): number {
  return (leaseForMs / LIMITS.leaseHeartbeats) * LIMITS.staleHeartbeats
}
