import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import * as v from 'valibot'
import { WebSocket } from 'ws'
import { isErrorCode, ERRORS, type ErrorCode } from '../../relay/protocol/errors.ts'
import { SUBPROTOCOL } from '../../relay/protocol/version.ts'
import { isCertificateCode } from '../../relay/protocol/certificate-codes.ts'
import { untrusted } from './api-client.ts'
import { fine, reasonOf, wrong, type Finding } from './doctor-checks.ts'

const PATIENCE_MS = 5_000
const Health = v.object({ name: v.literal('andon'), version: v.string() })
const Problem = v.object({ code: v.string() })

/** The way a device comes: the page over HTTP, then the WebSocket as a page of that address opens it. */
export async function checkAddress(given: string): Promise<Finding[]> {
  const url = URL.parse(given)
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    return [wrong('address', `"${given}" is no address.`, 'Name it like https://andon.example with --url.')]
  const base = `${url.origin}${url.pathname.replace(/\/+$/, '')}`
  try {
    const response = await fetch(`${base}/healthz`, { signal: AbortSignal.timeout(PATIENCE_MS) })
    const answer = await response.text()
    if (!v.is(Health, parsed(answer))) return [notOurs(base, response.status, codeIn(answer))]
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined
    const code = reasonOf(cause ?? error)
    if (isCertificateCode(code))
      return [wrong('address', untrusted(base, code), 'Devices need that authority, too: in the system of each.')]
    return [
      wrong(
        'address',
        `Nobody answers at ${base} (${code}).`,
        'Check the name, the proxy that answers to it, and whether the server runs.',
      ),
    ]
  }
  return [fine('address', `Andon answers at ${base}.`), await checkUplink(base, url.origin)]
}

async function checkUplink(base: string, origin: string): Promise<Finding> {
  const socket = new WebSocket(`${base.replace(/^http/, 'ws')}/sync`, SUBPROTOCOL, {
    origin,
    handshakeTimeout: PATIENCE_MS,
  })
  const ended = Promise.withResolvers<Finding>()
  socket.on('message', () => ended.resolve(fine('uplink', `A WebSocket of a page at ${origin} comes through.`)))
  socket.on('unexpected-response', (_request, response) => {
    void refused(response, origin).then((finding) => ended.resolve(finding))
  })
  socket.on('error', (error) => ended.resolve(blocked(reasonOf(error))))
  socket.on('close', (code) => ended.resolve(blocked(`closed with ${code}`)))
  const overdue = setTimeout(() => ended.resolve(blocked('nothing came')), PATIENCE_MS)
  const finding = await ended.promise
  clearTimeout(overdue)
  socket.removeAllListeners()
  socket.on('error', () => {})
  socket.terminate()
  return finding
}

async function refused(response: IncomingMessage, origin: string): Promise<Finding> {
  const overdue = setTimeout(() => response.destroy(), PATIENCE_MS)
  const answer = await text(response).catch(() => '')
  clearTimeout(overdue)
  const code = codeIn(answer)
  if (code === null) return blocked(`HTTP ${response.statusCode}, and not from Andon`)
  return wrong('uplink', ERRORS[code].says, TODO[code]?.(origin) ?? 'See the log of the server.')
}

const TODO: Readonly<Partial<Record<ErrorCode, (origin: string) => string>>> = {
  'upgrade-missing': () => 'docs/network.md has an nginx configuration that works.',
  'bad-origin': (origin) =>
    `Start the server with --public-url ${origin}, or with --origins ${origin} where that is a further address.`,
  'bad-host': (origin) => `Start the server with --hosts ${new URL(origin).hostname}, or let the proxy hand on "Host".`,
}

function blocked(why: string): Finding {
  const todo = 'Let every proxy and firewall on the way hand on WebSocket (docs/network.md).'
  return wrong('uplink', `${ERRORS['upgrade-blocked'].says} (${why})`, todo)
}

function notOurs(base: string, status: number, code: ErrorCode | null): Finding {
  if (code !== null)
    return wrong('address', ERRORS[code].says, TODO[code]?.(new URL(base).origin) ?? 'See the log of the server.')
  return wrong(
    'address',
    `What answers at ${base} is not Andon (HTTP ${status}).`,
    'Check the name and the proxy that answers to it.',
  )
}

function codeIn(answer: string): ErrorCode | null {
  const problem = v.safeParse(Problem, parsed(answer))
  return problem.success && isErrorCode(problem.output.code) ? problem.output.code : null
}

function parsed(answer: string): unknown {
  try {
    return JSON.parse(answer) as unknown
  } catch {
    return null // a page of somebody else
  }
}
