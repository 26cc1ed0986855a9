import { wordsOf, type ChatReply, type ChatRow } from './chat.ts'

/** A quote as it is to be read: without words where those were withdrawn, or nobody here knows them yet. */
export interface ChatQuote extends ChatReply {
  readonly isWithdrawn: boolean
}

/** What each of these rows answers, by its key: nothing of what was withdrawn, and of what still waits here its own words. */
export function quotesOf(rows: readonly ChatRow[]): ReadonlyMap<string, ChatQuote> {
  const byKey = new Map(rows.map((row) => [row.key, row]))
  return new Map(rows.flatMap(({ key, reply }) => (reply === null ? [] : [[key, quoteOf(reply, byKey)]])))
}

function quoteOf(reply: ChatReply, rows: ReadonlyMap<string, ChatRow>): ChatQuote {
  const answered = reply.to === 'message' ? rows.get(reply.id) : undefined
  // The server had no words to quote any more, or they were taken back since.
  const isWithdrawn = reply.text === '' || (answered !== undefined && answered.withdrawn !== null)
  if (isWithdrawn) return { ...reply, text: null, isWithdrawn }
  if (answered === undefined || reply.text !== null) return { ...reply, isWithdrawn }
  return { ...reply, by: answered.author, text: wordsOf(answered), isWithdrawn }
}
