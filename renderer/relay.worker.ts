/** The relay of this browser profile: one SharedWorker for all windows of one build, or a worker of each tab. */
import { serveWindows } from '../relay/adapters/browser.ts'
import { BUILD } from './state/build.ts'

// This script is one of the `assets` beside the page.
serveWindows(self, { build: BUILD, serverUrl: new URL('..', location.href).href })
