import * as v from 'valibot'
import { CommandId, EventId, Offset, Timestamp } from './ids.ts'

/**
 * An event as it stands in a channel. `by` is who caused it as a person reads it; `cause` the command that made it.
 * `data` is not checked against its row on the way down: the server wrote it, and a newer server may know more types.
 */
export const StoredEvent = v.object({
  offset: Offset,
  id: EventId,
  type: v.string(),
  at: Timestamp,
  by: v.optional(v.string()),
  cause: v.optional(CommandId),
  data: v.unknown(),
})
