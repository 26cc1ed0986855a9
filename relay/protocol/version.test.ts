import { createHash } from 'node:crypto'
import { toJsonSchema } from '@valibot/to-json-schema'
import type { GenericSchema } from 'valibot'
import { expect, it } from 'vitest'
import { COMMANDS } from './commands.ts'
import { EVENTS } from './events.ts'
import { ClientFrame, ServerFrame } from './frames.ts'
import { MIN_PROTOCOL_VERSION, PROTOCOL_VERSION } from './version.ts'

/** Version → hash of everything that travels. A changed wire needs a new version, a history line and a new line here. */
const PINS: Readonly<Record<number, string>> = {
  1: '31da16c11d11209e',
}

it('[G3] pins every frame, command and event schema to the version', () => {
  expect(wireHash(), 'the wire changed: raise PROTOCOL_VERSION, write its history line, and pin the new hash').toBe(
    PINS[PROTOCOL_VERSION],
  )
})

it('speaks at least its own version', () => {
  expect(MIN_PROTOCOL_VERSION).toBeLessThanOrEqual(PROTOCOL_VERSION)
})

function wireHash(): string {
  const schemas: Record<string, unknown> = { client: jsonSchema(ClientFrame), server: jsonSchema(ServerFrame) }
  for (const [type, row] of Object.entries(COMMANDS))
    schemas[type] = { lane: row.lane, author: row.author, data: jsonSchema(row.data) }
  for (const [type, row] of Object.entries(EVENTS))
    schemas[`event ${type}`] = { domain: row.domain, data: jsonSchema(row.data) }
  return createHash('sha256').update(JSON.stringify(schemas)).digest('hex').slice(0, 16)
}

function jsonSchema(schema: GenericSchema<unknown, unknown>): unknown {
  // Trims and cross-field checks have no JSON schema; they do not change the shape.
  return toJsonSchema(schema, { errorMode: 'ignore' })
}
