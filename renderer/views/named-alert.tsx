import { useMemo, useRef } from 'preact/hooks'
import { needsPerson, type AlertRow } from '../../relay/domain/alerts.ts'
import { momentOf } from '../state/moments.ts'
import { useApp } from '../state/use-app.ts'
import { useDisplayed } from '../state/use-displayed.ts'
import { useFlowWidth } from '../state/use-flow-width.ts'
import { middled, rowsOf, type MeasureName } from '../state/wall-names.ts'
import { authorName } from '../text/author-name.ts'
import { siteWords } from '../text/site-words.ts'
import { minutesSince } from '../text/standing-words.ts'
import { text } from '../text/text.ts'

/** Of a title so much is said at least, in sizes of its letters. */
const LEAST_TITLE = 8
/** As wide as what keeps two parts of a flow apart. */
const GAP = '   '

interface NamedAlertProps {
  readonly row: AlertRow
  /** Of the line, by how many alerts somebody is needed. */
  readonly needing: number
  readonly isOld: boolean
  readonly flow?: Flow
}

/** Where all is said in one flow of words: what stands before the title, and behind how long it has been. */
interface Flow {
  readonly before: string
  readonly after: string
  readonly rows: number
  readonly measure: MeasureName
}

/** What is wrong, for how long, and who has it. In one flow of words the title leaves room for the rest. */
export function NamedAlert({ row, needing, isOld, flow }: NamedAlertProps) {
  const app = useApp()
  const element = useRef<HTMLElement>(null)
  const isCovered = app.alarms.value.overlay.length > 0
  useDisplayed(element, row.raised === null || isCovered ? null : row.id)
  const at = row.raised?.at ?? row.raising?.since
  const lasting =
    at === undefined || isOld ? [] : [text.boards.lasting(minutesSince(momentOf(app, at), app.serverNow.value))]
  const taken = row.acknowledged?.by ?? row.acknowledging?.by ?? null
  const isTaken = !needsPerson(row) && taken !== null
  // Who has this one does not have the others; on a wall there is room for one of the two, and the sign flashes.
  const besides =
    needing === 0 ? siteWords().takenBy(authorName(taken ?? '')) : flow === undefined ? text.countOpen(needing) : ''
  const said = isTaken && besides !== '' ? [...lasting, besides] : lasting
  const more = said.join(' · ')
  const width = useFlowWidth(element)
  const { before = '', after = '', rows = 0, measure } = flow ?? {}
  const title = useMemo(() => {
    if (measure === undefined || width === null) return boundToLast(row.title)
    const behind = [more, after].filter((part) => part !== '').map(unbroken)
    return middled(boundToLast(row.title), (words) => {
      const parts = before === '' ? [words, ...behind] : [before, words, ...behind]
      return measure(words) <= LEAST_TITLE || rowsOf(parts.join(GAP), width, measure) <= rows
    })
  }, [row.title, width, before, more, after, rows, measure])
  return (
    <>
      <bdi ref={element} class="band-title">
        {title}
      </bdi>
      {flow === undefined ? null : <wbr />}
      <span class="band-age">{more}</span>
    </>
  )
}

/** `Press 6` is not broken in two. */
function boundToLast(title: string): string {
  return title.replace(/ (\S{1,4})$/, '\u{A0}$1')
}

function unbroken(words: string): string {
  return words.replaceAll(' ', '\u{A0}')
}
