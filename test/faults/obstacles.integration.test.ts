/** A real relay and a real server, and between them what plants put there: it is live by some way, and nothing is lost. */
import { describe, expect, it } from 'vitest'
import type { Way } from '../../relay/protocol/ways.ts'
import { HostileProxy, type Obstacle } from '../support/hostile-proxy.ts'
import { comeBack, keepPromises, postAll, refsOf, useCourse } from '../support/obstacle-course.ts'
import type { WatchedDevice } from '../support/watched-device.ts'

const REFS = refsOf(1_000)
/** `full`: connections live as long as behind real proxies, and a case takes ten minutes (`npm run prove`). */
const IS_FULL = process.env['ANDON_OBSTACLES'] === 'full'
/** Above the lives of which three are asked for (R56); one that is dropped lasts until its heartbeats are missed. */
const LIFE_MS: Readonly<Partial<Record<Obstacle, number>>> = IS_FULL
  ? { cut: 100_000, dropped: 30_000 }
  : { cut: 5_500, dropped: 3_500 }
/** Ten posts at a time, so that links end in the middle of a thousand: it takes them longer than it takes to give up a way. */
const POST_EVERY_MS = IS_FULL ? 3_000 : 250
const CASE_MS = IS_FULL ? 20 * 60_000 : undefined
const ENDS_LINKS: ReadonlySet<Obstacle> = new Set(['cut', 'dropped'])
const course = useCourse()

describe.each<[Obstacle, Way, string | null]>([
  ['none', 'ws', null],
  ['page', 'stream', 'upgrade-blocked'],
  ['stripped', 'stream', 'upgrade-missing'],
  ['held', 'poll', 'way-silent'],
  ['cut', 'poll', 'way-cut'],
  ['dropped', 'poll', 'way-cut'],
])('behind a proxy: %s', (obstacle, way, reason) => {
  it(
    '[R56, R59] a terminal comes to the right way, a thousand messages come once and in order, and it is back on the WebSocket once that is gone',
    async () => {
      const { port, direct } = await course.start()
      const proxy = new HostileProxy(port, obstacle, LIFE_MS[obstacle])
      course.atEnd(() => proxy.close())
      const device = await course.open('device', await proxy.listen())
      await device.until(() => device.liveBy !== null)
      await postAll({ device, direct }, REFS, ENDS_LINKS.has(obstacle) ? POST_EVERY_MS : 0)
      await keepPromises({ device, direct }, { way, reason, refs: REFS })
      if (obstacle === 'none') return
      if (obstacle === 'dropped') await stayBy(device, way)
      const states = await comeBack(device, () => proxy.lift())
      // The connections that there were are lost all the same.
      if (!ENDS_LINKS.has(obstacle)) expect(states).toEqual(new Set(['live']))
    },
    CASE_MS,
  )
})

/** Links by the last way end as well, and what follows them is by the same way: none of it begins on a connection that is dead. */
async function stayBy(device: WatchedDevice, way: Way): Promise<void> {
  const statuses = () => device.seen.flatMap((each) => (each.kind === 'status' ? [each.status] : []))
  const since = statuses().findIndex((each) => each.way === way)
  const then = () => statuses().slice(since)
  await device.until(() => then().filter(({ state }) => state === 'greeting').length > 2)
  expect(new Set(then().map((each) => each.way))).toEqual(new Set([way]))
}

it('[R51, R56] behind a proxy that hangs up on everything that does not end, a terminal is live by poll, and back once that is gone', async () => {
  const { port, direct } = await course.start()
  const proxy = new HostileProxy(port, 'hung-up')
  course.atEnd(() => proxy.close())
  const device = await course.open('device', await proxy.listen())
  await device.until(() => device.liveBy !== null)
  const refs = refsOf(10)
  await postAll({ device, direct }, refs)
  await keepPromises({ device, direct }, { way: 'poll', reason: 'upgrade-blocked', refs })
  expect(await comeBack(device, () => proxy.lift())).toEqual(new Set(['live']))
})
