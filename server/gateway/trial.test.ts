import { expect, it } from 'vitest'
import type { DeviceId } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { Trial } from './trial.ts'

const NOW = '2026-11-20T03:00:00.000Z'
const trial = () => new Trial('d'.repeat(43) as DeviceId, true)
const ping = (pad?: number) => ({ t: 'ping', nonce: '12345678', ...(pad !== undefined && { pad }) }) as const

it('[N13] a trial answers a ping with as much as it asks for, up to a bound in sum', () => {
  const one = trial()
  const pads = [undefined, 5, ...Array.from({ length: 10 }, () => LIMITS.maxPadBytes)].map((pad) => {
    const answer = one.take(ping(pad), NOW)
    return answer.kind === 'answer' && answer.frame.t === 'pong' ? (answer.frame.pad?.length ?? 0) : -1
  })
  expect(pads.slice(0, 3)).toEqual([0, 5, LIMITS.maxPadBytes])
  expect(pads.reduce((sum, pad) => sum + pad, 0)).toBe(8 * LIMITS.maxPadBytes)
  expect(one.held).toEqual([])
})

it('[N13] [B1] a trial brings the bytes of a ping back, within the same bound', () => {
  const one = trial()
  const pad = Uint8Array.from({ length: LIMITS.maxPadBytes }, (_, at) => at)
  const pongs = Array.from({ length: 9 }, () => one.take({ t: 'ping', nonce: '12345678', pad }, NOW))
  const carried = pongs.map((answer) =>
    answer.kind === 'answer' && answer.frame.t === 'pong' ? answer.frame.pad : null,
  )
  expect(carried.slice(0, 8)).toEqual(Array.from({ length: 8 }, () => pad))
  expect(carried[8]).toBeUndefined()
})

it('[N13] [N14] what is meant for the device waits for the move, and what comes behind it as well', () => {
  const one = trial()
  expect(one.take({ t: 'bye', reason: 'stopping' }, NOW)).toEqual({ kind: 'nothing' })
  const frames = [{ t: 'deauth' }, ping(), { t: 'bye', reason: 'stopping' }] as const
  expect(frames.map((frame) => one.take(frame, NOW).kind)).toEqual(['wait', 'wait', 'wait'])
  expect(one.held).toEqual(frames)
})
