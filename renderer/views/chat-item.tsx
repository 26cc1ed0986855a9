import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { ChatQuote } from '../../relay/domain/chat-quotes.ts'
import { wordsOf, type ChatRow } from '../../relay/domain/chat.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { excerpt } from '../../relay/protocol/plain-text.ts'
import type { CommandId } from '../../relay/protocol/ids.ts'
import { Button } from '../components/button.tsx'
import { PendingMark } from '../components/pending-mark.tsx'
import { Sign } from '../components/sign.tsx'
import { send } from '../state/actions.ts'
import type { App } from '../state/app.ts'
import { answerMessage } from '../state/form-actions.ts'
import { timeWords } from '../state/moments.ts'
import { MENTION } from '../state/names.ts'
import { useApp } from '../state/use-app.ts'
import { wayTo } from '../state/way-to.ts'
import { clock, day, dayKey } from '../text/format.ts'
import { talkWords } from '../text/talk-words.ts'
import { text } from '../text/text.ts'
import { MessageFiles } from './chat-files.tsx'

interface ChatItemProps {
  readonly row: ChatRow
  readonly before: ChatRow | undefined
  /** What it answers; absent where it answers nothing. */
  readonly quote: ChatQuote | undefined
  /** The person had read as far as the message before. */
  readonly isFirstNew: boolean
  readonly isChosen: boolean
  readonly choose: (key: string | null) => void
}

/** One message: time, who, what it answers, what it says. A press on it offers what can be done with it. */
export function ChatItem({ row, before, quote, isFirstNew, isChosen, choose }: ChatItemProps) {
  const app = useApp()
  const { session } = app
  const at = momentOf(row)
  const isNewDay = before === undefined || dayKey(momentOf(before)) !== dayKey(at)
  const author = row.author ?? text.chat.terminal
  const isOpen = isChosen && row.withdrawn === null
  const me = session.value?.operator ?? ''
  const looks = [
    row.waiting === null ? '' : 'chat-waiting',
    row.mentions.includes(me) ? 'chat-names-you' : '',
    isOpen ? 'chat-chosen' : '',
  ]
  const toggle = (): void => choose(isOpen ? null : row.key)
  return (
    <>
      {isNewDay ? <h2 class="chat-day">{day(at)}</h2> : null}
      {isFirstNew ? <p class="chat-new">{talkWords().newFrom}</p> : null}
      <article
        class={['chat-message', ...looks].filter((look) => look !== '').join(' ')}
        data-testid="chat-message"
        data-key={row.key}
        onClick={({ target }) => {
          if (!isControl(target) && !hasSelection()) toggle()
        }}
      >
        <time class="chat-time" dateTime={at.toISOString()}>
          {clock(at)}
        </time>
        <span class="chat-author">{author}</span>
        <div class="chat-said">
          {quote === undefined ? null : <Quoted reply={quote} />}
          {row.withdrawn === null ? (
            <>
              {row.text === '' ? null : <p class="chat-text">{withMentions(row, me)}</p>}
              <MessageFiles row={row} />
            </>
          ) : (
            <p class="chat-text chat-withdrawn">
              {talkWords().withdrawn(row.withdrawn.by, timeWords(app, row.withdrawn.at))}
            </p>
          )}
          {isOpen ? <Actions row={row} done={() => choose(null)} /> : null}
        </div>
        <Marks row={row} />
        {row.withdrawn === null ? (
          <button
            type="button"
            class="chat-more"
            aria-label={talkWords().actions(author, excerpt(wordsOf(row), LIMITS.maxQuote))}
            aria-expanded={isOpen}
            onClick={toggle}
          >
            <Sign name="more" />
          </button>
        ) : null}
      </article>
    </>
  )
}

function Marks({ row: { waiting, withdrawing } }: { readonly row: ChatRow }) {
  if (withdrawing !== null) return <PendingMark waiting={withdrawing} words={talkWords().withdrawing} />
  return waiting === null ? null : <PendingMark waiting={waiting} />
}

/** What is answered, in a line; a press goes there where it is at hand. */
function Quoted({ reply }: { readonly reply: ChatQuote }) {
  const app = useApp()
  const { by, words } = quoteWords(app, reply)
  const inside = (
    <>
      <Sign name={reply.to === 'alert' ? 'alerts' : reply.to === 'order' ? 'orders' : 'answer'} />
      <span class="chat-quote-words">
        {by === '' ? null : <strong>{by} </strong>}
        {words}
      </span>
    </>
  )
  const jump = jumpTo(app, reply)
  if (jump === null)
    return (
      <p class="chat-quote" title={reply.to === 'message' ? talkWords().notHere : undefined}>
        {inside}
      </p>
    )
  return (
    <button type="button" class="chat-quote" onClick={jump}>
      {inside}
    </button>
  )
}

function quoteWords(app: App, { to, id, by, text: said, isWithdrawn }: ChatQuote): { by: string; words: string } {
  if (isWithdrawn) return { by: by ?? '', words: talkWords().withdrawnQuote }
  if (to === 'message') return { by: by ?? '', words: said ?? '…' }
  const alert = app.board.value.rows.find((row) => row.id === id)
  const order = app.orders.value.find((row) => row.id === id)
  const here = to === 'alert' ? alert?.title : order && `${order.number} ${order.fields.title}`
  return { by: '', words: said ?? here ?? (to === 'alert' ? talkWords().alert : talkWords().order) }
}

/** Where what is answered can be seen; null where it is not at hand here. */
function jumpTo(app: App, { to, id }: ChatQuote): (() => void) | null {
  if (to === 'message') return app.chat.value.some(({ key }) => key === id) ? () => (app.talk.reveal.value = id) : null
  return wayTo(app, to, id)
}

function Actions({ row, done }: { readonly row: ChatRow; readonly done: () => void }) {
  const app = useApp()
  const [isAsking, ask] = useState(false)
  const { area, session, supervises } = app
  const { id, author, withdrawing } = row
  if (id === null) return null
  const mayWithdraw = withdrawing === null && (author === session.value?.operator || supervises.value)
  if (isAsking)
    return (
      <div class="chat-actions">
        <p>{talkWords().withdrawExplain}</p>
        <Button
          kind="primary"
          onPress={() => {
            withdraw(app, area.value, id)
            done()
          }}
        >
          {talkWords().withdrawNow}
        </Button>
        <Button kind="secondary" onPress={() => ask(false)}>
          {talkWords().keep}
        </Button>
      </div>
    )
  return (
    <div class="chat-actions">
      <Button
        kind="secondary"
        onPress={() => {
          answerMessage(app, row)
          done()
        }}
      >
        {talkWords().answer}
      </Button>
      {mayWithdraw ? (
        <Button kind="secondary" onPress={() => ask(true)}>
          {talkWords().withdraw}
        </Button>
      ) : null}
    </div>
  )
}

function withdraw(app: App, line: string, id: CommandId): void {
  send(app, 'chat.withdraw', { line, id })
}

/** The words, with the names of those they name. */
function withMentions({ text: words, mentions }: ChatRow, me: string): ComponentChildren {
  if (mentions.length === 0) return words
  const parts: ComponentChildren[] = []
  let from = 0
  for (const found of words.matchAll(MENTION)) {
    const name = (found[1] ?? '').toLowerCase()
    if (!mentions.includes(name)) continue
    parts.push(
      words.slice(from, found.index),
      <span class={`chat-name ${name === me ? 'is-you' : ''}`}>{found[0]}</span>,
    )
    from = found.index + found[0].length
  }
  return [...parts, words.slice(from)]
}

function isControl(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('button, a, .chat-actions') !== null
}

/** Somebody marks words to copy them. */
function hasSelection(): boolean {
  return getSelection()?.isCollapsed === false
}

/** Server time; for what waits, this device's clock, which only ever stands at the end. */
function momentOf(row: ChatRow): Date {
  return new Date(row.at ?? row.waiting?.since ?? 0)
}
