import { Registry } from 'prom-client'
import { expect, it } from 'vitest'
import type { CommittedEvent } from '../ports/submission.ts'
import { countRejections } from './rejection-metrics.ts'

function event(type: string, data: unknown): CommittedEvent {
  return { event: { type, data } } as CommittedEvent
}

it('[D6] counts what was kept by its code, and apart from it what a full list pushed out', async () => {
  const registry = new Registry()
  const count = countRejections(registry)
  const closed = (by: string) => event('rejection.closed', { rejection: { closed: { by } } })
  count([event('rejection.added', { record: { code: 'forbidden' } }), event('chat.posted', {}), closed('park')])
  count([closed('system'), event('rejection.added', { record: { code: 'forbidden' } })])
  const said = await registry.metrics()
  expect(said).toContain('andon_rejected_commands_total{code="forbidden"} 2')
  expect(said).toContain('andon_rejections_overflowed_total 1')
})
