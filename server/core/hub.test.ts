import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { channelName } from '../../relay/protocol/channels.ts'
import type { StoredEvent } from '../../relay/protocol/events.ts'
import type { Epoch, EventId } from '../../relay/protocol/ids.ts'
import type { CommittedEvent } from '../ports/store.ts'
import { Hub, type Batch } from './hub.ts'

const CHAT = channelName('chat', 'line-3')
const EPOCH = '0123456789abcdef' as Epoch

function committed(offset: number): CommittedEvent {
  const event: StoredEvent = { offset, id: `${offset}` as EventId, type: 'chat.posted', at: '', data: null }
  return { channel: CHAT, epoch: EPOCH, event }
}

/** A hub whose frames are the offsets as text, joined with commas; `counts` says how often it worked. */
function hubAt(top: number, ringSize = 4) {
  const counts = { encoded: 0, joined: 0, scheduled: 0 }
  const hub = new Hub<string>({
    encode: ({ event }) => {
      counts.encoded += 1
      return String(event.offset)
    },
    join: (frames) => {
      counts.joined += 1
      return frames.join(',')
    },
    tops: [{ channel: CHAT, epoch: EPOCH, top }],
    ringSize,
    schedule: () => (counts.scheduled += 1),
  })
  return { hub, counts }
}

/** Takes what is after `from`, as a subscription does. */
class Reader {
  offset: number
  readonly seen: number[] = []
  constructor(from: number) {
    this.offset = from
  }
  deliver(batch: Batch<string>): void {
    for (const [index, frame] of batch.frames.entries()) {
      if (batch.first + index <= this.offset) continue
      this.offset = batch.first + index
      this.seen.push(Number(frame))
    }
  }
}

describe('hub', () => {
  it('[U2] encodes an event once and joins a turn once, whoever listens', () => {
    const { hub, counts } = hubAt(0)
    const joined: string[] = []
    for (let count = 0; count < 3; count += 1) {
      hub.attach(CHAT, { epoch: EPOCH, offset: 0 }, { deliver: (batch) => joined.push(batch.joined) })
    }
    hub.publish([committed(1)])
    hub.publish([committed(2)])
    expect(joined).toEqual([])
    hub.flush()
    expect(joined).toEqual(['1,2', '1,2', '1,2'])
    expect(counts).toEqual({ encoded: 2, joined: 1, scheduled: 1 })
  })

  it('[S7] [U3] closes the chase from its ring, and sends away a reader that is further behind', () => {
    const { hub } = hubAt(0)
    hub.publish([1, 2, 3, 4, 5, 6].map(committed))
    hub.flush()
    const reader = new Reader(2)
    expect(hub.attach(CHAT, { epoch: EPOCH, offset: 1 }, reader)).toBe(false)
    expect(hub.attach(CHAT, { epoch: EPOCH, offset: 2 }, reader)).toBe(true)
    hub.publish([committed(7)])
    hub.flush()
    expect(reader.seen).toEqual([3, 4, 5, 6, 7])
  })

  it('[S7] a reader of the store that is ahead of the hub drops what it has', () => {
    const { hub } = hubAt(0)
    hub.publish([1, 2, 3].map(committed))
    const reader = new Reader(2)
    expect(hub.attach(CHAT, { epoch: EPOCH, offset: 2 }, reader)).toBe(true)
    hub.flush()
    expect(reader.seen).toEqual([3])
  })

  it('feeds nobody of another epoch, and nobody who left', () => {
    const { hub } = hubAt(0)
    const reader = new Reader(0)
    expect(hub.attach(CHAT, { epoch: 'fedcba9876543210' as Epoch, offset: 0 }, reader)).toBe(false)
    hub.attach(CHAT, { epoch: EPOCH, offset: 0 }, reader)
    hub.detach(CHAT, reader)
    hub.publish([committed(1)])
    hub.flush()
    expect(reader.seen).toEqual([])
  })

  it('[U1] refuses a hole in what is published to it', () => {
    expect(() => hubAt(3).hub.publish([committed(5)])).toThrow('expects offset 4, got 5')
  })

  it('[S7] whoever attaches at any moment, at any place, sees every later event once and in order', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('publish', 'flush', 0, 1, 2, 3, 4), { maxLength: 60 }), (steps) => {
        const { hub } = hubAt(0)
        const readers: { from: number; reader: Reader }[] = []
        let top = 0
        for (const step of steps) {
          if (step === 'publish') hub.publish([committed((top += 1))])
          else if (step === 'flush') hub.flush()
          else {
            const from = Math.max(0, top - Number(step))
            const reader = new Reader(from)
            if (hub.attach(CHAT, { epoch: EPOCH, offset: from }, reader)) readers.push({ from, reader })
          }
        }
        hub.flush()
        for (const { from, reader } of readers) {
          expect(reader.seen).toEqual(Array.from({ length: top - from }, (_, index) => from + index + 1))
        }
      }),
    )
  })
})
