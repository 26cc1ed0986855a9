import { render } from 'preact'
import { missingHere } from '../relay/adapters/browser-window.ts'
import type { WindowModel } from '../relay/domain/window-model.ts'
import type { WindowClient } from '../relay/window.ts'
import { kioskHost, relayPortOf, type KioskHost } from './platform/kiosk-host.ts'
import type { Notifier, NotifierStatus } from './platform/notifier.ts'
import { whenIdle } from './platform/when-idle.ts'
// oxlint-disable-next-line import/default -- vite makes this module: the address of the built worker
import workerUrl from './relay.worker.ts?sharedworker&url'
import fontsUrl from './styles/fonts.css?url'
import { WebPage } from './pwa/web-page.ts'
import { pageAddress, pagePath } from './state/address.ts'
import { createApp, type App, type Halted } from './state/app.ts'
import { AttentionContext, CALM, openAttention, type Attention } from './state/attention.ts'
import { pageMemory } from './state/page-memory.ts'
import { placeOf } from './state/place.ts'
import { warmFormats } from './text/format.ts'
import { speak, text } from './text/text.ts'
import { LINE } from './views/later-views.ts'
import { Root, type RootState } from './views/root.tsx'

/** How long a starting relay is waited for before the page says what to do: a cold terminal opens its store in less. */
const SLOW_START_MS = 8_000

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root')

const path = pagePath()
const memory = pageMemory(path)
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
  // What most terminals begin with comes beside the relay, and not behind it; where it cannot be had, the view says so.
  if ([null, 'line'].includes(placeOf(location.hash).view)) LINE.load().catch(() => undefined)
  const host = kiosk === null ? { web: new WebPage(workerUrl, path), kiosk } : { web: null, kiosk }
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
      host.web !== null ? await host.web.connect({ failed, unavailable }) : await openKiosk(host.kiosk, unavailable)
    const release = relay.listen((model) => {
      release()
      clearTimeout(slow)
      app = open(relay, model, kiosk)
      host.web?.opened(app)
    })
    relay.start()
  } catch (error) {
    // No lock or no worker: the page says what to do; the reason is in the browser's own console.
    if (isDenied(error)) unavailable('storage-denied', '')
    else failed()
  }
}

/** Its code is on the disk of a kiosk, and no browser has to load it. */
async function openKiosk(
  kiosk: KioskHost,
  unavailable: (code: string, message: string) => void,
): Promise<WindowClient> {
  const [{ openKioskWindow }, port] = await Promise.all([
    import('../relay/adapters/browser-kiosk.ts'),
    relayPortOf(kiosk),
  ])
  return openKioskWindow({ port, unavailable })
}

/** A browser that blocks the data of a site lets it have neither shared workers, nor locks, nor a database. */
function isDenied(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'SecurityError'
}

function open(relay: WindowClient, first: WindowModel, kiosk: KioskHost | null): App {
  const [app] = createApp({ relay, memory, address: pageAddress, now: Date.now }, first)
  window.addEventListener('hashchange', () => (app.place.value = placeOf(location.hash)))
  setInterval(() => (app.now.value = Date.now()), 1_000)
  attention = openAttention({ app, page: window, path, notifier: notifierHere(kiosk) })
  show({ kind: 'open', app })
  whenIdle(warmFormats)
  return app
}

/** On a kiosk main notifies and windows are told how that stands; in a browser a page does it, over its service worker. */
async function notifierHere(kiosk: KioskHost | null): Promise<Notifier | NotifierStatus | null> {
  if (kiosk !== null) {
    const { kioskNotifierStatus } = await import('./platform/kiosk-notifier.ts')
    return kioskNotifierStatus(kiosk, await kiosk.noticeAvailability())
  }
  const { notificationsHere, webNotifier } = await import('./pwa/web-notifier.ts')
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

function addStyles(url: string): void {
  const link = document.createElement('link')
  link.rel = 'stylesheet'
  link.href = url
  document.head.append(link)
}

/** Its code and its files are after everything else, and after the first load of a browser, which could keep none of them. */
async function dress(): Promise<void> {
  if (kioskHost() === null && (navigator.serviceWorker?.controller ?? null) === null) return
  const { useLetters } = await import('./styles/letters.ts')
  useLetters({
    isLocal: kioskHost() !== null,
    kept: memory.letters(),
    keep: (files) => memory.rememberLetters(files),
    mayFetch: () => navigator.onLine,
    whenIdle,
    page: document,
  })
  // A phone and a desk have a keyboard of their own; a kiosk under a bare compositor has none.
  if (kioskHost() === null) return
  const { openScreenKeyboard } = await import('./views/screen-keyboard.tsx')
  openScreenKeyboard({ isWanted: () => memory.keyboard() })
}

void start()
void dress()
// Letters for terminals whose system has no Korean ones: after everything else, and only the slices a screen needs.
addStyles(fontsUrl)
