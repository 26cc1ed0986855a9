import { expect, it } from 'vitest'
import type { DeviceId } from '../../relay/protocol/ids.ts'
import type { DeviceRow } from '../ports/site.ts'
import { createRules } from './rules.ts'

it('[C7] a device stored under a name that acts on who reads it writes another one into records', () => {
  const device: DeviceRow = {
    id: 'A'.repeat(43) as DeviceId,
    name: '\u001b[2J\u202ePress\n\u3164',
    areas: ['line-3'],
    status: 'active',
  }
  const data = { priority: 'P0', area: 'line-3', title: 'Fire' } as const
  const actor = createRules({}).actorOfDevice({ type: 'alert.raise', data }, device, null)
  expect(actor).toMatchObject({ ok: true, value: { by: 'device:[2JPress', on: '[2JPress' } })
})
