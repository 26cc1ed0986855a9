import { checkCommand } from '../../relay/protocol/check.ts'
import { asSettled, type RejectionRow } from '../../relay/domain/rejections.ts'
import { absenceOf } from '../components/absence.ts'
import { Button } from '../components/button.tsx'
import { Empty } from '../components/empty.tsx'
import { FilterPlace, NothingMatches } from '../components/filter-place.tsx'
import { Freshness } from '../components/freshness.tsx'
import { PendingMark } from '../components/pending-mark.tsx'
import { RowList } from '../components/row-list.tsx'
import { Time } from '../components/time.tsx'
import { ViewHeader } from '../components/view-header.tsx'
import { KeptNote } from '../notes/kept-note.tsx'
import { askToSendAgain } from '../state/form-actions.ts'
import { describe } from '../state/describe.ts'
import { isDoubtful, rejectedBy } from '../state/rejection-origin.ts'
import { useApp } from '../state/use-app.ts'
import { useFilter, useMatching } from '../state/use-filter.ts'
import { useHeldRows, type HeldRow } from '../state/use-held-rows.ts'
import { rejectionWords } from '../text/rejection-words.ts'
import { text } from '../text/text.ts'

/** Of a row on a kiosk, pixels; a guess until it is drawn. */
const ROW_HEIGHT = 140

/** What people of the area did and the server did not take, for those who supervise it: to be sent again or discarded. */
export function RejectionsView() {
  const app = useApp()
  const { area, channels, isLive, rejections, supervises } = app
  const rows = rejections.value
  const all = useHeldRows(rows, idOf)
  const filter = useFilter()
  const held = useMatching(all, filter, {
    wordsOf({ record }) {
      const { command, code, message } = asSettled(record, checkCommand)
      return [describe(app, command), text.refusal(code, message), rejectedBy(record)]
    },
  })
  const channel = channels.value.rejections
  const absence = absenceOf(channel, isLive.value)
  if (!supervises.value) {
    return (
      <>
        <ViewHeader title={text.rejections.title} summary="" freshness={null} />
        <Empty>{rejectionWords().forSupervisors}</Empty>
      </>
    )
  }
  return (
    <>
      <ViewHeader
        title={text.rejections.title}
        summary={rows.length === 0 ? '' : rejectionWords().summary(rows.length)}
        freshness={<Freshness channel={channel} />}
      >
        <FilterPlace filter={filter} list={text.rejections.title} shown={held.rows.length} total={all.rows.length} />
      </ViewHeader>
      {all.rows.length > 0 && held.rows.length === 0 ? (
        <NothingMatches filter={filter} />
      ) : held.rows.length === 0 ? (
        <Empty more={absence?.more}>{absence?.words ?? rejectionWords().empty(text.areaName(area.value))}</Empty>
      ) : (
        <RowList label={text.rejections.title} held={held} estimate={ROW_HEIGHT} attributes={attributesOf}>
          {(row) => <RejectionItem held={row} />}
        </RowList>
      )}
    </>
  )
}

function idOf({ record }: RejectionRow): string {
  return record.id
}

function attributesOf({ isGone }: HeldRow<RejectionRow>) {
  return { class: `row rejection ${isGone ? 'row-gone' : ''}`, 'data-testid': 'rejection-row' }
}

function RejectionItem({ held: { row, isGone } }: { readonly held: HeldRow<RejectionRow> }) {
  const { record } = row
  return (
    <>
      <div class="rejection-what">
        <RejectionWords row={row} />
      </div>
      <p class="rejection-who">
        <Time at={record.at} />
        <span class={isDoubtful(record) ? 'rejection-doubtful' : undefined}>{rejectedBy(record)}</span>
      </p>
      <div class="rejection-actions">{isGone ? <em>{text.rows.gone}</em> : <Actions row={row} />}</div>
    </>
  )
}

/** What it was, and why it was not accepted. What nobody can read is shown as it came, shortened. */
export function RejectionWords({ row }: { readonly row: RejectionRow }) {
  const app = useApp()
  const { command, code, message } = asSettled(row.record, checkCommand)
  const raw = command.data === null ? JSON.stringify(row.record.data ?? null) : null
  return (
    <>
      <h2>{describe(app, command)}</h2>
      <KeptNote command={command} />
      <p class="rejection-why">{text.refusal(code, message)}</p>
      {raw === null || raw === 'null' ? null : (
        <p class="rejection-raw">
          {rejectionWords().held} <code>{raw.length > MAX_RAW ? `${raw.slice(0, MAX_RAW)}…` : raw}</code>
        </p>
      )}
    </>
  )
}

/** Characters of unreadable data worth showing to a person. */
const MAX_RAW = 160

function Actions({ row }: { readonly row: RejectionRow }) {
  const app = useApp()
  const { record, again, closing } = row
  if (closing !== null) return <PendingMark waiting={closing} words={rejectionWords().closing} />
  const what = describe(app, asSettled(record, checkCommand).command)
  const discard = (): void => {
    app.sheet.value = { kind: 'rejection', id: record.id, how: 'discarded' }
  }
  return (
    <>
      {again === null ? null : (
        <Button
          kind="secondary"
          label={rejectionWords().againLabel(what)}
          onPress={() => askToSendAgain(app, row, checkCommand)}
        >
          {rejectionWords().again}
        </Button>
      )}
      <Button kind="secondary" label={rejectionWords().discardLabel(what)} onPress={discard}>
        {rejectionWords().discard}
      </Button>
    </>
  )
}
