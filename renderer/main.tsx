import { render } from 'preact'
import { openKioskWindow } from '../relay/adapters/browser-kiosk.ts'
import { missingHere } from '../relay/adapters/browser-window.ts'
import type { WindowModel } from '../relay/domain/window-model.ts'
import type { WindowClient } from '../relay/window.ts'
import { kioskHost, relayPortOf, type KioskHost } from './platform/kiosk-host.ts'
import { kioskNotifierStatus } from './platform/kiosk-notifier.ts'
import type { Notifier, NotifierStatus } from './platform/notifier.ts'
// oxlint-disable-next-line import/default -- vite makes this module: the address of the built worker
import workerUrl from './relay.worker.ts?sharedworker&url'
import { notificationsHere, webNotifier } from './pwa/web-notifier.ts'
import { WebPage } from './pwa/web-page.ts'
import { pageAddress } from './state/address.ts'
import { createApp, type App, type Halted } from './state/app.ts'
import { AttentionContext, CALM, openAttention, type Attention } from './state/attention.ts'
import { pageMemory } from './state/page-memory.ts'
import { placeOf } from './state/place.ts'
import { speak, text } from './text/text.ts'
import { Root, type RootState } from './views/root.tsx'

/** How long a starting relay is waited for before the page says what to do: a cold terminal opens its store in less. */
const SLOW_START_MS = 8_000

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root')

const memory = pageMemory()
/** Silent until there are screens. */
let attention: Attention = CALM

/** Composition root: the relay of the kiosk, or of the browser, under the screens. */
async function start(): Promise<void> {
  await speak(memory.language())
  document.documentElement.lang = text.language
  const kiosk = kioskHost()
  const what = kiosk === null ? missingHere() : null
  if (what !== null) {
    show({ kind: 'missing', what })
    return
  }
  show({ kind: 'starting', isSlow: false })
  const host = kiosk === null ? { web: new WebPage(workerUrl), kiosk } : { web: null, kiosk }
  let app: App | null = null
  const slow = setTimeout(() => show({ kind: 'starting', isSlow: true }), SLOW_START_MS)
  const failed = (): void => {
    clearTimeout(slow)
    if (app === null) show({ kind: 'failed' })
  }
  const unavailable = (code: string, message: string): void => {
    clearTimeout(slow)
    const useHere = code === 'in-use' ? () => host.web?.takeOver() : null
    // A kiosk has other causes and other remedies than a browser for what is called the same.
    const sentence = text.unavailable(kiosk === null ? code : `kiosk/${code}`, message)
    const halted: Halted = { title: text.start.halted(code), sentence, useHere }
    if (app === null) show({ kind: 'unavailable', ...halted })
    else app.halted.value = halted
  }
  try {
    const relay =
      host.web !== null
        ? await host.web.connect({ failed, unavailable })
        : openKioskWindow({ port: await relayPortOf(host.kiosk), unavailable })
    const release = relay.listen((model) => {
      release()
      clearTimeout(slow)
      app = open(relay, model, kiosk)
      host.web?.opened(app)
    })
    relay.start()
  } catch {
    // No lock or no worker: the page says what to do; the reason is in the browser's own console.
    failed()
  }
}

function open(relay: WindowClient, first: WindowModel, kiosk: KioskHost | null): App {
  const [app] = createApp({ relay, memory, address: pageAddress, now: Date.now }, first)
  window.addEventListener('hashchange', () => (app.place.value = placeOf(location.hash)))
  setInterval(() => (app.now.value = Date.now()), 1_000)
  attention = openAttention({ app, page: window, notifier: notifierHere(kiosk) })
  show({ kind: 'open', app })
  return app
}

/** On a kiosk main notifies and windows are told how that stands; in a browser a page does it, over its service worker. */
async function notifierHere(kiosk: KioskHost | null): Promise<Notifier | NotifierStatus | null> {
  if (kiosk !== null) return kioskNotifierStatus(kiosk, await kiosk.noticeAvailability())
  const here = notificationsHere()
  return here === null ? null : webNotifier(here)
}

function show(state: RootState): void {
  if (root === null) return
  const screens = (
    <AttentionContext.Provider value={attention}>
      <Root state={state} reload={() => location.reload()} />
    </AttentionContext.Provider>
  )
  render(screens, root)
}

void start()
// Letters for terminals whose system has no Korean ones: after everything else, and only the slices a screen needs.
void import('./styles/fonts.css')
