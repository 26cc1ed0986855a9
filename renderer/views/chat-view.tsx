import type { RefObject } from 'preact'
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { quotesOf } from '../../relay/domain/chat-quotes.ts'
import type { ChatRow } from '../../relay/domain/chat.ts'
import { absenceOf } from '../components/absence.ts'
import { Button } from '../components/button.tsx'
import { Empty } from '../components/empty.tsx'
import { FilterPlace, NothingMatches } from '../components/filter-place.tsx'
import { Freshness } from '../components/freshness.tsx'
import { Sign } from '../components/sign.tsx'
import { ViewHeader } from '../components/view-header.tsx'
import { hashOf } from '../state/place.ts'
import { matches, useFilter } from '../state/use-filter.ts'
import { olderFirst, tailStart } from '../state/tail.ts'
import { useOlderTalk, type Back } from '../state/use-older-talk.ts'
import { useReading } from '../state/use-reading.ts'
import { useApp } from '../state/use-app.ts'
import { talkWords } from '../text/talk-words.ts'
import { text } from '../text/text.ts'
import { ChatComposer } from './chat-composer.tsx'
import { ChatItem } from './chat-item.tsx'

/** A finger's breadth, pixels: nearer to the end than this counts as reading the newest. */
const NEAR_END = 48

/**
 * The talk of a line as a log: time, who, what. It stays at the newest while a person reads there, and not otherwise; then what
 * they read stays where it is. Of a long talk its end is drawn, and what is older as somebody comes near it [F5].
 */
export function ChatView() {
  const { area, chat, channels, isLive, talk, writers } = useApp()
  const back = useOlderTalk()
  const { older } = talk
  // Read back far enough, the newest stand apart: what lies between is not here.
  const upTo = back.isApart ? (older.value.events.at(-1)?.offset ?? 0) : null
  const whole = chat.value
  const all = useMemo(
    () => (upTo === null ? whole : whole.filter(({ offset }) => offset !== null && offset <= upTo)),
    [whole, upTo],
  )
  const filter = useFilter()
  const { query } = filter
  const rows = useMemo(
    () =>
      query === ''
        ? all
        : all.filter((row) => matches(query, [row.text, row.author, ...row.files.map(({ name }) => name)])),
    [all, query],
  )
  const quotes = useMemo(() => quotesOf(all), [all])
  const log = useRef<HTMLDivElement>(null)
  const [isAtEnd, setAtEnd] = useState(true)
  const [first, setFirst] = useState<string | null>(null)
  const [chosen, setChosen] = useState<string | null>(null)
  const newFrom = useReading(isAtEnd && query === '')
  const start = tailStart(rows, isAtEnd ? null : first)
  useKeptPlace(log, { rows, start, isAtEnd })
  const reachBack = useRef<() => void>(() => undefined)
  reachBack.current = (): void => {
    const element = log.current
    if (element === null || isAtEnd) return
    // A screen before the top, so that nobody waits there.
    if (element.scrollTop >= element.clientHeight) return
    if (start > 0) setFirst(olderFirst(rows, start))
    else if (query === '') back.older()
  }
  useLayoutEffect(() => reachBack.current())
  const toEnd = (): void => {
    const element = log.current
    if (element !== null) element.scrollTop = element.scrollHeight
  }
  const toNewest = (): void => {
    back.drop()
    setAtEnd(true)
    toEnd()
  }
  useLayoutEffect(() => {
    if (isAtEnd) toEnd()
  }, [rows, isAtEnd, chosen])
  useSought(back)
  useRevealed(log, {
    rows,
    draw: setFirst,
    leaveEnd: () => setAtEnd(false),
    find: () => {
      filter.setQuery('')
      if (back.isApart) back.drop()
    },
  })
  const end = useRef(isAtEnd)
  end.current = isAtEnd
  const height = useRef(0)
  // A banner, a bar or a keyboard takes room from the log: the newest stays in sight of whoever reads there.
  useLayoutEffect(() => {
    const element = log.current
    if (element === null) return undefined
    height.current = element.clientHeight
    const observer = new ResizeObserver(() => {
      height.current = element.clientHeight
      if (end.current) element.scrollTop = element.scrollHeight
      else reachBack.current()
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  const scrolled = ({ scrollHeight, scrollTop, clientHeight }: HTMLElement): void => {
    // Told in a frame in which the log has another height, it is no person's doing; the observer has its turn after it.
    if (clientHeight !== height.current) return
    const below = scrollHeight - scrollTop - clientHeight
    if (back.isApart && below < clientHeight) back.newer()
    const isThere = below < NEAR_END && !back.isApart
    setAtEnd(isThere)
    // Of whoever is back at the newest nothing older is held.
    if (isThere) back.drop()
    if (isAtEnd && !isThere) setFirst(rows[start]?.key ?? null)
    reachBack.current()
  }
  const askOlder = (): void => {
    // Whoever reads at the end of a talk that is shorter than the screen goes up with it.
    setAtEnd(false)
    setFirst(olderFirst(rows, start))
    if (start === 0) back.older('again')
  }
  const channel = channels.value.chat
  const absence = absenceOf(channel, isLive.value)
  return (
    <div class="chat">
      <ViewHeader
        title={text.chat.title}
        summary={writingWords(writers.value)}
        freshness={<Freshness channel={channel} />}
      >
        <a class="chat-notes" href={hashOf('notes', area.value)}>
          {text.nav.notes}
        </a>
        <FilterPlace filter={filter} list={text.chat.title} shown={rows.length} total={all.length} />
      </ViewHeader>
      <div
        ref={log}
        class="chat-log"
        role="log"
        aria-label={talkWords().log}
        // What is older is drawn above as somebody comes near it, and is no news.
        aria-live={isAtEnd ? 'polite' : 'off'}
        // What scrolls must be reachable by keyboard.
        tabIndex={0}
        onScroll={({ currentTarget }) => scrolled(currentTarget)}
      >
        {start > 0 || (query === '' && back.hasOlder) ? <Older back={back} ask={askOlder} /> : null}
        {all.length > 0 && rows.length === 0 ? (
          <NothingMatches filter={filter} />
        ) : rows.length === 0 ? (
          <Empty more={absence === null ? talkWords().emptyMore : absence.more}>
            {absence?.words ?? talkWords().empty(text.areaName(area.value))}
          </Empty>
        ) : (
          rows
            .slice(start)
            .map((row, n) => (
              <ChatItem
                key={row.key}
                row={row}
                before={rows[start + n - 1]}
                quote={quotes.get(row.key)}
                isFirstNew={row.key === newFrom}
                isChosen={row.key === chosen}
                choose={setChosen}
              />
            ))
        )}
      </div>
      {isAtEnd ? null : (
        <div class="chat-jump">
          <Button kind="secondary" onPress={toNewest}>
            {talk.news.value.count === 0 ? talkWords().newest : talkWords().newBelow(talk.news.value.count)}
            <Sign name="down" />
          </Button>
        </div>
      )}
      <ChatComposer
        onSent={() => {
          filter.setQuery('')
          toNewest()
        }}
      />
    </div>
  )
}

/** The way to what was said before, and what became of it. */
function Older({ back, ask }: { readonly back: Back; readonly ask: () => void }) {
  const { state } = back
  return (
    <div class="chat-older">
      {state.kind === 'refused' ? <p role="alert">{text.refusal(state.code, state.message)}</p> : null}
      {state.kind === 'asking' ? (
        <p role="status">{talkWords().reading}</p>
      ) : (
        <Button kind="secondary" onPress={ask}>
          {talkWords().older}
        </Button>
      )}
    </div>
  )
}

function writingWords([first, ...others]: readonly string[]): string {
  return first === undefined ? '' : text.rooms.writing(first, others.length)
}

/** Reads back to a message that was found by a search, once the talk of its line is here; what becomes of it otherwise is said. */
function useSought(back: Back): void {
  const app = useApp()
  const { chat, talk, channels, area, notice } = app
  const wanted = talk.sought.value
  const isHere = channels.value.chat !== null && channels.value.chat.events !== null && wanted?.line === area.value
  useEffect(() => {
    if (wanted === null || !isHere) return
    talk.sought.value = null
    if (chat.peek().some(({ key }) => key === wanted.id)) {
      talk.reveal.value = wanted.id
      return
    }
    notice.value = talkWords().seeking
    void back.seek(wanted.id).then((sought) => {
      if (notice.peek() === talkWords().seeking) notice.value = null
      if (sought.kind === 'found') talk.reveal.value = wanted.id
      else if (sought.kind === 'refused') notice.value = text.refusal(sought.code, sought.message)
      else if (sought.kind !== 'left') notice.value = talkWords()[sought.kind]
    })
  }, [wanted, isHere])
}

interface Revealing {
  readonly rows: readonly ChatRow[]
  /** Draws the rows from this one on. */
  readonly draw: (first: string) => void
  readonly leaveEnd: () => void
  /** Shows every row, whatever was searched. */
  readonly find: () => void
}

/** Rows that are drawn above a message that is brought into sight, so that nobody has to wait for what was said before it. */
const ABOVE = 20

/** Brings the message that somebody asked for into the middle of the log, marked for a while. */
function useRevealed(log: RefObject<HTMLElement | null>, { rows, draw, leaveEnd, find }: Revealing): void {
  const { chat, talk } = useApp()
  const wanted = talk.reveal.value
  useLayoutEffect(() => {
    if (wanted === null) return
    if (chat.peek().every(({ key }) => key !== wanted)) return
    const at = rows.findIndex(({ key }) => key === wanted)
    if (at < 0) return find()
    const message = log.current?.querySelector(`[data-key="${CSS.escape(wanted)}"]`)
    leaveEnd()
    if (message === null || message === undefined) return draw(rows[Math.max(0, at - ABOVE)]?.key ?? wanted)
    talk.reveal.value = null
    message.scrollIntoView({ block: 'center' })
    message.classList.add('chat-shown')
  })
}

interface Shown {
  readonly rows: readonly ChatRow[]
  readonly start: number
  readonly isAtEnd: boolean
}

/**
 * Away from the end, the message at the top of what is in sight stays there when others come or go above it: not every browser
 * sees to that. The place is noted as the next look of the log is made, and nobody scrolls between that and the look. Where there
 * is no room above yet, it is made good with the next look, in which what is older is drawn.
 */
function useKeptPlace(log: RefObject<HTMLElement | null>, { rows, start, isAtEnd }: Shown): void {
  const place = useRef<Place | null>(null)
  const owed = useRef<Place | null>(null)
  place.current = log.current === null || isAtEnd ? null : (owed.current ?? topMessage(log.current))
  useLayoutEffect(() => {
    owed.current = null
    const element = log.current
    if (element === null || isAtEnd || place.current === null) return
    const { key, end } = place.current
    const message = element.querySelector(`[data-key="${CSS.escape(key)}"]`)
    if (message === null) return
    const by = (): number => message.getBoundingClientRect().bottom - element.getBoundingClientRect().top - end
    if (Math.abs(by()) < 1) return
    element.scrollTop += by()
    if (by() <= -1 && start > 0) owed.current = place.current
  }, [log, rows, start, isAtEnd])
}

interface Place {
  readonly key: string
  readonly end: number
}

/** The first message of which something is in sight, and where it ends, pixels below the edge of the log: the day over it may go. */
function topMessage(log: HTMLElement): Place | null {
  const edge = log.getBoundingClientRect().top
  for (const message of log.querySelectorAll<HTMLElement>('[data-key]')) {
    const { bottom } = message.getBoundingClientRect()
    if (bottom > edge) return { key: message.dataset['key'] ?? '', end: bottom - edge }
  }
  return null
}
