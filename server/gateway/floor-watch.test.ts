import { expect, it } from 'vitest'
import type { DeviceId, SessionId } from '../../relay/protocol/ids.ts'
import { NEWS_KEPT_MS, type FloorNews } from '../ports/shared-floor.ts'
import { FloorWatch } from './floor-watch.ts'

const DEVICE = 'd'.repeat(43) as DeviceId
const SESSION = '00000000-0000-4000-8000-0000000000aa' as SessionId

async function setUp() {
  const said: FloorNews[] = []
  const did: string[] = []
  let [now, isAway] = [0, false]
  said.push({ kind: 'operator', operator: 'before' })
  const watch = await FloorWatch.open({
    shared: {
      news: (after) =>
        isAway
          ? Promise.reject(new Error('away'))
          : Promise.resolve({ position: String(said.length), news: after === null ? [] : said.slice(Number(after)) }),
    },
    monotonic: () => now,
    greeted: (device, link) => did.push(`${device.slice(0, 1)} ${link}`),
    sessionEnded: (_session, end) => did.push(end),
    operatorChanged: (operator) => did.push(operator),
    missed: () => did.push('missed'),
    failed: () => undefined,
  })
  return {
    watch,
    said,
    did,
    pass: (ms: number) => (now += ms),
    away: (is: boolean) => (isAway = is),
  }
}

it('[U7] hears what is said from its opening on, each once and in order', async () => {
  const { watch, said, did } = await setUp()
  said.push({ kind: 'greeted', device: DEVICE, link: 7 })
  said.push({ kind: 'session', session: SESSION, end: 'session-revoked' })
  said.push({ kind: 'operator', operator: 'kim' })
  await watch.look()
  await watch.look()
  expect(did).toEqual(['d 7', 'session-revoked', 'kim'])
})

it('[U7] hears after a time without the store what was said meanwhile, and after a long one that it missed something', async () => {
  const { watch, said, did, pass, away } = await setUp()
  said.push({ kind: 'operator', operator: 'kim' })
  away(true)
  await expect(watch.look()).rejects.toThrow('away')
  away(false)
  pass(60_000)
  await watch.look()
  said.push({ kind: 'operator', operator: 'lee' })
  pass(NEWS_KEPT_MS)
  await watch.look()
  expect(did).toEqual(['kim', 'missed'])
  said.push({ kind: 'operator', operator: 'park' })
  await watch.look()
  expect(did).toEqual(['kim', 'missed', 'park'])
})
