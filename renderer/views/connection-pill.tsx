import type { StatusView } from '../../relay/protocol/local.ts'
import { Button } from '../components/button.tsx'
import { Sign } from '../components/sign.tsx'
import { useApp } from '../state/use-app.ts'
import { clockOrDay } from '../text/format.ts'
import { text } from '../text/text.ts'

/** `Live`, or what happens instead and since when the values are old: in words, with a sign, never by colour. */
export function ConnectionPill() {
  const { status, now, sheet } = useApp()
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
          {connectionWords(status.value, now.value)}
          {status.value.since === null ? null : (
            <span class="connection-more"> · {text.connection.valuesFromThen}</span>
          )}
        </span>
      </span>
    </Button>
  )
}

/** `Reconnecting — offline since 09:41`. */
export function connectionWords(status: StatusView, now: number): string {
  if (status.state === 'live') return text.connection.live
  if (status.since === null) return text.connection.starting
  const since = text.connection.since(clockOrDay(new Date(status.since), new Date(now)))
  return `${text.connection.reconnecting} — ${since}`
}
