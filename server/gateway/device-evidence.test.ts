import { pino } from 'pino'
import { expect, it } from 'vitest'
import type { DeviceId, Epoch } from '../../relay/protocol/ids.ts'
import { StoreUnavailable } from '../ports/store-errors.ts'
import type { StoreWriter } from '../ports/store-writer.ts'
import type { PassedTo, UrgentPassage } from '../ports/urgent-passage.ts'
import { DeviceEvidence } from './device-evidence.ts'

const EPOCH = 'a'.repeat(16) as Epoch

/** A connection's evidence on a store that answers when, and what, the test says. */
function setUp() {
  const asked: UrgentPassage[] = []
  let answer = Promise.withResolvers<PassedTo>()
  const store: Pick<StoreWriter, 'passUrgent'> = {
    passUrgent: (passage) => {
      asked.push(passage)
      answer = Promise.withResolvers<PassedTo>()
      return answer.promise
    },
  }
  const evidence = new DeviceEvidence('d'.repeat(43) as DeviceId, {
    store,
    now: () => '2026-11-20T03:00:00.000Z',
    log: pino({ level: 'silent' }),
  })
  const ping = (offset: number, received = offset) =>
    evidence.passed(
      { t: 'ping', nonce: 'n', urgent: { epoch: EPOCH, offset: received } },
      { epoch: EPOCH, offset, since: 0, start: 'cursor' },
    )
  const answers = async (reached: PassedTo | Error) => {
    if (reached instanceof Error) answer.reject(reached)
    else answer.resolve(reached)
    await answer.promise.catch(() => undefined)
    // What the evidence does with it comes behind the promise itself.
    for (let turn = 0; turn < 8; turn += 1) await Promise.resolve()
  }
  return { asked, ping, answers, places: () => asked.map(({ sent, received }) => [sent, received]) }
}

it('[E4] tries what the disk refused with the next heartbeat, and nothing more once it is kept', async () => {
  const { ping, answers, places } = setUp()
  ping(3, 2)
  await answers(new StoreUnavailable())
  ping(3)
  await answers({ sent: 3, received: 3 })
  ping(3)
  expect(places()).toEqual([
    [3, 2],
    [3, 3],
  ])
})

it('[E4] goes on where a step was cut', async () => {
  const { ping, answers, places } = setUp()
  ping(5_000)
  await answers({ sent: 2_000, received: 2_000 })
  ping(5_000)
  await answers({ sent: 5_000, received: 5_000 })
  ping(5_000)
  expect(places()).toHaveLength(2)
})

it('[P8] has one question at a time under way, however long the store takes, and misses no heartbeat', async () => {
  const { ping, answers, places } = setUp()
  for (const offset of [1, 2, 3]) ping(offset)
  expect(places()).toEqual([[1, 1]])
  await answers({ sent: 1, received: 1 })
  expect(places()).toEqual([
    [1, 1],
    [3, 3],
  ])
})

it('[H4] a cursor above what was written here proves no more than that was', () => {
  const { ping, places } = setUp()
  ping(2, 9)
  expect(places()).toEqual([[2, 2]])
})
