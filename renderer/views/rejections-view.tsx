import { asSettled, type RejectionRow } from '../../relay/domain/rejections.ts'
import { Button } from '../components/button.tsx'
import { Empty } from '../components/empty.tsx'
import { Freshness } from '../components/freshness.tsx'
import { PendingMark } from '../components/pending-mark.tsx'
import { Time } from '../components/time.tsx'
import { ViewHeader } from '../components/view-header.tsx'
import { askToSendAgain } from '../state/actions.ts'
import { describe } from '../state/describe.ts'
import { useApp } from '../state/use-app.ts'
import { text } from '../text/text.ts'
import { refusedWords } from './orders-view.tsx'

/** What people of the area did and the server did not take, for those who supervise it: to be sent again or discarded. */
export function RejectionsView() {
  const { area, channels, rejections, supervises } = useApp()
  const rows = rejections.value
  const channel = channels.value.rejections
  const refused = channel?.refused ?? null
  if (!supervises.value) {
    return (
      <>
        <ViewHeader title={text.rejections.title} summary="" freshness={null} />
        <Empty>{text.rejections.forSupervisors}</Empty>
      </>
    )
  }
  return (
    <>
      <ViewHeader
        title={text.rejections.title}
        summary={rows.length === 0 ? '' : text.rejections.summary(rows.length)}
        freshness={refused === null ? <Freshness channel={channel} /> : null}
      />
      {rows.length === 0 ? (
        <Empty>{refused === null ? text.rejections.empty(text.areaName(area.value)) : refusedWords(refused)}</Empty>
      ) : (
        <ul class="rows" aria-label={text.rejections.title}>
          {rows.map((row) => (
            <RejectionItem key={row.record.id} row={row} />
          ))}
        </ul>
      )}
    </>
  )
}

function RejectionItem({ row }: { readonly row: RejectionRow }) {
  const { record } = row
  return (
    <li class="row rejection" data-testid="rejection-row">
      <div class="rejection-what">
        <RejectionWords row={row} />
      </div>
      <p class="rejection-who">
        <Time at={record.at} />
        <span>{rejectedBy(row)}</span>
      </p>
      <div class="rejection-actions">
        <Actions row={row} />
      </div>
    </li>
  )
}

/** What it was, and why it was not accepted. What nobody can read is shown as it came, shortened. */
export function RejectionWords({ row }: { readonly row: RejectionRow }) {
  const app = useApp()
  const { command, code, message } = asSettled(row.record)
  const raw = command.data === null ? JSON.stringify(row.record.data ?? null) : null
  return (
    <>
      <h2>{describe(app, command)}</h2>
      <p class="rejection-why">{text.refusal(code, message)}</p>
      {raw === null || raw === 'null' ? null : (
        <p class="rejection-raw">
          {text.rejections.held} <code>{raw.length > MAX_RAW ? `${raw.slice(0, MAX_RAW)}…` : raw}</code>
        </p>
      )}
    </>
  )
}

/** Characters of unreadable data worth showing to a person. */
const MAX_RAW = 160

/** `kim on press-2`; a terminal that did it by itself is named once. */
export function rejectedBy(row: RejectionRow): string {
  const by = authorOf(row)
  const { on } = row.record
  return text.rejections.by(by, on === by ? null : on)
}

/** The operator, or the name of the terminal. */
export function authorOf({ record }: RejectionRow): string {
  return record.by.replace(/^device:/, '')
}

function Actions({ row }: { readonly row: RejectionRow }) {
  const app = useApp()
  const { record, again, closing } = row
  if (closing !== null) return <PendingMark waiting={closing} words={text.rejections.closing} />
  const what = describe(app, asSettled(record).command)
  const discard = (): void => {
    app.sheet.value = { kind: 'rejection', id: record.id, how: 'discarded' }
  }
  return (
    <>
      {again === null ? null : (
        <Button kind="secondary" label={text.rejections.againLabel(what)} onPress={() => askToSendAgain(app, row)}>
          {text.rejections.again}
        </Button>
      )}
      <Button kind="secondary" label={text.rejections.discardLabel(what)} onPress={discard}>
        {text.rejections.discard}
      </Button>
    </>
  )
}
