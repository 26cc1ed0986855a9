import { breachesIn, type LineValue } from '../../relay/domain/line-values.ts'
import { useApp } from './use-app.ts'

/** How many of the values that are shown are beyond their limits; counted once a second, as they are drawn. */
export function useBreaches(values: Iterable<LineValue>): number {
  const { now, relay } = useApp()
  // Read for its change alone: values age by the monotonic clock.
  void now.value
  return breachesIn(values, { live: relay.live, now: relay.now() })
}
