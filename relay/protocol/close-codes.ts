/**
 * Close codes of `/sync` (RFC 6455 §7.4; 4000–4999 are for private use). One row per code: who sends it, how the relay
 * goes on, and what a person reads. No row ends reconnecting: `slow` is a retry every 60 s (P6).
 */
export interface CloseRow {
  readonly code: number
  readonly sentBy: 'server' | 'relay' | 'either'
  /** `soon`: back-off from its first step. `backoff`: back-off goes on. `slow`: every `LIMITS.slowRetryMs`, visibly. */
  readonly retry: 'soon' | 'backoff' | 'slow'
  readonly says: string
}

export const CLOSE = {
  normal: { code: 1000, sentBy: 'either', retry: 'soon', says: 'The connection was closed.' },
  goingAway: { code: 1001, sentBy: 'server', retry: 'soon', says: 'The server is restarting.' },
  badFrame: {
    code: 4400,
    sentBy: 'server',
    retry: 'backoff',
    says: 'The server could not read what this device sent.',
  },
  unauthenticated: {
    code: 4401,
    sentBy: 'server',
    retry: 'backoff',
    says: 'This device could not prove its identity.',
  },
  revoked: {
    code: 4403,
    sentBy: 'server',
    retry: 'slow',
    says: 'This device is no longer admitted. Ask an administrator.',
  },
  silent: { code: 4408, sentBy: 'either', retry: 'soon', says: 'The connection went silent.' },
  replaced: { code: 4409, sentBy: 'server', retry: 'slow', says: 'This device is connected from somewhere else.' },
  frameTooLarge: { code: 4413, sentBy: 'server', retry: 'backoff', says: 'A message was larger than the limit.' },
  greetAgain: {
    code: 4419,
    sentBy: 'server',
    retry: 'soon',
    says: 'The server has to hear again what this device holds; it connects again.',
  },
  unsupportedVersion: {
    code: 4426,
    sentBy: 'server',
    retry: 'backoff',
    says: 'This device and the server speak no version in common; update the older of them.',
  },
  tooSlow: { code: 4429, sentBy: 'server', retry: 'backoff', says: 'This device reads too slowly.' },
  internal: { code: 4500, sentBy: 'server', retry: 'backoff', says: 'The server had an internal error.' },
  siteFull: {
    code: 4507,
    sentBy: 'server',
    retry: 'backoff',
    says: 'This site has no room for another device. Ask an administrator.',
  },
  overloaded: {
    code: 4503,
    sentBy: 'server',
    retry: 'backoff',
    says: 'The server is busy and asks to come back later.',
  },
} as const satisfies Record<string, CloseRow>

const BY_CODE = new Map<number, CloseRow>(Object.values(CLOSE).map((row) => [row.code, row]))

/** Whether this is a word of ours: what ended without one (1006), or by somebody else's, is none. */
export function isCloseCode(code: number): boolean {
  return BY_CODE.has(code)
}

/** The row of a code; an unknown one (1006, a proxy's own) is retried with back-off. */
export function closeRow(code: number): CloseRow {
  return BY_CODE.get(code) ?? { code, sentBy: 'either', retry: 'backoff', says: 'The connection was lost.' }
}
