import type { ErrorCode } from '../../relay/protocol/errors.ts'
import type { Headers } from '../core/client-address.ts'
import { isLocalRequest } from './demo-gate.ts'
import type { HttpSettings } from './http-settings.ts'
import { originAllowed, type SaidOrigin } from './origin.ts'

/** What of a request the entrance looks at; Node's and Fastify's are such. */
export interface Arrival {
  readonly headers: Headers & SaidOrigin
  readonly socket: { readonly remoteAddress?: string | undefined }
}

export interface Entrance {
  /** Whether it may ask anything at all: it was meant for this server, and on the demonstration floor comes from here. */
  admits(arrival: Arrival): ErrorCode | null
  /** Whether it may change something, or open a connection: no page of somebody else sent it (PROTOCOL G6). */
  admitsPage(arrival: Arrival): ErrorCode | null
}

/** What is asked of every request and of every upgrade of `/sync`, in the same words. */
export function entranceOf(
  {
    demo,
    demoOpen,
    tls,
    origins,
    publicUrl,
  }: Pick<HttpSettings, 'demo' | 'demoOpen' | 'tls' | 'origins' | 'publicUrl'>,
  isOwnName: (host: string | undefined) => boolean,
): Entrance {
  const isLocalOnly = demo && !demoOpen
  return {
    admits({ headers, socket }) {
      // The demonstration floor's own rule knows the names of this machine, too.
      if (isLocalOnly) return isLocalRequest(socket.remoteAddress, headers) ? null : 'demo-loopback-only'
      return isOwnName(headers.host) ? null : 'bad-host'
    },
    admitsPage({ headers }) {
      return originAllowed(headers, { isTls: tls !== null, origins, publicUrl }) ? null : 'bad-origin'
    },
  }
}
