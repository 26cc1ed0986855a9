/** Sign-in by HTTP in a simulated world: requests and answers take their time, and either may be lost. */
import type { Clock, Random, SessionFailure, SessionGrant, SessionPort } from '../../relay/ports.ts'
import type { Refusal } from '../../relay/protocol/errors.ts'
import type { Grant } from '../../server/http/session-grants.ts'
import type { SimulatedServer } from './simulated-server.ts'

const UNREACHABLE: SessionFailure = { ok: false, code: 'unreachable', message: 'No answer.' }
const HTTP_TIMEOUT_MS = 10_000

export interface SimulatedSessionsOptions {
  readonly server: SimulatedServer
  readonly clock: Clock
  readonly random: Random
  /** The browser's cookie jar, which is as durable as the disk. */
  readonly jar: { refreshToken: string | null }
  readonly isReachable: () => boolean
}

export function simulatedSessions(options: SimulatedSessionsOptions): SessionPort {
  const { server, jar } = options
  return {
    signIn: ({ operator, deviceToken }) => ask(options, () => server.signIn(operator, deviceToken)),
    refresh: ({ session, deviceToken }) => ask(options, () => server.refresh(session, jar.refreshToken, deviceToken)),
    forget: () => {
      jar.refreshToken = null
      return Promise.resolve()
    },
  }
}

function ask(
  { clock, random, jar, isReachable }: SimulatedSessionsOptions,
  call: () => Promise<Grant | Refusal> | null,
): Promise<SessionGrant | SessionFailure> {
  return new Promise((resolve) => {
    const fail = (): void => resolve(UNREACHABLE)
    const giveUp = clock.after(HTTP_TIMEOUT_MS, fail)
    clock.after(Math.floor(random.next() * 40), () => {
      const asked = isReachable() ? call() : null
      if (asked === null) return fail()
      void asked.then((granted) => {
        // The answer may be lost on its way.
        if (!isReachable()) return
        clock.after(Math.floor(random.next() * 40), () => {
          giveUp()
          if (!granted.ok) return resolve(granted)
          jar.refreshToken = granted.refreshToken
          resolve(grantOf(granted))
        })
      }, fail)
    })
  })
}

function grantOf({ session, operator, accessToken, expiresInMs }: Grant): SessionGrant {
  const { id, generation } = session
  const { id: name, role, areas } = operator
  return { ok: true, session: id, operator: name, role, areas, accessToken, generation, expiresInMs }
}
