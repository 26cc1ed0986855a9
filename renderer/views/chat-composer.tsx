import { useRef } from 'preact/hooks'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { Button } from '../components/button.tsx'
import { send, settle } from '../state/actions.ts'
import { typed } from '../state/typed.ts'
import { useApp } from '../state/use-app.ts'
import { useTextKeys } from '../state/use-text-keys.ts'
import { text } from '../text/text.ts'

/** Enter sends, Shift and Enter breaks the line. What is typed survives a look at another view. */
export function ChatComposer({ onSent }: { readonly onSent: () => void }) {
  const app = useApp()
  const field = useRef<HTMLTextAreaElement>(null)
  const line = app.area.value
  const again = app.chatAgain.value[line]
  const draft = app.chatDrafts.value[line] ?? ''
  const left = LIMITS.maxText - typed(draft).length
  const setDraft = (value: string): void => {
    app.chatDrafts.value = { ...app.chatDrafts.value, [line]: value }
    app.typing.changed(line, typed(value) !== '')
    // Emptied, it is another message that comes next.
    if (value === '' && again !== undefined) app.chatAgain.value = withoutLine(app.chatAgain.value, line)
  }
  const submit = (): void => {
    // As it is now, not as it was drawn: the last syllable may have come with this very press.
    const words = typed(app.chatDrafts.value[line] ?? '')
    if (words === '' || words.length > LIMITS.maxText) return
    send(app, 'chat.post', { line, text: words })
    if (again !== undefined) settle(app, again, 'resent')
    setDraft('')
    onSent()
  }
  useTextKeys(field, { enter: submit })
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <textarea
        ref={field}
        class="input composer-input"
        aria-label={text.chat.label}
        aria-describedby="composer-count"
        placeholder={text.chat.placeholder(text.areaName(line))}
        rows={1}
        value={draft}
        onInput={(event) => setDraft(event.currentTarget.value)}
        enterkeyhint="send"
      />
      <Button kind="primary" submits disabled={left < 0}>
        {text.chat.send}
      </Button>
      <p id="composer-count" class={`composer-count ${left < 0 ? 'field-error' : ''}`}>
        {left < 0 ? text.chat.over(-left) : draft === '' ? '' : text.chat.left(left)}
      </p>
    </form>
  )
}

function withoutLine<T>(byLine: Readonly<Record<string, T>>, line: string): Readonly<Record<string, T>> {
  const { [line]: _dropped, ...others } = byLine
  return others
}
