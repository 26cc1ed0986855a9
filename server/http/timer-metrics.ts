import { Gauge, type Registry } from 'prom-client'
import type { StoreAdministration } from '../ports/store-administration.ts'
import { inTime } from './in-time.ts'

/** Commands that wait for their time (T20, P8), read when somebody asks. */
export function measureTimers(registry: Registry, store: Pick<StoreAdministration, 'timersWaiting'>): void {
  const gauge: Gauge = new Gauge({
    name: 'andon_timers',
    help: 'Commands that the site gives by itself and that wait for their time.',
    registers: [registry],
    async collect() {
      const waiting = await inTime(store.timersWaiting())
      gauge.reset()
      if (waiting !== null) gauge.set(waiting)
    },
  })
}
