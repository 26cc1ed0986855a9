import { afterAll, beforeAll, expect, it } from 'vitest'
import { openFloor, problemIn, type Floor } from '../testing/http-floor.ts'

let floor: Floor
beforeAll(async () => {
  floor = await openFloor({ origins: ['https://andon.example'] })
})
afterAll(() => floor.close())

const ask = async (origin: string, remoteAddress = '127.0.0.1') =>
  floor.inject({ method: 'GET', url: `/api/uplink?origin=${encodeURIComponent(origin)}`, remoteAddress })

it('[X20] a WebSocket that lost its Upgrade is answered, and for a minute its source is told so', async () => {
  const before = await ask('https://andon.example')
  expect([before.statusCode, before.json()]).toEqual([200, { uplink: expect.any(String) }])
  const person = await floor.inject({ method: 'GET', url: '/sync' })
  expect(problemIn(person)).toMatchObject({ status: 426, code: 'upgrade-missing' })
  expect((await ask('https://andon.example')).statusCode).toBe(200)
  const stripped = await floor.inject({
    method: 'GET',
    url: '/sync',
    headers: { 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' },
  })
  expect(problemIn(stripped)).toMatchObject({ status: 426, code: 'upgrade-missing' })
  expect(problemIn(await ask('https://andon.example'))).toMatchObject({ status: 426, code: 'upgrade-missing' })
  expect((await ask('https://andon.example', '127.0.0.2')).statusCode).toBe(200)
  floor.clock.ms += 60_000
  expect((await ask('https://andon.example')).statusCode).toBe(200)
})

it('[X20] [G6] a page of an address the server does not know is told so', async () => {
  expect(problemIn(await ask('https://other.example'))).toMatchObject({ status: 403, code: 'bad-origin' })
  expect(problemIn(await ask('x'.repeat(301)))).toMatchObject({ status: 400, code: 'bad-request' })
})
