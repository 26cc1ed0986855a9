import { Gauge } from 'prom-client'
import type { HttpOptions } from './options.ts'

/** What there is of photos and files, and why others were not taken (P8). */
export function measureAttachments({ metrics, attachments }: Pick<HttpOptions, 'metrics' | 'attachments'>): void {
  const numbers = [
    ['andon_attachments_stored', 'Photos and files that are kept, the same bytes counted once.', 'stored'],
    ['andon_attachments_bytes', 'Bytes of photos and files that are kept or on their way.', 'bytes'],
    ['andon_attachments_waiting', 'Photos and files of which a part has come.', 'waiting'],
  ] as const
  for (const [name, help, what] of numbers) {
    const gauge: Gauge = new Gauge({
      name,
      help,
      registers: [metrics],
      // Absent while their folder cannot be read.
      collect: async () => {
        const counts = await attachments.counts().catch(() => null)
        if (counts === null) gauge.remove()
        else gauge.set(counts[what])
      },
    })
  }
  const refused: Gauge<'reason'> = new Gauge({
    name: 'andon_attachments_refused',
    help: 'Pieces and files that were not taken, by the code that was answered.',
    labelNames: ['reason'],
    registers: [metrics],
    collect: async () => {
      const counts = await attachments.counts().catch(() => null)
      for (const [reason, count] of counts?.refused ?? []) refused.set({ reason }, count)
    },
  })
}
