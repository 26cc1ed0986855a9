import type { FastifyRequest } from 'fastify'
import type { Checked } from '../../relay/protocol/check.ts'
import { refuse } from '../../relay/protocol/errors.ts'
import type { DeviceRow, Store } from '../ports/store.ts'
import type { Tokens } from '../ports/tokens.ts'
import { bearerOf } from './bearer.ts'

/** The device whose token (frame `welcome`) the request bears: `bad-token` or `device-revoked` otherwise. */
export async function deviceOf(
  request: FastifyRequest,
  { tokens, store }: { readonly tokens: Tokens; readonly store: Pick<Store, 'device'> },
): Promise<Checked<DeviceRow>> {
  const bearer = bearerOf(request)
  if (bearer === null) return refuse('bad-token', 'This request needs the device token of the "welcome" frame.')
  const verified = await tokens.verifyDevice(bearer)
  if (!verified.ok) return verified
  const device = await store.device(verified.value)
  // A restore from before the device's first contact forgets it; it becomes known again with its next greeting.
  if (device === null) return refuse('bad-token', 'The server does not know this device yet; connect it first.')
  return device.status === 'revoked' ? refuse('device-revoked') : { ok: true, value: device }
}
