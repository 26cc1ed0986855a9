import { channelName } from '../../relay/protocol/channels.ts'
import { refuse } from '../../relay/protocol/errors.ts'
import type { ChatMessage } from '../../relay/protocol/records.ts'
import { coversArea } from '../../relay/protocol/rights.ts'
import type { Handlers } from './handler.ts'

/** Line chat: a log per line, nothing is edited. */
export const chat: Handlers = {
  'chat.post': {
    reads: () => [],
    decide(_records, data, now) {
      if (!now.areas.includes(data.line)) return refuse('unknown-area', `There is no line "${data.line}".`)
      if (!coversArea(now.actor.areas, data.line)) return refuse('forbidden', `You may not write to ${data.line}.`)
      const message: ChatMessage = { line: data.line, text: data.text }
      return { ok: true, events: [{ channel: channelName('chat', data.line), type: 'chat.posted', data: message }] }
    },
  },
}
