import { channelName } from '../../relay/protocol/channels.ts'
import { refuse } from '../../relay/protocol/errors.ts'
import type { NewEvent } from '../ports/rules.ts'
import type { Handlers } from './handler.ts'

/**
 * What a person likes to see, as records of `prefs/{operator}` under `theme` and `language`. They are the person's, not the
 * device's: they follow to every device where the person is signed in, and nobody else reads them.
 */
export const prefs: Handlers = {
  'prefs.set': {
    reads: () => [],
    decide(_records, { theme, language }, { actor }) {
      if (actor.operator === null) return refuse('sign-in-needed', 'Preferences belong to a person who is signed in.')
      const channel = channelName('prefs', actor.operator)
      const events: NewEvent[] = []
      if (theme !== undefined) events.push({ channel, type: 'theme.changed', data: { key: 'theme', record: theme } })
      if (language !== undefined)
        events.push({ channel, type: 'language.changed', data: { key: 'language', record: language } })
      return { ok: true, events }
    },
  },
}
