import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { ChatRow } from '../../relay/domain/chat.ts'
import { Button } from '../components/button.tsx'
import { Empty } from '../components/empty.tsx'
import { Freshness, isReceived } from '../components/freshness.tsx'
import { PendingMark } from '../components/pending-mark.tsx'
import { ViewHeader } from '../components/view-header.tsx'
import { useApp } from '../state/use-app.ts'
import { clock, day, dayKey } from '../text/format.ts'
import { text } from '../text/text.ts'
import { ChatComposer } from './chat-composer.tsx'
import { refusedWords } from './orders-view.tsx'

/** A finger's breadth, pixels: nearer to the end than this counts as reading the newest. */
const NEAR_END = 48

/** The talk of a line as a log: time, who, what. It stays at the newest while a person reads there, and not otherwise. */
export function ChatView() {
  const { area, chat, channels } = useApp()
  const rows = chat.value
  const log = useRef<HTMLDivElement>(null)
  const [isAtEnd, setAtEnd] = useState(true)
  const toEnd = (): void => {
    const element = log.current
    if (element !== null) element.scrollTop = element.scrollHeight
  }
  useLayoutEffect(() => {
    if (isAtEnd) toEnd()
  }, [rows, isAtEnd])
  const channel = channels.value.chat
  const refused = channel?.refused ?? null
  const emptyWords = isReceived(channel) ? text.chat.empty(text.areaName(area.value)) : text.freshness.never
  return (
    <div class="chat">
      <ViewHeader
        title={text.chat.title}
        summary=""
        freshness={refused === null ? <Freshness channel={channel} /> : null}
      />
      <div
        ref={log}
        class="chat-log"
        role="log"
        aria-label={text.chat.log}
        // What scrolls must be reachable by keyboard.
        tabIndex={0}
        onScroll={({ currentTarget: at }) => setAtEnd(at.scrollHeight - at.scrollTop - at.clientHeight < NEAR_END)}
      >
        {rows.length === 0 ? (
          <Empty>{refused === null ? emptyWords : refusedWords(refused)}</Empty>
        ) : (
          rows.map((row, index) => <ChatItem key={row.key} row={row} before={rows[index - 1]} />)
        )}
      </div>
      {isAtEnd ? null : (
        <div class="chat-jump">
          <Button kind="secondary" onPress={toEnd}>
            {text.chat.newest}
          </Button>
        </div>
      )}
      <ChatComposer
        onSent={() => {
          setAtEnd(true)
          toEnd()
        }}
      />
    </div>
  )
}

function ChatItem({ row, before }: { readonly row: ChatRow; readonly before: ChatRow | undefined }) {
  const at = momentOf(row)
  const isNewDay = before === undefined || dayKey(momentOf(before)) !== dayKey(at)
  const author = row.author ?? text.chat.terminal
  return (
    <>
      {isNewDay ? <h2 class="chat-day">{day(at)}</h2> : null}
      <article class={`chat-message ${row.waiting === null ? '' : 'chat-waiting'}`} data-testid="chat-message">
        <time class="chat-time" dateTime={at.toISOString()}>
          {clock(at)}
        </time>
        <span class="chat-author">{author}</span>
        <p class="chat-text">{row.text}</p>
        {row.waiting === null ? null : <PendingMark waiting={row.waiting} />}
      </article>
    </>
  )
}

/** Server time; for what waits, this device's clock, which only ever stands at the end. */
function momentOf(row: ChatRow): Date {
  return new Date(row.at ?? row.waiting?.since ?? 0)
}
