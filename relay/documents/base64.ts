/** Bytes that one call may be given as arguments. */
const CHUNK = 8 * 1024

export function base64Of(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.byteLength; at += CHUNK) text += String.fromCharCode(...bytes.subarray(at, at + CHUNK))
  return btoa(text)
}

/** @throws {Error} for what is not base64 */
export function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
}
