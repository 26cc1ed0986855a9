import type { ChannelView, PendingCommand } from '../protocol/local.ts'
import { dataOf, hasTexts, waitingOf, type Waiting } from './pending.ts'

export interface ChatRow {
  /** The command's id where there is one, so that a row keeps its place when the server's word replaces what waited. */
  readonly key: string
  readonly author: string | null
  readonly text: string
  /** Server time, ISO 8601; null while it waits. */
  readonly at: string | null
  readonly waiting: Waiting | null
}

/** The talk of a line, oldest first; what waits on this device stands at the end, in the order it will be sent. */
export function chatLog(
  channel: ChannelView | null,
  line: string,
  pending: readonly PendingCommand[],
): readonly ChatRow[] {
  const rows: ChatRow[] = []
  const causes = new Set<string>()
  for (const event of channel?.events ?? []) {
    if (event.cause !== undefined) causes.add(event.cause)
    if (event.type !== 'chat.posted' || !hasTexts(event.data, 'text')) continue
    const { at, by = null, cause, id } = event
    rows.push({ key: cause ?? id, author: by, text: event.data.text, at, waiting: null })
  }
  for (const command of pending) {
    const post = dataOf(command, 'chat.post')
    if (post === null || post.line !== line || causes.has(command.id)) continue
    rows.push({ key: command.id, author: command.by, text: post.text, at: null, waiting: waitingOf(command) })
  }
  return rows
}
