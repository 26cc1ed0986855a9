/**
 * What the disk brings back to the parts. Each part owns its kinds, in its `slice.ts`; here they are one, so that the engine
 * is held to all of them.
 */
import type { ChannelsAfter, ChannelsQuery } from '../channels/slice.ts'
import type { FilesAfter } from '../files/slice.ts'
import type { OutboxAfter, OutboxQuery } from '../outbox/slice.ts'
import type { AnswerAfter } from '../tell/slice.ts'
import type { WindowsAfter } from '../windows/slice.ts'

/** What had to wait until a write was durable. */
export type AfterWrite = OutboxAfter | FilesAfter | ChannelsAfter | WindowsAfter | AnswerAfter

/** What a read is for; comes back with its rows. */
export type Query = OutboxQuery | ChannelsQuery
