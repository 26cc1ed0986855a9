import { channelName } from '../../relay/protocol/channels.ts'
import { refuse } from '../../relay/protocol/errors.ts'
import type { Actor } from '../ports/rules.ts'
import type { Handlers } from './handler.ts'

/**
 * Sign-out, here or everywhere, as a command: it follows what the person queued before on this device, and survives an outage
 * like everything else. A session can end itself; all of a person's sessions are ended by that person or an administrator.
 */
export const sessions: Handlers = {
  'session.end': {
    reads: () => [],
    decide(_records, data, now) {
      const { session, operator, device } = now.actor
      if (session === null || operator === null || device === null) return refuse('sign-in-needed')
      if (session !== data.session) return refuse('forbidden', 'A session can only end itself.')
      return {
        ok: true,
        events: [
          {
            channel: channelName('inbox', operator),
            type: 'session.ended',
            data: { session, device, reason: 'signed-out' },
          },
        ],
        endSession: session,
      }
    },
  },
  'session.revoke': {
    reads: () => [],
    decide(_records, { operator }, { actor }) {
      if (actor.operator !== operator && !isSiteAdministrator(actor))
        return refuse('forbidden', `Only ${operator} and administrators of every area may do this.`)
      const channel = channelName('inbox', operator)
      return {
        ok: true,
        events: [{ channel, type: 'session.revoked', data: { operator } }],
        data: { operator },
        revokeSessionsOf: operator,
      }
    },
  },
}

function isSiteAdministrator({ role, areas }: Actor): boolean {
  return role === 'admin' && areas.includes('*')
}
