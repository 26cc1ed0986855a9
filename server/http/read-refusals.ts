import { finished, PassThrough } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** Time to read an answer while the rest of a body still comes, milliseconds. A peer that goes on longer is cut off. */
const READ_MS = 1_000

/**
 * Whoever is answered in the middle of their body can read why: closed while there is something that nobody read, a connection
 * is reset, and the answer is lost with it. So the answer leaves at once and whole, but ends when the body does; what still
 * comes of that is dropped (a lingering close, RFC 9112 §9.6).
 */
export function letRefusalsBeRead(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply, payload) => {
    if (typeof payload !== 'string' || !isComing(request)) return payload
    void reply.header('content-length', Buffer.byteLength(payload))
    return answerWhileItComes(payload, request, reply)
  })
}

/** It has a body, of which something is still on its way. */
function isComing({ raw }: FastifyRequest): boolean {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = raw.headers
  return (length !== '0' || encoding !== undefined) && !raw.complete && !raw.destroyed
}

function answerWhileItComes(payload: string, { raw: request }: FastifyRequest, reply: FastifyReply): PassThrough {
  const answer = new PassThrough()
  answer.write(payload)
  const cut = setTimeout(() => {
    reply.raw.once('finish', () => request.destroy())
    answer.end()
  }, READ_MS)
  finished(request, { writable: false }, () => {
    clearTimeout(cut)
    answer.end()
  })
  request.resume()
  return answer
}
