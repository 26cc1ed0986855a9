import { CLOSE } from '../protocol/close-codes.ts'

/**
 * Address of the uplink below a server's base (`https://host/base` → `wss://host/base/sync`); null when it is no http(s) URL.
 * `near`: the node it has to come to, for whoever stands before several (N13).
 */
export function syncUrl(base: string, near?: string): string | null {
  const url = httpUrl(base)
  if (url === null) return null
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  url.pathname = below(url, 'sync')
  return to(url, near)
}

/** Address of a path of the HTTP API below a server's base; null when it is no http(s) URL. */
export function apiUrl(base: string, path: string): string | null {
  const url = httpUrl(base)
  if (url === null) return null
  url.pathname = below(url, `api/${path}`)
  return url.href
}

/** Address of one of the other ways below a server's base (`WAY_PATHS`); null when it is no http(s) URL. */
export function wayUrl(base: string, path: string, near?: string): string | null {
  const url = httpUrl(base)
  if (url === null) return null
  url.pathname = below(url, path.slice(1))
  return to(url, near)
}

function to(url: URL, near: string | undefined): string {
  if (near !== undefined) url.searchParams.set('near', near)
  return url.href
}

/** Only scheme, host, port and path count: a query or a password in the base would end up in logs of proxies (A5). */
function httpUrl(base: string): URL | null {
  if (!URL.canParse(base)) return null
  const given = new URL(base)
  if (given.protocol !== 'http:' && given.protocol !== 'https:') return null
  const url = new URL(given.origin)
  url.pathname = given.pathname
  return url
}

function below(url: URL, path: string): string {
  return `${url.pathname.replace(/\/+$/, '')}/${path}`
}

/** What `close()` of a WebSocket accepts everywhere: 1000 or 3000–4999, and at most 123 bytes of reason (RFC 6455 §5.5). */
export function closable(code: number, reason: string): { code: number; reason: string } {
  const may = code === CLOSE.normal.code || (code >= 3000 && code <= 4999)
  const bytes = new TextEncoder().encode(reason)
  const cut = bytes.length <= 123 ? reason : new TextDecoder().decode(bytes.subarray(0, 123)).replace(/\ufffd+$/, '')
  return { code: may ? code : CLOSE.normal.code, reason: cut }
}
