import { Gauge } from 'prom-client'
import type { HttpOptions } from './options.ts'

/** What there is to be found, and how many questions were too many at the same time (P8). */
export function measureSearch(
  { metrics, search }: Pick<HttpOptions, 'metrics' | 'search'>,
  refused: () => number,
): void {
  const numbers = [
    ['andon_search_items', 'Messages, orders, alerts and notes that can be found.', 'items'],
    ['andon_search_bytes', 'Bytes of the texts that can be found.', 'bytes'],
  ] as const
  for (const [name, help, what] of numbers) {
    const gauge: Gauge = new Gauge({
      name,
      help,
      registers: [metrics],
      // Absent while the index cannot be read.
      collect: async () => {
        const counts = await search.counts().catch(() => null)
        if (counts === null) gauge.remove()
        else gauge.set(counts[what])
      },
    })
  }
  const tooMany: Gauge = new Gauge({
    name: 'andon_searches_refused',
    help: 'Searches that were refused because too many were under way.',
    registers: [metrics],
    collect: () => tooMany.set(refused()),
  })
}
