import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import * as v from 'valibot'
import type { Checked } from '../../relay/protocol/check.ts'
import { refuse } from '../../relay/protocol/errors.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { TelemetrySample } from '../../relay/protocol/telemetry.ts'
import { keyOf } from './api-keys.ts'
import { idempotencyOf } from './carry-out.ts'
import type { HttpOptions } from './options.ts'
import { problemOf, sendProblem } from './problems.ts'
import { answers, IDEMPOTENT, jsonSchema, WITH_KEY } from './schemas.ts'
import { historyGone } from './telemetry-history.ts'
import type { Intake } from './telemetry-intake.ts'

const Body = v.union([TelemetrySample, v.array(TelemetrySample)])
const PROBLEM_TYPE = 'application/problem+json; charset=utf-8'

/** An answer as it leaves, and as it is kept under an Idempotency-Key. */
interface Answer {
  readonly status: number
  readonly body: string
}
/** `isDecided`: the same samples would be answered the same again, so it is kept (X2). */
interface FreshAnswer extends Answer {
  readonly isDecided: boolean
}

/**
 * `POST /api/telemetry`: one sample or a batch. 202 when all were taken; 207 when some were, and every other one is named;
 * a problem when none was. Taken means: live at once, in history soon; with an Idempotency-Key: in history.
 */
export function intakeRoute(app: FastifyInstance, options: HttpOptions): void {
  const { telemetry, series } = options
  /** Requests under an Idempotency-Key that are being answered: the same one again shares the answer. */
  const answering = new Map<string, { readonly bodyHash: string; readonly answer: Promise<Answer> }>()

  async function take(request: FastifyRequest): Promise<FreshAnswer> {
    const samples = samplesOf(request.body)
    if (!samples.ok)
      return { status: problemOf(samples).status, body: JSON.stringify(problemOf(samples)), isDecided: true }
    return answerOf(await telemetry.take(samples.value, keyOf(request)))
  }

  async function takeOnce(request: FastifyRequest, key: string, bodyHash: string): Promise<Answer> {
    const { isDecided, ...answer } = await take(request)
    if (isDecided)
      await series.keepAnswer({ apiKey: keyOf(request).id, key, bodyHash, ...answer }).catch(historyGone(request))
    return answer
  }

  app.post(
    '/api/telemetry',
    {
      bodyLimit: LIMITS.maxTelemetryBytes,
      schema: {
        tags: ['telemetry'],
        security: WITH_KEY,
        summary: 'Hand in one sample or a batch',
        description: `At most ${LIMITS.maxSamples} samples and ${LIMITS.maxTelemetryBytes} bytes, plain or as "Content-Encoding: gzip" (then both before and after inflating). "at" names its offset from UTC, and may be at most ${LIMITS.maxSampleAgeMs / 60_000} minutes before and ${LIMITS.maxSampleAheadMs / 1000} seconds after the server’s clock. 202: all were taken; 207: some were, "refused" names each other one; a problem: none was. Of several samples of one signal and one "at" the last one counts. Under an "Idempotency-Key" the answer is kept when every sample was taken or is wrong in itself ("bad-sample"); else the same request is judged anew.`,
        headers: IDEMPOTENT,
        body: jsonSchema(Body),
        response: answers(202, 'Taken'),
      },
    },
    async (request, reply) => {
      const idempotency = idempotencyOf(request)
      if (!idempotency.ok) return sendProblem(reply, idempotency)
      if (idempotency.value === null) return send(reply, await take(request))
      const { key, bodyHash } = idempotency.value
      const name = `${keyOf(request).id} ${key}`
      const kept = answering.get(name) ?? (await series.answer(keyOf(request).id, key).catch(historyGone(request)))
      if (kept !== null && kept.bodyHash !== bodyHash) return sendProblem(reply, refuse('idempotency-conflict'))
      // Somebody may have begun while this one looked.
      const begun = kept ?? answering.get(name) ?? null
      if (begun !== null) {
        void reply.header('idempotent-replayed', 'true')
        return send(reply, 'answer' in begun ? await begun.answer : begun)
      }
      const answer = takeOnce(request, key, bodyHash).finally(() => answering.delete(name))
      answering.set(name, { bodyHash, answer })
      return send(reply, await answer)
    },
  )
}

function samplesOf(body: unknown): Checked<readonly unknown[]> {
  if (body === undefined) return refuse('bad-request', 'This request needs a JSON body.')
  const samples: readonly unknown[] = Array.isArray(body) ? body : [body]
  if (samples.length === 0) return refuse('bad-request', 'A batch needs at least one sample.')
  if (samples.length > LIMITS.maxSamples)
    return refuse('frame-too-large', `A batch may have ${LIMITS.maxSamples} samples.`)
  return { ok: true, value: samples }
}

/**
 * What became of the batch. Where nothing was taken, it is the problem of the first sample, with all of them in `data`.
 *
 * Decided is it only when whatever was refused is wrong in itself (`bad-sample`). Everything else passes with time or by
 * somebody's hand: a clock that is ahead, an area or a right to come, a machine that is removed, a disk that has room again.
 * Whoever sends it again has it judged anew, and what was taken before counts once (Y8).
 */
function answerOf({ taken, refused, history }: Intake): FreshAnswer {
  const [first] = refused
  const isDecided = history === 'kept' && refused.every(({ code }) => code === 'bad-sample')
  if (taken > 0 || first === undefined) {
    return { status: refused.length === 0 ? 202 : 207, body: JSON.stringify({ taken, refused, history }), isDecided }
  }
  const problem = problemOf(refuse(first.code, first.message, { refused }))
  return { status: problem.status, body: JSON.stringify(problem), isDecided }
}

function send(reply: FastifyReply, { status, body }: Answer): FastifyReply {
  return reply
    .code(status)
    .type(status < 400 ? 'application/json; charset=utf-8' : PROBLEM_TYPE)
    .send(body)
}
