import type * as v from 'valibot'
import { check, type Checked } from './check.ts'
import { refuse } from './errors.ts'
import { ClientFrame, ServerFrame } from './frames.ts'

const CLIENT_FRAMES = new Set<string>(ClientFrame.options.map((option) => option.entries.t.literal))
const SERVER_FRAMES = new Set<string>(ServerFrame.options.map((option) => option.entries.t.literal))

/** The only reader of what devices send. Never throws: `bad-json`, `unknown-frame` or `bad-frame` with the field named. */
export function decodeClientFrame(text: string): Checked<ClientFrame> {
  return decode(text, CLIENT_FRAMES, ClientFrame)
}

/** The only reader of what the server sends. Never throws. An unknown frame is the caller's to ignore (PROTOCOL C4). */
export function decodeServerFrame(text: string): Checked<ServerFrame> {
  return decode(text, SERVER_FRAMES, ServerFrame)
}

export function encodeFrame(frame: ClientFrame | ServerFrame): string {
  return JSON.stringify(frame)
}

function decode<T>(text: string, known: ReadonlySet<string>, schema: v.GenericSchema<unknown, T>): Checked<T> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return refuse('bad-json')
  }
  if (typeof value !== 'object' || value === null || !('t' in value) || typeof value.t !== 'string') {
    return refuse('bad-frame', 'A message is a JSON object with a text field "t".')
  }
  if (!known.has(value.t)) return refuse('unknown-frame', `There is no message "${value.t.slice(0, 64)}".`)
  return check(schema, value, 'bad-frame')
}
