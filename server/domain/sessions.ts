import { channelName } from '../../relay/protocol/channels.ts'
import { refuse } from '../../relay/protocol/errors.ts'
import type { Handlers } from './handler.ts'

/**
 * Sign-out, as a command: it follows what the person queued before on this device, and survives an outage like everything
 * else. A session can end itself only; ending others is an administrator's business.
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
}
