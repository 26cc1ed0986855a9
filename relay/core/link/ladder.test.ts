import { describe, expect, it } from 'vitest'
import { WAYS, type Way } from '../../protocol/ways.ts'
import type { WayReason } from '../../protocol/way-reasons.ts'
import {
  dueTrial,
  goesOnAtOnce,
  MAX_NETWORKS,
  newLadder,
  patienceMs,
  stepLadder,
  trialLifeMs,
  wayReason,
  type LadderInput,
} from './ladder.ts'
import type { Ladder } from './slice.ts'

const MINUTE_MS = 60_000
type Untimed<T> = T extends unknown ? Omit<T, 'now' | 'chance'> : never
type Given = Untimed<LadderInput>

const SILENT: Given = { kind: 'attemptFailed', by: 'silent' }
const UNANSWERED: Given = { kind: 'attemptFailed', by: 'unanswered' }
const REFUSED: Given = { kind: 'attemptFailed', by: 'refused' }
const blocked = (reason: WayReason): Given => ({ kind: 'attemptFailed', by: 'blocked', reason })
const cut = (lifeMs: number): Given => ({ kind: 'linkEnded', by: 'cut', lifeMs })
const LINKED: readonly Given[] = [{ kind: 'cameThrough' }, { kind: 'proved' }]

/** One device with a hand on its clock. */
class Device {
  ladder: Ladder = newLadder(WAYS, 'plant', [])
  now = 0

  give(...inputs: readonly Given[]): this {
    for (const input of inputs) this.ladder = stepLadder(this.ladder, { ...input, now: this.now, chance: 0 })
    return this
  }

  /** Linked by this way, because those above it were found blocked. */
  on(way: Way): this {
    while (this.ladder.way !== way) this.give(blocked('upgrade-blocked'), blocked('upgrade-blocked'))
    return this.give(...LINKED)
  }

  get is(): string {
    return `${this.ladder.way} ${goesOnAtOnce(this.ladder) ? 'at once' : 'after a pause'}`
  }

  /** Minutes until the next trial. */
  get trialIn(): number | null {
    const { at } = this.ladder.trial
    return at === null ? null : (at - this.now) / MINUTE_MS
  }
}

describe('[R56] how a way fails', () => {
  const twice = (input: Given) => [input, input]
  it.each<[string, Way, readonly Given[], string, WayReason | null]>([
    ['the Upgrade is taken out', 'ws', twice(blocked('upgrade-missing')), 'stream at once', 'upgrade-missing'],
    ['the Upgrade is answered by a page', 'ws', twice(blocked('upgrade-blocked')), 'stream at once', 'upgrade-blocked'],
    ['the Upgrade is answered by a page, once', 'ws', [blocked('upgrade-blocked')], 'ws at once', null],
    ['it opens and nothing comes', 'ws', [SILENT], 'stream at once', 'way-silent'],
    [
      'it is cut after 100 s, twice',
      'ws',
      [...LINKED, cut(100_000), ...LINKED, cut(103_000)],
      'stream at once',
      'way-cut',
    ],
    ['it is cut after 100 s, once', 'ws', [...LINKED, cut(100_000)], 'ws after a pause', null],
    ['it is cut at no regular time', 'ws', [...LINKED, cut(100_000), ...LINKED, cut(40_000)], 'ws after a pause', null],
    ['it is cut after 2 s, twice', 'ws', [cut(2_000), cut(2_000)], 'ws after a pause', null],
    ['it is cut after 2 s, three times', 'ws', [cut(2_000), cut(2_000), cut(2_000)], 'stream at once', 'way-cut'],
    ['it lived for an hour, twice', 'ws', [cut(3_600_000), cut(3_600_000)], 'ws after a pause', null],
    ['what it sends is held back', 'stream', [SILENT], 'poll at once', 'upgrade-blocked'],
    ['a page answers in its place', 'stream', twice(blocked('foreign-answer')), 'poll at once', 'upgrade-blocked'],
    ['it is cut after 100 s, twice', 'stream', [cut(100_000), cut(100_000)], 'poll at once', 'upgrade-blocked'],
    ['nothing comes', 'poll', [SILENT], 'ws after a pause', null],
    ['a page answers in its place', 'poll', twice(blocked('foreign-answer')), 'ws after a pause', null],
    ['it is cut', 'poll', [cut(9_000), cut(9_000), cut(9_000)], 'poll after a pause', 'upgrade-blocked'],
  ])('%s (%s)', (_how, way, inputs, then, reason) => {
    const device = new Device().on(way).give(...inputs)
    expect([device.is, wayReason(device.ladder)]).toEqual([then, reason])
  })

  it('knows an obstacle again that cut the way above: it does not have to cut twice', () => {
    const device = new Device().give(cut(100_000), cut(100_000), ...LINKED)
    expect(device.give(cut(101_000)).is).toBe('poll at once')
  })
})

describe('[R57] a server that is down', () => {
  it.each(WAYS)('leaves the way: nobody answers, or the server says no (%s)', (way) => {
    const device = new Device().on(way)
    expect(device.give(UNANSWERED).is).toBe(`${way} after a pause`)
    expect(device.give(REFUSED).is).toBe(`${way} after a pause`)
  })

  it('is looked for by the best way after a while, because the obstacle may be gone as well', () => {
    expect(new Device().on('poll').give(UNANSWERED, UNANSWERED, UNANSWERED).is).toBe('ws after a pause')
  })

  it('and comes back between two attempts blocks nothing: what was found blocked once is tried again', () => {
    const device = new Device().give(UNANSWERED, blocked('upgrade-blocked'), ...LINKED)
    expect([device.ladder.way, wayReason(device.ladder), device.trialIn]).toEqual(['ws', null, null])
  })

  it('and dies while it is greeted leads nowhere either', () => {
    expect(new Device().give(SILENT, UNANSWERED).is).toBe('ws after a pause')
    expect(new Device().on('stream').give(SILENT, UNANSWERED).is).toBe('stream after a pause')
  })

  it('and dies twice is no obstacle that cuts', () => {
    const device = new Device().give(...LINKED, cut(60_000), UNANSWERED, ...LINKED, cut(60_000))
    expect(device.is).toBe('ws after a pause')
  })

  it('and does not say anything costs each way more patience, round by round', () => {
    const device = new Device()
    const patience: number[] = []
    for (let attempt = 0; attempt < 12; attempt += 1) {
      patience.push(patienceMs(device.ladder) / 1_000)
      device.give(SILENT)
    }
    expect(patience).toEqual([2, 2, 2, 4, 4, 4, 8, 8, 8, 10, 10, 10])
    expect(device.is).toBe('ws after a pause')
    expect(patienceMs(device.give({ kind: 'cameThrough' }).ladder)).toBe(2_000)
  })
})

describe('[R58] back up', () => {
  it('a better way is tried after 5, 10, 20 … 60 minutes', () => {
    const device = new Device().on('stream')
    const pauses: (number | null)[] = []
    for (let trial = 0; trial < 6; trial += 1) {
      pauses.push(device.trialIn)
      device.now += (device.trialIn ?? 0) * MINUTE_MS - 1
      expect(dueTrial(device.ladder, device.now)).toBeNull()
      device.now += 1
      expect(dueTrial(device.ladder, device.now)).toBe('ws')
      device.give({ kind: 'trialFailed', way: 'ws', reason: 'way-silent' })
    }
    expect(pauses).toEqual([5, 10, 20, 40, 60, 60])
    expect(wayReason(device.ladder)).toBe('way-silent')
  })

  it('not by a whole floor in the same moment', () => {
    const ladder = stepLadder(new Device().on('stream').ladder, {
      kind: 'trialFailed',
      way: 'ws',
      reason: null,
      now: 0,
      chance: 0.5,
    })
    expect(ladder.trial.at).toBe(10.5 * MINUTE_MS)
  })

  it('goes through every better way, best first', () => {
    const device = new Device().on('poll')
    device.now += 5 * MINUTE_MS
    expect(dueTrial(device.ladder, device.now)).toBe('ws')
    device.give({ kind: 'trialFailed', way: 'ws', reason: null })
    expect(dueTrial(device.ladder, device.now)).toBe('stream')
    device.give({ kind: 'trialTaken', way: 'stream' }, { kind: 'proved' })
    expect([device.ladder.way, device.trialIn]).toEqual(['stream', 10])
    device.give({ kind: 'trialTaken', way: 'ws' })
    expect([device.ladder.way, device.trialIn, wayReason(device.ladder)]).toEqual(['ws', null, null])
  })

  it('is tried soon, once, where the best way was only too slow', () => {
    const device = new Device().give(SILENT, ...LINKED)
    expect(device.trialIn).toBe(0.25)
    expect(device.give({ kind: 'trialFailed', way: 'ws', reason: null }).trialIn).toBe(5)
  })

  it('is tried soon again, three times, where the trial went with the living link', () => {
    const device = new Device().on('poll')
    device.give({ kind: 'networkChanged', network: 'plant' })
    const pauses = Array.from({ length: 5 }, () => device.give({ kind: 'trialLost', way: 'ws' }).trialIn)
    expect(pauses).toEqual([0.25, 0.25, 0.25, 40, 60])
    expect(device.ladder.trial.way).toBe('ws')
  })

  it('is tried at once where the network may be another one', () => {
    const device = new Device().on('stream')
    device.now = 1_000
    device.give({ kind: 'networkChanged', network: 'plant' })
    expect([device.ladder.way, dueTrial(device.ladder, device.now)]).toEqual(['stream', 'ws'])
  })

  it('a way that was cut has to live longer than that before it is taken, as far as a trial may', () => {
    const device = new Device().give(...LINKED, cut(20_000), ...LINKED, cut(20_000), ...LINKED)
    expect(trialLifeMs(device.ladder, 'ws')).toBe(30_000)
    expect(trialLifeMs(device.give({ kind: 'linkEnded', by: 'server', lifeMs: 1 }).ladder, 'stream')).toBe(0)
    expect(trialLifeMs(new Device().give(cut(100_000)).ladder, 'ws')).toBe(50_000)
  })

  it('a way that holds for ten minutes begins with five minutes again', () => {
    const device = new Device().on('stream').give({ kind: 'trialTaken', way: 'ws' })
    device.give({ kind: 'linkEnded', by: 'server', lifeMs: 601_000 }).on('stream')
    expect(device.trialIn).toBe(5)
  })
})

describe('[R58] what is remembered of a network', () => {
  it('is the way that worked there, over restarts too', () => {
    const { ladder } = new Device().on('poll')
    expect(newLadder(WAYS, 'plant', ladder.memory).way).toBe('poll')
    expect(newLadder(WAYS, 'home', ladder.memory).way).toBe('ws')
    const device = new Device().on('poll').give({ kind: 'networkChanged', network: 'home' })
    expect(device.is).toBe('ws after a pause')
    expect(device.give({ kind: 'networkChanged', network: 'plant' }).ladder.way).toBe('poll')
  })

  it('of a way that this device no longer has is the best it has', () => {
    expect(newLadder(['ws'], 'plant', [{ network: 'plant', way: 'poll' }]).way).toBe('ws')
  })

  it('is of so many networks', () => {
    const device = new Device()
    for (let index = 0; index < MAX_NETWORKS + 5; index += 1)
      device.give({ kind: 'networkChanged', network: `n${index}` }, ...LINKED)
    expect(device.ladder.memory).toHaveLength(MAX_NETWORKS)
    expect(device.ladder.memory.at(-1)).toEqual({ network: `n${MAX_NETWORKS + 4}`, way: 'ws' })
  })
})

it('[R56] a way that is chosen is kept, with all the patience there is, whatever happens', () => {
  let ladder = newLadder(['poll'], 'plant', [])
  const inputs = [SILENT, UNANSWERED, blocked('foreign-answer'), blocked('foreign-answer'), cut(9_000), cut(9_000)]
  for (const input of [...inputs, ...LINKED]) {
    ladder = stepLadder(ladder, { ...input, now: 0, chance: 0 })
    expect([ladder.way, patienceMs(ladder), goesOnAtOnce(ladder), wayReason(ladder)]).toEqual([
      'poll',
      10_000,
      false,
      'pinned',
    ])
  }
})
