import type { StatusView } from '../../relay/protocol/local.ts'
import { Button } from '../components/button.tsx'
import { Sign } from '../components/sign.tsx'
import { Sheet } from '../components/sheet.tsx'
import { BUILD } from '../state/build.ts'
import { useApp } from '../state/use-app.ts'
import { clockOrDay } from '../text/format.ts'
import { text } from '../text/text.ts'
import { AttentionSection } from './attention-section.tsx'

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
function connectionWords(status: StatusView, now: number): string {
  if (status.state === 'live') return text.connection.live
  if (status.since === null) return text.connection.starting
  const since = text.connection.since(clockOrDay(new Date(status.since), new Date(now)))
  return `${text.connection.reconnecting} — ${since}`
}

export function ConnectionSheet() {
  const app = useApp()
  const { status, now, model } = app
  const { state, reason, code, retryAt, warnings } = status.value
  const seconds = retryAt === null ? 0 : Math.ceil((retryAt - now.value) / 1000)
  const retry = (
    <Button kind="primary" onPress={() => app.relay.retry()}>
      {text.connection.retry}
    </Button>
  )
  return (
    <Sheet
      title={text.connection.title}
      onClose={() => (app.sheet.value = null)}
      {...(state === 'live' ? {} : { footer: retry })}
    >
      <p class="lead">{state === 'live' ? text.connection.isLive : connectionWords(status.value, now.value)}</p>
      {reason === null ? null : <p>{text.connection.trouble(code, reason)}</p>}
      {state === 'live' ? null : (
        <p>
          {text.connection.next(seconds)} {status.value.storage === 'working' ? text.connection.barSaved : null}
        </p>
      )}
      {warnings.length === 0 ? null : (
        <section>
          <h3>{text.connection.warnings}</h3>
          <ul class="plain-list">
            {warnings.map((warning) => (
              <li key={warning}>{text.connection.warning(warning)}</li>
            ))}
          </ul>
        </section>
      )}
      <AttentionSection />
      <dl class="facts">
        <dt>{text.connection.device}</dt>
        <dd>{model.value.deviceName}</dd>
        <dt>{text.connection.build}</dt>
        <dd data-testid="page-build">{BUILD}</dd>
        {model.value.build === BUILD ? null : (
          <>
            <dt>{text.connection.relayBuild}</dt>
            <dd>{model.value.build}</dd>
          </>
        )}
      </dl>
    </Sheet>
  )
}
