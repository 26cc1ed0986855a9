import type { RosterMember } from '../../relay/domain/presence.ts'
import { presenceChannel } from '../../relay/protocol/room-names.ts'
import { Empty } from '../components/empty.tsx'
import { RoomAgeWords, useRoomAge } from '../components/freshness.tsx'
import { RowList } from '../components/row-list.tsx'
import { Sheet } from '../components/sheet.tsx'
import { Sign } from '../components/sign.tsx'
import { Time } from '../components/time.tsx'
import { VIEWS } from '../state/place.ts'
import { useApp } from '../state/use-app.ts'
import { useRoomMoves } from '../state/use-room-moves.ts'
import { useHeldRows } from '../state/use-held-rows.ts'
import { deviceName } from '../text/author-name.ts'
import { rosterWords } from '../text/roster-words.ts'
import { text } from '../text/text.ts'

/** Of a row on a kiosk, pixels; a guess until it is drawn. */
const ROW_HEIGHT = 84

/**
 * Who is on the line or on all lines, and which of its terminals are up, late, silent or asleep, and since when; of a long list what is in sight. A
 * second that passes draws nothing but the times that it changes.
 */
export function RosterSheet() {
  const { area, isLive, rosters, sheet } = useApp()
  const words = rosterWords()
  const roster = rosters.roster.value
  const members = rosters.onLine.value
  const held = useHeldRows(members, deviceOf, { newcomers: 'last' })
  const age = useRoomAge(() => presenceChannel(area.value))
  const isHeard = roster !== null && roster.confirmed !== null
  const nobody = !isLive.value ? words.unreached : isHeard ? words.nobody : words.unheardOf
  const title = words.title(text.areaName(area.value))
  return (
    <Sheet title={title} onClose={() => (sheet.value = null)}>
      {age.isOld && members.length > 0 ? (
        <p class="lead roster-age">
          <RoomAgeWords age={age} /> {words.unknownSince}
        </p>
      ) : null}
      {roster?.confirmed === false ? <p class="lead">{words.unconfirmed}</p> : null}
      {roster?.confirmed === null && members.length > 0 ? <p class="lead">{words.unheard}</p> : null}
      {roster !== null && roster.more > 0 ? <p class="lead roster-more">{words.more(roster.more)}</p> : null}
      {members.length === 0 ? <Empty>{nobody}</Empty> : null}
      <Moves />
      <RowList label={title} held={held} estimate={ROW_HEIGHT} attributes={({ row }) => rowAttributes(row, age.isOld)}>
        {({ row }) => <Member member={row} isOld={age.isOld} />}
      </RowList>
    </Sheet>
  )
}

/** Who came last and who left, each person once: quietly, for whoever looks. */
function Moves() {
  const moves = useRoomMoves()
  const words = rosterWords()
  if (moves.length === 0) return null
  return (
    <ul class="roster-moves" aria-label={words.moves}>
      {moves.map(({ kind, operator, at }) => (
        <li key={`${kind} ${operator} ${at}`} class={`roster-${kind}`}>
          <bdi>{operator}</bdi> {words.moved[kind]}
          {at === null ? null : (
            <>
              {' · '}
              <Time at={at} />
            </>
          )}
        </li>
      ))}
    </ul>
  )
}

function deviceOf({ device }: RosterMember): string {
  return device
}

function rowAttributes({ state, stale }: RosterMember, isOld: boolean) {
  return {
    class: `outbox-item roster-member roster-${stale === undefined ? state : 'stale'} ${isOld ? 'is-old' : ''}`,
    'data-testid': 'roster-member',
  } as const
}

function Member({ member, isOld }: { readonly member: RosterMember; readonly isOld: boolean }) {
  const { name, operator, state, since, stale, isOfSite } = member
  const words = rosterWords()
  const where = whatOf(member)
  const said = stale === undefined ? words.state[state] : words.stale
  return (
    <>
      <Sign name={isOld || stale !== undefined || state === 'gone' ? 'stale' : operator === null ? 'site' : 'person'} />
      <p class="outbox-what">
        <bdi>{operator ?? deviceName(name)}</bdi>
      </p>
      <p class="outbox-more">
        <span class="roster-state">
          {isOld ? text.boards.wasThen(said) : said} · {words.since.before}
          <Time at={stale ?? since} />
          {words.since.after}
        </span>
        {operator === null ? null : <bdi>{deviceName(name)}</bdi>}
        {isOfSite === true ? <span>{words.ofSite}</span> : null}
        {where === null ? null : <bdi>{where}</bdi>}
      </p>
    </>
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
