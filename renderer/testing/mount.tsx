import { checkCommand } from '../../relay/protocol/check.ts'
import { render } from 'preact'
import type { WindowModel } from '../../relay/domain/window-model.ts'
import type { RelayView } from '../../relay/protocol/local.ts'
import { createApp, type Address, type App } from '../state/app.ts'
import { AttentionContext, CALM, type Attention } from '../state/attention.ts'
import type { PressClock } from '../state/presses.ts'
import { deviceMemory } from '../state/device-memory.ts'
import { loadViews } from '../views/later-views.ts'
import { Root } from '../views/root.tsx'
import { makeFakeRelay, type FakeRelay, type Finds, type Past, type Reads, type Says } from './fake-relay.ts'

export interface Mounted {
  readonly hash: string
  readonly view: RelayView
  readonly past?: Past
  readonly finds?: Finds
  readonly reads?: Reads
  readonly says?: Says
  readonly attention?: Attention
  /** Who signed in here lately; nobody unless said. */
  readonly operators?: readonly string[]
  /** The moments of presses; the page's own unless given. */
  readonly clock?: PressClock
  /** What time it is at the server, null where nobody has heard; the same as here unless given. */
  readonly serverNow?: () => number | null
}

export interface MountedWindow {
  readonly app: App
  readonly relay: FakeRelay
  readonly release: () => void
}

/** Draws a window over a fake relay into `root`. The release takes it away again. */
export async function mount(
  root: HTMLElement,
  { hash, view, past, finds, reads, says, attention = CALM, operators = [], clock, serverNow }: Mounted,
): Promise<MountedWindow> {
  await loadViews()
  const relay = makeFakeRelay(view, past, {
    ...(serverNow !== undefined && { serverNow }),
    ...(finds !== undefined && { finds }),
    ...(reads !== undefined && { reads }),
    ...(says !== undefined && { says }),
  })
  const first = new Promise<WindowModel>((resolve) => relay.client.listen(resolve))
  relay.client.start()
  const kept = new Map<string, string>()
  const memory = deviceMemory({
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
  })
  for (const name of operators.toReversed()) memory.rememberOperator(name)
  const address: Address = { hash: () => hash, replace: () => undefined }
  const [app, stop] = createApp(
    { relay: relay.client, memory, address, now: Date.now, check: checkCommand, ...(clock !== undefined && { clock }) },
    await first,
  )
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
