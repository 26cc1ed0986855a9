import { wordsOf, type ChatRow } from '../../relay/domain/chat.ts'
import type { ReplyTo } from '../../relay/protocol/records.ts'
import { Button } from '../components/button.tsx'
import { Sheet } from '../components/sheet.tsx'
import { Time } from '../components/time.tsx'
import type { App } from '../state/app.ts'
import { discuss } from '../state/form-actions.ts'
import { useApp } from '../state/use-app.ts'
import { talkWords } from '../text/talk-words.ts'
import { text } from '../text/text.ts'

/** As many as are read beside something else; all of them are in the chat. */
const SHOWN = 5

/** What the chat of the shown line says in answer to an alert or an order, the latest last, and the way into it. */
export function SaidAbout({ to, id, onDiscuss }: Pick<ReplyTo, 'to' | 'id'> & { readonly onDiscuss: () => void }) {
  const app = useApp()
  const rows = answersTo(app.chat.value, { to, id })
  const words = talkWords()
  return (
    <section class="said-about" aria-label={words.talk}>
      <h3>{words.talk}</h3>
      {rows.length === 0 ? <p class="said-none">{words.nothingSaid}</p> : null}
      <ol>
        {rows.slice(-SHOWN).map((row) => (
          <li key={row.key}>
            <strong>{row.author ?? text.chat.terminal}</strong> <Time at={row.at ?? row.waiting?.since ?? 0} />
            <p class="chat-text">{wordsOf(row)}</p>
          </li>
        ))}
      </ol>
      <Button kind="secondary" onPress={onDiscuss}>
        {rows.length > SHOWN ? words.discussAll(rows.length) : text.chat.discuss}
      </Button>
    </section>
  )
}

/** The same of an alert, which has no sheet of its own. */
export function TalkSheet({ id }: Pick<ReplyTo, 'id'>) {
  const app = useApp()
  const row = app.board.value.rows.find((one) => one.id === id)
  const close = (): void => void (app.sheet.value = null)
  return (
    <Sheet title={row?.title ?? talkWords().alert} onClose={close}>
      {row === undefined ? (
        <p class="lead">{talkWords().alertGone}</p>
      ) : (
        <SaidAbout to="alert" id={id} onDiscuss={() => discuss(app, { to: 'alert', id, by: '', text: row.title })} />
      )}
    </Sheet>
  )
}

function answersTo(rows: App['chat']['value'], { to, id }: Pick<ReplyTo, 'to' | 'id'>): readonly ChatRow[] {
  return rows.filter(({ reply, withdrawn }) => withdrawn === null && reply?.to === to && reply.id === id)
}
