/**
 * Every error code of the wire and of the HTTP API: its HTTP status, who has to act, and the sentence a person reads.
 * A place that knows more may say more; the code stays.
 *
 * `who`: `device` — the program that sent it; `person` — the one who asked; `admin` — the site; `nobody` — it passes by itself.
 */
export interface ErrorRow {
  readonly status: number
  readonly who: 'device' | 'person' | 'admin' | 'nobody'
  readonly says: string
}

export const ERRORS = {
  // The frame or request itself
  'bad-json': { status: 400, who: 'device', says: 'This is not valid JSON.' },
  'bad-frame': { status: 400, who: 'device', says: 'A field of this message is missing or wrong.' },
  'unknown-frame': { status: 400, who: 'device', says: 'There is no message of this kind.' },
  'unexpected-frame': { status: 409, who: 'device', says: 'This message does not fit the state of the connection.' },
  'frame-too-large': { status: 413, who: 'device', says: 'This message is larger than the limit.' },
  'unknown-link': { status: 404, who: 'device', says: 'There is no such link (any more); greet on a new one.' },
  'bad-batch': {
    status: 409,
    who: 'device',
    says: 'This batch does not follow on the ones before it, or cannot be read; the link is over.',
  },
  'bad-request': { status: 400, who: 'device', says: 'A field of this request is missing or wrong.' },
  'request-timeout': { status: 408, who: 'device', says: 'This request did not arrive in time.' },
  'not-found': { status: 404, who: 'device', says: 'There is nothing at this address.' },
  'rate-limited': { status: 429, who: 'nobody', says: 'Too many requests; try again in a moment.' },
  internal: { status: 500, who: 'admin', says: 'The server had an internal error. The log says more.' },
  unavailable: { status: 503, who: 'nobody', says: 'The server cannot do this right now.' },

  // Identity
  'bad-origin': {
    status: 403,
    who: 'admin',
    says: 'Pages of this address may not use this server. Where it is the address of the server, as behind a proxy that speaks HTTPS, start it with --public-url and that address; --origins lets in further ones.',
  },
  'bad-host': {
    status: 403,
    who: 'admin',
    says: 'This server does not answer to this name. If the name is its own, start it with --hosts and the name.',
  },
  'upgrade-missing': {
    status: 426,
    who: 'admin',
    says: 'Something between this device and the server takes "Upgrade" out of the request, so that no connection can stay open. Let the proxy hand on WebSocket.',
  },
  'upgrade-blocked': {
    status: 502,
    who: 'admin',
    says: 'The server answers, but the connection that stays open does not get through: something in between blocks WebSocket.',
  },
  'foreign-answer': {
    status: 502,
    who: 'admin',
    says: 'Something between this device and the server answers in its place: a proxy, or a page that wants a sign-in.',
  },
  'bad-certificate': {
    status: 495,
    who: 'admin',
    says: 'The certificate of the server is not trusted on this device, or is not for this address.',
  },
  'proxy-refused': {
    status: 407,
    who: 'admin',
    says: 'The HTTP proxy on the way wants a name and a password. Set them up where the proxy is named.',
  },
  'https-required': {
    status: 426,
    who: 'admin',
    says: 'This address speaks HTTPS only: name it with https://.',
  },
  'bad-proof': { status: 401, who: 'device', says: 'The device could not prove its key.' },
  'unsupported-version': { status: 426, who: 'admin', says: 'This version of the protocol is not spoken here.' },
  'device-revoked': { status: 403, who: 'admin', says: 'This device is no longer admitted. Ask an administrator.' },
  'too-many-devices': {
    status: 503,
    who: 'admin',
    says: 'This site has no room for another device. Ask an administrator.',
  },
  'bad-token': { status: 401, who: 'device', says: 'The access token is not valid.' },
  'token-expired': { status: 401, who: 'nobody', says: 'The access token has expired.' },
  'bad-key': { status: 401, who: 'admin', says: 'The API key is missing or not known.' },
  'bad-pin': { status: 401, who: 'person', says: 'The name or the PIN is wrong.' },
  'pin-locked': { status: 429, who: 'person', says: 'Too many wrong PINs. Wait a moment, then try again.' },
  'session-ended': { status: 401, who: 'person', says: 'This session has ended. Sign in again.' },
  'session-revoked': {
    status: 403,
    who: 'person',
    says: 'This session was ended on every device. Sign in again.',
  },
  'session-unknown': { status: 403, who: 'person', says: 'The server does not know this session on this device.' },
  'sign-in-needed': { status: 403, who: 'person', says: 'Sign in to do this.' },
  forbidden: { status: 403, who: 'person', says: 'You do not have the right to do this here.' },
  'demo-loopback-only': {
    status: 403,
    who: 'admin',
    says: 'The demo floor answers this machine only; start it with --demo-open to open it.',
  },

  // Channels
  'unknown-channel': { status: 404, who: 'device', says: 'There is no such channel.' },
  'already-subscribed': { status: 409, who: 'device', says: 'This channel is already subscribed.' },
  'not-subscribed': { status: 409, who: 'device', says: 'This channel is not subscribed.' },
  'too-many-subscriptions': { status: 429, who: 'device', says: 'This connection has too many subscriptions.' },
  'not-a-log': { status: 400, who: 'device', says: 'Only a log can be read from its start.' },
  'bad-credit': { status: 400, who: 'device', says: 'More pages were asked for than may be in flight.' },

  'not-a-room': { status: 400, who: 'device', says: 'Nobody can be in this channel, or say something there.' },
  'too-many-rooms': { status: 429, who: 'device', says: 'This device is in as many rooms as it may be.' },
  'room-full': { status: 409, who: 'nobody', says: 'As many are in this room as may be.' },
  'signal-too-large': { status: 413, who: 'device', says: 'This is larger than what may be said in a room.' },

  // Commands
  'unknown-command': { status: 400, who: 'device', says: 'There is no command of this type.' },
  'bad-command': { status: 400, who: 'person', says: 'A field of this command is missing or wrong.' },
  'wrong-lane': { status: 400, who: 'device', says: 'Commands of this type do not travel in this lane.' },
  'command-too-large': { status: 413, who: 'person', says: 'This is larger than one command may be.' },
  'outbox-forked': {
    status: 409,
    who: 'device',
    says: 'This device sent two different commands under one number: its disk was copied or rolled back.',
  },
  'device-forgotten': {
    status: 409,
    who: 'admin',
    says: 'The server no longer knows this device; what was waiting goes to review.',
  },
  'outbox-full': {
    status: 507,
    who: 'person',
    says: 'Too much is waiting on this device. Nothing that is saved is lost; wait for the server.',
  },
  'storage-failed': {
    status: 507,
    who: 'admin',
    says: 'This device could not write to its disk, so nothing was saved.',
  },
  unconfirmed: {
    status: 429,
    who: 'nobody',
    says: 'This device has to confirm earlier answers first; it goes on by itself.',
  },
  'gave-up': { status: 503, who: 'person', says: 'The server could not carry this out for ten minutes and gave up.' },
  'handler-failed': {
    status: 500,
    who: 'admin',
    says: 'The server failed to carry this out. It was set aside and the log says more.',
  },
  'idempotency-conflict': { status: 409, who: 'device', says: 'This Idempotency-Key was used with another request.' },

  // Domains
  'unknown-area': { status: 404, who: 'person', says: 'There is no such area.' },
  'unknown-operator': { status: 404, who: 'person', says: 'There is no such person.' },
  'alert-not-found': { status: 404, who: 'person', says: 'This alert is not active any more, or never was.' },
  'too-many-alerts': {
    status: 409,
    who: 'person',
    says: 'As many alerts are open as terminals may raise without a person. Sign in to raise this, or resolve others first.',
  },
  'order-not-found': { status: 404, who: 'person', says: 'There is no such work order.' },
  'message-not-found': { status: 404, who: 'person', says: 'There is no such message in this line (any more).' },
  'file-unknown': { status: 404, who: 'person', says: 'There is no such file.' },
  'file-awaited': { status: 409, who: 'nobody', says: 'This file is still on its way.' },
  'file-lost': { status: 410, who: 'person', says: 'This file never reached the server.' },
  'file-offset': { status: 409, who: 'device', says: 'Another piece of this file is wanted.' },
  'file-mismatch': { status: 422, who: 'device', says: 'These are other bytes.' },
  'file-missing': { status: 409, who: 'person', says: 'This file is not on this device. Choose it again.' },
  'file-refused': {
    status: 415,
    who: 'person',
    says: 'Photos (JPEG, PNG, WebP), PDF and plain text can be sent; this cannot.',
  },
  'file-too-large': { status: 413, who: 'person', says: 'This file is larger than 5 MB.' },
  'files-waiting': {
    status: 507,
    who: 'person',
    says: 'Too many files wait on this device. Wait until they are sent.',
  },
  'files-full': {
    status: 507,
    who: 'admin',
    says: 'The server has no room for more files. What waits goes on later.',
  },
  'files-share': {
    status: 507,
    who: 'person',
    says: 'This person’s share of the storage is used up. It goes on once they withdraw some photos or files.',
  },
  'order-conflict': { status: 409, who: 'person', says: 'Somebody else changed this work order first.' },
  'note-not-found': { status: 404, who: 'person', says: 'There is no such handover note.' },
  'note-base-missing': {
    status: 409,
    who: 'person',
    says: 'This was written on a copy of the note that the server does not have. The text is kept for review.',
  },
  'note-refused': {
    status: 422,
    who: 'person',
    says: 'This change does not fit the note as the server has it. The text is kept for review.',
  },
  'note-full': {
    status: 409,
    who: 'person',
    says: 'This note is as large as a note may be. Go on in a continuation note.',
  },
  'note-accepted': {
    status: 409,
    who: 'person',
    says: 'This note was accepted, so its text stays as it is. Add an addendum instead.',
  },
  'note-open': { status: 409, who: 'person', says: 'This note has not been accepted yet: write in the note itself.' },
  'note-empty': { status: 409, who: 'person', says: 'There is nothing in this note to sign.' },
  'note-unsigned': { status: 409, who: 'person', says: 'Nobody has signed this note yet.' },
  'note-changed': {
    status: 409,
    who: 'person',
    says: 'The note has changed since. Read it again, and have it signed as it is now.',
  },
  'bad-sample': { status: 400, who: 'device', says: 'A field of this sample is missing or wrong.' },
  'unit-mismatch': { status: 409, who: 'admin', says: 'This signal is known in another unit.' },
  'timestamp-out-of-range': {
    status: 422,
    who: 'admin',
    says: 'The time of this measurement is too far from the server’s clock.',
  },
  'too-many-signals': {
    status: 409,
    who: 'admin',
    says: 'There are as many signals or machines as may be; remove what is not needed.',
  },
  'too-many-timers': { status: 409, who: 'admin', says: 'As much waits for its time as may; nothing more is set.' },
  'machine-not-found': { status: 404, who: 'person', says: 'There is no such machine.' },
  'machine-reserved': { status: 403, who: 'admin', says: 'The server itself reports of this machine.' },
  'signal-not-found': { status: 404, who: 'device', says: 'There is no such signal.' },
} as const satisfies Record<string, ErrorRow>

export type ErrorCode = keyof typeof ERRORS

/** Codes of what passes by itself. */
export type PassingCode = {
  [C in ErrorCode]: (typeof ERRORS)[C]['who'] extends 'nobody' ? C : never
}[ErrorCode]

/** An expected outcome that is not success. `data` is for programs (for example the fields in conflict). */
export interface Refusal<C extends ErrorCode = ErrorCode> {
  readonly ok: false
  readonly code: C
  readonly message: string
  readonly data?: unknown
}

/** A refusal in the table's words, or in better ones. */
export function refuse<C extends ErrorCode>(code: C, message: string = ERRORS[code].says, data?: unknown): Refusal<C> {
  return data === undefined ? { ok: false, code, message } : { ok: false, code, message, data }
}

/**
 * Whether nothing was decided: the server or its disk was in trouble, or too much was asked at once. Asked again, the same
 * request may end otherwise, so such an end is never kept as its answer.
 */
export function isTrouble(code: ErrorCode): boolean {
  const { status } = ERRORS[code]
  return status >= 500 || status === 429
}

/**
 * Whether what this code says passes by itself: the server is busy, or its disk is. It says nothing about a command that is told
 * so, which therefore waits for as long as it takes and is never given up for it (W6). A code that is not known does not pass.
 */
export function passesByItself(code: string): boolean {
  return isErrorCode(code) && ERRORS[code].who === 'nobody'
}

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERRORS, text)
}
