import { expect, it } from 'vitest'
import type { DeviceId, SessionId } from '../../relay/protocol/ids.ts'
import type { SessionRow } from '../ports/sessions.ts'
import { KnownSessions } from './known-sessions.ts'

const DEVICE = 'd'.repeat(43) as DeviceId
const named = (number: number): SessionId =>
  `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}` as SessionId
const [OURS, THEIRS, NOBODYS] = [named(1), named(2), named(3)]

function lookingUp(fails = false) {
  const asked: SessionId[] = []
  const sessions = new KnownSessions(
    {
      session: (id) => {
        asked.push(id)
        if (fails) return Promise.reject(new Error('the store died'))
        const device = id === THEIRS ? 'e'.repeat(43) : DEVICE
        return Promise.resolve(id === NOBODYS ? null : ({ id, device, operator: 'kim' } as SessionRow))
      },
    },
    DEVICE,
  )
  return { sessions, asked }
}
const turn = () => new Promise((resolve) => setImmediate(resolve))

it('[V8] a session is its person’s where the store knows it as one of this device, also one that has ended', async () => {
  const { sessions } = lookingUp()
  for (const session of [OURS, THEIRS, NOBODYS]) sessions.lookUp(session)
  expect(sessions.operatorOf(OURS)).toBeNull()
  await turn()
  expect([OURS, THEIRS, NOBODYS].map((session) => sessions.operatorOf(session))).toEqual(['kim', null, null])
})

it('[V8] is looked up once, however many commands name it; what failed is asked again', async () => {
  const { sessions, asked } = lookingUp()
  for (let count = 0; count < 3; count += 1) sessions.lookUp(THEIRS)
  await turn()
  sessions.lookUp(THEIRS)
  expect(asked).toEqual([THEIRS])
  const failing = lookingUp(true)
  failing.sessions.lookUp(OURS)
  await turn()
  failing.sessions.lookUp(OURS)
  expect(failing.asked).toEqual([OURS, OURS])
})

it('[P8] made-up sessions push one another out, and are not kept', async () => {
  const { sessions, asked } = lookingUp()
  for (let number = 10; number < 1_000; number += 1) sessions.lookUp(named(number))
  await turn()
  sessions.lookUp(named(999))
  expect(asked).toHaveLength(990)
  sessions.lookUp(named(10))
  expect(asked).toHaveLength(991)
})
