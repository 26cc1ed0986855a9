import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import * as v from 'valibot'
import { ContentHash, UploadState, type FilePlace } from '../../relay/protocol/attachments.ts'
import { channelName, parseChannel } from '../../relay/protocol/channels.ts'
import { check, type Checked } from '../../relay/protocol/check.ts'
import { refuse } from '../../relay/protocol/errors.ts'
import { CommandId, Segment } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { canRead } from '../../relay/protocol/rights.ts'
import type { ServedFile } from '../ports/attachments.ts'
import { measureAttachments } from './attachment-metrics.ts'
import { askerOf, personOf } from './askers.ts'
import { readDevice, requireDevice } from './device-bearer.ts'
import { ignoreBodies } from './json-bodies.ts'
import { HTTP_LIMITS } from './limits.ts'
import type { HttpOptions } from './options.ts'
import { Refused, sendProblem } from './problems.ts'
import { perAddress } from './rate-limits.ts'
import { answers, jsonSchema, WITH_DEVICE } from './schemas.ts'
import { UnderWay } from './under-way.ts'

const Place = v.strictObject({ line: Segment, id: CommandId, hash: ContentHash })
const MEDIA_TYPE = 'application/octet-stream'
const PATH = '/api/attachments/:line/:id/:hash'
/** What a browser makes of it, should it be opened as a page: nothing. */
const POLICY = "default-src 'none'; sandbox"
const ENDINGS: Readonly<Record<string, string>> = { 'image/jpeg': '.jpg', 'image/webp': '.webp', 'image/png': '.png' }

/**
 * The way of the bytes of photos and files (O4 to O7): up in pieces, by the device on which they were chosen; down whole, for
 * whoever may read their message at this moment.
 */
export function attachmentRoutes(app: FastifyInstance, options: HttpOptions): void {
  measureAttachments(options)
  void app.register(async (devices) => uploadRoutes(devices, options))
  app.get(
    PATH,
    {
      config: { rateLimit: perAddress(HTTP_LIMITS.filesPerAddress) },
      schema: {
        tags: ['attachments'],
        security: [{ apiKey: [] }, { accessToken: [] }],
        summary: 'A photo or file of a message',
        params: jsonSchema(Place),
        querystring: {
          type: 'object',
          properties: { size: { type: 'string', enum: ['small'], description: 'Of a photo a small one.' } },
        },
        response: answers(200, 'Its bytes; of a photo those that were made of what came'),
      },
    },
    async (request, reply) => {
      const asker = await askerOf(request, options)
      if (!asker.ok) {
        void reply.header('www-authenticate', 'Bearer')
        return sendProblem(reply, asker)
      }
      const reader = personOf(asker.value)
      if (!reader.ok) return sendProblem(reply, reader)
      const place = placeOf(request)
      if (!place.ok) return sendProblem(reply, place)
      const { size } = request.query as { readonly size?: unknown }
      if (size !== undefined && size !== 'small')
        return sendProblem(reply, refuse('bad-request', 'The only size there is a name for is "small".'))
      const channel = parseChannel(channelName('chat', place.value.line))
      // Whether it is there is told to nobody who may not read it.
      if (channel === null || !canRead(reader.value, channel)) return sendProblem(reply, refuse('file-unknown'))
      const found = await options.attachments
        .open(place.value, { size: size ?? 'whole', from: wantedFrom(request) })
        .catch(filesGone(request))
      return found.ok ? sendFile(reply, found.value) : sendProblem(reply, found)
    },
  )
}

/** In a scope of its own: no other route takes a body that is bytes. */
function uploadRoutes(app: FastifyInstance, options: HttpOptions): void {
  const { attachments, store } = options
  const devicesOnly = requireDevice(app, options)
  const ofDevices = new UnderWay({ each: HTTP_LIMITS.piecesOfDevice, all: HTTP_LIMITS.pieces })
  const ofAddresses = new UnderWay({ each: HTTP_LIMITS.piecesOfAddress, all: HTTP_LIMITS.pieces })
  const shared = { tags: ['attachments'], security: WITH_DEVICE, params: jsonSchema(Place) }
  ignoreBodies(app)
  app.addContentTypeParser(MEDIA_TYPE, { parseAs: 'buffer' }, (_request, body, done) => done(null, body))

  app.get(
    `${PATH}/upload`,
    {
      config: { rateLimit: perAddress(HTTP_LIMITS.filesPerAddress) },
      preParsing: devicesOnly,
      schema: {
        ...shared,
        summary: 'Which byte of a file the server wants next of this device',
        response: answers(200, 'How far it is, and how it ended', jsonSchema(UploadState)),
      },
    },
    async (request, reply) => {
      const place = placeOf(request)
      if (!place.ok) return sendProblem(reply, place)
      const state = await attachments.state(readDevice(request).id, place.value).catch(filesGone(request))
      return state.ok ? reply.send(state.value) : sendProblem(reply, state)
    },
  )

  app.delete(
    `${PATH}/upload`,
    {
      config: { rateLimit: perAddress(HTTP_LIMITS.filesPerAddress) },
      preParsing: devicesOnly,
      schema: {
        ...shared,
        summary: 'The device has lost a file, and nothing of it comes any more',
        response: answers(200, 'How it ended', jsonSchema(UploadState)),
      },
    },
    async (request, reply) => {
      const place = placeOf(request)
      if (!place.ok) return sendProblem(reply, place)
      const state = await attachments.giveUp(readDevice(request).id, place.value).catch(filesGone(request))
      return state.ok ? reply.send(state.value) : sendProblem(reply, state)
    },
  )

  app.patch(
    `${PATH}/upload`,
    {
      config: { rateLimit: perAddress(HTTP_LIMITS.filesPerAddress) },
      bodyLimit: LIMITS.maxPieceBytes,
      // Nothing of the body is read before it is known who sends it, and that there is room for it.
      preParsing: async (request, reply) => {
        await devicesOnly(request)
        const { id } = readDevice(request)
        if ((await store.pastSignIns(id, '')) === 'nobody')
          throw new Refused(refuse('forbidden', 'Only devices on which somebody signed in bring files.'))
        for (const [pieces, source] of [
          [ofAddresses, request.client.source],
          [ofDevices, id],
        ] as const) {
          const leave = pieces.enter(source)
          if (leave === null)
            throw new Refused(refuse('rate-limited', 'Too many pieces are under way; try again in a moment.'))
          // A device that goes away in the middle is never answered.
          reply.raw.once('finish', leave).once('close', leave)
        }
      },
      schema: {
        ...shared,
        summary: 'The next piece of a file',
        description: `1 to ${LIMITS.maxPieceBytes} bytes, from the offset that the server wants. The device lets go of its own when \`end\` says \`stored\`, which may take another question.`,
        querystring: {
          type: 'object',
          properties: { offset: { type: 'integer', minimum: 0 } },
          required: ['offset'],
        },
        consumes: [MEDIA_TYPE],
        response: answers(200, 'How far it is, and how it ended', jsonSchema(UploadState)),
      },
    },
    async (request, reply) => {
      const place = placeOf(request)
      if (!place.ok) return sendProblem(reply, place)
      const offset = offsetOf(request)
      const bytes = request.body
      if (offset === null) return sendProblem(reply, refuse('bad-request', '"offset" must be a whole number.'))
      if (!Buffer.isBuffer(bytes) || bytes.length === 0)
        return sendProblem(reply, refuse('bad-request', `A piece is at least one byte as ${MEDIA_TYPE}.`))
      const taken = await attachments
        .take(readDevice(request).id, place.value, { offset, bytes })
        .catch(filesGone(request))
      return taken.ok ? reply.send(taken.value) : sendProblem(reply, taken)
    },
  )
}

function placeOf({ params }: FastifyRequest): Checked<FilePlace> {
  return check(Place, params, 'bad-request')
}

function offsetOf({ query }: FastifyRequest): number | null {
  const { offset } = query as { readonly offset?: unknown }
  return typeof offset === 'string' && /^\d{1,9}$/.test(offset) ? Number(offset) : null
}

/** The byte from which a reader goes on that was cut off; a range of any other form is all of it (RFC 9110 §14.2). */
function wantedFrom({ headers }: FastifyRequest): number {
  const [, from = '0'] = /^bytes=(\d{1,9})-$/.exec(headers.range ?? '') ?? []
  return Number(from)
}

/**
 * As what it is and nothing else: only a photo is shown where it is, and nothing is kept on the way. What alphabet a text is in
 * nobody has said; it is saved, and opened by what opens such files.
 */
function sendFile(reply: FastifyReply, { size, from, chunks, type, name, isPhoto }: ServedFile): FastifyReply {
  if (from > 0) void reply.code(206).header('content-range', `bytes ${from}-${size - 1}/${size}`)
  return reply
    .type(type)
    .header('accept-ranges', 'bytes')
    .header('content-length', size - from)
    .header(
      'content-disposition',
      disposition(isPhoto ? 'inline' : 'attachment', isPhoto ? photoName(name, type) : name),
    )
    .header('x-content-type-options', 'nosniff')
    .header('content-security-policy', POLICY)
    .header('cache-control', 'private, no-store')
    .send(Readable.from(chunks, { objectMode: false }))
}

/** What is handed out of a photo may be of another type than its name says. */
function photoName(name: string, type: string): string {
  return name.replace(/\.[a-z0-9]{1,5}$/i, '') + (ENDINGS[type] ?? '')
}

/** RFC 6266, with the name in the form of RFC 8187, and one of letters that nobody reads in another way before it. */
function disposition(kind: string, name: string): string {
  const plain = name.replaceAll(/[^\w .()-]/g, '_')
  const encoded = encodeURIComponent(name.toWellFormed()).replaceAll(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `${kind}; filename="${plain}"; filename*=UTF-8''${encoded}`
}

/** The floor goes on without its photos; who asks is told so. */
function filesGone(request: FastifyRequest): (cause: unknown) => never {
  return (cause) => {
    request.log.error({ event: 'attachments-unavailable', cause })
    throw new Refused(refuse('unavailable', 'Photos and files cannot be read or written right now.'))
  }
}
