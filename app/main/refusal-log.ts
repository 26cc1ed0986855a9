import type { Clock, Log } from '../../relay/ports.ts'
import { Pace } from './pace.ts'

/** Lines about refusals: enough to see what a page tries, and no more than one a second of one that tries for ever. */
export const REFUSAL_PACE = { perSecond: 1, burst: 20 } as const
/** Letters of an address that tell which it was; a `data:` one holds megabytes. */
export const MAX_LOGGED_URL = 200

/** Logs what was refused to a page, at a bounded pace. The next line says how many were left out before it. */
export function refusalLog(
  log: Log,
  clock: Pick<Clock, 'monotonic'>,
): (event: string, fields: Readonly<Record<string, unknown>>) => void {
  const pace = new Pace({ ...REFUSAL_PACE, now: clock.monotonic() })
  let leftOut = 0
  return (event, fields) => {
    if (!pace.take(clock.monotonic())) {
      leftOut += 1
      return
    }
    const { url } = fields
    const cut = typeof url === 'string' ? { ...fields, url: url.slice(0, MAX_LOGGED_URL) } : fields
    log('warn', event, leftOut === 0 ? cut : { ...cut, leftOut })
    leftOut = 0
  }
}
