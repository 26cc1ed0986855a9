import { Registry } from 'prom-client'
import { expect, it } from 'vitest'
import { measureTimers } from './timer-metrics.ts'

it('[T20] [P8] says how many commands wait for their time', async () => {
  const registry = new Registry()
  measureTimers(registry, { timersWaiting: () => Promise.resolve(7) })
  for (const said of [await registry.metrics(), await registry.metrics()]) expect(said).toContain('\nandon_timers 7\n')
})
