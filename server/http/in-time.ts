import { HTTP_LIMITS } from './limits.ts'

/** What the store says of itself, or null: one that is stuck must not hide the other numbers. */
export async function inTime<T>(counts: Promise<T>): Promise<T | null> {
  const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), HTTP_LIMITS.readyMs).unref())
  return await Promise.race([counts.catch(() => null), late])
}
