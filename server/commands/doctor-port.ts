import { once } from 'node:events'
import { get as getHttp, type IncomingMessage } from 'node:http'
import { get as getHttps } from 'node:https'
import { createServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { TLSSocket } from 'node:tls'
import * as v from 'valibot'
import type { Config } from '../config.ts'
import { readTls } from '../http/certificate.ts'
import { fine, reasonOf, wrong, type Finding } from './doctor-checks.ts'

const PATIENCE_MS = 2000
const Health = v.object({ name: v.literal('andon'), version: v.string() })

/** The port is free, or it is Andon that answers there. */
export async function checkPort({ host, port, tls }: Pick<Config, 'host' | 'port' | 'tls'>): Promise<Finding> {
  if (port === 0) return fine('port', 'Any free port.')
  const found = await askHealth({ host, port, tls })
  if (found !== null) {
    const says = `Andon ${found.version} answers on ${host}:${port}`
    const wanted = tls === null ? null : readTls(tls)
    // Files that do not fit are another finding (`tls`).
    if (wanted?.ok !== true || wanted.pair.leaf.fingerprint256 === found.fingerprint) return fine('port', `${says}.`)
    return wrong(
      'port',
      `${says}, and shows another certificate than the one in ${tls?.cert}.`,
      'A running server takes a new one within ten seconds if it fits; its log says why it did not.',
    )
  }
  const trouble = await listenBriefly(host, port)
  switch (trouble) {
    case null:
      return fine('port', `${host}:${port} is free.`)
    case 'EADDRINUSE':
      return wrong('port', `Another program has ${host}:${port}.`, 'Stop it, or choose another port with --port.')
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return wrong('port', `This machine has no address ${host}.`, 'Choose one it has with --host.')
    default:
      return wrong('port', `Nothing can listen on ${host}:${port} (${trouble}).`, 'Choose another port with --port.')
  }
}

/** The Andon that answers, and the fingerprint of the certificate that it shows; null when none does. */
async function askHealth({
  host,
  port,
  tls,
}: Pick<Config, 'host' | 'port' | 'tls'>): Promise<{ version: string; fingerprint: string | null } | null> {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  const where = { host: reachable, port, path: '/healthz', timeout: PATIENCE_MS, agent: false as const }
  // Its own certificate may be for another name; who answers is told by the answer.
  const request = tls === null ? getHttp(where) : getHttps({ ...where, rejectUnauthorized: false })
  request.on('timeout', () => request.destroy())
  try {
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    const { socket } = response
    const fingerprint = socket instanceof TLSSocket ? (socket.getPeerX509Certificate()?.fingerprint256 ?? null) : null
    const health = v.safeParse(Health, JSON.parse(await text(response)))
    return health.success ? { version: health.output.version, fingerprint } : null
  } catch {
    return null // nobody there, or somebody else: listening tells which
  }
}

/** Null when it could listen, the error's code otherwise. */
async function listenBriefly(host: string, port: number): Promise<string | null> {
  const server = createServer()
  try {
    server.listen({ host, port })
    await once(server, 'listening')
    return null
  } catch (error) {
    return reasonOf(error)
  } finally {
    server.close()
  }
}
