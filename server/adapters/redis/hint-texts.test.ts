import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { channelName, type ChannelName } from '../../../relay/protocol/channels.ts'
import type { Epoch, EventId } from '../../../relay/protocol/ids.ts'
import type { CommittedEvent } from '../../ports/submission.ts'
import { hintsIn, hintTexts } from './hint-texts.ts'

const CHAT = channelName('chat', 'line-3')
const committed = (offset: number, text = 'hello', channel: ChannelName = CHAT): CommittedEvent => ({
  channel,
  epoch: '0'.repeat(16) as Epoch,
  event: {
    offset,
    id: '00000000-0000-7000-8000-000000000001' as EventId,
    type: 'chat.posted',
    at: '2026-11-20T03:00:00.000Z',
    data: { line: 'line-3', text },
  },
})
const told = (events: readonly CommittedEvent[], to = 'b') =>
  [...hintTexts('a', events)].flatMap((text) => {
    const hints = hintsIn(to, text)
    return hints === null || hints === 'own' ? [] : hints
  })

describe('hints between nodes', () => {
  it('say how far each channel is, and the event where it is small', () => {
    const small = committed(7)
    const large = committed(8, '한'.repeat(5_000))
    expect(told([small, large])).toEqual([
      { channel: CHAT, epoch: small.epoch, top: 7, event: small.event },
      { channel: CHAT, epoch: small.epoch, top: 8, event: null },
    ])
  })

  it('[P8] are cut into messages of a bounded length, in order, none lost', () => {
    const events = Array.from({ length: 500 }, (_, at) => committed(at + 1, 'x'.repeat(at * 7)))
    expect(told(events).map(({ top }) => top)).toEqual(events.map(({ event }) => event.offset))
    for (const text of hintTexts('a', events)) expect(text.length).toBeLessThan(70_000)
  })

  it('are known for one’s own', () => {
    const [text = ''] = hintTexts('a', [committed(1)])
    expect(hintsIn('a', text)).toBe('own')
  })

  it('are none whatever else somebody says there', () => {
    const [text = ''] = hintTexts('a', [committed(1)])
    for (const other of ['', '{}', 'null', text.slice(1), text.replace('chat/line-3', '../etc'), 'x'.repeat(300_000)])
      expect(hintsIn('b', other)).toBeNull()
    fc.assert(fc.property(fc.string(), (any) => void hintsIn('b', any)))
    fc.assert(fc.property(fc.json(), (any) => hintsIn('b', any) === null))
  })
})
