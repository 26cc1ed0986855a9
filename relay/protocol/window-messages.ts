/** What a window may say to its relay (`local.ts`), as a schema: a window is an edge, and every message is checked there. */
import * as v from 'valibot'
import { ContentHash } from './attachments.ts'
import { check, type Checked } from './check.ts'
import { ChannelName } from './channel-schema.ts'
import { CommandId, Segment, SessionId } from './ids.ts'
import { LIMITS } from './limits.ts'
import type { WindowMessage as Message } from './local.ts'
import { TrackState } from './presence.ts'
import { SearchQuery } from './search.ts'
import { PastQuery } from './talk-past.ts'
import { SeriesQuery } from './telemetry.ts'

const Ref = v.pipe(v.string(), v.minLength(1), v.maxLength(128))
const Channels = v.pipe(v.array(v.pipe(v.string(), v.maxLength(200))), v.maxLength(LIMITS.maxSubscriptions))
const LiveHz = v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(LIMITS.maxLiveHz))
const Room = v.strictObject({
  channel: ChannelName,
  looks: v.exactOptional(TrackState.entries.looks.wrapped),
  own: v.exactOptional(TrackState.entries.own.wrapped),
})
const Id = v.pipe(v.string(), v.maxLength(64))

function isBytes(value: unknown): boolean {
  return value instanceof Uint8Array && value.byteLength > 0
}

const WindowMessage = v.variant('t', [
  v.strictObject({ t: v.literal('open'), shows: Channels, maxHz: v.exactOptional(LiveHz) }),
  v.strictObject({ t: v.literal('show'), channels: Channels, maxHz: v.exactOptional(LiveHz) }),
  v.strictObject({ t: v.literal('track'), rooms: v.pipe(v.array(Room), v.maxLength(LIMITS.maxRooms)) }),
  v.strictObject({ t: v.literal('signal'), channel: ChannelName, key: v.exactOptional(Segment), data: v.unknown() }),
  v.strictObject({ t: v.literal('view') }),
  v.strictObject({
    t: v.literal('command'),
    ref: Ref,
    id: Id,
    type: v.pipe(v.string(), v.maxLength(64)),
    data: v.unknown(),
    as: v.exactOptional(v.strictObject({ session: SessionId, operator: Segment })),
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
  v.strictObject({ t: v.literal('search'), ref: Ref, ...SearchQuery.entries }),
  v.strictObject({ t: v.literal('past'), ref: Ref, ...PastQuery.entries }),
  v.strictObject({ t: v.literal('attach'), ref: Ref, bytes: v.custom<Uint8Array<ArrayBuffer>>(isBytes) }),
  v.strictObject({
    t: v.literal('file'),
    ref: Ref,
    line: Segment,
    id: CommandId,
    hash: ContentHash,
    small: v.exactOptional(v.literal(true)),
  }),
  v.strictObject({ t: v.literal('retry') }),
  v.strictObject({ t: v.literal('close') }),
])

/** Never throws: the message, or `bad-frame` with the field named. */
export function checkWindowMessage(message: unknown): Checked<Message> {
  return check<Message>(WindowMessage, message, 'bad-frame')
}
