import type * as v from 'valibot'
import { check, type Checked } from './check.ts'
import { refuse } from './errors.ts'
import { ClientFrame, ServerFrame } from './frames.ts'
import { printable } from './printable.ts'

type Schemas = ReadonlyMap<string, v.GenericSchema<unknown, unknown>>

/** By its name the one schema of a frame: a variant tries all before it, one after the other. */
const schemasOf = (frames: typeof ClientFrame | typeof ServerFrame): Schemas =>
  new Map(frames.options.map((option) => [option.entries.t.literal, option]))
const CLIENT_FRAMES = schemasOf(ClientFrame)
const SERVER_FRAMES = schemasOf(ServerFrame)

/** The only reader of what devices send. Never throws: `bad-json`, `unknown-frame` or `bad-frame` with the field named. */
export function decodeClientFrame(text: string): Checked<ClientFrame> {
  return decode<ClientFrame>(text, CLIENT_FRAMES)
}

/** The only reader of what the server sends. Never throws. An unknown frame is the caller's to ignore (PROTOCOL C4). */
export function decodeServerFrame(text: string): Checked<ServerFrame> {
  return decode<ServerFrame>(text, SERVER_FRAMES)
}

export function encodeFrame(frame: ClientFrame | ServerFrame): string {
  return JSON.stringify(frame)
}

/** `T` is what the schemas are the options of. */
function decode<T>(text: string, schemas: Schemas): Checked<T> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return refuse('bad-json')
  }
  if (typeof value !== 'object' || value === null || !('t' in value) || typeof value.t !== 'string') {
    return refuse('bad-frame', 'A message is a JSON object with a text field "t".')
  }
  const schema = schemas.get(value.t)
  if (schema === undefined) return refuse('unknown-frame', `There is no message "${printable(value.t.slice(0, 64))}".`)
  return check(schema, value, 'bad-frame') as Checked<T>
}
