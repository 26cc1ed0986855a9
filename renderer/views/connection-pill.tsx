import { Button } from '../components/button.tsx'
import { Sign } from '../components/sign.tsx'
import type { App } from '../state/app.ts'
import { timeWords } from '../state/moments.ts'
import { useApp } from '../state/use-app.ts'
import { text } from '../text/text.ts'

/** `Live`, or what happens instead and since when the values are old: in words, with a sign, never by colour. */
export function ConnectionPill() {
  const app = useApp()
  const { status, sheet } = app
  return (
    <Button
      kind="quiet"
      class={`header-item connection ${status.value.state === 'live' ? '' : 'is-stale'}`}
      testId="connection-state"
      onPress={() => (sheet.value = { kind: 'connection' })}
    >
      <Sign name={status.value.state === 'live' ? 'live' : 'stale'} />
      <span class="header-words" role="status">
        <span>
          {connectionWords(app)}
          {status.value.since === null ? null : (
            <span class="connection-more"> · {text.connection.valuesFromThen}</span>
          )}
        </span>
      </span>
    </Button>
  )
}

/** `Reconnecting — offline since 09:41`. */
export function connectionWords(app: Pick<App, 'status' | 'now' | 'serverNow'>): string {
  const status = app.status.value
  if (status.state === 'live') return text.connection.live
  if (status.since === null) return text.connection.starting
  const since = text.connection.since(timeWords(app, status.since))
  return `${text.connection.reconnecting} — ${since}`
}
