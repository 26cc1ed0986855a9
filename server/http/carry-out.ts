import type { FastifyReply, FastifyRequest } from 'fastify'
import { v7 as uuidv7 } from 'uuid'
import type { Checked } from '../../relay/protocol/check.ts'
import type { CommandData, CommandType } from '../../relay/protocol/commands.ts'
import { ERRORS, isErrorCode, refuse, type Refusal } from '../../relay/protocol/errors.ts'
import type { CommandId } from '../../relay/protocol/ids.ts'
import { unreachable } from '../../relay/protocol/rights.ts'
import type { Outcome, Verdict } from '../ports/submission.ts'
import { keyOf } from './api-keys.ts'
import { canonicalJson, sha256 } from './hashes.ts'
import { HTTP_LIMITS } from './limits.ts'
import type { HttpOptions } from './options.ts'
import { sendProblem } from './problems.ts'
import { recordAfter, recordState } from './record-after.ts'

/**
 * Carries out one command for the API key of the request, and answers with `status` and the record as the command left it.
 * The same Idempotency-Key and body get the same answer again, marked `Idempotent-Replayed: true`; `Andon-Record-State` says
 * whether the record is still so.
 */
export async function carryOut<T extends CommandType>(
  options: HttpOptions,
  {
    request,
    reply,
    status,
  }: { readonly request: FastifyRequest; readonly reply: FastifyReply; readonly status: 200 | 201 },
  command: { readonly type: T; readonly data: CommandData<T> },
): Promise<FastifyReply> {
  const idempotency = idempotencyOf(request)
  if (!idempotency.ok) return sendProblem(reply, idempotency)
  const result = await options.submit({
    source: { kind: 'api', keyId: keyOf(request).id, idempotency: idempotency.value },
    id: uuidv7() as CommandId,
    type: command.type,
    data: command.data,
  })
  const { verdict } = result
  if (verdict.kind !== 'done') return sendUndecided(reply, verdict)
  if (verdict.repeated) {
    void reply.header('idempotent-replayed', 'true')
    if (verdict.outcome.outcome === 'applied') {
      const state = await recordState(options.store, { type: command.type, outcome: verdict.outcome })
      if (state !== null) void reply.header('andon-record-state', state)
    }
  }
  if (verdict.outcome.outcome === 'rejected') return sendProblem(reply, rejection(verdict.outcome))
  return reply
    .code(status)
    .send(await recordAfter(options.store, { type: command.type, result, outcome: verdict.outcome }))
}

function sendUndecided(reply: FastifyReply, verdict: Exclude<Verdict, { kind: 'done' }>): FastifyReply {
  switch (verdict.kind) {
    case 'conflict':
      return sendProblem(reply, refuse('idempotency-conflict'))
    case 'retry-later':
      return sendProblem(reply, refuse('unavailable', verdict.message), verdict.afterMs)
    case 'expect':
    case 'forked':
    case 'greet-again':
    case 'stale-link':
    case 'spent':
      throw new Error(`an API command has no sequence, no link and no timer, yet the store answered ${verdict.kind}`)
    default:
      return unreachable(verdict)
  }
}

function rejection({ code, message, data }: Outcome): Refusal {
  if (code === null || !isErrorCode(code)) return refuse('internal')
  return refuse(code, message ?? ERRORS[code].says, data ?? undefined)
}

/** The key, and a hash over everything that makes two requests the same; null without the header. */
export function idempotencyOf(request: FastifyRequest): Checked<{ key: string; bodyHash: string } | null> {
  const key = request.headers['idempotency-key']
  if (key === undefined) return { ok: true, value: null }
  if (typeof key !== 'string' || !/^[\u0021-\u007e]+$/.test(key) || key.length > HTTP_LIMITS.maxIdempotencyKey) {
    return refuse(
      'bad-request',
      `"Idempotency-Key" must be 1 to ${HTTP_LIMITS.maxIdempotencyKey} visible ASCII characters.`,
    )
  }
  const [path] = request.url.split('?')
  return { ok: true, value: { key, bodyHash: sha256(`${request.method} ${path} ${canonicalJson(request.body)}`) } }
}
