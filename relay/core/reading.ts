/** Who may see what at this moment, as far as this device knows. The server decides; this keeps a screen honest offline. */
import type { Channel } from '../protocol/channels.ts'
import type { PendingCommand } from '../protocol/local.ts'
import { canRead } from '../protocol/rights.ts'
import type { Subscription } from './channels.ts'
import { isUp } from './connection-state.ts'
import type { Session } from './sessions.ts'
import type { EngineState } from './state.ts'

/** Whether the person and device of this moment may see it. */
export function isReadable(state: EngineState, channel: Channel): boolean {
  return canRead({ deviceAreas: state.site.deviceAreas, author: state.sessions.current }, channel)
}

/** The person this connection knows: `auth` was sent on it. What is sent after it is read as that person. */
export function boundAuthor(state: EngineState): Session | null {
  const { current, boundOn } = state.sessions
  return isUp(state.connection) && boundOn === state.connection.generation ? current : null
}

/** Whether "may not read" is an answer and not only a "not yet": nobody is about to be signed in or renewed. */
export function isReaderKnown(state: EngineState): boolean {
  const { current, job } = state.sessions
  return job === null && (current === null || boundAuthor(state) !== null)
}

/** Commands of this person, of the device, and alerts, which are for everybody. Another person's are not shown. */
export function mayShow(command: PendingCommand, current: Session | null): boolean {
  return command.by === null || command.by === current?.operator || command.type.startsWith('alert.')
}

/** Nothing of it is known to be missing. */
export function isCurrent(state: EngineState, sub: Subscription): boolean {
  return sub.link.kind === 'attached' && isUp(state.connection)
}
