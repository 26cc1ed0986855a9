/** Who may see what at this moment, as far as this device knows. The server decides; this keeps a screen honest offline. */
import type { Channel } from '../../protocol/channels.ts'
import type { PendingCommand } from '../../protocol/local.ts'
import { canRead } from '../../protocol/rights.ts'
import { isUp } from '../link/slice.ts'
import type { Session } from '../people/slice.ts'
import type { Reader } from '../step/turn.ts'

/** Whether the person and device of this moment may see it. */
export function isReadable({ people }: Reader, channel: Channel): boolean {
  return canRead({ deviceAreas: people.site.deviceAreas, author: people.current }, channel)
}

/** The person this connection knows: `auth` was sent on it. What is sent after it is read as that person. */
export function boundAuthor({ people, link }: Reader): Session | null {
  const { connection } = link
  return isUp(connection) && people.boundOn === connection.generation ? people.current : null
}

/** Whether "may not read" is an answer and not only a "not yet": nobody is about to be signed in or renewed. */
export function isReaderKnown(reader: Reader): boolean {
  const { current, job } = reader.people
  return job === null && (current === null || boundAuthor(reader) !== null)
}

/** Commands of this person, of the device, and alerts, which are for everybody. Another person's are not shown. */
export function mayShow({ people }: Reader, command: PendingCommand): boolean {
  return command.by === null || command.by === people.current?.operator || command.type.startsWith('alert.')
}
