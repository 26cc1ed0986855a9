import { rosterOfArea, type RosterMember } from '../../relay/domain/presence.ts'
import { Empty } from '../components/empty.tsx'
import { Sheet } from '../components/sheet.tsx'
import { Sign } from '../components/sign.tsx'
import { Time } from '../components/time.tsx'
import { VIEWS } from '../state/place.ts'
import { useApp } from '../state/use-app.ts'
import { deviceName } from '../text/author-name.ts'
import { text } from '../text/text.ts'
import { rosterWords } from '../text/roster-words.ts'

/** Who is on the line, and which of its terminals are up, silent or asleep, and since when. */
export function RosterSheet() {
  const { area, isLive, now, relay, rooms, sheet } = useApp()
  void now.value
  const words = rosterWords()
  const roster = rosterOfArea(rooms.value, area.value, relay.now())
  const members = roster?.members ?? []
  return (
    <Sheet title={words.title(text.areaName(area.value))} onClose={() => (sheet.value = null)}>
      {roster?.confirmed === false ? <p class="lead">{words.unconfirmed}</p> : null}
      {members.length === 0 ? <Empty>{isLive.value ? words.nobody : words.unreached}</Empty> : null}
      <ul class="rows">
        {members.map((member) => (
          <Member key={member.device} member={member} />
        ))}
      </ul>
    </Sheet>
  )
}

function Member({ member }: { readonly member: RosterMember }) {
  const { name, operator, state, since } = member
  const words = rosterWords()
  const where = whatOf(member)
  return (
    <li class={`outbox-item roster-member roster-${state}`} data-testid="roster-member">
      <Sign name={state === 'gone' ? 'stale' : operator === null ? 'site' : 'person'} />
      <p class="outbox-what">
        <bdi>{operator ?? deviceName(name)}</bdi>
      </p>
      <p class="outbox-more">
        <span class="roster-state">
          {words.state[state]} · {words.since.before}
          <Time at={since} />
          {words.since.after}
        </span>
        {operator === null ? null : <bdi>{deviceName(name)}</bdi>}
        {where === null ? null : <bdi>{where}</bdi>}
      </p>
    </li>
  )
}

/** What they look at, by the name of the view in the reader's own language, or as it came. */
function whatOf({ state, looks, own }: RosterMember): string | null {
  if (state !== 'here') return null
  const view = VIEWS.find((one) => one === own?.['view'])
  const words = view === undefined || view === 'wall' ? null : text.nav[view]
  const said = [words, looks ?? null].filter((one) => one !== null)
  return said.length === 0 ? null : said.join(' · ')
}
