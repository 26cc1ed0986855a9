import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { BusMessage } from '../../protocol/local.ts'
import {
  bridgeDeadline,
  MAX_UNCONFIRMED,
  newBridge,
  RECEIPT_MS,
  stepBridge,
  type BridgeEffect,
  type BridgeInput,
  type BridgeState,
} from './bridge.ts'

const EPOCH = 'life-1'
const message = (seq: number): BusMessage => ({ bus: { epoch: EPOCH, seq }, body: { t: 'reviewed' } })
const posted = (seq: number): BridgeInput => ({ kind: 'posted', message: message(seq) })
const joined = (window: number): BridgeInput => ({ kind: 'windowJoined', window })
const opened = (bridge: number, window: number): BridgeInput => ({ kind: 'bridgeOpened', bridge, window })
const receipt = (bridge: number, seq: number): BridgeInput => ({
  kind: 'receiptHeard',
  bridge,
  bus: { epoch: EPOCH, seq },
})

/** Steps at time 0 unless an entry is `[input, now]`; the effects of the last one. */
function run(state: BridgeState, ...inputs: readonly (BridgeInput | readonly [BridgeInput, number])[]): BridgeEffect[] {
  let effects: BridgeEffect[] = []
  for (const entry of inputs) {
    const [input, now] = 'kind' in entry ? [entry, 0] : entry
    effects = stepBridge(state, input, now)
  }
  return effects
}

const brief = (effects: readonly BridgeEffect[]) =>
  effects.map((effect) => {
    if (effect.kind === 'handOver') return `hand ${effect.message.bus.seq} to ${effect.bridge}`
    if (effect.kind === 'copyToEveryPort') return `copy ${effect.message.bus.seq}`
    if (effect.kind === 'giveUp') return `give up ${effect.bridge}: ${effect.why}`
    return `ask ${effect.window}`
  })

describe('the bus of a kiosk', () => {
  it('[R44] goes by every port until a window has become the bridge, then by the bridge alone', () => {
    const state = newBridge()
    expect(brief(run(state, joined(1), joined(2), posted(1)))).toEqual(['copy 1'])
    expect(brief(run(state, opened(10, 1)))).toEqual([])
    expect(brief(run(state, posted(2)))).toEqual(['hand 2 to 10'])
  })

  it('[R44] a bridge that owes a receipt for a second is given up: its messages go by the ports, another takes the lock', () => {
    const state = newBridge()
    run(state, joined(1), joined(2), opened(10, 1), [posted(1), 100], [posted(2), 200])
    expect(bridgeDeadline(state)).toBe(100 + RECEIPT_MS)
    expect(brief(run(state, [{ kind: 'timeReached' }, 100 + RECEIPT_MS]))).toEqual([
      'give up 10: silent',
      'copy 1',
      'copy 2',
      'ask 2',
    ])
    expect(brief(run(state, [posted(3), 1_200]))).toEqual(['copy 3'])
  })

  it('[R44] a receipt is good for everything up to it, and late ones of an old bridge for nothing', () => {
    const state = newBridge()
    run(state, joined(1), opened(10, 1), posted(1), posted(2), posted(3), receipt(10, 2))
    expect(brief(run(state, opened(11, 1)))).toEqual(['give up 10: succeeded', 'hand 3 to 11'])
    expect(bridgeDeadline(state)).toBe(RECEIPT_MS)
    run(state, receipt(10, 3))
    expect(bridgeDeadline(state)).toBe(RECEIPT_MS)
    run(state, receipt(11, 3))
    expect(bridgeDeadline(state)).toBeNull()
  })

  it('[R44] a bridge whose page is gone leaves what it owes to the ports, and time for its successor', () => {
    for (const gone of [
      { kind: 'bridgeClosed', bridge: 10 },
      { kind: 'windowLeft', window: 1 },
    ] as const) {
      const state = newBridge()
      run(state, joined(1), joined(2), opened(10, 1), posted(1))
      expect(brief(run(state, [gone, 500]))).toEqual(['copy 1'])
      expect(bridgeDeadline(state)).toBe(500 + RECEIPT_MS)
      expect(brief(run(state, [opened(11, 2), 600], [posted(2), 600]))).toEqual(['hand 2 to 11'])
    }
  })

  it('[R44] while there is no bridge each window in turn is asked for it, the one that hung only when alone', () => {
    const state = newBridge()
    run(state, joined(1), joined(2), joined(3), opened(10, 1), posted(1))
    const asked: string[] = []
    for (let now = RECEIPT_MS; asked.length < 4; now += RECEIPT_MS) {
      asked.push(...brief(run(state, [{ kind: 'timeReached' }, now])).filter((one) => one.startsWith('ask')))
    }
    expect(asked).toEqual(['ask 2', 'ask 3', 'ask 2', 'ask 3'])
    run(state, { kind: 'windowLeft', window: 2 }, { kind: 'windowLeft', window: 3 })
    const due = bridgeDeadline(state) ?? 0
    expect(brief(run(state, [{ kind: 'timeReached' }, due]))).toEqual(['ask 1'])
    run(state, { kind: 'windowLeft', window: 1 })
    expect(bridgeDeadline(state)).toBeNull()
  })

  it('[R44 R19] a bridge that is too far behind counts as silent, and nothing of what it owed is lost', () => {
    const state = newBridge()
    run(state, joined(1), opened(10, 1))
    for (let seq = 1; seq <= MAX_UNCONFIRMED; seq += 1) run(state, posted(seq))
    const effects = brief(run(state, posted(MAX_UNCONFIRMED + 1)))
    expect(effects[0]).toBe('give up 10: behind')
    expect(effects.filter((one) => one.startsWith('copy'))).toHaveLength(MAX_UNCONFIRMED + 1)
  })

  it('[R44] whatever bridges do, a window hears every message, by its port or by a bridge that lived', () => {
    fc.assert(
      fc.property(fc.array(event(), { maxLength: 120 }), (events) => {
        const state = newBridge()
        run(state, joined(1), joined(2))
        // What left by the ports, or by a bridge that carried it: the receipt proves it.
        const heard = new Set<number>()
        const carriedBy = new Map<number, number[]>()
        let [now, seq, bridge] = [0, 0, 100]
        const take = (input: BridgeInput): void => {
          for (const effect of stepBridge(state, input, now)) {
            if (effect.kind === 'copyToEveryPort') heard.add(effect.message.bus.seq)
            if (effect.kind === 'handOver') {
              carriedBy.set(effect.bridge, [...(carriedBy.get(effect.bridge) ?? []), effect.message.bus.seq])
            }
          }
        }
        for (const one of events) {
          if (one === 'post') take(posted((seq += 1)))
          if (one === 'open') take(opened((bridge += 1), 1 + (bridge % 2)))
          if (one === 'close') take({ kind: 'bridgeClosed', bridge })
          if (one === 'wait') now += RECEIPT_MS
          if (one === 'receipt') {
            const carried = carriedBy.get(bridge) ?? []
            for (const each of carried) heard.add(each)
            const last = carried.at(-1)
            if (last !== undefined) take(receipt(bridge, last))
          }
          take({ kind: 'timeReached' })
        }
        // In the end the bridge, if there is one, dies without another word.
        take({ kind: 'bridgeClosed', bridge })
        expect([...heard].toSorted((a, b) => a - b)).toEqual(Array.from({ length: seq }, (_, index) => index + 1))
      }),
    )
  })
})

function event() {
  return fc.constantFrom('post', 'post', 'open', 'close', 'receipt', 'wait')
}
