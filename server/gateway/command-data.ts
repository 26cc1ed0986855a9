import { LIMITS } from '../../relay/protocol/limits.ts'

/**
 * Whether `data` of a command is within the bounds of the wire: bytes of its JSON, and depth. What is deeper than a call stack
 * cannot be written as JSON again nor handed to the store's thread: it would throw, each time the device sends it.
 */
export function fitsCommand(data: unknown): boolean {
  return (
    isWithinDepth(data, LIMITS.maxCommandDepth) &&
    Buffer.byteLength(JSON.stringify(data ?? null)) <= LIMITS.maxCommandBytes
  )
}

function isWithinDepth(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  return depth > 0 && Object.values(value).every((item) => isWithinDepth(item, depth - 1))
}
