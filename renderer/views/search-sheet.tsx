import { useEffect, useId, useRef, useState } from 'preact/hooks'
import type { CommandId } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { unreachable } from '../../relay/protocol/rights.ts'
import type { Marked, SearchHit, SearchKind } from '../../relay/protocol/search.ts'
import { Button } from '../components/button.tsx'
import { Empty } from '../components/empty.tsx'
import { Sheet } from '../components/sheet.tsx'
import { Time } from '../components/time.tsx'
import { go } from '../state/actions.ts'
import type { App } from '../state/app.ts'
import { useOpenForm } from '../state/open-form.ts'
import { keyOf, Searching, type Results } from '../state/search.ts'
import { useApp } from '../state/use-app.ts'
import { authorName } from '../text/author-name.ts'
import { searchWords } from '../text/search-words.ts'
import { text } from '../text/text.ts'

/** In which order kinds stand: what is done about first. */
const KINDS = ['orders', 'alerts', 'notes', 'chat'] as const satisfies readonly SearchKind[]

/** Finds what was said and written on every line that this person may see, by the server. */
export function SearchSheet({ q = '' }: { readonly q?: string | undefined }) {
  const app = useApp()
  const words = searchWords()
  const [search] = useState(() => new Searching({ relay: app.relay, after }))
  useEffect(() => {
    search.type(q)
    return () => search.leave()
  }, [search])
  const [typed, setTyped] = useState(q)
  useOpenForm(typed.trim() === '' ? null : { kind: 'search', q: typed })
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => input.current?.focus(), [])
  const id = useId()
  const isSignedIn = app.session.value !== null
  return (
    <Sheet title={words.title} onClose={() => (app.sheet.value = null)}>
      <div class="search" role="search">
        <label for={id}>{words.field}</label>
        <input
          ref={input}
          id={id}
          class="input"
          type="search"
          autocomplete="off"
          maxLength={LIMITS.maxSearchText}
          value={typed}
          onInput={({ currentTarget }) => {
            setTyped(currentTarget.value)
            search.type(currentTarget.value)
          }}
        />
      </div>
      {isSignedIn ? <Found search={search} /> : <Empty>{words.signIn}</Empty>}
    </Sheet>
  )
}

function after(ms: number, call: () => void): () => void {
  const timer = setTimeout(call, ms)
  return () => clearTimeout(timer)
}

function Found({ search }: { readonly search: Searching }) {
  const { isLive } = useApp()
  const words = searchWords()
  const results = search.results.value
  switch (results.kind) {
    case 'nothing':
      return <Empty more={isLive.value ? undefined : words.unreached}>{words.hint}</Empty>
    case 'asking':
      return (
        <p class="empty" role="status">
          {words.asking}
        </p>
      )
    case 'refused':
      return (
        <div role="alert">
          <Empty>{refusalWords(results.code)}</Empty>
          {results.code === 'bad-request' ? null : (
            <div class="later-again">
              <Button kind="secondary" onPress={() => search.again()}>
                {words.again}
              </Button>
            </div>
          )}
        </div>
      )
    case 'found':
      return <Hits search={search} results={results} />
    default:
      return unreachable(results)
  }
}

function refusalWords(code: string): string {
  const words = searchWords()
  if (code === 'unreachable' || code === 'no-answer') return words.unreached
  if (code === 'unavailable') return words.unavailable
  if (code === 'bad-request') return words.noWords
  if (code === 'rate-limited') return words.busy
  if (code === 'sign-in-needed') return words.signIn
  return words.failed
}

function Hits({
  search,
  results,
}: {
  readonly search: Searching
  readonly results: Extract<Results, { kind: 'found' }>
}) {
  const words = searchWords()
  const { hits, next, isWhole, isAsking, q } = results
  return (
    <>
      <p class="search-count" role="status">
        {isAsking ? words.asking : hits.length === 0 ? '' : words.count(hits.length, next === null)}
      </p>
      {isWhole ? null : <p class="lead">{words.notWhole}</p>}
      {hits.length === 0 && !isAsking ? <Empty more={words.noneMore}>{words.none(q)}</Empty> : null}
      {KINDS.map((kind) => {
        const own = hits.filter((hit) => hit.kind === kind)
        if (own.length === 0) return null
        return (
          <section key={kind} class="search-kind">
            <h3>{words.kinds[kind]}</h3>
            <ul class="rows">
              {own.map((hit) => (
                <Hit key={keyOf(hit)} hit={hit} />
              ))}
            </ul>
          </section>
        )
      })}
      {next === null ? null : (
        <div class="later-again">
          <Button kind="secondary" disabled={isAsking} onPress={() => void search.more()}>
            {words.more}
          </Button>
        </div>
      )}
    </>
  )
}

/** A press goes there, or shows here what is not at hand there. */
function Hit({ hit }: { readonly hit: SearchHit }) {
  const app = useApp()
  const words = searchWords()
  const [isOpen, open] = useState(false)
  const { area, at, by, title, text: said } = hit
  const press = (): void => {
    const jump = jumpTo(app, hit)
    if (jump === null) open(!isOpen)
    else jump()
  }
  return (
    <li class={`search-hit ${isOpen ? 'is-open' : ''}`} data-testid="search-hit">
      <button type="button" class="search-hit-press" aria-expanded={isOpen ? true : undefined} onClick={press}>
        {title === null ? null : (
          <bdi class="search-hit-title">
            <Words marked={title} />
          </bdi>
        )}
        {said.text === '' ? null : (
          <bdi class="search-hit-text">
            <Words marked={said} />
          </bdi>
        )}
        <span class="search-hit-more">
          <bdi>{authorName(by)}</bdi>
          <span>{text.areaName(area)}</span>
          <Time at={at} />
        </span>
      </button>
      {isOpen ? (
        <div class="search-hit-away">
          <p>{words.notHere}</p>
        </div>
      ) : null}
    </li>
  )
}

/** Where it can be seen; null where it is not at hand in this window. */
function jumpTo(app: App, { kind, id, area }: SearchHit): (() => void) | null {
  // The server names commands by ids of their own kind.
  const command = id as CommandId
  switch (kind) {
    case 'orders':
      return () => {
        if (area !== app.area.value) go(app, 'orders', area)
        app.sheet.value = { kind: 'order', id: command, draft: {} }
      }
    case 'alerts':
      if (app.board.value.rows.every((row) => row.id !== id)) return null
      return () => {
        app.sheet.value = null
        go(app, 'alerts')
        app.reveal.value = id
      }
    case 'chat':
      return () => {
        app.sheet.value = null
        go(app, 'chat', area)
        app.talk.sought.value = { line: area, id }
      }
    case 'notes':
      return () => {
        app.sheet.value = null
        go(app, 'notes', area, id.slice(area.length + 1))
      }
    default:
      return unreachable(kind)
  }
}

/** Text with the places that were found in it; never markup. */
function Words({ marked: { text: words, marks } }: { readonly marked: Marked }) {
  const parts = marks.flatMap(([from, to], index) => [
    words.slice(marks[index - 1]?.[1] ?? 0, from),
    <mark key={from}>{words.slice(from, to)}</mark>,
  ])
  return (
    <>
      {parts}
      {words.slice(marks.at(-1)?.[1] ?? 0)}
    </>
  )
}
