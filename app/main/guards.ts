import type { App, WebContents } from 'electron'
import type { Clock, Log } from '../../relay/ports.ts'
import { isOurs } from './page-files.ts'
import { refusalLog } from './refusal-log.ts'
import { isBlocked } from './shortcuts.ts'

/** Holds every page this program ever makes to the kiosk: no way to another page, window, view or key. */
export function guardContents(
  app: App,
  { clock, log }: { readonly clock: Pick<Clock, 'monotonic'>; readonly log: Log },
): void {
  const refused = refusalLog(log, clock)
  app.on('web-contents-created', (_event, contents) => {
    contents.setWindowOpenHandler(({ url }) => {
      refused('window-refused', { url })
      return { action: 'deny' }
    })
    // The pages speak to nobody: a peer connection finds neither an address of this machine nor a way out.
    contents.setWebRTCIPHandlingPolicy('disable_non_proxied_udp')
    refuseNavigation(contents, refused)
    contents.on('will-attach-webview', (event) => event.preventDefault())
    contents.on('before-input-event', (event, input) => {
      if (isBlocked(input)) event.preventDefault()
    })
    contents.on('did-finish-load', () => {
      contents.setVisualZoomLevelLimits(1, 1).catch((cause: unknown) => log('debug', 'zoom-limits-failed', { cause }))
    })
    contents.on('preload-error', (_preloadEvent, path, cause) => log('error', 'preload-failed', { path, cause }))
  })
}

function refuseNavigation(contents: WebContents, refused: ReturnType<typeof refusalLog>): void {
  const refuse = (event: { readonly url: string; preventDefault(): void }): void => {
    if (isOurs(event.url)) return
    event.preventDefault()
    refused('navigation-refused', { url: event.url })
  }
  contents.on('will-navigate', refuse)
  contents.on('will-frame-navigate', refuse)
  contents.on('will-redirect', refuse)
}
