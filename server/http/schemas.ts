import { toJsonSchema } from '@valibot/to-json-schema'
import type * as v from 'valibot'

/** A valibot schema as OpenAPI 3.1 shows it. Checks that JSON Schema cannot say (trimming, cross-field) are left out. */
export function jsonSchema(schema: v.GenericSchema<unknown, unknown>): object {
  const { $schema: _draft, ...shown } = toJsonSchema(schema, {
    target: 'draft-2020-12',
    typeMode: 'input',
    errorMode: 'ignore',
  })
  return shown
}

/** Answers of a route: its success by status, and problems for everything else. */
export function answers(status: number, description: string, schema: object = {}): object {
  return {
    [status]: { description, ...schema },
    default: {
      description: 'A problem (RFC 9457); `code` is stable.',
      type: 'object',
      properties: {
        type: { type: 'string' },
        title: { type: 'string' },
        status: { type: 'integer' },
        code: { type: 'string' },
        detail: { type: 'string' },
        data: {},
      },
      required: ['type', 'title', 'status', 'code', 'detail'],
    },
  }
}

export const WITH_KEY = [{ apiKey: [] }] as const
export const WITH_DEVICE = [{ deviceToken: [] }] as const

/** Request headers of every write over the API. */
export const IDEMPOTENT = {
  type: 'object',
  properties: {
    'Idempotency-Key': {
      type: 'string',
      maxLength: 128,
      description:
        'The same key and body within 7 days get the stored answer, marked "Idempotent-Replayed: true"; another body gets 409. The record in it is as the first request left it: "Andon-Record-State" says whether it is so still ("current"), was changed since ("changed") or is there no more ("gone", for example an alert that is over). Only what was decided is stored: after 429 or 5xx the same key is tried anew.',
    },
  },
}
