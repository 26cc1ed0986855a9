/** What a window may say to its relay (`local.ts`), as a schema: a window is an edge, and every message is checked there. */
import * as v from 'valibot'
import { check, type Checked } from './check.ts'
import { LIMITS } from './limits.ts'
import type { WindowMessage as Message } from './local.ts'
import { SeriesQuery } from './telemetry.ts'

const Ref = v.pipe(v.string(), v.minLength(1), v.maxLength(128))
const Channels = v.pipe(v.array(v.pipe(v.string(), v.maxLength(200))), v.maxLength(LIMITS.maxSubscriptions))
const Id = v.pipe(v.string(), v.maxLength(64))

const WindowMessage = v.variant('t', [
  v.strictObject({ t: v.literal('open'), shows: Channels }),
  v.strictObject({ t: v.literal('show'), channels: Channels }),
  v.strictObject({ t: v.literal('view') }),
  v.strictObject({
    t: v.literal('command'),
    ref: Ref,
    id: Id,
    type: v.pipe(v.string(), v.maxLength(64)),
    data: v.unknown(),
  }),
  v.strictObject({
    t: v.literal('sign-in'),
    ref: Ref,
    operator: v.pipe(v.string(), v.maxLength(LIMITS.maxName)),
    pin: v.pipe(v.string(), v.maxLength(LIMITS.maxName)),
  }),
  v.strictObject({ t: v.literal('sign-out'), ref: Ref, everywhere: v.exactOptional(v.literal(true)) }),
  v.strictObject({ t: v.literal('displayed'), alert: Id }),
  v.strictObject({
    t: v.literal('notified'),
    alert: Id,
    outcome: v.picklist(['shown', 'failed', 'suppressed']),
  }),
  v.strictObject({ t: v.literal('dismiss'), id: Id }),
  v.strictObject({ t: v.literal('series'), ref: Ref, ...SeriesQuery.entries }),
  v.strictObject({ t: v.literal('retry') }),
  v.strictObject({ t: v.literal('close') }),
])

/** Never throws: the message, or `bad-frame` with the field named. */
export function checkWindowMessage(message: unknown): Checked<Message> {
  return check<Message>(WindowMessage, message, 'bad-frame')
}
