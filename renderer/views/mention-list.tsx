import { operatorName } from '../state/operator-name.ts'
import { talkWords } from '../text/talk-words.ts'

/** As many as have room over a keyboard. */
const SHOWN = 5

/** Who is meant by what is typed so far, on whichever keyboard. */
export function peopleBegun(people: readonly string[], begun: string): readonly string[] {
  const name = operatorName(begun)
  return people.filter((person) => person.startsWith(name)).slice(0, SHOWN)
}

/** Names over the field, for a finger, or for arrows and Enter. The field keeps the focus. */
export function MentionList(props: {
  readonly people: readonly string[]
  readonly chosen: string
  readonly choose: (person: string) => void
}) {
  const { people, chosen, choose } = props
  return (
    <ul id="mention-list" class="mention-list" role="listbox" aria-label={talkWords().people}>
      {people.map((person) => (
        <li key={person} role="option" aria-selected={person === chosen}>
          <button
            type="button"
            class="button button-quiet"
            tabIndex={-1}
            // A press would take the focus from the field, and close the list.
            onPointerDown={(event) => event.preventDefault()}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => choose(person)}
          >
            @{person}
          </button>
        </li>
      ))}
    </ul>
  )
}
