/** Bounds of the HTTP half alone, each with its reason (P8). What both ends share is in `relay/protocol/limits.ts`. */
import { LIMITS } from '../../relay/protocol/limits.ts'

export const HTTP_LIMITS = {
  /** One request body: a command's data, with room for the escapes and spaces of somebody else's JSON. */
  maxBodyBytes: 2 * LIMITS.maxCommandBytes,
  /** Time a request may take to arrive, so that a slow sender cannot hold a socket for ever. */
  requestMs: 30_000,
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
  /** Addresses and keys that are counted; beyond it the least recently seen is forgotten. */
  countedSources: 10_000,
  maxIdempotencyKey: 128,
  maxPin: 64,
  maxToken: 4096,
  /** Patience of `/readyz` with the disk. */
  readyMs: 2000,
} as const
