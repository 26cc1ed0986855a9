import { channelName, SITE_AREA, type ChannelName } from './channels.ts'
import { LIMITS } from './limits.ts'
import { nameFrom } from './plain-text.ts'

/** Key beside the members of a room, and of its headcount. */
export const ROSTER_KEY = 'roster'

/** The room of an area, or of a thing in it: what a thing is called on the screen is no name of a channel. */
export function presenceChannel(area: string, room?: string): ChannelName {
  return channelName('presence', area, room)
}

/** The room of what stands in all areas. */
export const SITE_ROOM = presenceChannel(SITE_AREA)

/** What is looked at, as far as it can be said: one line without what is in no text, cut to its room. */
export function looksFrom(words: string): string {
  return nameFrom(words, LIMITS.maxTitle)
}
