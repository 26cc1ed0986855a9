/** Bytes on the ways that are text (RFC 4648 §4), in browsers and on Node. */

/** Characters of one call: a call takes no more arguments than fit on the stack. */
const CHUNK = 8 * 1024

export function toBase64(bytes: Uint8Array): string {
  let characters = ''
  for (let at = 0; at < bytes.length; at += CHUNK) characters += String.fromCharCode(...bytes.subarray(at, at + CHUNK))
  return btoa(characters)
}

/** Null for what is none. */
export function fromBase64(text: string): Uint8Array | null {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  } catch {
    return null
  }
}
