import { afterAll, beforeAll, expect, it } from 'vitest'
import { v7 as uuidv7 } from 'uuid'
import type { CommandId } from '../../relay/protocol/ids.ts'
import type { PastPage } from '../../relay/protocol/talk-past.ts'
import { DEVICE, openFloor, problemIn, type Floor } from '../testing/http-floor.ts'
import { sha256 } from './hashes.ts'

let floor: Floor
const ids: CommandId[] = []
beforeAll(async () => {
  floor = await openFloor()
  await floor.store.putApiKey({
    id: 'k1',
    name: 'MES',
    hash: sha256('line-1-key'),
    role: 'operator',
    areas: ['line-1'],
  })
  for (let n = 1; n <= 250; n += 1) ids.push(await command('chat.post', { line: 'line-3', text: `Said ${n}` }))
})
afterAll(() => floor.close())

async function command(type: string, data: object): Promise<CommandId> {
  const id = uuidv7() as CommandId
  const keyId = (await floor.store.apiKeyByHash(sha256('demo-key')))?.id ?? ''
  const { verdict } = await floor.submit({ source: { kind: 'api', keyId, idempotency: null }, id, type, data })
  expect(verdict).toMatchObject({ kind: 'done', outcome: { outcome: 'applied' } })
  return id
}

const ask = (line: string, before: string, headers: Record<string, string> = {}) =>
  floor.call('GET', `/api/chat/${line}?before=${before}`, undefined, headers)
const wordsIn = ({ events }: PastPage) => events.map(({ data }) => (data as { readonly text?: string }).text)

it('[K5] gives what was said before an offset, page by page, to the first that is kept', async () => {
  const newest = (await ask('line-3', '999999')).json<PastPage>()
  expect(wordsIn(newest)).toEqual(Array.from({ length: 200 }, (_, at) => `Said ${at + 51}`))
  expect(newest.first).toBe(1)
  const older = (await ask('line-3', String(newest.events[0]?.offset))).json<PastPage>()
  expect(wordsIn(older)).toEqual(Array.from({ length: 50 }, (_, at) => `Said ${at + 1}`))
  expect(older).toMatchObject({ epoch: newest.epoch, first: 1 })
  expect(wordsIn((await ask('line-3', '1')).json<PastPage>())).toEqual([])
})

it('[K5] [K2] says nothing of what was taken back', async () => {
  await command('chat.withdraw', { line: 'line-3', id: ids[9] })
  const page = (await ask('line-3', '11')).json<PastPage>()
  expect(page.events.at(-1)).toMatchObject({
    offset: 10,
    data: { line: 'line-3', withdrawn: { by: expect.any(String) } },
  })
  expect(JSON.stringify(page)).not.toContain('Said 10"')
})

it('[K5] is for whoever may read the line at that moment, and for no device by itself', async () => {
  const foreign = await ask('line-3', '10', { authorization: 'Bearer line-1-key' })
  expect([foreign.statusCode, problemIn(foreign).code]).toEqual([403, 'forbidden'])
  const device = await ask('line-3', '10', { authorization: `Bearer ${floor.deviceToken(DEVICE)}` })
  expect(problemIn(device).code).toBe('sign-in-needed')
  expect((await ask('line-3', '10', { authorization: 'Bearer nobody' })).statusCode).toBe(401)
})

it.each(['', '-1', '1.5', 'x', '9'.repeat(16)])('[K5] takes no such offset: "%s"', async (before) => {
  const response = await ask('line-3', before)
  expect([response.statusCode, problemIn(response).code]).toEqual([400, 'bad-request'])
})
