/** Who is on a line: in sight of a thousand, as old as it is, and named as far as there is room. */
import { options, type VNode } from 'preact'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { page } from 'vitest/browser'
import { channelName } from '../../relay/protocol/channels.ts'
import { presenceChannel, SITE_ROOM } from '../../relay/protocol/room-names.ts'
import { LIVE, stateChannel } from '../../relay/domain/testing/samples.ts'
import { BOARD_SCENES } from '../testing/board-scenes.ts'
import { crewOf, crowd } from '../testing/crew.ts'
import type { MountedWindow } from '../testing/mount.tsx'
import { painted, setStage } from '../testing/stage.ts'

const stage = setStage(BOARD_SCENES)
const MEMBER = '[data-testid=roster-member]'
const AWAY = { ...LIVE, state: 'waiting', since: Date.parse('2026-11-20T13:55:00.000Z') } as const
const before = Reflect.get(options, 'diffed') as (vnode: VNode) => void
let drawn: string[] = []
beforeEach(async () => {
  await page.viewport(1280, 800)
  options.diffed = (vnode: VNode) => {
    if (typeof vnode.type === 'function') drawn.push(vnode.type.name)
    before(vnode)
  }
})
afterEach(() => {
  options.diffed = before
})

async function opened(count: number): Promise<MountedWindow> {
  const mounted = await stage.show('line')
  for (const [channel, values] of Object.entries(crewOf('line-3', { members: crowd(count) })))
    mounted.relay.live(channel as typeof LINE, values)
  await expect.poll(() => stage.root.querySelector('.line-people strong')).not.toBeNull()
  return mounted
}
const LINE = presenceChannel('line-3')
const people = (): string | undefined => stage.root.querySelector('.line-people')?.textContent

test('[F5] of a thousand on a line those in sight are drawn, and nothing of them again as a second passes', async () => {
  const { app } = await opened(1_000)
  app.sheet.value = { kind: 'roster' }
  await expect.poll(() => stage.all(MEMBER).length).toBeGreaterThan(5)
  await expect.poll(() => stage.all(MEMBER).length).toBeLessThan(60)
  expect(stage.find(MEMBER).ariaSetSize).toBe('1000')
  await painted()
  drawn = []
  app.now.value += 1_000
  await painted()
  expect(drawn).toContain('Time')
  expect(drawn.filter((name) => ['RosterSheet', 'RowList', 'Member', 'LinePeople'].includes(name))).toEqual([])
})

test('[M10] [P5] one that should have been heard by now says since when it was not, and does not look current', async () => {
  const { app, relay } = await opened(2)
  const [, member] = crewOf('line-3', { members: crowd(2) })[LINE] ?? []
  if (member === undefined) throw new Error('nobody')
  app.sheet.value = { kind: 'roster' }
  const late = { ...(member.value as object), since: '2026-11-20T05:00:00.000Z', stale: '2026-11-20T13:04:00.000Z' }
  relay.live(LINE, [{ ...member, value: late }])
  await expect.poll(() => stage.find('.roster-stale').textContent).toMatch(/Not heard · since .*04/)
  relay.live(LINE, [member])
  await expect.poll(() => stage.root.querySelector('.roster-stale')).toBeNull()
})

test('[M9] a wall of all lines stands behind those of the line, and says what it is', async () => {
  const { app, relay } = await opened(2)
  const wall = { name: 'Wall north', operator: null, state: 'gone', since: '2026-11-20T12:00:00.000Z' }
  relay.live(SITE_ROOM, [{ key: 'wall', value: wall, at: wall.since, ageMs: 0, ttlMs: 60_000 }])
  app.sheet.value = { kind: 'roster' }
  await expect.poll(() => stage.all(MEMBER).length).toBe(3)
  expect(stage.all(MEMBER).at(-1)?.textContent).toMatch(/Wall north.*Silent · since .*On all lines/)
  expect(stage.all(MEMBER).at(0)?.textContent).not.toContain('On all lines')
})

test('[M9] a roster without a place for all who are there says how many more there are, and so does the line', async () => {
  const { app, relay } = await stage.show('line')
  for (const [channel, values] of Object.entries(crewOf('line-3', { members: crowd(3), more: 12 })))
    relay.live(channel as typeof LINE, values)
  await expect.poll(people).toContain('terminals in use · 12 more are not listed')
  app.sheet.value = { kind: 'roster' }
  await expect.poll(() => stage.root.querySelector('.roster-more')?.textContent).toMatch(/^And 12 more terminals/)
})

test('a line names some of who is on it, and how many more there are', async () => {
  await opened(40)
  expect(stage.find('.line-people strong').textContent).toMatch(/^person-000, .*person-00\d and \d+ more$/)
  expect(stage.find('.line-people strong').textContent.match(/person-/g)).toHaveLength(8)
})

test('[P5] who was on stays named while the server is away, looks old and says since when', async () => {
  const { app, relay } = await opened(4)
  expect(people()).not.toContain('As of')
  relay.tell({ t: 'status', status: AWAY })
  await expect.poll(people).toMatch(/person-000.*As of (\d+ \w+|\w+ \d+),? \d\d:\d\d/)
  expect(stage.root.querySelector('.line-people.is-old')).not.toBeNull()
  app.sheet.value = { kind: 'roster' }
  await expect.poll(() => stage.all(`${MEMBER}.is-old`).length).toBe(4)
  expect(stage.find('.roster-age').textContent).toMatch(/As of .* Who came or went since is not known here\./)
  expect(stage.find(MEMBER).textContent).toContain('then: Here · since')
  relay.tell({ t: 'status', status: LIVE })
  await expect.poll(() => stage.all('.is-old').length).toBe(0)
})

test.each([
  ['line-signed-out', '.line-people'],
  ['wall', '[data-area=line-3] .band-what'],
])('[P5] how many are on looks old where only that is old (%s)', async (name, place) => {
  const scene = BOARD_SCENES[name]
  if (scene === undefined) throw new Error(name)
  const said = (): string | undefined => stage.root.querySelector(place)?.textContent
  const HEADS = channelName('headcount', 'line-3')
  const openHeads = async (current: boolean): Promise<void> => {
    const heads = { ...stateChannel(HEADS, 1), confirmedAt: 600, current }
    const channels = [...scene.view.channels, heads]
    const { relay } = await stage.open({ ...scene, view: { ...scene.view, channels } })
    relay.live(HEADS, scene.live?.[HEADS] ?? [])
  }
  await openHeads(true)
  await expect.poll(said).toContain('3 on')
  expect(said()).not.toContain('As of')
  await openHeads(false)
  await expect.poll(said).toContain('As of')
})

test('[M9] who came and who left last stands quietly above who is on, and goes with the session', async () => {
  const { app, relay } = await opened(4)
  app.sheet.value = { kind: 'roster' }
  await expect.poll(() => stage.all(MEMBER).length).toBe(4)
  expect(stage.root.querySelector('.roster-moves')).toBeNull()
  const [mark, ...members] = crewOf('line-3', { members: crowd(4) })[LINE] ?? []
  const lee = { key: 'device-9', value: { ...(members[0]?.value as object), operator: 'lee' } }
  const first = members[0]
  if (mark === undefined || first === undefined) throw new Error('nobody')
  relay.live(LINE, [{ ...first, ...lee }])
  const moves = (): readonly string[] =>
    stage.all('.roster-moves li').map(({ textContent }) => textContent.replace(/ · .*/, ''))
  await expect.poll(moves).toEqual(['lee arrived'])
  relay.live(LINE, [{ ...first, value: null }])
  await expect.poll(moves).toEqual(['person-000 left', 'lee arrived'])
  expect(document.querySelector('.roster-moves [aria-live], .toast')).toBeNull()
  // After a start of the server nobody has just come.
  relay.live(LINE, [{ ...mark, value: { confirmed: false } }])
  relay.live(LINE, [{ ...first, key: 'device-8', value: { ...(first.value as object), operator: 'cho' } }])
  relay.live(LINE, [mark])
  await expect.poll(() => stage.all(MEMBER).length).toBe(5)
  expect(moves()).toEqual(['person-000 left', 'lee arrived'])
  relay.tell({ t: 'session', session: null, areas: ['line-3'] })
  await expect.poll(() => stage.root.querySelector('.roster-moves')).toBeNull()
})

test('[M12] [P5] a roster of which nothing is heard yet says so, and names nobody as being away', async () => {
  const { app, relay } = await stage.show('line')
  app.sheet.value = { kind: 'roster' }
  relay.live(LINE, [])
  await expect.poll(() => stage.root.querySelector('.empty')?.textContent).toBe('It is not known yet who is there.')
  const [mark, ...members] = crewOf('line-3', { members: crowd(2) })[LINE] ?? []
  relay.live(LINE, members)
  await expect.poll(() => stage.find('.sheet .lead').textContent).toBe('It is not known yet who else is there.')
  if (mark === undefined) throw new Error('no mark')
  relay.live(LINE, [mark])
  await expect.poll(() => stage.root.querySelector('.sheet .lead')).toBeNull()
  relay.live(
    LINE,
    members.map((member) => ({ ...member, value: null })),
  )
  await expect.poll(() => stage.root.querySelector('.empty')?.textContent).toBe('Nobody is here now.')
})

test('[P5] a window that opens while the server is away shows who was on, as of then', async () => {
  const { app, relay } = await stage.show('line-offline')
  for (const [channel, values] of Object.entries(BOARD_SCENES['line-offline']?.live ?? {}))
    relay.live(channel as typeof LINE, values)
  await expect.poll(people).toMatch(/kim.*As of/)
  app.sheet.value = { kind: 'roster' }
  await expect.poll(() => stage.all(`${MEMBER}.is-old`).length).toBe(9)
})
