import type * as v from 'valibot'
import { joinMessage, PAYLOADS, splitMessage, type Message } from './binary.ts'
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
export function decodeClientFrame(message: Message): Checked<ClientFrame> {
  return decode<ClientFrame>(message, CLIENT_FRAMES)
}

/** The only reader of what the server sends. Never throws. An unknown frame is the caller's to ignore (PROTOCOL C4). */
export function decodeServerFrame(message: Message): Checked<ServerFrame> {
  return decode<ServerFrame>(message, SERVER_FRAMES)
}

/** As text, or as a binary message where the frame holds bytes. */
export function encodeFrame(frame: ClientFrame | ServerFrame): string | Uint8Array<ArrayBuffer> {
  const field = PAYLOADS.get(frame.t)
  if (field === undefined) return JSON.stringify(frame)
  const fields = frame as Readonly<Record<string, unknown>>
  const payload = fields[field]
  if (!(payload instanceof Uint8Array)) return JSON.stringify(frame)
  return joinMessage(JSON.stringify({ ...fields, [field]: undefined }), payload)
}

/** `T` is what the schemas are the options of. */
function decode<T>(message: Message, schemas: Schemas): Checked<T> {
  if (typeof message === 'string') return decodeParts<T>(message, null, schemas)
  const parts = splitMessage(message)
  return parts.ok ? decodeParts<T>(parts.header, parts.payload, schemas) : parts
}

/** `payload`: of a binary message, null of text. */
function decodeParts<T>(text: string, payload: Uint8Array | null, schemas: Schemas): Checked<T> {
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
  if (payload === null) return check(schema, value, 'bad-frame') as Checked<T>
  const field = PAYLOADS.get(value.t)
  if (field === undefined) return refuse('bad-frame', `A "${value.t}" is no binary message.`)
  if (Object.hasOwn(value, field)) return refuse('bad-frame', `"${field}" is the payload, and not in the header.`)
  return check(schema, { ...value, [field]: payload }, 'bad-frame') as Checked<T>
}
