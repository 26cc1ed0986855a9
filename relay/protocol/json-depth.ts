/**
 * Whether lists and objects of a value are nested at most this deep. What is deeper than a call stack can be read, but not
 * written as JSON again, compared or handed to another thread: each of these would throw.
 */
export function isWithinDepth(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  return depth > 0 && Object.values(value).every((item) => isWithinDepth(item, depth - 1))
}
