/**
 * Every frame of `/sync`, one schema each; the types are inferred, so they cannot disagree. `PROTOCOL.md` gives the rules.
 * Client frames are strict (a misspelt field is an error); server frames let unknown fields pass, so that a newer server
 * can say more to an older relay.
 */
import * as v from 'valibot'
import { ChannelName } from './channel-schema.ts'
import { StoredEvent } from './stored-event.ts'
import {
  CommandId,
  Cursor,
  DeviceId,
  Epoch,
  EventId,
  Incarnation,
  Offset,
  OutboxEpoch,
  Segment,
  Seq,
  SessionId,
  Timestamp,
} from './ids.ts'
import { LANES } from './lanes.ts'
import { LIMITS } from './limits.ts'
import { TrackState } from './presence.ts'
import { Role } from './records.ts'
import { deviceName } from './text.ts'

/** The payload of a binary message (`PAYLOADS` in `binary.ts`): never in JSON. */
const Bytes = v.instance(Uint8Array)
const Lane = v.picklist(LANES)
const Nonce = v.pipe(v.string(), v.minLength(8), v.maxLength(128))
const Milliseconds = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const Generation = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const Credit = v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(LIMITS.maxCredit))
const Lanes = <T extends v.GenericSchema<unknown, unknown>>(each: T) => v.strictObject({ urgent: each, normal: each })

// ---------------------------------------------------------------------------------------------------------------- up

/** Names in `hello.takes`: more than there are. */
const MAX_TAKES = 16

/** Answer to `challenge`. `proof`: compact JWS, ES256, header `jwk`, payload `{ nonce, aud: 'andon.v1' }`. */
export const Hello = v.strictObject({
  t: v.literal('hello'),
  version: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  proof: v.pipe(v.string(), v.maxLength(2048)),
  /** Made fit to be read, never refused: a device in the field must be able to greet, whatever it is called (C7). */
  name: deviceName(LIMITS.maxName),
  client: v.strictObject({
    kind: v.picklist(['kiosk', 'web', 'headless']),
    build: deviceName(LIMITS.maxName),
  }),
  /** `incarnation`: the one this outbox last spoke to, null at first. `oldest`: per lane the lowest sequence it may still send. */
  outbox: v.strictObject({
    epoch: OutboxEpoch,
    incarnation: v.nullable(Incarnation),
    oldest: Lanes(Seq),
    /** Per lane the highest sequence given out so far, 0 for none; only where `challenge.takes` names it (C8). */
    newest: v.optional(Lanes(Offset)),
  }),
  /** A slow retry after `replaced`: when a connection of this device is alive, close this one (4409) instead of that (P6). */
  yields: v.optional(v.literal(true)),
  /** Who is signed in here, as far as the device knows: it may have been ended meanwhile (A6). */
  session: v.optional(SessionId),
  /** Of this run of the relay, and the count of its greetings; only where `challenge.takes` names `ways` (N12). */
  life: v.optional(Nonce),
  attempt: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1))),
  /** A second link beside the living one, to learn whether its way carries; where `ways` is named (N13). */
  trial: v.optional(v.literal(true)),
  /** What this relay takes besides what every relay does: `bytes`; where `challenge.takes` names `bytes` (B2). Others are ignored. */
  takes: v.optional(v.pipe(v.array(v.pipe(v.string(), v.maxLength(LIMITS.maxName))), v.maxLength(MAX_TAKES))),
})

/** Binds a session to the connection, or renews it. An older `generation` of the same session is ignored. */
export const Auth = v.strictObject({
  t: v.literal('auth'),
  token: v.pipe(v.string(), v.maxLength(4096)),
  generation: Generation,
})

/** Ends reading as a person on this connection; the session itself is ended by the command `session.end`. */
export const Deauth = v.strictObject({ t: v.literal('deauth') })

/** One intention. `giveUp`: the lane waited ten connected minutes; if this copy cannot be carried out either, it is `gave-up`. */
export const Command = v.strictObject({
  t: v.literal('command'),
  lane: Lane,
  seq: Seq,
  id: CommandId,
  type: v.pipe(v.string(), v.maxLength(64)),
  session: v.optional(SessionId),
  data: v.unknown(),
  giveUp: v.optional(v.literal(true)),
  /** With `session.end`: the last sequence of the urgent lane given out before it; only where `challenge.takes` names `newest`. */
  urgentUpTo: v.optional(Offset),
})

/** Results up to `upTo` are durable on the device; the server may forget them. */
export const Confirm = v.strictObject({ t: v.literal('confirm'), lane: Lane, upTo: Seq })

/**
 * What a device is evidence of. `displayed`: painted in a visible window. `notified`: its native notification was taken by the
 * platform; `not-notified`: it could not be shown (E2). `push-shown`, `heard`: of a push, of the self-test.
 */
export const RECEIPT_KINDS = ['displayed', 'notified', 'not-notified', 'push-shown', 'heard'] as const
export type ReceiptKind = (typeof RECEIPT_KINDS)[number]

/** Evidence, idempotent and unordered; answered by `receipted` with the same `ref`. */
export const Receipts = v.strictObject({
  t: v.literal('receipts'),
  ref: v.pipe(v.number(), v.safeInteger()),
  items: v.pipe(
    v.array(v.strictObject({ alert: CommandId, kind: v.picklist(RECEIPT_KINDS), agoMs: Milliseconds })),
    v.minLength(1),
    v.maxLength(LIMITS.maxReceipts),
  ),
})

/**
 * `cursor` resumes; without it a snapshot comes; `from: 'start'` reads everything a log retains. `maxHz`: how often each value
 * of a live channel is wanted at most, per second, `LIMITS.liveHz` unless given; only where `challenge.takes` names `live` (M3).
 */
export const Subscribe = v.strictObject({
  t: v.literal('subscribe'),
  channel: v.string(),
  cursor: v.optional(Cursor),
  from: v.optional(v.literal('start')),
  credit: Credit,
  maxHz: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(LIMITS.maxLiveHz))),
})

/** That many more pages are welcome. */
export const CreditFrame = v.strictObject({ t: v.literal('credit'), channel: ChannelName, pages: Credit })
export const Unsubscribe = v.strictObject({ t: v.literal('unsubscribe'), channel: v.string() })

/**
 * Heartbeat. `urgent`: offset of the last event of `alerts/urgent` durably applied (evidence "received", P4). `pad`: how
 * many characters the `pong` of a trial is to carry, or the bytes that it brings back (N13, B1). `everyMs`: this relay
 * pings so often from here on, instead of every `welcome.heartbeatMs`; only where `challenge.takes` names `pace` (H5).
 */
export const Ping = v.strictObject({
  t: v.literal('ping'),
  nonce: Nonce,
  urgent: v.optional(v.strictObject({ epoch: Epoch, offset: Offset })),
  pad: v.optional(
    v.union([
      v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(LIMITS.maxPadBytes)),
      v.pipe(Bytes, v.maxLength(LIMITS.maxPadBytes)),
    ]),
  ),
  everyMs: v.optional(v.pipe(Milliseconds, v.maxValue(LIMITS.maxHeartbeatMs))),
})
/**
 * This device is in a room and says so of itself; null: it has left. It holds until then, or until the device was not heard of
 * for a lease (M9). Only where `challenge.takes` names `live`.
 */
export const Track = v.strictObject({
  t: v.literal('track'),
  channel: ChannelName,
  state: v.nullable(TrackState),
})
/**
 * Something for whoever is in a room now, kept nowhere (M8): `key` tells apart what one device says, the latest of each counts.
 * Null ends it. Only where `challenge.takes` names `live`.
 */
export const Signal = v.strictObject({
  t: v.literal('signal'),
  channel: ChannelName,
  key: v.optional(Segment),
  data: v.unknown(),
})
/** Moves the device to its trial of this name; the last frame of this link, where `challenge.takes` names `ways` (N14). */
export const Take = v.strictObject({ t: v.literal('take'), link: Nonce })
export const ClientBye = v.strictObject({ t: v.literal('bye'), reason: v.picklist(['stopping', 'suspending']) })

export const ClientFrame = v.variant('t', [
  Hello,
  Auth,
  Deauth,
  Command,
  Confirm,
  Receipts,
  Subscribe,
  CreditFrame,
  Unsubscribe,
  Ping,
  Track,
  Signal,
  Take,
  ClientBye,
])
export type ClientFrame = v.InferOutput<typeof ClientFrame>
export type ClientFrameOf<T extends ClientFrame['t']> = Extract<ClientFrame, { t: T }>

// -------------------------------------------------------------------------------------------------------------- down

/** What `challenge.takes` may name: what of client frames, or of commands, servers before it refuse (C4, C8). */
export const TAKES = ['newest', 'ways', 'bytes', 'pace', 'live', 'chat'] as const

/** `takes`: names of `TAKES`, and of what later servers add; absent from servers before it. */
export const Challenge = v.object({
  t: v.literal('challenge'),
  nonce: Nonce,
  minVersion: v.number(),
  maxVersion: v.number(),
  takes: v.optional(v.array(v.string())),
})

/**
 * `marks`: per lane the sequence the server has taken; the relay goes on with mark + 1. `outbox`: `known`, `new`,
 * `adopted` (the incarnation changed and the device's oldest sequences were taken over) or `forgotten` (nothing of this
 * device is known though it has history: its queue goes to review, and it starts a new outbox epoch).
 * `deviceToken`: bearer of this device for HTTP (sign-in, refresh), valid until the next `welcome`.
 */
export const Welcome = v.object({
  t: v.literal('welcome'),
  version: v.number(),
  device: DeviceId,
  incarnation: Incarnation,
  deviceToken: v.string(),
  deviceAreas: v.array(v.string()),
  areas: v.array(v.string()),
  serverTime: Timestamp,
  heartbeatMs: Milliseconds,
  outbox: v.picklist(['known', 'new', 'adopted', 'forgotten']),
  marks: v.object({ urgent: Offset, normal: Offset }),
  /** What has become of `hello.session` (A6). */
  session: v.optional(v.picklist(['active', 'ended', 'revoked', 'unknown'])),
  /** This link is a trial of that name; its `deviceToken` is empty (N13). */
  trial: v.optional(v.string()),
})

export const Authed = v.object({
  t: v.literal('authed'),
  generation: Generation,
  session: SessionId,
  operator: Segment,
  role: Role,
  areas: v.array(v.string()),
  expiresInMs: Milliseconds,
})

/** The person is no longer bound to this connection. Also the answer to a bad `auth`. */
export const Deauthed = v.object({ t: v.literal('deauthed'), code: v.string(), message: v.string() })

/** The end of a command. `offsets`: per channel the last offset it produced, so an overlay knows when it is covered. */
export const Result = v.object({
  t: v.literal('result'),
  lane: Lane,
  seq: Seq,
  id: CommandId,
  outcome: v.picklist(['applied', 'rejected']),
  code: v.optional(v.string()),
  message: v.optional(v.string()),
  data: v.optional(v.unknown()),
  offsets: v.optional(v.record(v.string(), Offset)),
})

/** A notice, not an end: the lane waits `afterMs`, then sends from `seq` again. */
export const RetryLater = v.object({
  t: v.literal('retry-later'),
  lane: Lane,
  seq: Seq,
  id: CommandId,
  code: v.string(),
  message: v.string(),
  afterMs: Milliseconds,
})

/** The lane has a hole or a repeat of something unknown: send from `seq`. */
export const Expect = v.object({ t: v.literal('expect'), lane: Lane, seq: Seq })

/** This outbox is a copy or was rolled back: start a new epoch; what differs goes to review. */
export const Forked = v.object({ t: v.literal('outbox-forked'), lane: Lane, seq: Seq, message: v.string() })
export const Receipted = v.object({ t: v.literal('receipted'), ref: v.number() })

/** Resumed after `offset`; when `top` equals it nothing was missed. */
export const Subscribed = v.object({
  t: v.literal('subscribed'),
  channel: ChannelName,
  epoch: Epoch,
  offset: Offset,
  id: v.nullable(EventId),
  top: Offset,
  /** Of a live channel: so many `live` frames of it follow before anything of it that changes (M13). */
  values: v.optional(Offset),
})

export const RESET_REASONS = ['unknown-epoch', 'unknown-event', 'ahead', 'expired', 'requested'] as const
/** The cursor cannot be resumed; a snapshot follows. `lost` is the range of offsets never delivered, null if none or unknown. */
export const Reset = v.object({
  t: v.literal('reset'),
  channel: ChannelName,
  reason: v.picklist(RESET_REASONS),
  lost: v.nullable(v.object({ from: Offset, to: Offset })),
})

/** One page; `epoch`, `offset`, `id` are the cursor from before page one, the same on every page. */
export const Snapshot = v.object({
  t: v.literal('snapshot'),
  channel: ChannelName,
  epoch: Epoch,
  offset: Offset,
  id: v.nullable(EventId),
  page: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  last: v.boolean(),
  records: v.optional(v.array(v.object({ key: v.string(), offset: Offset, record: v.unknown() }))),
  events: v.optional(v.array(StoredEvent)),
})

/** Catch-up: events in order without a gap. `top`: the store's top when the page was read. */
export const Page = v.object({
  t: v.literal('page'),
  channel: ChannelName,
  epoch: Epoch,
  events: v.array(StoredEvent),
  top: Offset,
})

/** One live event; holds nothing of the connection, so its bytes are the same for everybody. */
export const EventFrame = v.object({
  t: v.literal('event'),
  channel: ChannelName,
  epoch: Epoch,
  ...StoredEvent.entries,
})
/**
 * The value of one key. `at`: server time at which it was taken, `ageMs` before this frame was made; from now on it is
 * current for `ttlMs`.
 */
export const Live = v.object({
  t: v.literal('live'),
  channel: ChannelName,
  key: v.string(),
  value: v.unknown(),
  at: Timestamp,
  ageMs: Milliseconds,
  ttlMs: Milliseconds,
})

/** The subscription ended: asked for, or the right to read is gone (`code`). */
export const Unsubscribed = v.object({
  t: v.literal('unsubscribed'),
  channel: v.string(),
  code: v.optional(v.string()),
  message: v.optional(v.string()),
})

/** Per subscribed channel the last offset written to this connection, and the store's top. */
export const Pong = v.object({
  t: v.literal('pong'),
  nonce: Nonce,
  serverTime: Timestamp,
  channels: v.record(v.string(), v.object({ epoch: Epoch, written: Offset, top: Offset })),
  /** What `ping.pad` asked for, or its bytes. */
  pad: v.optional(v.union([v.string(), Bytes])),
})
/** The device is served by the link that `take` named; nothing follows on this one (N14). */
export const Taken = v.object({ t: v.literal('taken') })
export const ErrorFrame = v.object({
  t: v.literal('error'),
  code: v.string(),
  message: v.string(),
  channel: v.optional(v.string()),
  about: v.optional(v.string()),
})

/** The server is about to close: come back after this time. */
export const ServerBye = v.object({ t: v.literal('bye'), retryAfterMs: Milliseconds })

export const ServerFrame = v.variant('t', [
  Challenge,
  Welcome,
  Authed,
  Deauthed,
  Result,
  RetryLater,
  Expect,
  Forked,
  Receipted,
  Subscribed,
  Reset,
  Snapshot,
  Page,
  EventFrame,
  Live,
  Unsubscribed,
  Pong,
  Taken,
  ErrorFrame,
  ServerBye,
])
export type ServerFrame = v.InferOutput<typeof ServerFrame>
export type ServerFrameOf<T extends ServerFrame['t']> = Extract<ServerFrame, { t: T }>
