import type { NetworkHints } from '../ports.ts'

/** `online` and `offline` of a page or worker. Waking is not among them: the relay sees it as a jump of its clock. */
export function webHints(scope: EventTarget): NetworkHints {
  return {
    listen(hinted) {
      const release = new AbortController()
      for (const hint of ['online', 'offline'] as const) {
        scope.addEventListener(hint, () => hinted(hint), { signal: release.signal })
      }
      return () => release.abort()
    },
  }
}
