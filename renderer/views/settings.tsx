import { useState } from 'preact/hooks'
import { LANGUAGES, THEMES } from '../../relay/protocol/record-words.ts'
import { Button } from '../components/button.tsx'
import { Choice } from '../components/choice.tsx'
import { kioskHost } from '../platform/kiosk-host.ts'
import { chooseLanguage, chooseTheme } from '../state/actions.ts'
import { useApp } from '../state/use-app.ts'
import { LANGUAGE_NAMES, text } from '../text/text.ts'

/** What follows the person to every terminal, and the end of all their sessions. A choice holds when it is made. */
export function Settings() {
  const app = useApp()
  const words = text.settings
  return (
    <section class="settings" aria-label={words.title}>
      <Choice
        legend={words.theme}
        options={THEMES.map((value) => ({ value, label: words.themes[value] }))}
        value={app.theme.value}
        onChoose={(theme) => chooseTheme(app, theme)}
      />
      <LanguageChoice />
      {kioskHost() === null ? null : <KeyboardChoice />}
      <p class="settings-more">{words.followsYou}</p>
      <Button kind="secondary" onPress={() => (app.sheet.value = { kind: 'sign-out-everywhere' })}>
        {words.everywhere}
      </Button>
    </section>
  )
}

/** Of this terminal, whoever uses it: some have a real keyboard, or a system that shows one. */
function KeyboardChoice() {
  const { memory } = useApp()
  const [isShown, setShown] = useState(memory.keyboard())
  const { show, shown } = text.keyboard
  return (
    <Choice
      legend={show}
      options={(['on', 'off'] as const).map((value) => ({ value, label: shown[value] }))}
      value={isShown ? 'on' : 'off'}
      onChoose={(value) => {
        memory.rememberKeyboard(value === 'on')
        setShown(value === 'on')
      }}
    />
  )
}

/** Each language by its own name, so that nobody has to read another one to find theirs. */
export function LanguageChoice() {
  const app = useApp()
  return (
    <Choice
      legend={text.settings.language}
      options={LANGUAGES.map((value) => ({ value, label: <span lang={value}>{LANGUAGE_NAMES[value]}</span> }))}
      value={app.language.value}
      onChoose={(language) => chooseLanguage(app, language)}
    />
  )
}
