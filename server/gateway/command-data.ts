import { LIMITS } from '../../relay/protocol/limits.ts'
import { isWithinDepth } from '../../relay/protocol/json-depth.ts'

/**
 * Whether `data` of a command is within the bounds of the wire: bytes of its JSON, and depth, without which it would throw
 * each time the device sends it.
 */
export function fitsCommand(data: unknown): boolean {
  return (
    isWithinDepth(data, LIMITS.maxCommandDepth) &&
    Buffer.byteLength(JSON.stringify(data ?? null)) <= LIMITS.maxCommandBytes
  )
}
