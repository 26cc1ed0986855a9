import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Checked } from '../../relay/protocol/check.ts'
import { refuse } from '../../relay/protocol/errors.ts'
import type { LastGreetings } from '../core/device-links.ts'
import type { DeviceRow } from '../ports/site.ts'
import type { StoreAdministration } from '../ports/store-administration.ts'
import type { Tokens } from '../ports/tokens.ts'
import { bearerOf } from './bearer.ts'
import { Refused } from './problems.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The device of `Authorization: Bearer`, on routes that are for devices; null elsewhere. */
    device: DeviceRow | null
  }
}

export interface DeviceBearers {
  readonly tokens: Pick<Tokens, 'verifyDevice'>
  readonly links: LastGreetings
  readonly store: Pick<StoreAdministration, 'device'>
}

/** A `preParsing` for routes of this scope that are for devices: everybody else is refused before the body is read (X8). */
export function requireDevice(app: FastifyInstance, parts: DeviceBearers): (request: FastifyRequest) => Promise<void> {
  app.decorateRequest('device', null)
  return async (request) => {
    const device = await deviceOf(request, parts)
    if (!device.ok) throw new Refused(device)
    request.device = device.value
  }
}

/** The device of a request that `requireDevice` let pass. */
export function readDevice({ device }: FastifyRequest): DeviceRow {
  if (device === null) throw new Refused(refuse('bad-token'))
  return device
}

/** The device whose token (frame `welcome`) the request bears: `bad-token` or `device-revoked` otherwise. */
async function deviceOf(request: FastifyRequest, parts: DeviceBearers): Promise<Checked<DeviceRow>> {
  const bearer = bearerOf(request)
  if (bearer === null) return refuse('bad-token', 'This request needs the device token of the "welcome" frame.')
  return await deviceBy(bearer, parts)
}

/** As `deviceOf`, of a bearer that may be something else. */
export async function deviceBy(bearer: string, { tokens, links, store }: DeviceBearers): Promise<Checked<DeviceRow>> {
  const verified = tokens.verifyDevice(bearer)
  if (!verified.ok) return verified
  const { device: id, link } = verified.value
  if (!(await links.isLast(id, link)))
    return refuse('bad-token', 'This device token ended; the last "welcome" brought another.')
  const device = await store.device(id)
  // A restore from before the device's first contact forgets it; it becomes known again with its next greeting.
  if (device === null) return refuse('bad-token', 'The server does not know this device yet; connect it first.')
  return device.status === 'revoked' ? refuse('device-revoked') : { ok: true, value: device }
}
