import { afterEach, beforeEach, expect, it } from 'vitest'
import { SimulatedTime } from '../../test/model/simulated-time.ts'
import { useTimersOf } from '../../test/model/world.ts'
import { Deadlines } from './deadlines.ts'
import { Patience } from './patience.ts'
import { Pauses } from './pauses.ts'

let time: SimulatedTime
let release: () => void
beforeEach(() => {
  time = new SimulatedTime()
  release = useTimersOf(time)
})
afterEach(() => release())

function world() {
  const state = { isRead: true }
  const pauses = new Pauses({ pause: () => (state.isRead = false), resume: () => (state.isRead = true) })
  return { state, pauses }
}

it('[V4] is read again when nobody wants a pause any more', () => {
  const { state, pauses } = world()
  pauses.begin('commands')
  pauses.set('receipts', true)
  pauses.over('commands')
  expect(state.isRead).toBe(false)
  pauses.set('receipts', false)
  expect(state.isRead).toBe(true)
})

it('[V8] a pause for a while is one, however often it is asked for', async () => {
  const { state, pauses } = world()
  pauses.beginFor('pace', 1_000)
  await time.advance(900)
  pauses.beginFor('pace', 1_000)
  await time.advance(99)
  expect(state.isRead).toBe(false)
  await time.advance(1)
  expect(state.isRead).toBe(true)
})

it('[H2] patience is over when nothing was heard for so long, and with its end never', async () => {
  let overs = 0
  const patience = new Patience({ silent: () => (overs += 1) }, new Deadlines(() => time.now))
  patience.atMost(1_000)
  for (let signs = 0; signs < 5; signs += 1) {
    await time.advance(900)
    patience.renew()
  }
  expect(overs).toBe(0)
  await time.advance(1_000)
  expect(overs).toBe(1)
  patience.atMost(1_000)
  patience.end()
  patience.renew()
  await time.advance(5_000)
  expect(overs).toBe(1)
})
