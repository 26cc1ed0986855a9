import { isErrorCode, type ErrorCode } from '../protocol/errors.ts'

/** Whether an answer is a problem of an Andon server, if only of a newer one. */
export function isProblem(text: string): boolean {
  try {
    const problem = JSON.parse(text) as unknown
    return typeof problem === 'object' && problem !== null && 'code' in problem && typeof problem.code === 'string'
  } catch {
    return false
  }
}

/** Statuses of a gateway whose server is away: they do not say that a way is blocked. */
export const GATEWAY_STATUSES: readonly number[] = [502, 503, 504]

/** The code of an answer of our server that is a problem (RFC 9457); null for anything else, a proxy's page for example. */
export function codeOfProblem(text: string): ErrorCode | null {
  try {
    const problem = JSON.parse(text) as unknown
    if (typeof problem !== 'object' || problem === null || !('code' in problem)) return null
    return typeof problem.code === 'string' && isErrorCode(problem.code) ? problem.code : null
  } catch {
    return null // no JSON: somebody else's answer
  }
}
