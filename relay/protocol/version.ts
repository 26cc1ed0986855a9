/**
 * The version of the wire. `version.test.ts` pins a hash of every frame, command and event schema to it, so the
 * wire cannot change without this number moving.
 *
 * History
 *   1  first wire (subprotocol `andon.v1`)
 */
export const PROTOCOL_VERSION = 1

/** The oldest version the server still speaks. */
export const MIN_PROTOCOL_VERSION = 1

/** `Sec-WebSocket-Protocol` of `/sync` (RFC 6455 §1.9). */
export const SUBPROTOCOL = 'andon.v1'
