import { expect, it } from 'vitest'
import type { ChannelName } from '../../relay/protocol/channels.ts'
import type { CommandId, Epoch, EventId } from '../../relay/protocol/ids.ts'
import type { CommittedEvent } from '../ports/store.ts'
import { Evidence } from './evidence.ts'

function raised(
  offset: number,
  over: Partial<CommittedEvent['event']> = {},
  channel = 'alerts/urgent',
): CommittedEvent {
  const event = {
    offset,
    id: `${offset}` as EventId,
    type: 'alert.raised',
    at: '',
    cause: `a${offset}` as CommandId,
    data: null,
  }
  return { channel: channel as ChannelName, epoch: '0123456789abcdef' as Epoch, event: { ...event, ...over } }
}

it('[P4] names the alerts between two places of a device in the urgent channel', () => {
  const evidence = new Evidence()
  evidence.committed([raised(1), raised(2, { type: 'alert.acknowledged' }), raised(3), raised(4, {}, 'alerts/line-3')])
  expect(evidence.between(0, 3)).toEqual(['a1', 'a3'])
  expect(evidence.between(1, 3)).toEqual(['a3'])
  expect(evidence.between(3, 9)).toEqual([])
})

it('[P8] follows a bounded number of them', () => {
  const evidence = new Evidence()
  evidence.committed(Array.from({ length: 1500 }, (_, index) => raised(index + 1)))
  expect(evidence.between(0, 1500)).toHaveLength(1000)
  expect(evidence.between(0, 500)).toEqual([])
})
