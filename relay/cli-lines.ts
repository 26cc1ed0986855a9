/** The lines of the headless relay: what a program may write to it, and what it prints. Pure. */
import * as v from 'valibot'
import { check } from './protocol/check.ts'
import { refuse, type Refusal } from './protocol/errors.ts'
import { unreachable } from './protocol/rights.ts'
import { TrackState, type OwnTrack } from './protocol/presence.ts'
import type { Observation } from './ports.ts'
import type { InputLine } from './cli-input.ts'

const Name = v.pipe(
  v.string('must be a text'),
  v.minLength(1, 'must not be empty'),
  v.maxLength(128, 'must not be longer than 128 characters'),
)

const CommandLine = v.strictObject({ ref: Name, command: Name, data: v.unknown() })
const SubscribeLine = v.strictObject({
  subscribe: Name,
  from: v.optional(v.literal('start', 'must be "start"')),
  maxHz: v.optional(v.number()),
})
const TrackLine = v.strictObject({ track: Name, state: v.nullable(v.omit(TrackState, ['agoMs'])) })
const SignalLine = v.strictObject({ signal: Name, key: v.optional(Name), data: v.unknown() })
const UnsubscribeLine = v.strictObject({ unsubscribe: Name })
const SeenLine = v.strictObject({ seen: Name })

export type Instruction =
  | { readonly kind: 'command'; readonly ref: string; readonly type: string; readonly data: unknown }
  | {
      readonly kind: 'subscribe'
      readonly channel: string
      readonly from: 'start' | null
      readonly maxHz: number | null
    }
  | { readonly kind: 'track'; readonly channel: string; readonly state: OwnTrack | null }
  | { readonly kind: 'signal'; readonly channel: string; readonly key: string | undefined; readonly data: unknown }
  | { readonly kind: 'unsubscribe'; readonly channel: string }
  | { readonly kind: 'seen'; readonly ref: string }

export interface ErrorLine {
  readonly kind: 'error'
  readonly ref?: string
  readonly channel?: string
  readonly code: string
  readonly message: string
}
/** One object of a line of stdout. */
export type OutputLine = ErrorLine | { readonly kind: string; readonly [field: string]: unknown }

export type ParsedLine =
  | { readonly ok: true; readonly instruction: Instruction }
  | { readonly ok: false; readonly error: ErrorLine }

/** Reads one line of stdin. A bad one becomes an error line that names what it was about, as far as that can be read. */
export function parseLine(line: InputLine): ParsedLine {
  if (line.kind === 'too-long') return bad(refuse('frame-too-large', 'A line may be at most 64 KB long.'), {})
  if (line.kind === 'not-utf8') return bad(refuse('bad-json', 'A line is text in UTF-8.'), {})
  let value: unknown
  try {
    value = JSON.parse(line.text)
  } catch {
    return bad(refuse('bad-json'), {})
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return bad(refuse('bad-request', 'A line is a JSON object.'), {})
  }
  return parseObject(value)
}

function parseObject(value: object): ParsedLine {
  if ('command' in value) {
    const checked = check(CommandLine, value, 'bad-request')
    if (!checked.ok) return bad(checked, value)
    const { ref, command, data } = checked.value
    return { ok: true, instruction: { kind: 'command', ref, type: command, data } }
  }
  if ('subscribe' in value) {
    const checked = check(SubscribeLine, value, 'bad-request')
    if (!checked.ok) return bad(checked, value)
    const { subscribe, from = null, maxHz = null } = checked.value
    return { ok: true, instruction: { kind: 'subscribe', channel: subscribe, from, maxHz } }
  }
  if ('unsubscribe' in value) {
    const checked = check(UnsubscribeLine, value, 'bad-request')
    if (!checked.ok) return bad(checked, value)
    return { ok: true, instruction: { kind: 'unsubscribe', channel: checked.value.unsubscribe } }
  }
  if ('track' in value) {
    const checked = check(TrackLine, value, 'bad-request')
    if (!checked.ok) return bad(checked, value)
    return { ok: true, instruction: { kind: 'track', channel: checked.value.track, state: checked.value.state } }
  }
  if ('signal' in value) {
    const checked = check(SignalLine, value, 'bad-request')
    if (!checked.ok) return bad(checked, value)
    const { signal, key, data } = checked.value
    return { ok: true, instruction: { kind: 'signal', channel: signal, key, data } }
  }
  if ('seen' in value) {
    const checked = check(SeenLine, value, 'bad-request')
    if (!checked.ok) return bad(checked, value)
    return { ok: true, instruction: { kind: 'seen', ref: checked.value.seen } }
  }
  return bad(
    refuse('bad-request', `A line has one of the fields ${FIELDS.map((field) => `"${field}"`).join(', ')}.`),
    value,
  )
}

/** By which of its fields a line is told apart. */
const FIELDS = ['command', 'subscribe', 'unsubscribe', 'track', 'signal', 'seen'] as const

function bad(refusal: Refusal, value: object): ParsedLine {
  const ref = 'ref' in value && typeof value.ref === 'string' ? value.ref : undefined
  const fields = value as Readonly<Record<string, unknown>>
  const channel = [fields['subscribe'], fields['track'], fields['signal']].find((name) => typeof name === 'string')
  return { ok: false, error: errorLine(refusal, { ref, channel }) }
}

/** An error line; what it is about is cut to a length that fits a screen. */
export function errorLine(
  refusal: { readonly code: string; readonly message: string },
  about: { readonly ref?: string | undefined; readonly channel?: string | undefined } = {},
): ErrorLine {
  return {
    kind: 'error',
    ...(about.ref !== undefined && { ref: about.ref.slice(0, 128) }),
    ...(about.channel !== undefined && { channel: about.channel.slice(0, 256) }),
    code: refusal.code,
    message: refusal.message,
  }
}

/** What is printed for an observation, with exactly the fields of the contract; null for what is not part of it. */
export function lineOf(seen: Observation): OutputLine | null {
  switch (seen.kind) {
    case 'status':
      return {
        kind: 'status',
        state: seen.status.state,
        way: seen.status.way,
        ...(seen.status.wayReason !== null && { wayReason: seen.status.wayReason }),
        ...(seen.status.reason !== null && { reason: seen.status.reason }),
      }
    case 'saved':
      return { kind: 'saved', ref: seen.ref }
    case 'result':
      return {
        kind: 'result',
        ref: seen.ref,
        outcome: seen.outcome,
        ...(seen.code !== null && { code: seen.code }),
        ...(seen.message !== null && { message: seen.message }),
        ...(seen.data !== null && seen.data !== undefined && { data: seen.data }),
      }
    case 'event':
      return { kind: 'event', channel: seen.channel, epoch: seen.epoch, ...seen.event }
    case 'live':
      return { kind: 'live', channel: seen.channel, key: seen.key, value: seen.value, at: seen.at }
    case 'joined':
    case 'left':
      return { kind: seen.kind, channel: seen.channel, member: seen.member }
    case 'reset':
      return { kind: 'reset', channel: seen.channel, reason: seen.reason, lost: seen.lost }
    case 'snapshot':
      return snapshotLine(seen)
    case 'outbox':
      return { kind: 'outbox', pending: { urgent: seen.pending.urgent, normal: seen.pending.normal } }
    case 'refused':
      return errorLine(seen, { channel: seen.channel })
    case 'session':
      return null
    default:
      return unreachable(seen)
  }
}

/** Records go out as the server keeps them, without the offsets that only a replica needs. */
function snapshotLine({ view }: Observation & { kind: 'snapshot' }): OutputLine {
  const { channel, epoch, offset, records, events } = view
  const data =
    records === null
      ? { events: events ?? [] }
      : { records: Object.fromEntries(Object.entries(records).map(([key, { record }]) => [key, record])) }
  return { kind: 'snapshot', channel, epoch, offset, data }
}
