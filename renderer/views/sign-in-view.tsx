import { useEffect, useRef, useState } from 'preact/hooks'
import { Button } from '../components/button.tsx'
import { Field } from '../components/field.tsx'
import { PinPad } from '../components/pin-pad.tsx'
import { hasHangul, isOperatorName, operatorName } from '../state/operator-name.ts'
import { useApp } from '../state/use-app.ts'
import { useTextKeys } from '../state/use-text-keys.ts'
import { text } from '../text/text.ts'
import { LanguageChoice } from './settings.tsx'

/** Longer PINs than any site has; bounds what a stuck key can type. */
const MAX_PIN = 12

/** Name and PIN, for gloves and for keyboards: digits typed anywhere but in the name belong to the PIN. */
export function SignInView() {
  const app = useApp()
  const recent = app.memory.operators()
  const [name, setName] = useState('')
  const [pin, setPin] = useState('')
  const [error, setError] = useState<string | null>(null)
  const [isBusy, setBusy] = useState(false)
  const pinField = useRef<HTMLInputElement>(null)
  const nameField = useRef<HTMLInputElement>(null)
  const place = useRef<HTMLFormElement>(null)
  useTextKeys(place)
  const operator = operatorName(name)
  const isLive = app.isLive.value
  const said = isLive ? (hasHangul(name) ? text.session.hangulName(operator) : '') : text.session.offline
  const aside = app.aside.value
  // "Sign in to acknowledge" led here.
  useEffect(() => {
    if (aside.size > 0) nameField.current?.focus()
  }, [aside])

  const type = (change: (before: string) => string): void => {
    setError(null)
    setPin((before) => change(before).slice(0, MAX_PIN))
  }
  const submit = async (): Promise<void> => {
    if (!isLive || isBusy) return
    if (!isOperatorName(operator) || pin === '') {
      const { missingName, badName, missingPin } = text.session
      setError(operator === '' ? missingName : isOperatorName(operator) ? missingPin : badName)
      ;(isOperatorName(operator) ? pinField : nameField).current?.focus()
      return
    }
    setBusy(true)
    const reply = await app.relay.signIn(operator, pin)
    setBusy(false)
    setPin('')
    if (reply.ok) {
      app.memory.rememberOperator(operator)
      return
    }
    setError(text.refusal(reply.code, reply.message))
    pinField.current?.focus()
  }
  const keyed = (event: KeyboardEvent): void => {
    const isElsewhere = event.target !== nameField.current && event.target !== pinField.current
    if (isElsewhere && /^\d$/.test(event.key)) type((before) => before + event.key)
  }

  return (
    <form
      ref={place}
      class="sign-in"
      aria-label={text.session.title}
      noValidate
      onKeyDown={keyed}
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      {/* First, where nothing above it comes and goes: a press that was on its way would miss it. */}
      <div class="sign-in-head">
        <h2>{text.session.title}</h2>
        <LanguageChoice />
      </div>
      <Field label={text.session.name}>
        {({ id, describedBy }) => (
          <input
            id={id}
            ref={nameField}
            class="input"
            name="operator"
            value={name}
            aria-describedby={describedBy}
            autoComplete="off"
            autoCapitalize="none"
            spellcheck={false}
            maxLength={64}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        )}
      </Field>
      {recent.length === 0 ? null : (
        <div class="sign-in-recent" role="group" aria-label={text.session.recent}>
          {recent.map((person) => (
            <Button
              key={person}
              kind="secondary"
              class={person === name ? 'is-chosen' : ''}
              onPress={() => {
                setName(person)
                pinField.current?.focus()
              }}
            >
              <span class="sign-in-name" title={person}>
                {person}
              </span>
            </Button>
          ))}
        </div>
      )}
      <Field label={text.session.pin}>
        {({ id, describedBy }) => (
          <input
            id={id}
            ref={pinField}
            class="input input-pin"
            name="pin"
            type="password"
            inputMode="none"
            autoComplete="off"
            value={pin}
            aria-describedby={`${describedBy} sign-in-state`}
            aria-invalid={error !== null}
            onInput={(event) => {
              const digits = event.currentTarget.value.replaceAll(/\D/g, '')
              type(() => digits)
            }}
          />
        )}
      </Field>
      <PinPad
        onDigit={(digit) => type((before) => before + digit)}
        onErase={() => type((before) => before.slice(0, -1))}
        onClear={() => type(() => '')}
      />
      <Button kind="primary" submits disabled={!isLive || isBusy} describedBy="sign-in-state" class="sign-in-submit">
        {isBusy ? text.session.signingIn : text.session.signIn}
      </Button>
      {/* Last: words that come and go above a control would move it. */}
      <p id="sign-in-state" class="sign-in-state" role="status">
        {error === null ? said : <span class="field-error">{error}</span>}
      </p>
    </form>
  )
}
