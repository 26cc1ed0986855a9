/** The version of the wire. The wire cannot change without this number moving: `HISTORY` pins each to what it was. */
export const PROTOCOL_VERSION = 1

/**
 * Every version there was: what it brought, and a hash of everything that travelled, which is each frame, command and event
 * schema. A change of the wire is a new version with a new row, or, where either end may do without it, a name in `takes` and
 * a new hash here (PROTOCOL C8, B2); `version.test.ts` says the hash.
 */
export const HISTORY: Readonly<Record<number, { readonly brought: string; readonly hash: string }>> = {
  1: { brought: 'the first wire (subprotocol `andon.v1`)', hash: '1cae17f19e1403f7' },
}

/** The oldest version that both ends still speak. */
export const MIN_PROTOCOL_VERSION = 1

/** The versions one end speaks, both bounds included. */
export interface Versions {
  readonly min: number
  readonly max: number
}

/** What this build speaks. */
export const VERSIONS: Versions = { min: MIN_PROTOCOL_VERSION, max: PROTOCOL_VERSION }

/**
 * The highest version that both ends speak, or null. Devices and server are updated in either order and weeks apart, so
 * neither may insist on its newest (G3).
 */
export function highestCommon(one: Versions, other: Versions): number | null {
  const version = Math.min(one.max, other.max)
  return version >= Math.max(one.min, other.min) ? version : null
}

/** `Sec-WebSocket-Protocol` of `/sync` (RFC 6455 §1.9). */
export const SUBPROTOCOL = 'andon.v1'
