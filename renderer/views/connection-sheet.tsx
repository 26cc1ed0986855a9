import { Button } from '../components/button.tsx'
import { Sheet } from '../components/sheet.tsx'
import { BUILD } from '../state/build.ts'
import { useApp } from '../state/use-app.ts'
import { deviceName } from '../text/author-name.ts'
import { text } from '../text/text.ts'
import { wayWords } from '../text/way-words.ts'
import { AttentionSection } from './attention-section.tsx'
import { connectionWords } from './connection-pill.tsx'

/** How the connection stands and why, and what this terminal is. Apart from the pill, which the first load has. */
export function ConnectionSheet() {
  const app = useApp()
  const { status, now, model } = app
  const { state, reason, code, retryAt, warnings, way, wayReason } = status.value
  const by = wayWords(way, wayReason)
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
      <p class="lead">{state === 'live' ? text.connection.isLive : connectionWords(app)}</p>
      {reason === null ? null : <p>{text.connection.trouble(code, reason)}</p>}
      {state === 'live' ? null : (
        <p>
          {text.connection.next(seconds)} {status.value.storage === 'working' ? text.connection.barSaved : null}
        </p>
      )}
      {by.why === null ? null : <p data-testid="way-reason">{by.why}</p>}
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
        <dd>{deviceName(model.value.deviceName)}</dd>
        <dt>{by.label}</dt>
        <dd data-testid="way">{by.way}</dd>
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
