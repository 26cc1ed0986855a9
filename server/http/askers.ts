import type { FastifyRequest } from 'fastify'
import type { Checked } from '../../relay/protocol/check.ts'
import { refuse } from '../../relay/protocol/errors.ts'
import type { Reader } from '../../relay/protocol/rights.ts'
import type { ApiKeyRow } from '../ports/site.ts'
import { bearerOf } from './bearer.ts'
import { deviceBy } from './device-bearer.ts'
import { sha256 } from './hashes.ts'
import type { HttpOptions } from './options.ts'

/** Who asks, on routes for programs, people and devices alike. `source`: the key or the device, as its own are counted. */
export interface Asker {
  readonly reader: Reader
  readonly key: ApiKeyRow | null
  readonly source: string
}

/** Tried as an API key, as a person's access token, as a device's token. Rights are those of this moment (P9). */
export async function askerOf(
  request: FastifyRequest,
  parts: Pick<HttpOptions, 'store' | 'tokens' | 'links'>,
): Promise<Checked<Asker>> {
  const bearer = bearerOf(request)
  if (bearer === null) return refuse('bad-key', 'This request needs an API key, an access token or a device token.')
  const { store, tokens } = parts
  const key = await store.apiKeyByHash(sha256(bearer))
  if (key !== null) return asking(`key:${key.id}`, { deviceAreas: key.areas, author: null }, key)
  const claims = await tokens.verifyAccess(bearer)
  if (!claims.ok && claims.code === 'token-expired') return claims
  if (!claims.ok) {
    const device = await deviceBy(bearer, parts)
    if (device.ok) return asking(device.value.id, { deviceAreas: device.value.areas, author: null })
    return device.code === 'device-revoked' ? device : refuse('bad-key', 'The API key or token is not known.')
  }
  const device = await store.device(claims.value.device)
  if (device === null) return refuse('bad-token', 'The server does not know this device yet; connect it first.')
  if (device.status === 'revoked') return refuse('device-revoked')
  const session = await store.session(claims.value.session)
  const operator = session === null ? null : await store.operator(session.operator)
  if (session === null || operator === null || session.device !== device.id) return refuse('session-unknown')
  if (session.status === 'revoked' || operator.status !== 'active') return refuse('session-revoked')
  if (session.status !== 'active') return refuse('session-ended')
  const author = { operator: operator.id, role: operator.role, areas: operator.areas }
  return asking(device.id, { deviceAreas: device.areas, author })
}

/** A key reads as a person of its role and areas; a device with nobody signed in does not. */
export function personOf({ reader, key }: Asker): Checked<Reader> {
  if (key !== null)
    return { ok: true, value: { ...reader, author: { operator: key.id, role: key.role, areas: key.areas } } }
  return reader.author === null ? refuse('sign-in-needed') : { ok: true, value: reader }
}

function asking(source: string, reader: Reader, key: ApiKeyRow | null = null): Checked<Asker> {
  return { ok: true, value: { source, reader, key } }
}
