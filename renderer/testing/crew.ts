/** Who is on a line: people at terminals and on a phone, and terminals where nobody is, or that are silent. */
import { channelName } from '../../relay/protocol/channels.ts'
import type { LiveView } from '../../relay/protocol/local.ts'
import { presenceChannel, ROSTER_KEY } from '../../relay/protocol/room-names.ts'
import type { Headcount, Member } from '../../relay/protocol/presence.ts'
import type { Scene } from './scenes.ts'

const MINUTE = 60_000
const TTL_MS = 3_600_000

function member(name: string, minutes: number, over: Partial<Member> = {}): Member {
  return { name, operator: null, state: 'here', since: new Date(Date.now() - minutes * MINUTE).toISOString(), ...over }
}

const MEMBERS = (): readonly Member[] => [
  member('line-3-east', 95, { operator: 'kim', own: { view: 'line' } }),
  member('Terminal 7 · Assembly hall north, by the second gate', 31, {
    operator: 'maria-fernanda-gutierrez-santamaria',
    looks: 'WO-1055',
    own: { view: 'orders' },
  }),
  member('phone-lee', 2, { operator: 'lee', looks: 'Press 2', own: { view: 'equipment' } }),
  member('line-3-west', 240, { own: { view: 'alerts' } }),
  member('Browser x1Yz', 4),
  member('Packing', 18, { state: 'screen-off' }),
  member('Office', 900, { state: 'asleep' }),
  member('press-2', 7, { state: 'gone' }),
  member('Welding', 64, { stale: new Date(Date.now() - MINUTE / 2).toISOString() }),
]

/** Of a hall with a terminal at each place: as many as a room has members. */
export function crowd(count: number): readonly Member[] {
  return Array.from({ length: count }, (_, index) =>
    member(`Terminal ${index + 1}`, index % 480, {
      operator: index % 2 === 0 ? `person-${String(index / 2).padStart(3, '0')}` : null,
      ...(index % 7 === 3 && { state: 'screen-off' }),
    }),
  )
}

interface Crew {
  readonly members?: readonly Member[]
  /** That are there besides, and have no place. */
  readonly more?: number
  /** How long ago it was heard, and for how long from now it is current, milliseconds. */
  readonly ageMs?: number
  readonly ttlMs?: number
}

/** Live values by which a window knows who is in the area. */
export function crewOf(
  area: string,
  { members = MEMBERS(), more, ageMs = 0, ttlMs = TTL_MS }: Crew = {},
): NonNullable<Scene['live']> {
  const at = new Date(Date.now() - ageMs).toISOString()
  const view = (key: string, value: unknown): LiveView => ({ key, value, at, ageMs, ttlMs })
  const count = (state: Member['state']): number => members.filter((one) => one.state === state).length
  const devices = {
    here: count('here'),
    'screen-off': count('screen-off'),
    asleep: count('asleep'),
    gone: count('gone'),
  }
  const besides = more === undefined ? {} : { more }
  const people = members.filter(({ operator }) => operator !== null).length
  return {
    [presenceChannel(area)]: [
      view(ROSTER_KEY, { confirmed: true, ...besides }),
      ...members.map((one, index) => view(`device-${index}`, one)),
    ],
    [channelName('headcount', area)]: [
      view(ROSTER_KEY, { confirmed: true, people, devices, ...besides } satisfies Headcount),
    ],
  }
}
