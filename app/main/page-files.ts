/**
 * The pages of the kiosk, `app://kiosk/…`: a closed list made by the build. What is not in it does not exist, so no address
 * can lead out of it; no path is ever computed.
 */
import * as v from 'valibot'

export const SCHEME = 'app'
export const ORIGIN = 'app://kiosk'
export const START_PAGE = `${ORIGIN}/`

/** By address, `/assets/main-abc.js`: what the file must hold. */
export const PageFiles = v.record(
  v.pipe(v.string(), v.startsWith('/')),
  v.strictObject({ sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)), bytes: v.number() }),
)
export type PageFiles = v.InferOutput<typeof PageFiles>

export type PageAnswer =
  | { readonly status: 200; readonly file: string; readonly headers: Readonly<Record<string, string>> }
  | { readonly status: 404 | 405; readonly headers: Readonly<Record<string, string>> }

/** The policy of every page, the same as the server's for browsers (`server/http/security-headers.ts`). */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "media-src 'self' blob:",
  // The relay is in the main process: a page of the kiosk speaks to nobody but its own files.
  "connect-src 'self'",
  "worker-src 'none'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "object-src 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types kiosk',
].join('; ')

const OFF = ['display-capture', 'geolocation', 'hid', 'microphone', 'midi', 'payment', 'serial', 'usb']

const HEADERS = {
  'Content-Security-Policy': POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': OFF.map((feature) => `${feature}=()`).join(', '),
  'Referrer-Policy': 'no-referrer',
} as const

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
  woff2: 'font/woff2',
  webmanifest: 'application/manifest+json',
  json: 'application/json',
}

/** What a request gets. `file` is a key of `files`. */
export function answerFor(request: { readonly method: string; readonly url: string }, files: PageFiles): PageAnswer {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return { status: 405, headers: { ...HEADERS, Allow: 'GET, HEAD' } }
  }
  const path = pathOf(request.url)
  if (path === null || !Object.hasOwn(files, path)) return { status: 404, headers: HEADERS }
  const type = TYPES[path.slice(path.lastIndexOf('.') + 1)]
  // A name with a hash in it never changes what it holds.
  const cache = path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-store'
  return {
    status: 200,
    file: path,
    headers: { ...HEADERS, 'Content-Type': type ?? 'application/octet-stream', 'Cache-Control': cache },
  }
}

/** Whether a page of this address is ours: parsed, never compared as text. */
export function isOurs(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, host } = new URL(url)
  return `${protocol}//${host}` === ORIGIN
}

function pathOf(url: string): string | null {
  if (!isOurs(url)) return null
  const { pathname } = new URL(url)
  return pathname === '/' || pathname === '' ? '/index.html' : pathname
}
