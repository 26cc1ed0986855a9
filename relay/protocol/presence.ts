/**
 * Who is where, and what devices say to each other without anybody keeping it. A *room* is a channel `presence/{area}`, or
 * `presence/{area}/{id}` of an order, a machine or a note; a *member* is a device in it, with the person who is signed in there.
 */
import * as v from 'valibot'
import { Segment, Timestamp } from './ids.ts'
import { LIMITS } from './limits.ts'
import { line } from './text.ts'

/**
 * `here`: somebody may look at it. `screen-off`: it is up, and nobody can. `asleep`: it said that it goes to sleep. `gone`: it
 * was not heard of for a lease, or said that it stops.
 */
export const MEMBER_STATES = ['here', 'screen-off', 'asleep', 'gone'] as const
export type MemberState = (typeof MEMBER_STATES)[number]

const own = v.union([line(LIMITS.maxTitle), v.pipe(v.number(), v.finite()), v.boolean(), v.null()])

/**
 * What a device says of itself in a room, at most `LIMITS.maxTrackBytes` of JSON. `looks`: what its people look at, as
 * people call it. `agoMs`: how long it has been there with this person, so that a restart of the server makes nobody new. `own`: whatever else
 * its program wants members to know.
 */
export const TrackState = v.strictObject({
  state: v.picklist(['here', 'screen-off']),
  looks: v.optional(line(LIMITS.maxTitle)),
  agoMs: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(LIMITS.maxTrackAgoMs))),
  own: v.optional(v.record(Segment, own)),
})
export type TrackState = v.InferOutput<typeof TrackState>
/** As a program says it: since when is the relay's to know. */
export type OwnTrack = Omit<TrackState, 'agoMs'>

/**
 * A member, as the value of its key, which is its device id; null for who has left the room. `since`: server time since when
 * it is there with this person, or with nobody; of one that is asleep or gone, when it was last heard. `stale`: when that was, of
 * one that should have been heard since; it is none that has left.
 */
export const Member = v.object({
  name: v.string(),
  operator: v.nullable(Segment),
  state: v.picklist(MEMBER_STATES),
  since: Timestamp,
  stale: v.optional(Timestamp),
  looks: v.optional(v.string()),
  own: v.optional(v.record(v.string(), own)),
})
export type Member = v.InferOutput<typeof Member>

/**
 * Under `ROSTER_KEY`, beside the members: whether everybody had the time to come back since the server was started, and how many
 * devices are there besides for which there is no place; without `more`, none.
 */
export const RosterMark = v.object({ confirmed: v.boolean(), more: v.optional(v.number()) })
export type RosterMark = v.InferOutput<typeof RosterMark>

/** The only value of `headcount/{area}`, under `ROSTER_KEY`. `people`: each once, on however many devices that are here or whose screen is off. */
export const Headcount = v.object({
  confirmed: v.boolean(),
  people: v.number(),
  devices: v.object({ here: v.number(), 'screen-off': v.number(), asleep: v.number(), gone: v.number() }),
  /** As `RosterMark` has it. */
  more: v.optional(v.number()),
})
export type Headcount = v.InferOutput<typeof Headcount>

/** Value of a key of `typing/{area}`, which is a device id; null once it is over. */
export interface TypingValue {
  readonly operator: string
}

/** Value of a key of `room/{area}/{id}`, which is `{device}.{key}`; null once it is over. */
export interface SignalValue {
  readonly operator: string
  readonly data: unknown
}
