import { headcountOf, rosterOfArea } from '../../relay/domain/presence.ts'
import { Sign } from '../components/sign.tsx'
import { useApp } from '../state/use-app.ts'
import { text } from '../text/text.ts'

/** Who is on the line, and how many of its terminals are up; a press shows each of them. Nothing while nobody has said. */
export function LinePeople() {
  const { area, now, relay, rooms, session, sheet } = useApp()
  // Who is there ages.
  void now.value
  const count = headcountOf(rooms.value, area.value, relay.now())
  const roster = rosterOfArea(rooms.value, area.value, relay.now())
  const names = new Set(
    (roster?.members ?? []).flatMap(({ operator, state }) => (state === 'here' ? (operator ?? []) : [])),
  )
  const { line } = text.boards
  if (count === null) return null
  const { here, gone, asleep } = count.devices
  const total = here + gone + asleep + count.devices['screen-off']
  return (
    <section class="line-people" aria-labelledby="line-people">
      <h2 id="line-people">{line.people}</h2>
      <button
        type="button"
        class="line-people-way"
        disabled={session.value === null}
        onClick={() => (sheet.value = { kind: 'roster' })}
      >
        <Sign name="person" />
        <span>
          <strong>{names.size > 0 ? [...names].join(', ') : text.boards.people(count.people)}</strong>
          <span>{line.terminals(here, total)}</span>
          {count.confirmed ? null : <em>{line.unconfirmed}</em>}
        </span>
      </button>
    </section>
  )
}
