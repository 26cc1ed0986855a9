/** After this a page has drawn its first screens, where the browser cannot say so (Safari), milliseconds. */
const IDLE_GUESS_MS = 2_000

/** Later, in a moment in which nobody waits, where the browser tells of one. */
export function whenIdle(work: () => void): void {
  if ('requestIdleCallback' in window) requestIdleCallback(work)
  else setTimeout(work, IDLE_GUESS_MS)
}
