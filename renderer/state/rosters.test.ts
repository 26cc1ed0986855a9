import { effect, signal } from '@preact/signals'
import { describe, expect, it } from 'vitest'
import { NO_LIVE, takeLive, type LiveModel } from '../../relay/domain/live.ts'
import { stateChannel, view } from '../../relay/domain/testing/samples.ts'
import { modelOfView } from '../../relay/domain/window-model.ts'
import { presenceChannel } from '../../relay/protocol/room-names.ts'
import { roomAge, roomsMoment, steadyRoster } from './rosters.ts'

const LINE = presenceChannel('line-3')
const TTL_MS = 10_000

function take(live: LiveModel, people: readonly (string | null)[], now: number): LiveModel {
  const values = people.map((operator, index) => ({
    key: `device-${index}`,
    value: { name: `Press ${index}`, operator, state: 'here', since: '2026' },
    at: '2026',
    ageMs: 0,
    ttlMs: TTL_MS,
  }))
  return takeLive(live, { t: 'live', channel: LINE, values }, now)
}

function room(people: readonly (string | null)[]) {
  const clock = { now: 0 }
  const rooms = signal(take(NO_LIVE, people, 0))
  const [now, isLive] = [signal(0), signal(true)]
  const [moment, release] = roomsMoment({ relay: { now: () => clock.now }, now, isLive })
  const roster = steadyRoster(rooms, moment, () => LINE)
  const tick = (ms: number): void => {
    clock.now += ms
    now.value += ms
  }
  return { rooms, isLive, roster, release, tick }
}

describe('a roster', () => {
  it('[F5] is read and sorted when somebody comes or goes, and not at each second', () => {
    const { rooms, roster, tick, release } = room(Array.from({ length: 1_000 }, (_, index) => `p${index}`))
    let read = 0
    const stop = effect(() => void (roster.value, (read += 1)))
    const first = roster.value
    for (let second = 0; second < 5; second += 1) tick(1_000)
    expect([read, roster.value === first]).toEqual([1, true])
    rooms.value = take(rooms.value, ['lee'], 5_000)
    expect(read).toBe(2)
    // All but one were not told of again.
    tick(5_000)
    expect([read, roster.value?.members.map(({ operator }) => operator)]).toEqual([3, ['lee']])
    stop()
    release()
  })

  it('[P5] is the one that was known last while the server is away, however long that is', () => {
    const { isLive, roster, tick, release } = room(['kim'])
    tick(1_000)
    isLive.value = false
    for (let hour = 0; hour < 3; hour += 1) tick(3_600_000)
    expect(roster.value?.members.map(({ operator }) => operator)).toEqual(['kim'])
    isLive.value = true
    expect(roster.value?.members).toEqual([])
    release()
  })

  it('[P5] says since when it is old: since its channel was confirmed, or else since the link went', () => {
    const model = (state: 'live' | 'waiting', current: boolean | null) =>
      modelOfView(
        view(0, {
          status: { ...view(0).status, state, since: state === 'live' ? null : 7 },
          channels: current === null ? [] : [{ ...stateChannel(LINE, 0), confirmedAt: 5, current }],
        }),
        null,
      )
    expect(roomAge(model('live', true), LINE)).toEqual({ isOld: false })
    expect(roomAge(model('live', null), LINE)).toEqual({ isOld: false })
    expect(roomAge(model('live', false), LINE)).toEqual({ isOld: true, since: 5 })
    expect(roomAge(model('waiting', false), LINE)).toEqual({ isOld: true, since: 5 })
    expect(roomAge(model('waiting', null), LINE)).toEqual({ isOld: true, since: 7 })
  })
})
