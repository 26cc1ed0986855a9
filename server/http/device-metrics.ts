import { Counter, Gauge, type Registry } from 'prom-client'
import type { DeviceCounts } from '../ports/site.ts'
import type { StoreAdministration } from '../ports/store-administration.ts'
import { inTime } from './in-time.ts'

/** What became of devices that are not known; counted by the store since its start, and only shown here. */
const LEFT = ['refused', 'evicted', 'forgotten'] as const satisfies readonly (keyof DeviceCounts)[]

/** Devices that are known, and what became of others (T18, P8), read when somebody asks. */
export function measureDevices(registry: Registry, store: Pick<StoreAdministration, 'deviceCounts'>): void {
  const gauge: Gauge<'state'> = new Gauge({
    name: 'andon_devices',
    help: 'Devices that are known: used, of those alone (nobody ever signed in there), and strangers.',
    labelNames: ['state'],
    registers: [registry],
    async collect() {
      const counts = await inTime(store.deviceCounts())
      gauge.reset()
      if (counts === null) return
      gauge.set({ state: 'used' }, counts.used)
      gauge.set({ state: 'alone' }, counts.alone)
      gauge.set({ state: 'stranger' }, counts.strangers)
    },
  })
  const left: Counter<'how'> = new Counter({
    name: 'andon_devices_left_total',
    help: 'Devices that are not known: refused for want of room, gone to make room for others, or away for too long.',
    labelNames: ['how'],
    registers: [registry],
    async collect() {
      const counts = await inTime(store.deviceCounts())
      left.reset()
      if (counts !== null) for (const how of LEFT) left.inc({ how }, counts[how])
    },
  })
}
