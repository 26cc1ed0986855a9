import { expect, it } from 'vitest'
import { LIMITS } from './protocol/limits.ts'
import { Floor } from './testing/floor.ts'
import { settle } from './testing/virtual-clock.ts'

const ALERT = { type: 'alert.raise', data: { priority: 'P0', area: 'line-3' } } as const
const reports = (floor: Floor) => floor.server.effects.filter(({ type }) => type === 'outbox.report')
const others = (floor: Floor) => floor.server.effects.filter(({ type }) => type !== 'outbox.report')
const raise = (floor: Floor, title: string, body: string | null = null) =>
  floor.relay.submit({ ref: title, type: 'alert.raise', data: { ...ALERT.data, title, body } })

/** A relay whose queue the server has forgotten, and the ids of what waited in it. */
async function forgotten(titles: readonly string[], body: string | null = null) {
  const floor = await new Floor().live()
  await raise(floor, 'known')
  await floor.serve()
  floor.wire.cut()
  const ids: string[] = []
  for (const title of titles) {
    const made = await raise(floor, title, body)
    ids.push(made.ok ? made.value.id : '')
  }
  floor.server.outbox = null
  return { floor, ids }
}

async function untilEmpty(floor: Floor): Promise<void> {
  for (let round = 0; round < 5; round += 1) {
    await floor.clock.advance(2_000)
    if (floor.status() === 'connecting') await floor.connect()
    await floor.serve()
  }
}

it('[R40] what is put to review is reported to the server: each command once, with its data, and why', async () => {
  const { floor, ids } = await forgotten(['one', 'two'])
  await untilEmpty(floor)
  expect(reports(floor)).toMatchObject(
    ['one', 'two'].map((title, index) => ({
      lane: 'normal',
      session: null,
      data: {
        code: 'device-forgotten',
        command: { id: ids[index], type: 'alert.raise', data: { title }, session: null, by: null },
      },
    })),
  )
  expect(new Set([...reports(floor).map(({ id }) => id), ...ids]).size).toBe(4)
  expect(others(floor).map(({ data }) => (data as { title: string }).title)).toEqual(['known'])
  expect(floor.disk.rows('outbox')).toEqual([])
})

it('[R40] a report that is put to review itself is handed over as it was, not as a report of a report', async () => {
  const { floor, ids } = await forgotten(['one'])
  floor.server.decide = ({ type }) => (type === 'outbox.report' ? { afterMs: 60_000 } : { outcome: 'applied' })
  await untilEmpty(floor)
  expect(reports(floor)).toEqual([])
  floor.server.decide = () => ({ outcome: 'applied' })
  floor.server.outbox = null
  floor.wire.cut()
  for (let round = 0; round < 6; round += 1) await untilEmpty(floor)
  expect(reports(floor)).toMatchObject([
    { data: { code: 'device-forgotten', command: { id: ids[0], type: 'alert.raise' } } },
  ])
})

it('[R40] a command as large as a command may be is reported without its data, because a report is one too', async () => {
  const { floor, ids } = await forgotten(['large'], '가'.repeat(LIMITS.maxBody))
  await untilEmpty(floor)
  const [report] = reports(floor)
  expect(report?.data).toMatchObject({ command: { id: ids[0] } })
  expect(Buffer.byteLength(JSON.stringify(report?.data))).toBeLessThanOrEqual(LIMITS.maxCommandBytes)
})

it('[R40] windows and programs hear nothing of a report', async () => {
  const { floor } = await forgotten(['one'])
  const window = floor.window()
  await untilEmpty(floor)
  await settle()
  expect(floor.seen('result').map(({ ref, code }) => [ref, code])).toEqual([
    ['known', null],
    ['one', 'device-forgotten'],
  ])
  expect(JSON.stringify([floor.bus, window.of('copy')])).not.toContain('outbox.report')
})
