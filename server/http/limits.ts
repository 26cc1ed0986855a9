/** Bounds of the HTTP half alone, each with its reason (P8). What both ends share is in `relay/protocol/limits.ts`. */
import { LIMITS } from '../../relay/protocol/limits.ts'

/** How long a client may take; tests have less patience. */
export interface HttpPatience {
  /** Time a request may take to arrive, so that a slow sender cannot hold a socket for ever. */
  readonly requestMs: number
  /** Time from a connection, or the first byte of a request, to the end of its headers; and for a TLS handshake. */
  readonly headersMs: number
  /** How often those times are looked at. */
  readonly checkMs: number
}

export const HTTP_PATIENCE: HttpPatience = { requestMs: 30_000, headersMs: 10_000, checkMs: 1_000 }

export const HTTP_LIMITS = {
  /** The body of a command: its data, with room for the escapes and spaces of somebody else's JSON. */
  maxBodyBytes: 2 * LIMITS.maxCommandBytes,
  /** Any other body. A route that takes more says so: what nobody thought about costs little. */
  maxSmallBytes: 1024,
  /** A sign-in or refresh, whose longest part is a token. Any key pair is a device, so this much a stranger may have read. */
  maxSessionBytes: 8 * 1024,
  /** How long a connection may rest between two requests: longer than the usual interval of a program that polls. */
  restMs: 65_000,
  /** Records in one list answer; the rest is said to be there, never silently missing. */
  maxListed: 1000,
  /** Requests a minute of one API key. A flood of alarms must come through; a runaway loop must not. */
  perKey: 3000,
  /** Requests a minute of one address without a valid key. */
  perAddress: 600,
  /** Sign-ins a minute of one address: a shift change behind one proxy passes; each costs a PIN hash. */
  signInsPerAddress: 300,
  /** Refreshes a minute of one address: a site of 5,000 devices behind one proxy needs about 1,200. */
  refreshesPerAddress: 3000,
  /** Pages of history a minute of one address: 500 screens behind one proxy, each with a few trends. */
  historyPerAddress: 6000,
  /** Searches that are answered at the same time: each costs a thread of its own tens of milliseconds at worst. */
  searches: 32,
  /** Pieces of files, questions about them and photos a minute of one address: 500 screens behind one proxy that show a few each. */
  filesPerAddress: 12_000,
  /**
   * Pieces that are being sent or written at the same time, of one device, of one address and of all: each is held in memory.
   * Somebody with many devices and a slow link has a quarter; a floor behind one proxy sends sixteen at a time, each for a moment.
   */
  piecesOfDevice: 2,
  piecesOfAddress: 16,
  pieces: 64,
  /** Addresses and keys that are counted; beyond it the least recently seen is forgotten. */
  countedSources: 10_000,
  maxIdempotencyKey: 128,
  maxPin: 64,
  maxToken: 4096,
  /** Patience of `/readyz` with the disk. */
  readyMs: 2000,
} as const
