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
  unsupportedVersion: {
    code: 4426,
    sentBy: 'server',
    retry: 'backoff',
    says: 'This device runs an older version than the server accepts.',
  },
  tooSlow: { code: 4429, sentBy: 'server', retry: 'backoff', says: 'This device reads too slowly.' },
  internal: { code: 4500, sentBy: 'server', retry: 'backoff', says: 'The server had an internal error.' },
  overloaded: {
    code: 4503,
    sentBy: 'server',
    retry: 'backoff',
    says: 'The server is busy and asks to come back later.',
  },
} as const satisfies Record<string, CloseRow>

export type CloseName = keyof typeof CLOSE

const BY_CODE = new Map<number, CloseRow>(Object.values(CLOSE).map((row) => [row.code, row]))

/** The row of a code; an unknown one (1006, a proxy's own) is retried with back-off. */
export function closeRow(code: number): CloseRow {
  return BY_CODE.get(code) ?? { code, sentBy: 'either', retry: 'backoff', says: 'The connection was lost.' }
}
