import { render } from 'preact'
import { missingHere, openBrowserWindow } from '../relay/adapters/browser-window.ts'
import type { WindowModel } from '../relay/domain/window-model.ts'
import type { WindowClient } from '../relay/window.ts'
// oxlint-disable-next-line import/default -- vite makes this module: the address of the built worker
import workerUrl from './relay.worker.ts?sharedworker&url'
import { pageAddress } from './state/address.ts'
import { createApp, type App } from './state/app.ts'
import { deviceMemory } from './state/device-memory.ts'
import { placeOf } from './state/place.ts'
import { text } from './text/text.ts'
import { Root, type RootState } from './views/root.tsx'

/** How long a starting relay is waited for before the page says what to do: a cold terminal opens its store in less. */
const SLOW_START_MS = 8_000

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root')
document.documentElement.lang = text.language

/** Composition root: the browser's relay under the screens. */
async function start(): Promise<void> {
  const what = missingHere()
  if (what !== null) {
    show({ kind: 'missing', what })
    return
  }
  show({ kind: 'starting', isSlow: false })
  let app: App | null = null
  const slow = setTimeout(() => show({ kind: 'starting', isSlow: true }), SLOW_START_MS)
  const failed = (): void => {
    clearTimeout(slow)
    if (app === null) show({ kind: 'failed' })
  }
  const unavailable = (code: string, message: string): void => {
    clearTimeout(slow)
    const sentence = text.unavailable(code, message)
    if (app === null) show({ kind: 'unavailable', sentence })
    else app.halted.value = sentence
  }
  try {
    const relay = await openBrowserWindow({ workerUrl, failed, unavailable })
    const release = relay.listen((model) => {
      release()
      clearTimeout(slow)
      app = open(relay, model)
    })
    relay.start()
  } catch {
    // No lock or no worker: the page says what to do; the reason is in the browser's own console.
    failed()
  }
}

function open(relay: WindowClient, first: WindowModel): App {
  const memory = deviceMemory(localStorage)
  const [app] = createApp({ relay, memory, address: pageAddress, now: Date.now }, first)
  window.addEventListener('hashchange', () => (app.place.value = placeOf(location.hash)))
  setInterval(() => (app.now.value = Date.now()), 1_000)
  show({ kind: 'open', app })
  return app
}

function show(state: RootState): void {
  if (root !== null) render(<Root state={state} reload={() => location.reload()} />, root)
}

void start()
