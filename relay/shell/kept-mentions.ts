import { mentionsOf, type Mention } from '../domain/read-marks.ts'
import type { WindowModel } from '../domain/window-model.ts'
import { channelName } from '../protocol/channels.ts'
import { coversArea } from '../protocol/rights.ts'
import type { WindowClient } from '../window.ts'
import { MentionNotices, type MentionNoticesOptions } from './mention-notices.ts'

export interface KeptMentionsOptions extends MentionNoticesOptions {
  readonly relay: Pick<WindowClient, 'model' | 'listen' | 'show'>
}

/** Tells whoever is signed in on this device which messages name them, without any page. Returns the release. */
export function keepMentions(options: KeptMentionsOptions): () => void {
  const { relay } = options
  const notices = new MentionNotices(options)
  const look = (): void => {
    const { model } = relay
    if (model === null) return
    const operator = model.session?.operator
    relay.show(operator === undefined ? [] : [channelName('inbox', operator), channelName('prefs', operator)])
    const mentions = unreadIn(model)
    if (mentions !== null) notices.look(mentions)
  }
  const release = relay.listen(look)
  look()
  return release
}

/** Null while it is not known how far the person has read. */
function unreadIn({ session, channels }: WindowModel): readonly Mention[] | null {
  if (session === null) return []
  const inbox = channels.get(channelName('inbox', session.operator))
  const prefs = channels.get(channelName('prefs', session.operator))
  if (inbox === undefined || prefs === undefined) return null
  return mentionsOf(inbox, { prefs }).filter(({ line }) => coversArea(session.areas, line))
}
