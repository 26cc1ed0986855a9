/** The name of the extension (RFC 7692 §7). */
export const DEFLATE = 'permessage-deflate'

/** What the server answers to an offer; `true` is a parameter without a value. */
export interface DeflateAnswer {
  readonly server_no_context_takeover: true
  readonly client_no_context_takeover: true
  readonly server_max_window_bits?: 15
}

/**
 * The answer to the first offer of `Sec-WebSocket-Extensions` that can be kept, null where there is none (PROTOCOL Z2). Both
 * ends keep no context from one message to the next: what everybody gets is deflated once, and no connection costs the memory
 * of a window. For the same reason a smaller window of the server's is declined; the client may use a smaller one.
 */
export function answerToOffer(header: string | undefined): DeflateAnswer | null {
  for (const offer of (header ?? '').split(',')) {
    const [name, ...parameters] = offer.split(';').map((part) => part.trim())
    if (name !== DEFLATE) continue
    const named = parameters.map((parameter) => parameter.split('=').map((part) => part.trim()))
    const isDistinct = new Set(named.map(([key]) => key)).size === named.length
    if (!isDistinct || !named.every(([key = '', value]) => isKept(key, value))) continue
    const isWindowNamed = named.some(([key]) => key === 'server_max_window_bits')
    return {
      server_no_context_takeover: true,
      client_no_context_takeover: true,
      ...(isWindowNamed && { server_max_window_bits: 15 }),
    }
  }
  return null
}

function isKept(key: string, value: string | undefined): boolean {
  const bits = value?.replaceAll('"', '')
  switch (key) {
    case 'server_no_context_takeover':
    case 'client_no_context_takeover':
      return bits === undefined
    case 'server_max_window_bits':
      return bits === '15'
    case 'client_max_window_bits':
      return bits === undefined || /^(?:[89]|1[0-5])$/.test(bits)
    default:
      return false
  }
}
