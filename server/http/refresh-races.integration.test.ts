import type { LightMyRequestResponse } from 'fastify'
import { expect, it } from 'vitest'
import { DEVICE, openFloor, problemIn } from '../testing/http-floor.ts'

interface Granted {
  readonly session: string
  readonly generation: number
  readonly refreshToken: string
}

async function granted(response: Promise<LightMyRequestResponse>): Promise<Granted> {
  const answer = await response
  expect(answer.statusCode, answer.body).toBe(200)
  return answer.json<Granted>()
}

/** A floor whose store answers the first `count` reads of a session when `release` was called; `held`: all of them wait. */
async function openHeldFloor(count: number) {
  const { promise: held, resolve: allWait } = Promise.withResolvers<void>()
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  let reads = 0
  const own = await openFloor({}, (store) => ({
    store: {
      ...store,
      async session(id) {
        const row = await store.session(id)
        reads += 1
        if (reads === count) allWait()
        if (reads <= count) await released
        return row
      },
    },
  }))
  const ask = async (url: string, body: unknown) =>
    own.call('POST', url, body, { authorization: `Bearer ${own.deviceToken(DEVICE)}`, 'andon-refresh': 'body' })
  return { own, ask, held, release }
}

it('[X3] many windows that refresh at once are all told the same token', async () => {
  const { own, ask, held, release } = await openHeldFloor(4)
  try {
    const { session, refreshToken } = await granted(ask('/api/sessions', { operator: 'kim', pin: '1111' }))
    const asked = Array.from({ length: 4 }, () => granted(ask('/api/sessions/refresh', { session, refreshToken })))
    await held
    release()
    const answers = await Promise.all(asked)
    expect(new Set(answers.map((answer) => answer.refreshToken)).size).toBe(1)
    expect(new Set(answers.map(({ generation }) => generation))).toEqual(new Set([2]))
    await granted(ask('/api/sessions/refresh', { session, refreshToken: answers[0]?.refreshToken }))
    expect(own.ended).toEqual([])
  } finally {
    await own.close()
  }
})

it('[X3] a window that others overtook twice, between its read and its write, comes back and is taken for no thief', async () => {
  const { own, ask, held, release } = await openHeldFloor(1)
  try {
    const { session, refreshToken } = await granted(ask('/api/sessions', { operator: 'kim', pin: '1111' }))
    const slow = ask('/api/sessions/refresh', { session, refreshToken })
    await held
    const second = await granted(ask('/api/sessions/refresh', { session, refreshToken }))
    const third = await granted(ask('/api/sessions/refresh', { session, refreshToken: second.refreshToken }))
    release()
    expect(problemIn(await slow)).toMatchObject({ status: 503, code: 'unavailable' })
    await granted(ask('/api/sessions/refresh', { session, refreshToken: third.refreshToken }))
    expect(own.ended).toEqual([])
  } finally {
    await own.close()
  }
})
