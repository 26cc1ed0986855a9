import { createHash } from 'node:crypto'
import { toJsonSchema } from '@valibot/to-json-schema'
import type { GenericSchema } from 'valibot'
import { expect, it } from 'vitest'
import { COMMANDS } from './commands.ts'
import { EVENT_DATA } from './event-data.ts'
import { EVENTS, isEventType } from './events.ts'
import { ClientFrame, ServerFrame } from './frames.ts'
import { HISTORY, highestCommon, MIN_PROTOCOL_VERSION, PROTOCOL_VERSION } from './version.ts'

it('[G3] pins every frame, command and event schema to the version', () => {
  expect(wireHash(), 'the wire changed: raise PROTOCOL_VERSION, and write its row in HISTORY with this hash').toBe(
    HISTORY[PROTOCOL_VERSION]?.hash,
  )
})

it('has a row of history for every version up to its own', () => {
  const versions = Array.from({ length: PROTOCOL_VERSION }, (_, before) => before + 1)
  expect(Object.keys(HISTORY).map(Number)).toEqual(versions)
})

it('speaks at least its own version', () => {
  expect(MIN_PROTOCOL_VERSION).toBeLessThanOrEqual(PROTOCOL_VERSION)
})

it.each([
  ['the same', [1, 1], [1, 1], 1],
  ['the relay updated first', [1, 2], [1, 1], 1],
  ['the server updated first', [1, 1], [1, 2], 1],
  ['both updated', [1, 2], [1, 3], 2],
  ['one inside the other', [2, 2], [1, 4], 2],
  ['the relay too new', [3, 4], [1, 2], null],
  ['the relay too old', [1, 1], [2, 3], null],
] as const)('[G3] picks the highest version that both ends speak: %s', (_order, [min, max], [low, high], version) => {
  expect(highestCommon({ min, max }, { min: low, max: high })).toBe(version)
})

function wireHash(): string {
  const schemas: Record<string, unknown> = { client: jsonSchema(ClientFrame), server: jsonSchema(ServerFrame) }
  for (const [type, row] of Object.entries(COMMANDS))
    schemas[type] = { lane: row.lane, author: row.author, data: jsonSchema(row.data) }
  for (const [type, { domain }] of Object.entries(EVENTS))
    if (isEventType(type)) schemas[`event ${type}`] = { domain, data: jsonSchema(EVENT_DATA[type]) }
  return createHash('sha256').update(JSON.stringify(schemas)).digest('hex').slice(0, 16)
}

function jsonSchema(schema: GenericSchema<unknown, unknown>): unknown {
  // Trims and cross-field checks have no JSON schema; they do not change the shape.
  return toJsonSchema(schema, { errorMode: 'ignore' })
}
