import type { Headers } from './client-address.ts'

/** One parameter and what ends it. A value is text in quotes, or anything that cannot be taken for the next parameter. */
const PARAMETER = /[ \t]*(?:([!#$%&'*+.^_`|~\w-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s"\\;,=]+))[ \t]*)?([;,]|$)/y

/**
 * The `for=` of every hop of RFC 7239 `Forwarded`, as they stand there. Null where a part of the header cannot be read: then
 * nobody knows whom it speaks of.
 */
export function forwardedStandard(headers: Headers): readonly string[] | null {
  const lines = headers['forwarded'] ?? []
  const hops: string[] = []
  for (const line of typeof lines === 'string' ? [lines] : lines) {
    const own = hopsOf(line)
    if (own === null) return null
    hops.push(...own)
  }
  return hops
}

function hopsOf(line: string): readonly string[] | null {
  const hops: string[] = []
  PARAMETER.lastIndex = 0
  for (;;) {
    const match = PARAMETER.exec(line)
    if (match === null) return null
    const [, name, quoted, plain, end] = match
    if (name?.toLowerCase() === 'for') hops.push(quoted?.replaceAll(/\\(.)/g, '$1') ?? plain ?? '')
    if (end === '') return hops
  }
}
