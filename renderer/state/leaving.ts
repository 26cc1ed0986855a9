import { effect, type ReadonlySignal, type Signal } from '@preact/signals'
import type { CommandId } from '../../relay/protocol/ids.ts'
import type { SessionView, SettledCommand } from '../../relay/protocol/local.ts'
import { hashOf, type Place } from './place.ts'
import type { SheetName } from './sheets.ts'
import { NO_OLDER, type Answer, type OlderTalk, type Talk } from './talk.ts'

/** What somebody was writing. */
export interface Begun {
  readonly drafts: Readonly<Record<string, string>>
  readonly again: Readonly<Record<string, SettledCommand>>
  readonly answers: Readonly<Record<string, Answer>>
  /** A form with something in it. */
  readonly form: SheetName | null
}

/** What a window holds of the person at it. */
export interface OfPerson {
  readonly session: ReadonlySignal<SessionView | null>
  readonly sheet: Signal<SheetName | null>
  readonly openForm: Signal<SheetName | null>
  readonly closedForm: Signal<SheetName | null>
  readonly aside: Signal<ReadonlySet<string>>
  readonly discarding: Signal<ReadonlyMap<CommandId, () => void>>
  readonly place: Signal<Place>
  readonly drafts: Signal<Begun['drafts']>
  readonly chatAgain: Signal<Begun['again']>
  readonly talk: {
    readonly answers: Signal<Begun['answers']>
    readonly older: Signal<OlderTalk>
    readonly sought: Talk['sought']
  }
  readonly begun: Map<string, Begun>
  readonly address: { replace(hash: string): void }
}

/** Sheets that hold nothing of whoever opened them: they stay when that person goes. */
const FOR_EVERYBODY: ReadonlySet<SheetName['kind'] | undefined> = new Set(['area', 'connection', 'roster', 'trend'])

/** People whose unsent words a window keeps in memory: more than use one terminal in a day. */
export const MAX_BEGUN = 30
const NOTHING: Begun = { drafts: {}, again: {}, answers: {}, form: null }

/**
 * Nobody inherits what another has put aside, begun or chosen on this window:
 *
 * 1. A new person faces every P0 again.
 * 2. The sheets of a session close with it. A form with something in it can be opened again by whoever wrote there, once they
 *    are back; a photo that was taken is gone.
 * 3. The line of the person before is no choice of the next one; a link that was followed in between is, once.
 * 4. What somebody was writing to a line or to a note waits for them, and for nobody else.
 */
export function followPerson(app: OfPerson): () => void {
  const { session, sheet, place, address } = app
  let before = session.peek()
  return effect(() => {
    const next = session.value
    const last = before
    before = next
    if (next !== null && next.id !== last?.id) app.aside.value = new Set()
    if (last?.operator !== next?.operator) handOver(app, last, next)
    if (last === null || last.id === next?.id) return
    if (last.operator === next?.operator) app.closedForm.value = formOf(app)
    if (!FOR_EVERYBODY.has(sheet.peek()?.kind)) sheet.value = null
    if (last.operator === next?.operator) return
    // Nothing is discarded in the name of who has left.
    for (const cancel of app.discarding.peek().values()) cancel()
    app.discarding.value = new Map()
    place.value = { ...place.peek(), area: null }
    address.replace(hashOf(place.peek().view, null))
  })
}

function handOver(app: OfPerson, last: SessionView | null, next: SessionView | null): void {
  const { begun, drafts, chatAgain, closedForm, talk } = app
  if (last !== null) {
    begun.delete(last.operator)
    begun.set(last.operator, {
      drafts: drafts.peek(),
      again: chatAgain.peek(),
      answers: talk.answers.peek(),
      form: formOf(app),
    })
    closedForm.value = null
    const [oldest] = begun.keys()
    if (begun.size > MAX_BEGUN && oldest !== undefined) begun.delete(oldest)
  }
  const own = begun.get(next?.operator ?? '') ?? NOTHING
  drafts.value = own.drafts
  chatAgain.value = own.again
  talk.answers.value = own.answers
  talk.older.value = NO_OLDER
  talk.sought.value = null
  if (own.form !== null) closedForm.value = own.form
}

function formOf({ openForm, closedForm }: OfPerson): SheetName | null {
  return openForm.peek() ?? closedForm.peek()
}
