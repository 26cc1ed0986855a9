import { createHash } from 'node:crypto'

/** SHA-256 as base64url: how API keys and request bodies are kept. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

/** JSON with the keys of every object in order, so that the same content has the same text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => (isPlainObject(item) ? sorted(item) : item)) ?? 'null'
}

function sorted(item: object): object {
  const entries = Object.entries(item)
  entries.sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries)
}

function isPlainObject(item: unknown): item is object {
  return typeof item === 'object' && item !== null && !Array.isArray(item)
}
