import { TokenBuckets } from './token-bucket.ts'

/** Lines about the same thing: enough to see what goes on, and no more than one in ten seconds of what goes on for ever. */
const PACE = { perSecond: 0.1, burst: 5 } as const
/** Things there are to say; each is a code or name of ours, never a stranger's word. */
const MAX_THINGS = 64
/** Letters of what a stranger wrote that tell what it was. */
const MAX_WORDS = 200

export type Say = (
  level: 'info' | 'warn',
  line: Readonly<Record<string, unknown>> & { readonly event: string; readonly code?: string },
) => void

/**
 * A log for what strangers can cause as often as they like (P8): at a bounded pace for each event and code, and a line says
 * how many were left out before it.
 */
export function pacedLog(log: Record<'info' | 'warn', (line: object) => void>, now: () => number): Say {
  const pace = new TokenBuckets(PACE, MAX_THINGS)
  const leftOut = new Map<string, number>()
  return (level, line) => {
    const thing = `${line.event} ${line.code ?? ''}`
    const before = leftOut.get(thing) ?? 0
    if (pace.take(thing, now()) > 0) {
      leftOut.set(thing, before + 1)
      return
    }
    leftOut.delete(thing)
    const cut = Object.entries(line).map(([key, value]): [string, unknown] => [
      key,
      typeof value === 'string' ? value.slice(0, MAX_WORDS) : value,
    ])
    log[level]({ ...Object.fromEntries(cut), ...(before > 0 && { leftOut: before }) })
  }
}
