import * as v from 'valibot'
import { SEGMENT } from './name-patterns.ts'

/** JWK thumbprint (RFC 7638, SHA-256, base64url) of the device's public key: 43 characters. */
export const DeviceId = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{43}$/), v.brand('DeviceId'))
export type DeviceId = v.InferOutput<typeof DeviceId>

/** A UUID (RFC 9562). Commands and events use version 7, so ids of one device sort by their making. */
const Uuid = v.pipe(v.string(), v.regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/))

export const CommandId = v.pipe(Uuid, v.brand('CommandId'))
export type CommandId = v.InferOutput<typeof CommandId>

export const EventId = v.pipe(Uuid, v.brand('EventId'))
export type EventId = v.InferOutput<typeof EventId>

export const SessionId = v.pipe(Uuid, v.brand('SessionId'))
export type SessionId = v.InferOutput<typeof SessionId>

/** One life of a device's outbox; a new one after `outbox-forked`. */
export const OutboxEpoch = v.pipe(Uuid, v.brand('OutboxEpoch'))
export type OutboxEpoch = v.InferOutput<typeof OutboxEpoch>

/** Random name of the store; new after every restore. */
export const Incarnation = v.pipe(Uuid, v.brand('Incarnation'))
export type Incarnation = v.InferOutput<typeof Incarnation>

/** One life of a channel: offsets are comparable within an epoch only. */
export const Epoch = v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/), v.brand('Epoch'))
export type Epoch = v.InferOutput<typeof Epoch>

/** The short name of a person, an area or a record key: one segment of a channel name. */
export const Segment = v.pipe(v.string(), v.regex(SEGMENT, 'must be a name of 1 to 64 characters a-z, 0-9 and -'))

/** Offset of an event in its channel: 1, 2, 3 … without a gap within one epoch; 0 is "before the first". */
export const Offset = v.pipe(v.number(), v.safeInteger(), v.minValue(0))

/** Position of a command in its lane: 1, 2, 3 … without a gap within one outbox epoch. */
export const Seq = v.pipe(v.number(), v.safeInteger(), v.minValue(1))

/** ISO 8601 UTC with milliseconds, server time unless said otherwise. */
export const Timestamp = v.pipe(v.string(), v.isoTimestamp())

/** The last event a relay has durably applied on a channel; `id` is null only at offset 0. The client holds it. */
export const Cursor = v.strictObject({ epoch: Epoch, offset: Offset, id: v.nullable(EventId) })
export type Cursor = v.InferOutput<typeof Cursor>
