import { useRef, useState } from 'preact/hooks'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { Button } from '../components/button.tsx'
import { Sign } from '../components/sign.tsx'
import { settle } from '../state/actions.ts'
import { choose, share } from '../state/chosen-files.ts'
import { say, withoutAnswer } from '../state/form-actions.ts'
import { nameAtCaret, peopleOf } from '../state/names.ts'
import { typed } from '../state/typed.ts'
import { useApp } from '../state/use-app.ts'
import { useTextKeys } from '../state/use-text-keys.ts'
import { talkWords } from '../text/talk-words.ts'
import { text } from '../text/text.ts'
import { AddFiles, ChosenFiles, filesIn } from './composer-files.tsx'
import { MentionList, peopleBegun } from './mention-list.tsx'

/** Enter sends, Shift and Enter breaks the line, @ offers names. What is typed survives a look at another view. */
export function ChatComposer({ onSent }: { readonly onSent: () => void }) {
  const app = useApp()
  const field = useRef<HTMLTextAreaElement>(null)
  const line = app.area.value
  const again = app.chatAgain.value[line]
  const draft = app.drafts.value[line] ?? ''
  const hasFiles = (app.talk.chosen.value[line] ?? []).length > 0
  const [isSharing, setSharing] = useState(false)
  const isReading = (app.talk.reading.value[line] ?? 0) > 0
  const left = LIMITS.maxText - typed(draft).length
  const setDraft = (value: string): void => {
    app.drafts.value = { ...app.drafts.value, [line]: value }
    app.typing.changed(line, typed(value) !== '')
    // Emptied, it is another message that comes next.
    if (value === '' && again !== undefined) app.chatAgain.value = withoutLine(app.chatAgain.value, line)
  }
  const mention = useMention(field, draft, setDraft)
  const submit = (): void => {
    // As it is now, not as it was drawn: the last syllable may have come with this very press.
    const words = typed(app.drafts.value[line] ?? '')
    if (words.length > LIMITS.maxText || isSharing || isReading) return
    if (hasFiles) return void submitFiles()
    if (words === '') return
    say(app, line, words)
    if (again !== undefined) settle(app, again, 'resent')
    setDraft('')
    onSent()
  }
  const submitFiles = async (): Promise<void> => {
    setSharing(true)
    const isSent = await share(app, line)
    setSharing(false)
    if (isSent) onSent()
  }
  const takeIn = (event: Event, data: DataTransfer | null): void => {
    const files = filesIn(data)
    if (files === null) return
    event.preventDefault()
    void choose(app, line, files)
  }
  const { chosen } = mention
  useTextKeys(field, {
    enter: chosen === null ? submit : () => mention.put(chosen),
    ...(chosen !== null && { escape: mention.close }),
  })
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
      onPaste={(event) => takeIn(event, event.clipboardData)}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => takeIn(event, event.dataTransfer)}
    >
      <ChosenFiles line={line} />
      <AddFiles line={line} />
      <Answering line={line} />
      {chosen === null ? null : <MentionList people={mention.people} chosen={chosen} choose={mention.put} />}
      <textarea
        ref={field}
        class="input composer-input"
        aria-label={talkWords().label}
        aria-describedby="composer-count"
        aria-controls={chosen === null ? undefined : 'mention-list'}
        placeholder={talkWords().placeholder(text.areaName(line))}
        rows={1}
        value={draft}
        onInput={(event) => {
          setDraft(event.currentTarget.value)
          mention.look()
        }}
        onKeyDown={mention.pressed}
        onClick={mention.look}
        onBlur={mention.close}
        enterkeyhint="send"
      />
      <Button kind="primary" submits disabled={left < 0 || isSharing || isReading}>
        {talkWords().send}
      </Button>
      <p id="composer-count" class={`composer-count ${left < 0 ? 'field-error' : ''}`}>
        {left < 0 ? talkWords().over(-left) : draft === '' ? '' : talkWords().left(left)}
      </p>
    </form>
  )
}

/** What the message answers, and the way out of that. */
function Answering({ line }: { readonly line: string }) {
  const app = useApp()
  const answer = app.talk.answers.value[line]
  if (answer === undefined) return null
  return (
    <div class="composer-answer">
      <p>
        <strong>{talkWords().answering(answer.by)}</strong> {answer.text}
      </p>
      <Button kind="quiet" label={talkWords().noAnswer} onPress={() => withoutAnswer(app, line)}>
        <Sign name="close" />
      </Button>
    </div>
  )
}

/** The name that is being written behind an @, and who it could be. */
function useMention(
  field: { readonly current: HTMLTextAreaElement | null },
  draft: string,
  setDraft: (value: string) => void,
) {
  const app = useApp()
  const [caret, setCaret] = useState<number | null>(null)
  const [at, setAt] = useState(0)
  const name = caret === null ? null : nameAtCaret(draft, caret)
  const people = name === null ? [] : peopleBegun(peopleOf(app), name.begun)
  const chosen = people[Math.min(at, people.length - 1)] ?? null
  const close = (): void => setCaret(null)
  const put = (person: string): void => {
    const element = field.current
    if (name === null || caret === null || element === null) return
    const before = `${draft.slice(0, name.from)}@${person} `
    setDraft(before + draft.slice(caret).trimStart())
    close()
    // Once the words are in the field.
    requestAnimationFrame(() => {
      element.focus()
      element.setSelectionRange(before.length, before.length)
    })
  }
  return {
    people,
    chosen,
    put,
    close,
    look: (): void => {
      setCaret(field.current?.selectionStart ?? null)
      setAt(0)
    },
    pressed: (event: KeyboardEvent): void => {
      if (chosen === null || event.isComposing) return
      const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
      if (step !== 0) setAt((Math.min(at, people.length - 1) + step + people.length) % people.length)
      else if (event.key === 'Tab') put(chosen)
      else return
      event.preventDefault()
    },
  }
}

function withoutLine<T>(byLine: Readonly<Record<string, T>>, line: string): Readonly<Record<string, T>> {
  const { [line]: _dropped, ...others } = byLine
  return others
}
