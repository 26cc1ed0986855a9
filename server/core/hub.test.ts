import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { channelName, type ChannelName } from '../../relay/protocol/channels.ts'
import type { StoredEvent } from '../../relay/protocol/events.ts'
import type { Epoch, EventId } from '../../relay/protocol/ids.ts'
import type { CommittedEvent } from '../ports/submission.ts'
import { Hub, type Batch, type HubOptions } from './hub.ts'

const CHAT = channelName('chat', 'line-3')
const EPOCH = '0123456789abcdef' as Epoch

function committed(offset: number): CommittedEvent {
  const event: StoredEvent = { offset, id: `${offset}` as EventId, type: 'chat.posted', at: '', data: null }
  return { channel: CHAT, epoch: EPOCH, event }
}

/** A hub whose frames are the offsets as text, joined with commas; `counts` says how often it worked. */
function hubAt(top: number, ringSize = 4, prepare?: HubOptions<string>['prepare']) {
  const counts = { encoded: 0, joined: 0, scheduled: 0 }
  const reloaded: string[] = []
  const behind: string[] = []
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
    ...(prepare !== undefined && { prepare }),
    ringSize,
    schedule: () => (counts.scheduled += 1),
    behind: (channel) => void behind.push(channel),
    reloaded: (channel) => void reloaded.push(channel),
  })
  return { hub, counts, behind, reloaded }
}

/** Takes what is after `from`, as a subscription does. */
class Reader {
  offset: number
  readonly seen: number[] = []
  cuts = 0
  cutOff(): void {
    this.cuts += 1
  }
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
      hub.attach(CHAT, { epoch: EPOCH, offset: 0 }, { deliver: (batch) => joined.push(batch.joined), cutOff: () => {} })
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

  it.each([
    ['ahead of the next', committed(6)],
    ['of another epoch', { ...committed(5), epoch: 'fedcba9876543210' as Epoch }],
  ])('[U1] [U4] an event %s waits in the store, and whoever can read it is told', (_what, early) => {
    const { hub, behind, reloaded } = hubAt(3)
    const reader = new Reader(3)
    hub.attach(CHAT, { epoch: EPOCH, offset: 3 }, reader)
    expect(hub.publish([committed(4), early])).toEqual([committed(4)])
    expect([behind, hub.position(CHAT)]).toEqual([[CHAT], { epoch: EPOCH, offset: 4 }])
    hub.flush()
    // What was missing was read, and the early one with it.
    hub.publish([committed(5), committed(6)])
    hub.flush()
    expect([reader.seen, reader.cuts, reloaded]).toEqual([[4, 5, 6], 0, []])
  })

  it('[U4] what was published before is heard again and told nobody', () => {
    const { hub, behind } = hubAt(3)
    const reader = new Reader(3)
    hub.attach(CHAT, { epoch: EPOCH, offset: 3 }, reader)
    hub.publish([committed(4)])
    expect(hub.publish([committed(3), committed(4), committed(5)])).toEqual([committed(5)])
    hub.flush()
    expect(hub.publish([committed(5)])).toEqual([])
    expect([reader.seen, behind]).toEqual([[4, 5], []])
  })

  it('[U1] a channel that cannot go on stands where the store does, and its readers pull', () => {
    const { hub, reloaded } = hubAt(3)
    const epoch = 'fedcba9876543210' as Epoch
    const reader = new Reader(3)
    hub.attach(CHAT, { epoch: EPOCH, offset: 3 }, reader)
    hub.publish([committed(4)])
    hub.reload({ channel: CHAT, epoch, top: 5 }, 'another epoch')
    hub.flush()
    const after = new Reader(5)
    expect(hub.attach(CHAT, { epoch, offset: 5 }, after)).toBe(true)
    hub.publish([{ ...committed(6), epoch }])
    hub.flush()
    expect([after.seen, reader.seen, reader.cuts, reloaded]).toEqual([[6], [], 1, [CHAT]])
  })

  it('[U1] what was committed and never published is found by its top, a channel that nobody has named with it', () => {
    const { hub } = hubAt(3)
    hub.publish([committed(4)])
    const top = (channel: ChannelName, offset: number) => ({ channel, epoch: EPOCH, top: offset })
    expect(hub.behind([top(CHAT, 4)])).toEqual([])
    expect(hub.behind([top(CHAT, 3)])).toEqual([])
    const orders = channelName('orders', 'line-3')
    expect(hub.behind([top(CHAT, 5), top(orders, 2)])).toEqual([top(CHAT, 5), top(orders, 2)])
    expect(hub.position(orders)).toEqual({ epoch: EPOCH, offset: 0 })
  })

  it('[U1] a reader that throws takes nothing from the others', () => {
    const { hub, reloaded } = hubAt(0)
    const reader = new Reader(0)
    const broken = {
      deliver: () => {
        throw new Error('broken')
      },
      cutOff: () => {},
    }
    hub.attach(CHAT, { epoch: EPOCH, offset: 0 }, broken)
    hub.attach(CHAT, { epoch: EPOCH, offset: 0 }, reader)
    hub.publish([committed(1)])
    hub.flush()
    expect([reloaded, reader.cuts, hub.top(CHAT, EPOCH)]).toEqual([[CHAT], 1, 1])
  })

  describe('whose frames are prepared', () => {
    /** Prepares what is long in this test, each when it is told. */
    function preparing(top = 0) {
      const under: { readonly frames: readonly string[]; readonly done: (frames: readonly string[]) => void }[] = []
      const made = hubAt(top, 4, (_channel, frames, done) => {
        const isLong = frames.some((frame) => frame.startsWith('9'))
        if (isLong) under.push({ frames, done })
        return isLong
      })
      const heard: string[] = []
      const reader = { deliver: (batch: Batch<string>) => void heard.push(batch.joined), cutOff: () => {} }
      made.hub.attach(CHAT, { epoch: EPOCH, offset: top }, reader)
      return { ...made, under, heard }
    }

    it('[Z1] [U2] they leave in that form, once for everybody, and what is behind them in their channel waits', () => {
      const { hub, under, heard, counts } = preparing(89)
      const orders = channelName('orders', 'line-3')
      const elsewhere: string[] = []
      const reader = { deliver: (batch: Batch<string>) => void elsewhere.push(batch.joined), cutOff: () => {} }
      hub.attach(orders, { epoch: EPOCH, offset: 0 }, reader)
      hub.publish([committed(90)])
      hub.flush()
      hub.publish([committed(91), { ...committed(1), channel: orders }])
      hub.flush()
      expect([heard, elsewhere, hub.top(CHAT, EPOCH)]).toEqual([[], ['1'], 89])
      expect(hub.position(CHAT).offset).toBe(91)
      under[0]?.done(['ninety'])
      const scheduled = counts.scheduled
      hub.flush()
      under[1]?.done(['ninety-one'])
      expect([heard, hub.top(CHAT, EPOCH), scheduled]).toEqual([['ninety', 'ninety-one'], 91, 3])
      const late: string[] = []
      hub.attach(
        CHAT,
        { epoch: EPOCH, offset: 89 },
        { deliver: ({ joined }) => void late.push(joined), cutOff: () => {} },
      )
      expect(late).toEqual(['ninety,ninety-one'])
    })

    it('[Z1] [P8] nobody waits for it once so many are behind it, and what comes of it then is too late', () => {
      const { hub, under, heard } = preparing(899)
      hub.publish([committed(900)])
      hub.flush()
      const behind = Array.from({ length: 64 }, (_, at) => committed(901 + at))
      hub.publish(behind)
      hub.flush()
      const all = Array.from({ length: 65 }, (_, at) => 900 + at).join(',')
      expect([heard, under.length]).toEqual([[all], 1])
      under[0]?.done(['nine hundred'])
      expect([heard, hub.top(CHAT, EPOCH)]).toEqual([[all], 964])
    })

    it('[Z1] [S7] whoever attaches at any moment, and whenever they are there, sees every later event once and in order', () => {
      const step = fc.constantFrom('publish', 'publish', 'flush', 'done', 0, 1, 2, 3, 4)
      fc.assert(
        fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
          const pending: (() => void)[] = []
          const { hub } = hubAt(0, 4, (_channel, frames, ready) => {
            const isLong = frames.some((frame) => Number(frame) % 3 === 0)
            if (isLong) pending.push(() => ready(frames))
            return isLong
          })
          const readers: { from: number; reader: Reader }[] = []
          let top = 0
          for (const each of steps) {
            if (each === 'publish') hub.publish([committed((top += 1))])
            else if (each === 'flush') hub.flush()
            else if (each === 'done') pending.shift()?.()
            else {
              const from = Math.max(0, top - Number(each))
              const reader = new Reader(from)
              if (hub.attach(CHAT, { epoch: EPOCH, offset: from }, reader)) readers.push({ from, reader })
            }
          }
          do {
            hub.flush()
            pending.shift()?.()
          } while (hub.top(CHAT, EPOCH) !== top)
          for (const { from, reader } of readers)
            expect(reader.seen).toEqual(Array.from({ length: top - from }, (_, index) => from + index + 1))
        }),
      )
    })

    it('[U1] what was prepared of a channel that stands elsewhere by then is told nobody', () => {
      const { hub, under, heard } = preparing(89)
      hub.publish([committed(90)])
      hub.flush()
      hub.reload({ channel: CHAT, epoch: EPOCH, top: 95 }, 'another place')
      under[0]?.done(['ninety'])
      expect([heard, hub.top(CHAT, EPOCH)]).toEqual([[], 95])
    })
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
