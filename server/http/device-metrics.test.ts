import { Registry } from 'prom-client'
import { expect, it } from 'vitest'
import { measureDevices } from './device-metrics.ts'

it('[T18] [P8] says how many devices are known, and what became of others', async () => {
  const registry = new Registry()
  const counts = { used: 3, alone: 2, strangers: 4, refused: 5, evicted: 6, forgotten: 7 }
  measureDevices(registry, { deviceCounts: () => Promise.resolve(counts) })
  for (const said of [await registry.metrics(), await registry.metrics()]) {
    expect(said).toContain('andon_devices{state="used"} 3')
    expect(said).toContain('andon_devices{state="alone"} 2')
    expect(said).toContain('andon_devices{state="stranger"} 4')
    for (const [how, count] of [
      ['refused', 5],
      ['evicted', 6],
      ['forgotten', 7],
    ])
      expect(said).toContain(`andon_devices_left_total{how="${how}"} ${count}`)
  }
})
