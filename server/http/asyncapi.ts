import { toJsonSchema } from '@valibot/to-json-schema'
import type { FastifyInstance } from 'fastify'
import type * as v from 'valibot'
import { PAYLOADS } from '../../relay/protocol/binary.ts'
import { DOMAINS } from '../../relay/protocol/channels.ts'
import { CLOSE } from '../../relay/protocol/close-codes.ts'
import { COMMANDS } from '../../relay/protocol/commands.ts'
import { ERRORS } from '../../relay/protocol/errors.ts'
import { EVENT_DATA } from '../../relay/protocol/event-data.ts'
import { EVENTS, isEventType } from '../../relay/protocol/events.ts'
import { ClientFrame, ServerFrame } from '../../relay/protocol/frames.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { PROTOCOL_VERSION, SUBPROTOCOL } from '../../relay/protocol/version.ts'
import { DownBatch, FramesTaken, PollBatch, StreamBatch } from '../../relay/protocol/way-batches.ts'
import { LINK_HEADER, WAY_LIMITS, WAY_PATHS } from '../../relay/protocol/ways.ts'
import type { PublicAddress } from '../core/public-address.ts'

/** The wire beside the HTTP API: what `PROTOCOL.md` says in words, as programs read it (X24). */
export function asyncApiRoute(app: FastifyInstance, site: DescribedSite): void {
  const document = JSON.stringify(asyncApi(site))
  app.get(
    '/api/asyncapi.json',
    { schema: { tags: ['health'], summary: 'The wire of /sync, as AsyncAPI 3.0' } },
    async (_request, reply) => reply.type('application/json; charset=utf-8').send(document),
  )
}

export interface DescribedSite {
  readonly version: string
  /** Where people find the server; null where it is found by whatever name it is asked by. */
  readonly publicUrl: PublicAddress | null
}

/**
 * An AsyncAPI 3.0 document (https://www.asyncapi.com/docs/reference/specification/v3.0.0), made from the schemas that check
 * what comes. It is written from the server's end: `receive` is what a client sends.
 */
export function asyncApi({ version, publicUrl }: DescribedSite): object {
  const sockets = serversOf(publicUrl, ['ws', 'wss'])
  const requests = serversOf(publicUrl, ['http', 'https'])
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Andon',
      version,
      description:
        'The wire between a device and the server. The rules behind the shapes are in relay/protocol/PROTOCOL.md, ' +
        'a guide for implementers in docs/protocol.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/json',
    servers: { ...sockets, ...requests },
    channels: {
      sync: {
        address: '/sync',
        title: 'The connection of one device',
        description:
          `WebSocket, subprotocol ${SUBPROTOCOL}. One JSON object per text message, told apart by its field "t"; ` +
          'a frame that holds bytes may be a binary message, where both ends take "bytes".',
        servers: referencesTo(sockets),
        messages: Object.fromEntries(
          [...FRAMES.client, ...FRAMES.server].map(({ id }) => [id, { $ref: `#/components/messages/${id}` }] as const),
        ),
        bindings: { ws: { method: 'GET', bindingVersion: '0.1.0' } },
        'x-protocol-version': PROTOCOL_VERSION,
        'x-close-codes': Object.values(CLOSE),
        'x-binary': BINARY,
      },
      stream: {
        ...way(WAY_PATHS.stream, []),
        description:
          'Down, as server-sent events: each "data" is a frame of "sync", a binary message in base64 where the event is "bytes".',
        servers: referencesTo(requests),
      },
      frames: {
        ...way(WAY_PATHS.frames, ['batch.stream', 'batch.taken']),
        description: 'Up, beside the stream.',
        servers: referencesTo(requests),
      },
      poll: {
        ...way(WAY_PATHS.poll, ['batch.poll', 'batch.down']),
        description: 'Both ways: a batch up, answered by one down.',
        servers: referencesTo(requests),
      },
    },
    operations: {
      fromClient: operation('receive', 'sync', FRAMES.client),
      toClient: operation('send', 'sync', FRAMES.server),
      framesFromClient: operation('receive', 'frames', [BATCHES.stream]),
      framesTaken: operation('send', 'frames', [BATCHES.taken]),
      pollFromClient: operation('receive', 'poll', [BATCHES.poll]),
      pollToClient: operation('send', 'poll', [BATCHES.down]),
    },
    components: {
      messages: Object.fromEntries(NAMED.map((each) => [each.id, message(each)])),
      schemas: { ...frameSchemas(), ...commandSchemas(), ...eventSchemas() },
    },
    'x-domains': DOMAINS,
    'x-errors': ERRORS,
    'x-limits': { ...LIMITS, ...WAY_LIMITS },
  }
}

/** A binary message, as PROTOCOL B1 has it. */
const BINARY = {
  takes: 'bytes',
  layout: [
    { name: 'length of the header', bytes: 2, encoding: 'unsigned, big-endian' },
    {
      name: 'header',
      maxBytes: LIMITS.maxHeaderBytes,
      encoding: 'JSON in UTF-8: the frame without the field of its payload',
    },
    { name: 'payload', encoding: 'bytes, all the rest' },
  ],
} as const

interface Named {
  /** Its name in the document. Both ends have a `bye`. */
  readonly id: string
  readonly t: string
  readonly schema: v.GenericSchema<unknown, unknown>
}

const FRAMES = {
  client: framesOf(ClientFrame.options, 'client'),
  server: framesOf(ServerFrame.options, 'server'),
}

/** What carries frames where they go by requests (PROTOCOL N3). */
const BATCHES = {
  stream: { id: 'batch.stream', t: 'batch up', schema: StreamBatch },
  taken: { id: 'batch.taken', t: 'batch taken', schema: FramesTaken },
  poll: { id: 'batch.poll', t: 'batch up', schema: PollBatch },
  down: { id: 'batch.down', t: 'batch down', schema: DownBatch },
} satisfies Record<string, Named>

const NAMED: readonly Named[] = [...FRAMES.client, ...FRAMES.server, ...Object.values(BATCHES)]

type FrameSchema = v.GenericSchema<unknown, unknown> & {
  readonly entries: { readonly t: { readonly literal: string } }
}

function framesOf(schemas: readonly FrameSchema[], end: string): readonly Named[] {
  return schemas.map((schema) => {
    const t = schema.entries.t.literal
    return { id: `${end}.${t}`, t, schema }
  })
}

type Schemas = Readonly<Record<string, object>>

function frameSchemas(): Schemas {
  return Object.fromEntries(NAMED.map(({ id, schema }) => [id, jsonSchema(schema)] as const))
}

function commandSchemas(): Schemas {
  const rows = Object.entries(COMMANDS).map(([type, { lane, author, data }]) => {
    const description = `"data" of the command ${type}`
    return [`command.${type}`, { ...jsonSchema(data), description, 'x-lane': lane, 'x-author': author }] as const
  })
  return Object.fromEntries(rows)
}

/** Of what leaves the server. */
function eventSchemas(): Schemas {
  const rows = Object.entries(EVENTS).flatMap(([type, { domain }]) => {
    if (domain === null || !isEventType(type)) return []
    const description = `"data" of the event ${type}`
    return [[`event.${type}`, { ...jsonSchema(EVENT_DATA[type]), description, 'x-domain': domain }] as const]
  })
  return Object.fromEntries(rows)
}

function message({ id, t }: Named): object {
  const payload = { $ref: `#/components/schemas/${id}` }
  const bytes = PAYLOADS.get(t)
  return { name: t, title: t, contentType: 'application/json', payload, ...(bytes && { 'x-payload-field': bytes }) }
}

function operation(action: 'send' | 'receive', channel: string, named: readonly Named[]): object {
  return {
    action,
    channel: { $ref: `#/channels/${channel}` },
    messages: named.map(({ id }) => ({ $ref: `#/channels/${channel}/messages/${id}` })),
  }
}

/** A way without a WebSocket. Each request of a link but the first carries its header. */
function way(address: string, messages: readonly string[]): object {
  return {
    address,
    messages: Object.fromEntries(messages.map((id) => [id, { $ref: `#/components/messages/${id}` }])),
    'x-link-header': LINK_HEADER,
  }
}

/** By protocol. A server that does not know its public address may be asked by any name, over TLS or not. */
function serversOf(publicUrl: PublicAddress | null, [plain, secure]: readonly [string, string]): Schemas {
  if (publicUrl === null) {
    const host = { host: '{host}', variables: { host: { default: 'localhost:7070' } } }
    return { [plain]: { ...host, protocol: plain }, [secure]: { ...host, protocol: secure } }
  }
  const { origin, host, basePath } = publicUrl
  const protocol = origin.startsWith('https:') ? secure : plain
  return { [protocol]: { host, ...(basePath !== '' && { pathname: basePath }), protocol } }
}

function referencesTo(servers: Schemas): readonly object[] {
  return Object.keys(servers).map((name) => ({ $ref: `#/servers/${name}` }))
}

/**
 * As AsyncAPI has it, whose own schemas are a superset of draft-07. What JSON Schema cannot say is left out; the payload of a
 * binary message is never in JSON.
 */
function jsonSchema(schema: v.GenericSchema<unknown, unknown>): object {
  const { $schema: _draft, ...shown } = toJsonSchema(schema, {
    target: 'draft-07',
    typeMode: 'input',
    errorMode: 'ignore',
    overrideSchema: ({ valibotSchema: { type } }) => (type === 'instance' ? { not: {} } : undefined),
  })
  return shown
}
