import type { Missing } from '../../relay/adapters/browser-window.ts'
import { unreachable } from '../../relay/protocol/rights.ts'
import type { App, Halted } from '../state/app.ts'
import { AppContext } from '../state/use-app.ts'
import { text } from '../text/text.ts'
import { Button } from '../components/button.tsx'
import { Appearance } from './appearance.tsx'
import { Shell } from './shell.tsx'

/** What the page is able to show. */
export type RootState =
  | { readonly kind: 'starting'; readonly isSlow: boolean }
  | { readonly kind: 'missing'; readonly what: Missing }
  | { readonly kind: 'failed' }
  | ({ readonly kind: 'unavailable' } & Halted)
  | { readonly kind: 'open'; readonly app: App }

export function Root({ state, reload }: { readonly state: RootState; readonly reload: () => void }) {
  switch (state.kind) {
    case 'open':
      return (
        <AppContext.Provider value={state.app}>
          <Appearance />
          <Shell />
        </AppContext.Provider>
      )
    case 'missing':
      return <FullPage title={text.missing.title} sentence={text.missing[state.what]} />
    case 'failed':
      return <FullPage title={text.start.failed} sentence={text.start.whatToDo} reload={reload} />
    case 'unavailable':
      return (
        <FullPage
          title={state.title}
          sentence={state.sentence}
          {...(state.useHere === null ? { reload } : { useHere: state.useHere })}
        />
      )
    case 'starting':
      return state.isSlow ? (
        <FullPage title={text.start.slow} sentence={text.start.whatToDo} reload={reload} />
      ) : (
        <FullPage title={text.product} sentence={text.start.waiting} />
      )
    default:
      return unreachable(state)
  }
}

interface FullPageProps {
  readonly title: string
  readonly sentence: string
  readonly reload?: () => void
  readonly useHere?: () => void
}

function FullPage(props: FullPageProps) {
  return (
    <main class="full-page">
      <h1>{props.title}</h1>
      <p role="status">{props.sentence}</p>
      {props.reload === undefined ? null : (
        <Button kind="primary" onPress={props.reload}>
          {text.start.reload}
        </Button>
      )}
      {props.useHere === undefined ? null : (
        <Button kind="primary" onPress={props.useHere}>
          {text.start.useHere}
        </Button>
      )}
    </main>
  )
}
