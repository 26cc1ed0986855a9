import * as v from 'valibot'
import { parseChannel, type ChannelName } from '../../../relay/protocol/channels.ts'
import { DeviceId, Segment, SessionId } from '../../../relay/protocol/ids.ts'
import { TrackState } from '../../../relay/protocol/presence.ts'
import { TelemetryValue } from '../../../relay/protocol/telemetry.ts'

/** Characters of one message: what is behind goes with the next. */
const MAX_TEXT = 64 * 1024
/** Of a message that is read: what is told is far below, whatever its letters are. */
const MAX_READ = 256 * 1024

const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const Ms = v.pipe(v.number(), v.finite())
const Name = v.custom<ChannelName>((name) => typeof name === 'string' && parseChannel(name) !== null)
const Value = v.strictObject({
  area: Segment,
  machine: Segment,
  signal: Segment,
  value: TelemetryValue,
  lateMs: Ms,
  ttlMs: Ms,
})
const Signal = v.strictObject({
  channel: Name,
  device: DeviceId,
  operator: Segment,
  source: v.string(),
  session: v.nullable(SessionId),
  key: v.string(),
  data: v.unknown(),
})
const Seat = v.strictObject({
  name: v.string(),
  areas: v.array(v.string()),
  source: v.string(),
  isAlone: v.boolean(),
  operator: v.nullable(Segment),
  session: v.nullable(v.strictObject({ id: SessionId, lastsMs: Ms })),
  holder: v.string(),
  track: TrackState,
  sinceWall: Ms,
  since: v.picklist(['said', 'noticed']),
  staleWall: v.nullable(Ms),
  absent: v.nullable(v.strictObject({ state: v.picklist(['asleep', 'gone']), lastsMs: Ms })),
})
const Member = v.strictObject({ channel: Name, device: DeviceId, order: Count, seat: v.nullable(Seat) })

/**
 * One message of a node: `wall` when it was made, by its clock. `says`: that it began to hear and wants all to be told again, that
 * all its members follow, that they were all of them, or that it stops.
 */
const Wire = v.strictObject({
  node: v.string(),
  wall: Ms,
  says: v.optional(v.picklist(['asks', 'begins', 'ends', 'stops'])),
  seats: v.optional(v.array(Member)),
  signals: v.optional(v.array(Signal)),
  values: v.optional(v.array(Value)),
})
export type LiveText = v.InferOutput<typeof Wire>
export type Says = NonNullable<LiveText['says']>
export type Kind = 'seats' | 'signals' | 'values'

export function sayingText(node: string, wall: number, says?: Says): string {
  return JSON.stringify({ node, wall, says })
}

/** What waits, as messages of this kind; takes out what it made one of. `max`: so many messages at most. */
export function* waitingTexts(
  kind: Kind,
  waiting: Map<string, unknown>,
  { node, wall, max }: { readonly node: string; readonly wall: number; readonly max: number },
): Generator<string> {
  for (let made = 0; made < max && waiting.size > 0; made += 1) {
    const parts: string[] = []
    let length = 0
    for (const [key, one] of waiting) {
      const part = JSON.stringify(one)
      if (parts.length > 0 && length + part.length > MAX_TEXT) break
      waiting.delete(key)
      parts.push(part)
      length += part.length
    }
    yield `{"node":${JSON.stringify(node)},"wall":${wall},"${kind}":[${parts.join(',')}]}`
  }
}

/** What a message says; null where it is none of a node of this floor. Of one's own, which are many, nothing is read. */
export function liveIn(node: string, text: string): LiveText | 'own' | null {
  if (text.startsWith(`{"node":${JSON.stringify(node)},`)) return 'own'
  if (text.length > MAX_READ) return null
  try {
    const parsed = v.safeParse(Wire, JSON.parse(text))
    return parsed.success ? parsed.output : null
  } catch {
    return null
  }
}
