/** A device with two links on a simulated network: a trial beside the living one, and the move to it. */
import { describe, expect, it } from 'vitest'
import { CLOSE } from '../../relay/protocol/close-codes.ts'
import { URGENT_CHANNEL } from '../../relay/protocol/channels.ts'
import type { ClientFrameOf, ServerFrame } from '../../relay/protocol/frames.ts'
import type { CommandId } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { hello, useSimulatedFloor } from '../../test/model/simulated-floor.ts'

const DEVICE = 'd'.repeat(43)
const LIFE = 'life-of-the-relay'
/** Longer than anything takes that does not wait. */
const A_MOMENT = 50

const floor = useSimulatedFloor()

async function dial(over: Partial<ClientFrameOf<'hello'>> = {}) {
  const wire = await floor.dial()
  wire.send(hello(DEVICE, over))
  await floor.time().advance(A_MOMENT)
  return wire
}

async function trial(over: Partial<ClientFrameOf<'hello'>> = {}) {
  const wire = await dial({ trial: true, life: LIFE, attempt: 2, ...over })
  const welcome = wire.heard.find((frame) => frame.t === 'welcome')
  return { ...wire, name: welcome?.trial ?? 'none was welcomed' }
}

const alert = (number: number): ClientFrameOf<'command'> => ({
  t: 'command',
  lane: 'urgent',
  seq: number,
  id: `00000000-0000-7000-8000-${number.toString(16).padStart(12, '0')}` as CommandId,
  type: 'alert.raise',
  data: { priority: 'P0', area: 'line-3', title: 'Fire' },
})

const published = (number: number) => {
  const id = `00000000-0000-7000-8000-${(0x100 + number).toString(16).padStart(12, '0')}` as CommandId
  floor.server().publish('alert.raise', { priority: 'P0', area: 'line-3', title: 'Fire' }, id)
}

function offsets(frames: readonly ServerFrame[]): readonly number[] {
  return frames.flatMap((frame) => (frame.t === 'event' ? [frame.offset] : []))
}

describe('attempts of one relay', () => {
  it('[N12] a lower attempt gives way to a higher one of its life; a higher one, and another life, do not', async () => {
    const second = await dial({ life: LIFE, attempt: 2 })
    const late = await dial({ life: LIFE, attempt: 1 })
    expect([late.kinds(), late.closed, second.closed]).toEqual([['challenge'], [CLOSE.replaced.code], []])
    const third = await dial({ life: LIFE, attempt: 3 })
    expect([third.kinds(), second.closed]).toEqual([['challenge', 'welcome'], [CLOSE.replaced.code]])
    const other = await dial({ life: 'another-life', attempt: 1 })
    expect([other.kinds(), third.closed]).toEqual([['challenge', 'welcome'], [CLOSE.replaced.code]])
  })
})

describe('a trial', () => {
  it('[N13] stands beside the living link, answers pings as large as they ask, and changes nothing', async () => {
    const living = await dial({ life: LIFE, attempt: 1 })
    const links = [...floor.server().database.tables.links]
    const { send, heard, closed } = await trial()
    expect(heard.at(-1)).toMatchObject({ t: 'welcome', deviceToken: '', trial: expect.stringMatching(/./) })
    send({ t: 'ping', nonce: 'is it wide', pad: LIMITS.maxPadBytes })
    await floor.time().advance(A_MOMENT)
    expect(heard.at(-1)).toMatchObject({ t: 'pong', nonce: 'is it wide', pad: '.'.repeat(LIMITS.maxPadBytes) })
    expect([living.closed, closed, [...floor.server().database.tables.links]]).toEqual([[], [], links])
  })

  it('[N13] [B2] brings bytes back as bytes where it takes them, and refuses them where it did not say so', async () => {
    await dial({ takes: ['bytes'] })
    const { send, heard } = await trial({ takes: ['bytes'] })
    const pad = Uint8Array.from({ length: LIMITS.maxPadBytes }, (_, at) => at)
    send({ t: 'ping', nonce: 'is it wide', pad })
    await floor.time().advance(A_MOMENT)
    expect(heard.at(-1)).toMatchObject({ t: 'pong', nonce: 'is it wide', pad })
    const other = await trial()
    other.send({ t: 'ping', nonce: 'is it wide', pad })
    await floor.time().advance(A_MOMENT)
    expect(other.heard.at(-1)).toMatchObject({ t: 'error', code: 'bad-frame' })
  })

  it('[N13] is none where nobody is connected, and the last one of a device counts', async () => {
    const alone = await trial()
    expect(alone.heard.at(-1)).toMatchObject({ t: 'error', code: 'unexpected-frame', about: 'hello' })
    expect(alone.closed).toEqual([CLOSE.greetAgain.code])
    const living = await dial()
    const [first, second] = [await trial(), await trial()]
    expect([living.closed, first.closed, second.closed]).toEqual([[], [CLOSE.replaced.code], []])
  })

  it('[N13] ends after a minute, whatever it says', async () => {
    const living = await dial()
    const { send, closed } = await trial()
    for (let ms = 0; ms < LIMITS.trialMs; ms += 5_000) {
      for (const each of [send, living.send]) each({ t: 'ping', nonce: 'still here' })
      await floor.time().advance(5_000)
    }
    await floor.time().advance(A_MOMENT)
    expect([closed, living.closed]).toEqual([[CLOSE.silent.code], []])
  })
})

describe('a move', () => {
  async function subscribed() {
    const living = await dial({ life: LIFE, attempt: 1 })
    living.send({ t: 'subscribe', channel: URGENT_CHANNEL, credit: 4 })
    await floor.time().advance(A_MOMENT)
    return living
  }

  it('[N14] goes on by the new link in one step: no event twice, none missing, and `taken` is the last on the old one', async () => {
    const living = await subscribed()
    const next = await trial()
    published(1)
    await floor.time().advance(A_MOMENT)
    published(2)
    living.send({ t: 'take', link: next.name })
    published(3)
    await floor.time().advance(A_MOMENT)
    published(4)
    await floor.time().advance(A_MOMENT)
    expect([living.kinds().at(-1), living.closed, next.closed]).toEqual(['taken', [CLOSE.normal.code], []])
    const [before, after] = [offsets(living.heard), offsets(next.heard)]
    expect([...before, ...after]).toEqual([1, 2, 3, 4])
    expect(after).toContain(4)
    next.send({ t: 'ping', nonce: 'are we moved' })
    await floor.time().advance(A_MOMENT)
    expect(next.heard.at(-1)).toMatchObject({ t: 'pong', channels: { [URGENT_CHANNEL]: { written: 4, top: 4 } } })
  })

  it('[N14] takes what was sent before it first, and what came by the new link too early after it', async () => {
    const living = await subscribed()
    const next = await trial()
    // As a slow old link would have it: the new one overtakes.
    next.send(alert(2))
    await floor.time().advance(A_MOMENT)
    expect(next.kinds()).toEqual(['challenge', 'welcome'])
    living.send(alert(1))
    living.send({ t: 'take', link: next.name })
    await floor.time().advance(A_MOMENT)
    next.send(alert(3))
    await floor.time().advance(A_MOMENT)
    const results = (frames: readonly ServerFrame[]) =>
      frames.flatMap((frame) => (frame.t === 'result' ? [frame.seq] : []))
    expect([results(living.heard), results(next.heard)]).toEqual([[1], [2, 3]])
    expect(living.kinds().at(-1)).toBe('taken')
  })

  it('[N11] [N14] raises the number of the link, so that what the old one still brings is stale', async () => {
    const living = await subscribed()
    const before = floor.server().database.tables.links.get(DEVICE as never) ?? 0
    const next = await trial()
    living.send({ t: 'take', link: next.name })
    await floor.time().advance(A_MOMENT)
    expect(floor.server().database.tables.links.get(DEVICE as never)).toBe(before + 1)
    next.send(alert(1))
    await floor.time().advance(A_MOMENT)
    expect(next.heard.at(-1)).toMatchObject({ t: 'event' })
    expect(next.kinds()).toContain('result')
  })

  it('[N14] to what is no trial of the device is unexpected, and the link goes on', async () => {
    const living = await subscribed()
    const gone = await trial()
    gone.link.cut()
    await floor.time().advance(A_MOMENT)
    for (const link of ['no-such-trial', gone.name]) {
      living.send({ t: 'take', link })
      await floor.time().advance(A_MOMENT)
      expect(living.heard.at(-1)).toMatchObject({ t: 'error', code: 'unexpected-frame', about: 'take' })
    }
    published(1)
    await floor.time().advance(A_MOMENT)
    expect([offsets(living.heard), living.closed]).toEqual([[1], []])
  })

  it('[N14] [H2] leaves the device with the patience of a welcomed one, and its new link is the one that is replaced', async () => {
    const living = await subscribed()
    const next = await trial()
    living.send({ t: 'take', link: next.name })
    for (let ms = 0; ms < 2 * LIMITS.trialMs; ms += 10_000) {
      await floor.time().advance(10_000)
      next.send({ t: 'ping', nonce: 'still here' })
    }
    expect(next.closed).toEqual([])
    await dial()
    expect(next.closed).toEqual([CLOSE.replaced.code])
  })
})
