import { useComputed } from '@preact/signals'
import { headcountOf } from '../../relay/domain/presence.ts'
import { channelName } from '../../relay/protocol/channels.ts'
import { presenceChannel } from '../../relay/protocol/room-names.ts'
import { RoomAgeWords, useRoomAge } from '../components/freshness.tsx'
import { Sign } from '../components/sign.tsx'
import { useApp } from '../state/use-app.ts'
import { useRoomMoves } from '../state/use-room-moves.ts'
import { peopleWords } from '../text/author-name.ts'
import { text } from '../text/text.ts'

/** Names that have room beside what else a line says; the sheet has all of them. */
const MAX_NAMES = 8

/** Who is on the line, and how many of its terminals are up; a press shows each of them. Nothing while nobody has said. */
export function LinePeople() {
  const { area, rooms, rosters, session, sheet } = useApp()
  const count = useComputed(() => headcountOf(rooms.value, area.value, rosters.moment.value)).value
  useRoomMoves()
  const members = rosters.roster.value?.members ?? []
  const names = [...new Set(members.flatMap(({ operator, state }) => (state === 'here' ? (operator ?? []) : [])))]
  const { line } = text.boards
  // A terminal without a person follows the numbers alone.
  const counted = useRoomAge(() => channelName('headcount', area.value))
  const named = useRoomAge(() => presenceChannel(area.value))
  const age = counted.isOld ? counted : named
  if (count === null) return null
  const { more = 0 } = count
  const { here, gone, asleep } = count.devices
  const total = here + gone + asleep + count.devices['screen-off']
  return (
    <section class={`line-people ${age.isOld ? 'is-old' : ''}`} aria-labelledby="line-people">
      <h2 id="line-people">{line.people}</h2>
      <button
        type="button"
        class="line-people-way"
        disabled={session.value === null}
        onClick={() => (sheet.value = { kind: 'roster' })}
      >
        <Sign name="person" />
        <span>
          <strong>{names.length > 0 ? peopleWords(names, MAX_NAMES) : text.boards.people(count.people)}</strong>
          <span>
            {line.terminals(here, total)}
            {more > 0 ? ` · ${line.moreTerminals(more)}` : ''}
          </span>
          <RoomAgeWords age={age} />
          {count.confirmed ? null : <em>{line.unconfirmed}</em>}
        </span>
      </button>
    </section>
  )
}
