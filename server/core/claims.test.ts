import { expect, it } from 'vitest'
import type { DeviceId } from '../../relay/protocol/ids.ts'
import { Claims } from './claims.ts'

const [PRESS, LATHE] = ['p'.repeat(43) as DeviceId, 'l'.repeat(43) as DeviceId]

it('[V7] [P8] one greeting at a time has the place of a known device, however many claim to be it', () => {
  const claims = new Claims<string>()
  expect(claims.take('first', PRESS)).toBe(true)
  // Five hundred of these would have filled the places of everybody who is known.
  expect(['second', 'third'].map((member) => claims.take(member, PRESS))).toEqual([false, false])
  expect([claims.take('first', PRESS), claims.take('other', LATHE)]).toEqual([true, true])
  claims.left('second')
  expect(claims.take('second', PRESS)).toBe(false)
  claims.left('first')
  expect(claims.take('second', PRESS)).toBe(true)
})
