import { describe, expect, it } from 'vitest'
import { channelName } from '../protocol/channels.ts'
import { presenceChannel, ROSTER_KEY, SITE_ROOM } from '../protocol/room-names.ts'
import { NO_LIVE, takeLive, type LiveModel } from './live.ts'
import { currentUntil, headcountOf, rosterOf, rosterOfArea, typistsOf, withSite, type Roster } from './presence.ts'

const LINE = presenceChannel('line-3')
const AT = '2026-11-20T06:00:00.000Z'

function member(name: string, operator: string | null = null, state = 'here') {
  return { name, operator, state, since: AT }
}

function put(live: LiveModel, values: Record<string, unknown>, channel = LINE, ttlMs = 1_000): LiveModel {
  const views = Object.entries(values).map(([key, value]) => ({ key, value, at: AT, ageMs: 0, ttlMs }))
  return takeLive(live, { t: 'live', channel, values: views }, 0)
}

function roster(live: LiveModel): Roster | null {
  return rosterOfArea(live, 'line-3', 0)
}

describe('who is where', () => {
  it('[M9] has people first, and nobody who has left or was not heard of', () => {
    const live = put(NO_LIVE, { a: member('Wall'), b: member('Press 2', 'lee'), c: member('Press 1', 'kim'), d: null })
    expect(roster(live)?.members.map(({ device, operator }) => [device, operator])).toEqual([
      ['c', 'kim'],
      ['b', 'lee'],
      ['a', null],
    ])
    expect(rosterOfArea(live, 'line-3', 1_000)?.members).toEqual([])
    expect(roster(NO_LIVE)).toBeNull()
    expect(currentUntil(live, LINE, 0)).toBe(1_000)
    expect(currentUntil(live, LINE, 1_000)).toBeNull()
  })

  it('[M12] [P5] is confirmed where the server says so, and unknown where it has said nothing', () => {
    const live = put(NO_LIVE, { a: member('Wall') })
    const marked = (confirmed: boolean) => roster(put(live, { [ROSTER_KEY]: { confirmed } }))?.confirmed
    expect([roster(live)?.confirmed, marked(false), marked(true)]).toEqual([null, false, true])
  })

  it('[M9] says how many are there besides, for whom there is no place', () => {
    const live = put(NO_LIVE, { a: member('Wall'), [ROSTER_KEY]: { confirmed: true, more: 7 } })
    expect([roster(live)?.more, roster(put(live, { [ROSTER_KEY]: { confirmed: true } }))?.more]).toEqual([7, 0])
  })

  it('[M9] names behind those of a line who is on all lines, once', () => {
    const lines = put(NO_LIVE, { a: member('Press 1', 'kim'), b: member('Press 2') })
    const live = put(lines, { b: member('Press 2', null, 'gone'), w: member('Wall') }, SITE_ROOM)
    const all = withSite(roster(live), rosterOf(live, SITE_ROOM, 0))
    expect(all.map(({ device, state, isOfSite }) => [device, state, isOfSite])).toEqual([
      ['a', 'here', undefined],
      ['b', 'here', undefined],
      ['w', 'here', true],
    ])
    expect(withSite(null, rosterOf(live, SITE_ROOM, 0)).map(({ device }) => device)).toEqual(['b', 'w'])
    expect(withSite(roster(live), null)).toEqual(roster(live)?.members)
  })

  it('[M11] has numbers as long as they are current', () => {
    const count = { confirmed: true, people: 2, devices: { here: 3, 'screen-off': 0, asleep: 0, gone: 1 } }
    const live = put(NO_LIVE, { [ROSTER_KEY]: count }, channelName('headcount', 'line-3'))
    expect(headcountOf(live, 'line-3', 0)).toEqual(count)
    expect([headcountOf(live, 'line-3', 1_000), headcountOf(live, 'line-1', 0)]).toEqual([null, null])
  })

  it('[M8] names others who write, each once, for as long as it is current', () => {
    const typing = {
      a: { operator: 'lee' },
      b: { operator: 'lee' },
      c: { operator: 'kim' },
      d: null,
      e: { operator: 'cho' },
    }
    const live = put(NO_LIVE, typing, channelName('typing', 'line-3'))
    expect(typistsOf(live, 'line-3', { now: 0, self: 'kim' })).toEqual(['cho', 'lee'])
    expect(typistsOf(live, 'line-3', { now: 1_000, self: 'kim' })).toEqual([])
  })
})
