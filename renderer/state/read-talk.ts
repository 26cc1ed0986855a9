import type { CommandId } from '../../relay/protocol/ids.ts'
import type { App } from './app.ts'
import { seenKey } from './talk.ts'

/** How often a person's mark of one line is told to the server at most, milliseconds: a command each, on every device they have. */
export const READ_EVERY_MS = 5_000

/** Of each window by person and line: nothing is told for a while, and what is to be told then. */
const paused = new WeakMap<App, Map<string, { next: CommandId | null }>>()

/** Everything of the shown line was in sight of the person: here it is read at once, elsewhere once the server knows. */
export function readTalk(app: App): void {
  const { area, chat, isLive, session, talk } = app
  const operator = session.peek()?.operator
  const last = chat.peek().findLast(({ offset }) => offset !== null)
  if (operator === undefined || last === undefined || last.offset === null || last.at === null) return
  const key = seenKey(operator, area.peek())
  const { offset, at } = last
  if (offset > (talk.seen.peek().get(key)?.offset ?? 0))
    talk.seen.value = new Map(talk.seen.peek()).set(key, { offset, at })
  if (isLive.peek() && talk.unread.peek().count > 0 && last.id !== null)
    tell(app, { operator, line: area.peek(), id: last.id })
}

interface Read {
  readonly operator: string
  readonly line: string
  readonly id: CommandId
}

/** At once, and then not sooner than `READ_EVERY_MS` later. */
function tell(app: App, { operator, line, id }: Read): void {
  const pauses = paused.get(app) ?? new Map<string, { next: CommandId | null }>()
  paused.set(app, pauses)
  const key = seenKey(operator, line)
  const before = pauses.get(key)
  if (before !== undefined) {
    before.next = id
    return
  }
  const pause: { next: CommandId | null } = { next: null }
  pauses.set(key, pause)
  // Nobody asked for it, so nobody is told that it could not be saved: the next message says it again.
  app.relay.command('chat.read', { line, id })
  app.presses.clock.after(READ_EVERY_MS, () => {
    pauses.delete(key)
    // Whoever is here by then has marks of their own.
    if (pause.next !== null && app.session.peek()?.operator === operator) tell(app, { operator, line, id: pause.next })
  })
}
