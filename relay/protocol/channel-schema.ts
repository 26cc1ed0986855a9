import * as v from 'valibot'
import { CHANNEL_NAME } from './name-patterns.ts'

/** A name of a channel, as a frame has it. */
export const ChannelName = v.pipe(
  v.string(),
  v.regex(CHANNEL_NAME, 'must be a channel name: domain/area or domain/area/id'),
  v.brand('ChannelName'),
)
