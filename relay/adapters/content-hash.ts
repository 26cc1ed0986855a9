import type { ContentHash } from '../protocol/attachments.ts'

/** What these bytes are called everywhere: their SHA-256, in hexadecimal. */
export async function contentHash(bytes: Uint8Array<ArrayBuffer>): Promise<ContentHash> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('') as ContentHash
}
