import type { RefObject } from 'preact'
import { useId, useState } from 'preact/hooks'
import type { AlertRow } from '../../relay/domain/alerts.ts'
import { MiddledTitle } from '../components/middled-title.tsx'
import { text } from '../text/text.ts'

/** Characters of a body that a row shows whole. Longer ones open on demand. */
const SHORT_BODY = 140

/** What an alert says, where, and what to do first. */
export function AlertText({
  row,
  element,
  titleRows,
}: {
  readonly row: AlertRow
  readonly element: RefObject<HTMLDivElement | null>
  /** So many rows of its title, of which the middle is left out where it needs more. */
  readonly titleRows?: number | undefined
}) {
  const [isWhole, setWhole] = useState(false)
  const id = useId()
  const isLong = row.body !== null && row.body.length > SHORT_BODY
  return (
    <div ref={element} class={`alert-what ${isWhole ? 'is-whole' : ''}`}>
      {titleRows === undefined ? <h2>{row.title}</h2> : <MiddledTitle title={row.title} rows={titleRows} />}
      <p id={id} class={`alert-where ${isLong && !isWhole ? 'is-cut' : ''}`}>
        {text.areaName(row.area)} {row.body === null ? null : <span class="alert-body">{row.body}</span>}
      </p>
      {isLong ? (
        <button
          type="button"
          class="button button-quiet alert-whole"
          aria-expanded={isWhole}
          aria-controls={id}
          aria-label={text.alerts.wholeLabel(row.title)}
          onClick={() => setWhole(!isWhole)}
        >
          {isWhole ? text.alerts.less : text.alerts.whole}
        </button>
      ) : null}
    </div>
  )
}
