import { render } from 'preact'
import type { WindowModel } from '../../relay/domain/window-model.ts'
import type { RelayView } from '../../relay/protocol/local.ts'
import { createApp, type Address, type App } from '../state/app.ts'
import { AttentionContext, CALM, type Attention } from '../state/attention.ts'
import { deviceMemory } from '../state/device-memory.ts'
import { Root } from '../views/root.tsx'
import { makeFakeRelay, type FakeRelay, type Past } from './fake-relay.ts'

interface Mounted {
  readonly hash: string
  readonly view: RelayView
  readonly past?: Past
  readonly attention?: Attention
}

/** Draws a window over a fake relay into `root`. The release takes it away again. */
export async function mount(
  root: HTMLElement,
  { hash, view, past, attention = CALM }: Mounted,
): Promise<{ readonly app: App; readonly relay: FakeRelay; readonly release: () => void }> {
  const relay = makeFakeRelay(view, past)
  const first = new Promise<WindowModel>((resolve) => relay.client.listen(resolve))
  relay.client.start()
  const memory = deviceMemory({ getItem: () => null, setItem: () => undefined })
  const address: Address = { hash: () => hash, replace: () => undefined }
  const [app, stop] = createApp({ relay: relay.client, memory, address, now: Date.now }, await first)
  render(
    <AttentionContext.Provider value={attention}>
      <Root state={{ kind: 'open', app }} reload={() => undefined} />
    </AttentionContext.Provider>,
    root,
  )
  return {
    app,
    relay,
    release() {
      stop()
      render(null, root)
    },
  }
}
